//! Backups in S3-compatible storage, against a real service and a line that breaks: what was good before stays, nothing
//! half made is listed, and each refusal has its code.

use backups::s3::{Account, BYTES_MAX};
use backups::{Keep, Name, Progress, RANDOM_BYTES, Round, S3, Shelf, ShelfCode};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use storage_double::{Line, SECRET, Service, Trouble, settings};

const WHAT: &str = "shop";
const WORDS: &str = "four plain words here";

fn account(scheme: &str, port: u16) -> Account {
    Account::read(&settings(scheme, port)).unwrap()
}

fn s3(port: u16) -> S3 {
    S3::new(account("http", port)).unwrap()
}

/// A file of so many bytes that are not all the same.
fn file(path: &Path, bytes: usize) -> PathBuf {
    let content: Vec<u8> = (0..bytes).map(|n| u8::try_from(n % 251).unwrap()).collect();
    std::fs::write(path, content).unwrap();
    path.to_owned()
}

fn at(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + day * 86_400, 0).unwrap()
}

fn name(day: i64) -> Name {
    Name {
        at: at(day),
        kind: "sqlite".into(),
    }
}

/// Puts a file of some 200 KB there as the backup of a day.
fn put(s3: &S3, day: i64, work: &Path) -> Result<(), ShelfCode> {
    let sealed = file(&work.join(format!("sealed-{day}")), 200_000);
    s3.put(WHAT, &name(day), &sealed, &Progress::default())
        .map_err(|error| error.code)
}

fn days(s3: &S3) -> Vec<Name> {
    s3.list(WHAT).unwrap().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_backup_goes_there_is_kept_as_long_as_wanted_and_comes_back() {
    let service = Service::start(false);
    let shelf = Shelf::S3(Box::new(s3(service.port)));
    let work = tempfile::tempdir().unwrap();
    assert_eq!(shelf.to_string(), "s3://harbour/shops/harbour/");
    assert!(shelf.list(WHAT).unwrap().is_empty());
    // Neither what others put there nor what is called like ours elsewhere is ever touched.
    let others = [
        "shops/harbour/photo.jpg".to_owned(),
        format!("shops/harbour/{}", name(0).write("another-shop")),
        format!("shops/harbour/shop-{}", name(0).write("north")),
        format!("elsewhere/{}", name(0).write(WHAT)),
        name(0).write(WHAT),
    ];
    for other in &others {
        let path = service.object(other);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "not ours").unwrap();
    }
    let keep: Keep = "2,0,0".parse().unwrap();
    let progress = Progress::default();
    for day in 1..=4 {
        let copy = file(&work.path().join("copy"), 150_000);
        let mut random = [0; RANDOM_BYTES];
        random[0] = u8::try_from(day).unwrap();
        let round = Round {
            shelf: &shelf,
            what: WHAT,
            kind: "sqlite",
            at: at(day),
            passphrase: WORDS,
            random,
            keep,
            progress: &progress,
        };
        let made = round.make(&copy, work.path()).unwrap();
        assert!(made.left.is_none() && made.bytes > 150_000);
        assert_eq!((made.removed, progress.percent()), (usize::from(day > 2), 100));
        std::fs::remove_file(work.path().join("sealed")).unwrap();
    }
    let there = shelf.list(WHAT).unwrap();
    assert_eq!(
        there.iter().map(|(name, _)| name.at).collect::<Vec<_>>(),
        [at(3), at(4)]
    );
    assert!(others.iter().all(|other| service.object(other).exists()));
    let (sealed, plain) = (work.path().join("back"), work.path().join("plain"));
    let Shelf::S3(s3) = &shelf else { unreachable!() };
    s3.get(&name(4).write(WHAT), &sealed).unwrap();
    backups::file::open_file(WORDS, &sealed, &plain).unwrap();
    let expected = file(&work.path().join("expected"), 150_000);
    assert!(std::fs::read(plain).unwrap() == std::fs::read(expected).unwrap());
    let gone = s3.get(&name(1).write(WHAT), &work.path().join("gone")).unwrap_err();
    assert_eq!(gone.code, ShelfCode::Gone);
}

#[test]
fn each_refusal_has_its_code() {
    let service = Service::start(false);
    let with = |change: &dyn Fn(&mut Account)| {
        let mut account = account("http", service.port);
        change(&mut account);
        S3::new(account)
            .unwrap()
            .list(WHAT)
            .map_err(|error| (error.code, error.to_string()))
    };
    assert!(with(&|_| {}).is_ok());
    let code = |change: &dyn Fn(&mut Account)| with(change).unwrap_err().0;
    assert_eq!(code(&|a| a.secret = "another".into()), ShelfCode::WrongKey);
    assert_eq!(code(&|a| a.place.key_id = "AKIDOTHER".into()), ShelfCode::WrongKey);
    let (none, said) = with(&|a| a.place.bucket = "no-such-bucket".into()).unwrap_err();
    assert_eq!(none, ShelfCode::NoBucket);
    assert!(said.contains("Make it, or name another one"), "{said}");
    assert!(!said.contains(SECRET) && !said.contains("X-Amz"), "{said}");
    // Nobody listens there: the port was just let go.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    assert_eq!(
        code(&|a| a.place.endpoint = format!("http://127.0.0.1:{free}")),
        ShelfCode::Unreachable
    );
    let work = tempfile::tempdir().unwrap();
    let large = work.path().join("large");
    // Sparse: it takes no room.
    std::fs::File::create(&large).unwrap().set_len(BYTES_MAX + 1).unwrap();
    let big = s3(service.port).put(WHAT, &name(1), &large, &Progress::default());
    assert_eq!(big.unwrap_err().code, ShelfCode::TooBig);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let service = Service::start(true);
    let plain = S3::new(account("https", service.port)).unwrap();
    assert_eq!(plain.list(WHAT).unwrap_err().code, ShelfCode::Certificate);
    let mut trusting = account("https", service.port);
    trusting.place.ca_file = service.ca.clone();
    let work = tempfile::tempdir().unwrap();
    let s3 = S3::new(trusting.clone()).unwrap();
    put(&s3, 1, work.path()).unwrap();
    assert_eq!(days(&s3), [name(1)]);
    trusting.place.ca_file = Some(work.path().join("sealed-1"));
    assert_eq!(
        S3::new(trusting).unwrap().list(WHAT).unwrap_err().code,
        ShelfCode::Certificate
    );
}

#[test]
fn whatever_breaks_the_last_good_one_stays() {
    let service = Service::start(false);
    let line = Line::to(service.port);
    let s3 = s3(line.port);
    let work = tempfile::tempdir().unwrap();
    put(&s3, 1, work.path()).unwrap();
    let answer = |status: &str, headers: &str, key: &str| {
        let body = format!("<Error><Code>{key}</Code><Message>no</Message></Error>");
        let length = body.len();
        Trouble::Says(format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        ))
    };
    let long_ago = "date: Sat, 01 Jan 2000 00:00:00 GMT\r\n";
    for (trouble, code) in [
        (answer("503 Slow Down", "", "SlowDown"), ShelfCode::Busy),
        (answer("507 Full", "", "XMinioStorageFull"), ShelfCode::Full),
        (answer("403 Forbidden", "", "AccessDenied"), ShelfCode::NotAllowed),
        (answer("403 Forbidden", long_ago, "AccessDenied"), ShelfCode::Clock),
        (answer("301 Elsewhere", "", "PermanentRedirect"), ShelfCode::Region),
        (Trouble::CutUpload, ShelfCode::Unreachable),
        (Trouble::HalfUpload, ShelfCode::Changed),
    ] {
        line.set(trouble);
        assert_eq!(put(&s3, 2, work.path()), Err(code));
        line.set(Trouble::None);
        assert_eq!(days(&s3), [name(1)], "{code:?}");
    }
    // All of it went there, but can't be read back: it does not count, and a later one does.
    line.set(Trouble::CutDownload);
    assert_eq!(put(&s3, 3, work.path()), Err(ShelfCode::Unreachable));
    let to = work.path().join("back");
    assert_eq!(
        s3.get(&name(1).write(WHAT), &to).unwrap_err().code,
        ShelfCode::Unreachable
    );
    line.set(Trouble::Trickles);
    put(&s3, 4, work.path()).unwrap();
    let to = work.path().join("back-again");
    s3.get(&name(1).write(WHAT), &to).unwrap();
    assert_eq!(std::fs::metadata(to).unwrap().len(), 200_000);
}

const CHILD: &str = "BACKUPS_TEST_PORT";

#[test]
fn an_upload_that_is_killed_leaves_nothing_with_a_name() {
    if let Ok(port) = std::env::var(CHILD) {
        let work = tempfile::tempdir().unwrap();
        let sealed = file(&work.path().join("sealed"), 4 << 20);
        drop(s3(port.parse().unwrap()).put(WHAT, &name(2), &sealed, &Progress::default()));
        return;
    }
    let service = Service::start(false);
    let line = Line::to(service.port);
    let work = tempfile::tempdir().unwrap();
    put(&s3(line.port), 1, work.path()).unwrap();
    let began = line.holds();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_upload_that_is_killed_leaves_nothing_with_a_name"])
        .env(CHILD, line.port.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    began.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    line.set(Trouble::None);
    assert_eq!(days(&s3(line.port)), [name(1)]);
}

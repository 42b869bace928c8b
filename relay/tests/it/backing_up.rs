//! Backups of the relay: made while it works, sealed, read back, kept as many as are wanted; and put back, on both
//! databases, so that the tills go on.

use loyalty::UtcMs;
use loyalty::rules::Move;
use relay::backup::nightly;
use relay::backup::run::{BackupError, Backups};
use relay::backup::told::{self, Asked};
use relay::store::Db;
use serde_json::Value;
use sync::mail::{MailAnswer, MailRequest};

use crate::harness::{Place, until};
use crate::on_both;
use crate::till::{Till, post};

on_both! {
    a_backup_is_made_while_it_works_and_put_back, what_is_wrong_leaves_what_was_there,
    owners_hear_of_it_and_may_ask_once_an_hour,
}

const PASSPHRASE: &str = "four plain words here";

struct Rig {
    folder: tempfile::TempDir,
    passphrase: String,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = folder.path().join("passphrase");
        std::fs::write(&passphrase, format!("{PASSPHRASE}\n")).unwrap();
        let passphrase = passphrase.display().to_string();
        Self { folder, passphrase }
    }

    fn path(&self) -> String {
        self.folder.path().join("backups").display().to_string()
    }

    fn args<'a>(&'a self, what: &'a str, folder: &'a str) -> Vec<&'a str> {
        vec![
            "backup",
            what,
            "--folder",
            folder,
            "--passphrase-file",
            &self.passphrase,
            "--json",
        ]
    }

    fn folder(&self) -> Backups {
        Backups::in_folder(self.path().into(), PASSPHRASE.into(), backups::Keep::default())
    }
}

fn a_backup_is_made_while_it_works_and_put_back(place: &Place) {
    let rig = Rig::new();
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut till = Till::pair(&relay, &code);
    let member = till.enrols("+16195550123");
    till.sells("a", Some(member), 12, Move::Add);
    till.syncs(&relay).unwrap();
    let path = rig.path();
    let made = place.command(&rig.args("now", &path));
    let file = made["file"].as_str().unwrap().to_owned();
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"REGBAK1\n") && !bytes.windows(6).any(|window| window == b"SQLite"));
    // What came after it is not in it; the till has it and sends it again.
    till.sells("b", Some(member), 30, Move::Add);
    till.syncs(&relay).unwrap();
    assert!(relay.stop().0);
    let empty = place.another();
    let args = ["backup", "restore", &file, "--passphrase-file", &rig.passphrase];
    assert!(empty.run(&args).unwrap().starts_with("Restored from"));
    assert_eq!(empty.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 12);
    assert_eq!(empty.texts("SELECT name FROM tills").len(), 1);
    let relay = empty.serve();
    till.syncs(&relay).unwrap();
    assert_eq!(empty.number("SELECT CAST(sum(points) AS BIGINT) FROM rights"), 42);
    assert!(empty.run(&["shop", "list"]).unwrap().contains(&shop));
    // Never in the place of one that is there.
    assert!(empty.run(&args).is_err());
    let list = place.command(&rig.args("list", &path));
    assert_eq!(list["backups"].as_array().unwrap().len(), 1);
    assert_eq!(list["history"][0]["made"], Value::Bool(true));
    // Nothing half made lies about.
    let left: Vec<_> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

fn what_is_wrong_leaves_what_was_there(place: &Place) {
    let rig = Rig::new();
    place.shop();
    let path = rig.path();
    let made = place.command(&rig.args("now", &path));
    let file = made["file"].as_str().unwrap().to_owned();
    let other = rig.folder.path().join("other");
    std::fs::write(&other, "some other words here").unwrap();
    let restores = |passphrase: &str, file: &str| {
        place
            .another()
            .run(&["backup", "restore", file, "--passphrase-file", passphrase])
            .unwrap_err()
    };
    assert!(restores(&other.display().to_string(), &file).contains("does not open"));
    let mut damaged = std::fs::read(&file).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let damaged_file = rig.folder.path().join("damaged");
    std::fs::write(&damaged_file, damaged).unwrap();
    assert!(restores(&rig.passphrase, &damaged_file.display().to_string()).contains("does not open"));
    // A folder that can't be written: said, and noted by nobody but the caller.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::connect(&place.url, 2).await.unwrap();
        let day = loyalty::UtcMs::DAY_MS;
        let began = relay::clock::now().0;
        let blocked = Backups::in_folder(file.clone().into(), PASSPHRASE.into(), backups::Keep::default());
        let refused = nightly::make(&blocked, &db, &place.url, loyalty::UtcMs(began)).await;
        assert!(matches!(refused, Err(BackupError::File(..))));
        let short = Backups {
            passphrase: "short".into(),
            ..rig.folder()
        };
        let refused = nightly::make(&short, &db, &place.url, loyalty::UtcMs(began)).await;
        assert!(matches!(refused, Err(BackupError::Seal(_))));
        // Ten days later there are as many as are wanted.
        let keep = "2,1,1".parse().unwrap();
        let folder = Backups { keep, ..rig.folder() };
        for n in 1..=3 {
            nightly::make(&folder, &db, &place.url, loyalty::UtcMs(began + n * 40 * day))
                .await
                .unwrap();
        }
        assert_eq!(folder.list().unwrap().len(), 2);
        let notes = nightly::notes(&folder);
        assert_eq!(
            notes.iter().map(|note| note.made).collect::<Vec<_>>(),
            [true, true, true, false, true]
        );
        assert!(notes[3].why.contains("too short"));
        db.close().await;
    });
}

fn owners_hear_of_it_and_may_ask_once_an_hour(place: &Place) {
    let rig = Rig::new();
    let (_, code) = place.shop();
    let relay = place.serve();
    let till = Till::pair(&relay, &code);
    let asks = |request: &MailRequest| -> MailAnswer {
        post(&till.http, &format!("{}/v1/mail", relay.url), &till.credential, request).unwrap()
    };
    let backup = MailRequest::Run { job: "backup".into() };
    assert_eq!(asks(&backup).refused.unwrap().code, "mail_no_backups");
    assert!(asks(&MailRequest::Look).state.unwrap().runs.is_empty());
    place.command(&rig.args("now", &rig.path()));
    let runs = asks(&MailRequest::Look).state.unwrap().runs;
    assert_eq!(
        (runs[0].job.as_str(), runs[0].outcome.as_str(), runs.len()),
        ("backup", "done", 1)
    );
    assert_eq!(asks(&backup).refused.unwrap().code, "mail_backup_soon");
    assert!(relay.stop().0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::connect(&place.url, 4).await.unwrap();
        let began = UtcMs(relay::clock::now().0 + UtcMs::DAY_MS);
        let minutes = |n: i64| UtcMs(began.0 + n * 60_000);
        told::note(&db, began, "").await.unwrap();
        assert_eq!(told::ask(&db, minutes(59)).await.unwrap(), Asked::Soon);
        // Two owners at once ask once; and nobody again within the hour, also where it then failed.
        let (one, other) = tokio::join!(told::ask(&db, minutes(61)), told::ask(&db, minutes(61)));
        let both = [one.unwrap(), other.unwrap()];
        assert!(both.contains(&Asked::Yes) && both.contains(&Asked::Soon), "{both:?}");
        assert!(told::is_asked(&db, minutes(60)).await.unwrap());
        assert!(!told::is_asked(&db, minutes(61)).await.unwrap());
        told::note(&db, minutes(62), "full").await.unwrap();
        assert_eq!(told::ask(&db, minutes(100)).await.unwrap(), Asked::Soon);
        assert_eq!(told::ask(&db, minutes(122)).await.unwrap(), Asked::Yes);
        let runs: Vec<String> = told::runs(&db)
            .await
            .unwrap()
            .into_iter()
            .map(|run| run.outcome)
            .collect();
        assert_eq!(runs, ["asked", "full", "asked", "done", "done"]);
        db.close().await;
    });
}

#[test]
fn a_relay_with_a_folder_makes_one_by_itself() {
    let (place, rig) = (Place::sqlite(), Rig::new());
    place.shop();
    let path = rig.path();
    let args = [
        "--backup-folder",
        &path,
        "--backup-passphrase-file",
        &rig.passphrase,
        "--backup-at",
        "00:00",
    ];
    let relay = place.serve_with(&args);
    until("there is a backup", || {
        rig.folder().list().is_ok_and(|all| all.len() == 1)
    });
    assert!(relay.stop().0);
    let relay = place.serve_with(&args);
    assert!(relay.stop().0);
    assert_eq!(rig.folder().list().unwrap().len(), 1, "one a day");
}

#[test]
fn a_relay_keeps_its_backups_in_storage_and_comes_back_from_there() {
    let service = storage_double::Service::start(false);
    let line = storage_double::Line::to(service.port);
    let (place, rig) = (Place::sqlite(), Rig::new());
    let (shop, _) = place.shop();
    let file = rig.folder.path().join("s3.toml");
    std::fs::write(&file, storage_double::settings("http", line.port)).unwrap();
    let s3 = file.display().to_string();
    let args = |what| {
        [
            "backup",
            what,
            "--s3",
            &s3,
            "--passphrase-file",
            &rig.passphrase,
            "--json",
        ]
    };
    let relay = place.serve_with(&[
        "--backup-s3",
        &s3,
        "--backup-passphrase-file",
        &rig.passphrase,
        "--backup-at",
        "00:00",
    ]);
    let count = || place.command(&args("list"))["backups"].as_array().unwrap().len();
    until("there is a backup", || count() == 1);
    assert!(relay.stop().0);
    // What breaks leaves it there, and says what to do.
    line.set(storage_double::Trouble::CutUpload);
    let said = place.run(&args("now")).unwrap_err();
    assert!(said.contains("can't be reached, or the line broke"), "{said}");
    line.set(storage_double::Trouble::None);
    assert_eq!(count(), 1);
    let made = place.command(&args("now"));
    let named = made["file"].as_str().unwrap();
    assert!(named.starts_with("s3://harbour/shops/harbour/relay-"), "{named}");
    let empty = place.another();
    let restore = |named: &str| {
        let args = [
            "backup",
            "restore",
            named,
            "--s3",
            &s3,
            "--passphrase-file",
            &rig.passphrase,
        ];
        empty.run(&args)
    };
    assert!(restore("s3://elsewhere/relay-x").unwrap_err().contains("is not in it"));
    assert!(
        restore("s3://harbour/shops/harbour/relay-x")
            .unwrap_err()
            .contains("no such backup")
    );
    assert!(restore(named).unwrap().starts_with("Restored from s3://"));
    assert!(empty.run(&["shop", "list"]).unwrap().contains(&shop));
    // One place, and a key that is right.
    let both = place.run(&[
        "backup",
        "list",
        "--s3",
        &s3,
        "--folder",
        "x",
        "--passphrase-file",
        &rig.passphrase,
    ]);
    assert!(both.unwrap_err().contains("cannot be used with"));
    std::fs::write(
        &file,
        storage_double::settings("http", line.port).replace("plain", "wrong"),
    )
    .unwrap();
    let said = place.run(&args("list")).unwrap_err();
    assert!(said.contains("does not know this key"), "{said}");
}

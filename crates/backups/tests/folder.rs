//! A folder of backups when something goes wrong: a process that is killed, a disk that is full, a folder that nobody may
//! write or that is not there. What was good before stays, and nothing half made has a name.

use backups::{Folder, Keep, Name, Progress, RANDOM_BYTES, Round, RoundError, Shelf, ShelfCode};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const WHAT: &str = "shop";
const WORDS: &str = "four plain words here";
/// How often is looked for what another process does, of which nothing is told.
const LOOK_EVERY: Duration = Duration::from_millis(1);

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap()
}

fn name(second: i64) -> Name {
    Name {
        at: at(second),
        kind: "sqlite".into(),
    }
}

fn folder(path: &Path) -> Folder {
    Folder {
        path: path.to_owned(),
        mark: None,
    }
}

/// A file of so many bytes that are not all the same.
fn file(path: &Path, bytes: usize) -> PathBuf {
    let content: Vec<u8> = (0..bytes).map(|n| u8::try_from(n % 251).unwrap()).collect();
    std::fs::write(path, content).unwrap();
    path.to_owned()
}

fn round<'a>(shelf: &'a Shelf, second: i64, keep: Keep, progress: &'a Progress) -> Round<'a> {
    let mut random = [0; RANDOM_BYTES];
    random[..8].copy_from_slice(&second.to_le_bytes());
    Round {
        shelf,
        what: WHAT,
        kind: "sqlite",
        at: at(second),
        passphrase: WORDS,
        random,
        keep,
        progress,
    }
}

/// Runs this very test program again for one of its tests, which does something else there.
fn child(test: &str, folder: &Path, shell: Option<&str>) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = match shell {
        None => Command::new(exe),
        Some(before) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]).arg(exe);
            command
        }
    };
    command.args(["--exact", test, "--nocapture"]).env(CHILD, folder);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

const CHILD: &str = "BACKUPS_TEST_CHILD";

fn in_child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}

fn parts(folder: &Path) -> usize {
    let all = std::fs::read_dir(folder).unwrap();
    all.filter(|entry| {
        entry
            .as_ref()
            .is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".part"))
    })
    .count()
}

/// Kills it while it writes; false where it ended before.
fn killed_while_writing(mut child: Child, folder: &Path) -> bool {
    while parts(folder) == 0 {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    // SIGKILL: nothing of the process runs any more.
    child.kill().unwrap();
    child.wait().unwrap();
    true
}

#[test]
fn a_backup_that_is_killed_leaves_no_half_file_with_a_name() {
    const BYTES: usize = 24 * 1024 * 1024;
    if let Some(dir) = in_child() {
        let sealed = dir.join("sealed");
        let shelf = dir.join("shelf");
        let from = std::fs::read_dir(&shelf).unwrap().count();
        // It is killed within the first; where nothing half made is ever seen, it ends, and the test fails.
        for n in from..from + 20 {
            let name = name(i64::try_from(n).unwrap());
            folder(&shelf).put(WHAT, &name, &sealed, &Progress::default()).unwrap();
        }
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let sealed = file(&dir.path().join("sealed"), BYTES);
    let shelf = dir.path().join("shelf");
    std::fs::create_dir(&shelf).unwrap();
    let whole = std::fs::read(&sealed).unwrap();
    let (mut killed, mut half) = (0, 0);
    for _ in 0..6 {
        let test = "a_backup_that_is_killed_leaves_no_half_file_with_a_name";
        let child = child(test, dir.path(), None).spawn().unwrap();
        killed += usize::from(killed_while_writing(child, &shelf));
        half += parts(&shelf);
        for (name, bytes) in folder(&shelf).list(WHAT).unwrap() {
            assert_eq!(bytes, whole.len() as u64);
            assert!(std::fs::read(shelf.join(name.write(WHAT))).unwrap() == whole);
            std::fs::remove_file(shelf.join(name.write(WHAT))).unwrap();
        }
        for entry in std::fs::read_dir(&shelf).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    assert!(killed >= 4 && half >= 1, "killed {killed} times, {half} half files");
}

#[test]
fn what_was_left_half_written_goes_a_day_later() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = file(&dir.path().join("sealed"), 1000);
    let shelf = dir.path().join("shelf");
    std::fs::create_dir(&shelf).unwrap();
    let day = 86_400;
    let left = |second: i64, what: &str| {
        let path = shelf.join(format!(".{}.part", name(second).write(what)));
        std::fs::write(&path, "half").unwrap();
        path
    };
    let (old, new, others) = (left(0, WHAT), left(2 * day - 60, WHAT), left(0, "another"));
    folder(&shelf)
        .put(WHAT, &name(2 * day), &sealed, &Progress::default())
        .unwrap();
    assert!(!old.exists() && new.exists() && others.exists());
    assert_eq!(folder(&shelf).list(WHAT).unwrap(), [(name(2 * day), 1000)]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_was_there() {
    if let Some(dir) = in_child() {
        let shelf = Shelf::Folder(folder(&dir.join("shelf")));
        let failed = shelf.put(WHAT, &name(1), &dir.join("sealed"), &Progress::default());
        let code = failed.map_err(|error| error.code);
        std::fs::write(dir.join("said"), format!("{code:?}")).unwrap();
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let shelf = dir.path().join("shelf");
    std::fs::create_dir(&shelf).unwrap();
    let sealed = file(&dir.path().join("sealed"), 400_000);
    folder(&shelf)
        .put(WHAT, &name(0), &sealed, &Progress::default())
        .unwrap();
    // No file of this process may be larger than 100 blocks: to it the disk is full.
    let mut full = child(
        "a_full_disk_leaves_what_was_there",
        dir.path(),
        Some("trap '' XFSZ; ulimit -f 100"),
    );
    assert!(full.status().unwrap().success());
    assert_eq!(std::fs::read_to_string(dir.path().join("said")).unwrap(), "Err(Full)");
    assert_eq!(folder(&shelf).list(WHAT).unwrap(), [(name(0), 400_000)]);
    assert_eq!(parts(&shelf), 0);
}

#[test]
fn a_folder_that_is_not_there_is_never_made() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = file(&dir.path().join("sealed"), 10);
    let gone = dir.path().join("unplugged");
    let put = |folder: Folder| {
        let done = folder.put(WHAT, &name(0), &sealed, &Progress::default());
        done.map_err(|error| (error.code, error.to_string())).unwrap_err()
    };
    let (code, said) = put(folder(&gone));
    assert_eq!(code, ShelfCode::Missing);
    assert!(said.contains("Plug the disk in"), "{said}");
    assert!(!gone.exists());
    assert_eq!(put(folder(&sealed)).0, ShelfCode::Missing, "a file is no folder");
    let marked = Folder {
        path: dir.path().to_owned(),
        mark: Some("mark"),
    };
    assert_eq!(put(marked.clone()).0, ShelfCode::Missing);
    std::fs::write(dir.path().join("mark"), "").unwrap();
    marked.put(WHAT, &name(0), &sealed, &Progress::default()).unwrap();
}

/// Not even root may write there.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_nobody_may_write() {
    let dir = tempfile::tempdir().unwrap();
    let sealed = file(&dir.path().join("sealed"), 10);
    let locked = folder(Path::new("/sys"));
    let failed = locked.put(WHAT, &name(0), &sealed, &Progress::default()).unwrap_err();
    assert_eq!(failed.code, ShelfCode::NotAllowed, "{failed}");
}

#[test]
fn a_round_seals_names_and_tidies_and_touches_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (shelf_dir, work) = (dir.path().join("shelf"), dir.path().join("work"));
    std::fs::create_dir(&shelf_dir).unwrap();
    std::fs::create_dir(&work).unwrap();
    let shelf = Shelf::Folder(folder(&shelf_dir));
    let progress = Progress::default();
    let others = [
        "shop-notes.txt",
        "other-20260101T000000Z.sqlite.sealed",
        "shop-20260101T000000Z.sqlite",
    ];
    for other in others {
        std::fs::write(shelf_dir.join(other), "not ours").unwrap();
    }
    let keep: Keep = "2,0,0".parse().unwrap();
    for day in 0..4 {
        let copy = file(&work.join("copy"), 100_000);
        let made = round(&shelf, day * 86_400, keep, &progress).make(&copy, &work).unwrap();
        assert!(made.left.is_none() && !copy.exists());
        assert_eq!(made.removed, usize::from(day >= 2));
        assert_eq!(progress.percent(), 100);
        std::fs::remove_file(work.join("sealed")).unwrap();
    }
    let there = shelf.list(WHAT).unwrap();
    assert_eq!(there.len(), 2);
    let opened = work.join("opened");
    backups::file::open_file(WORDS, &shelf_dir.join(there[1].0.write(WHAT)), &opened).unwrap();
    assert_eq!(std::fs::metadata(&opened).unwrap().len(), 100_000);
    assert!(others.iter().all(|other| shelf_dir.join(other).exists()));
    // A passphrase that is too short seals nothing, and nothing goes.
    let copy = file(&work.join("copy"), 10);
    let short = Round {
        passphrase: "short",
        ..round(&shelf, 5 * 86_400, keep, &progress)
    };
    let failed = short.make(&copy, &work).unwrap_err();
    assert_eq!(failed.code(), "passphrase");
    assert!(matches!(failed, RoundError::Seal(_)));
    assert_eq!(shelf.list(WHAT).unwrap().len(), 2);
}

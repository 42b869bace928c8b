//! Files that are no shop of ours, or can't be used now: each with its code, and none is changed by looking at it.

use ledger::{Options, StorageCode, Store};
use rusqlite::Connection;
use std::path::Path;

use crate::child;
use crate::support::{RULES, by, by_hand, impatient, new_shop, open, refused, sale, scratch, shop, storage};

fn bytes(dir: &Path) -> Vec<u8> {
    std::fs::read(ledger::file(dir)).unwrap()
}

/// A shop's file that nobody has open.
fn closed() -> tempfile::TempDir {
    let s = shop();
    s.store
        .credit(s.store.new_op(), by(), sale(&s.store, "1", 1, "5"))
        .unwrap();
    drop(s.store);
    s.dir
}

/// Both opening and making a shop there answer `code` and leave the file as it was.
fn says(dir: &Path, code: StorageCode, what: &str) {
    let before = bytes(dir);
    let opened = Store::open(dir, impatient());
    let Err(ledger::Error::Storage(e)) = opened else {
        panic!("{what}: opened")
    };
    assert_eq!(e.code, code, "{what}: {e:?}");
    assert!(e.path.ends_with("regulars.db"), "{what}: {e:?}");
    if code != StorageCode::TooNew {
        assert_eq!(
            storage(Store::init(dir, &new_shop(RULES, None), impatient())),
            code,
            "{what}: init"
        );
    }
    assert!(bytes(dir) == before, "{what}: the file was changed");
}

#[test]
fn a_file_that_is_no_database() {
    for (what, content) in [
        ("text", b"Dear diary, today I sold a coffee.\n".repeat(400)),
        ("short text", b"hello".to_vec()),
        ("zeros", vec![0; 8192]),
        ("a header and nothing", b"SQLite format 3\0".to_vec()),
    ] {
        let dir = scratch();
        std::fs::write(ledger::file(dir.path()), content).unwrap();
        says(dir.path(), StorageCode::Damaged, what);
    }
}

#[test]
fn an_empty_file_is_no_shop_yet() {
    let dir = scratch();
    assert_eq!(refused(open(dir.path()).map(drop)), loyalty::Code::NotInitialised);
    std::fs::write(ledger::file(dir.path()), b"").unwrap();
    assert_eq!(refused(open(dir.path()).map(drop)), loyalty::Code::NotInitialised);
    Store::init(dir.path(), &new_shop(RULES, None), by_hand().1).unwrap();
    assert!(open(dir.path()).unwrap().verify().unwrap().ok);
}

#[test]
fn a_shop_is_not_made_over_another() {
    let dir = closed();
    let before = bytes(dir.path());
    let again = Store::init(dir.path(), &new_shop(RULES, None), by_hand().1);
    assert_eq!(refused(again.map(drop)), loyalty::Code::AlreadyInitialised);
    assert!(bytes(dir.path()) == before);
    let left: Vec<_> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert!(
        left.iter().all(|n| n.to_string_lossy().starts_with("regulars.db")),
        "{left:?}"
    );
}

#[test]
fn a_shop_that_can_not_be_made_leaves_nothing() {
    let dir = scratch();
    for new in [
        new_shop("Earn many points", None),
        ledger::NewShop {
            currency: "dollars".into(),
            ..new_shop(RULES, None)
        },
        ledger::NewShop {
            name: " ".into(),
            ..new_shop(RULES, None)
        },
        ledger::NewShop {
            timezone: "Mars".into(),
            ..new_shop(RULES, None)
        },
    ] {
        assert!(Store::init(dir.path(), &new, by_hand().1).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn another_programs_database() {
    let dir = scratch();
    let conn = Connection::open(ledger::file(dir.path())).unwrap();
    conn.execute_batch(
        "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('bread'); PRAGMA user_version = 4",
    )
    .unwrap();
    drop(conn);
    says(dir.path(), StorageCode::Damaged, "recipes");
}

#[test]
fn a_truncated_file() {
    let dir = closed();
    let whole = bytes(dir.path());
    for keep in [50, 100, 4096, 5000, whole.len() / 2] {
        std::fs::write(ledger::file(dir.path()), &whole[..keep]).unwrap();
        says(dir.path(), StorageCode::Damaged, &format!("{keep} bytes"));
    }
    // Only its last page is missing: whether that is seen at once or when it is verified, it is seen.
    std::fs::write(ledger::file(dir.path()), &whole[..whole.len() - 4096]).unwrap();
    let seen = open(dir.path()).and_then(|store| store.verify());
    assert!(!seen.is_ok_and(|found| found.ok));
}

#[test]
fn a_newer_apps_file() {
    let dir = closed();
    let conn = Connection::open(ledger::file(dir.path())).unwrap();
    conn.execute_batch("PRAGMA user_version = 9999; CREATE TABLE things_to_come (x)")
        .unwrap();
    drop(conn);
    says(dir.path(), StorageCode::TooNew, "a newer file");
}

#[test]
fn a_file_that_another_program_holds() {
    let dir = closed();
    let store = Store::open(dir.path(), impatient()).unwrap();
    let other = Connection::open(ledger::file(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let credit = || store.credit(store.new_op(), by(), sale(&store, "2", 1, "5"));
    assert_eq!(storage(credit()), StorageCode::Busy);
    assert_eq!(
        store.stats().unwrap().sales,
        1,
        "reading goes on, and nothing half-done is there"
    );
    other.execute_batch("ROLLBACK").unwrap();
    credit().unwrap();
    drop(store);
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE settings SET value = value; COMMIT")
        .unwrap();
    says(dir.path(), StorageCode::Busy, "an exclusive lock");
    drop(other);
    let store = Store::open(dir.path(), Options { ..impatient() }).unwrap();
    assert!(store.verify().unwrap().ok && store.stats().unwrap().sales == 2);
}

#[cfg(target_os = "linux")]
/// Starts this binary again in a view of the system where `dir` can't be written.
fn read_only(dir: &Path) -> Option<String> {
    let place = dir.to_str().unwrap();
    let job = child::command(&["open", place]);
    let mut command = child::in_view(
        "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"",
        place,
        &job,
    );
    let done = command.output().ok()?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.contains("> ").then_some(said)
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_can_not_be_written() {
    let dir = closed();
    let before = bytes(dir.path());
    let Some(said) = read_only(dir.path()) else {
        eprintln!("skipped: this user may not mount a folder read-only (needs root and `unshare`)");
        return;
    };
    assert!(said.contains(StorageCode::ReadOnly.sentence()), "{said}");
    let empty = scratch();
    let job = child::command(&["init", empty.path().to_str().unwrap()]);
    let view = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\"";
    let done = child::in_view(view, empty.path().to_str().unwrap(), &job)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains(StorageCode::ReadOnly.sentence()), "{said}");
    assert!(bytes(dir.path()) == before);
}

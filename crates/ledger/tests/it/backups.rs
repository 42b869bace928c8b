//! Backups while the till works, and putting one back.

use ledger::{AppLock, StorageCode, restore};
use loyalty::UtcMs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{START_MS, by, open, sale, sale_ids, scratch, shop, storage};

const NOW: UtcMs = UtcMs(START_MS + 60_000);

#[test]
fn a_copy_made_while_sales_go_on_is_whole() {
    let s = shop();
    let store = &s.store;
    // Large enough that it takes several steps, between which sales come in.
    store.set_setting("ballast", "x".repeat(24 << 20)).unwrap();
    let to = s.dir.path().join("usb/copy.db");
    let done = AtomicBool::new(false);
    let (found, sold) = std::thread::scope(|scope| {
        let selling = scope.spawn(|| {
            let mut n = 0_u32;
            while !done.load(Ordering::SeqCst) {
                store
                    .credit(store.new_op(), by(), sale(store, &n.to_string(), n % 9, "2"))
                    .unwrap();
                n += 1;
            }
            n
        });
        let mut steps = 0;
        let found = store.backup(&to, |percent| {
            steps += 1;
            assert!(percent <= 100 && steps < 200, "it begins again with every sale");
        });
        done.store(true, Ordering::SeqCst);
        (found, selling.join().unwrap())
    });
    let found = found.unwrap();
    assert!(found.ok && sold > 0, "{found:?}");
    let elsewhere = scratch();
    std::fs::copy(&to, ledger::file(elsewhere.path())).unwrap();
    let copy = open(elsewhere.path()).unwrap();
    assert!(copy.verify().unwrap().ok);
    let there = sale_ids(&copy);
    assert!(
        there.iter().enumerate().all(|(n, id)| *id == n.to_string()),
        "all of one moment: {there:?}"
    );
    assert!(names(&s.dir.path().join("usb")).iter().all(|n| n == "copy.db"));
}

fn names(dir: &Path) -> Vec<String> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn the_shops_own_file_is_no_backup() {
    let s = shop();
    assert_eq!(
        storage(s.store.backup(&ledger::file(s.dir.path()), |_| {})),
        StorageCode::Io
    );
    s.store
        .credit(s.store.new_op(), by(), sale(&s.store, "1", 1, "5"))
        .unwrap();
    drop(s.store);
    assert_eq!(sale_ids(&open(s.dir.path()).unwrap()), ["1"]);
}

#[test]
fn a_backup_that_fails_leaves_the_one_before() {
    let s = shop();
    let to = s.dir.path().join("copy.db");
    s.store.backup(&to, |_| {}).unwrap();
    let before = std::fs::read(&to).unwrap();
    let conn = rusqlite::Connection::open(ledger::file(s.dir.path())).unwrap();
    conn.execute_batch("INSERT INTO members (member_id, code, enrolled_at) VALUES (randomblob(16), 'x', 1)")
        .unwrap();
    assert_eq!(
        storage(s.store.backup(&to, |_| {})),
        StorageCode::Damaged,
        "a copy that does not verify is none"
    );
    assert!(std::fs::read(&to).unwrap() == before);
    assert!(!names(s.dir.path()).iter().any(|n| n.ends_with("part")));
    assert!(s.store.backup(Path::new("/dev/null/copy.db"), |_| {}).is_err());
}

/// A shop with one sale, its backup, then a second sale.
fn two_states() -> (tempfile::TempDir, std::path::PathBuf) {
    let s = shop();
    s.store
        .credit(s.store.new_op(), by(), sale(&s.store, "1", 1, "5"))
        .unwrap();
    let to = s.dir.path().join("copy.db");
    s.store.backup(&to, |_| {}).unwrap();
    s.store
        .credit(s.store.new_op(), by(), sale(&s.store, "2", 1, "5"))
        .unwrap();
    drop(s.store);
    (s.dir, to)
}

#[test]
fn restoring_replaces_and_keeps_what_was() {
    let (dir, backup) = two_states();
    let (found, kept) = restore(dir.path(), &backup, NOW).unwrap();
    assert!(found.ok);
    let store = open(dir.path()).unwrap();
    assert_eq!(sale_ids(&store), ["1"]);
    store.credit(store.new_op(), by(), sale(&store, "3", 1, "5")).unwrap();
    assert!(store.verify().unwrap().ok);
    drop(store);
    let (found, _) = restore(dir.path(), &kept.unwrap(), UtcMs(NOW.0 + 1)).unwrap();
    assert!(found.ok);
    assert_eq!(
        sale_ids(&open(dir.path()).unwrap()),
        ["1", "2"],
        "and what was replaced can be put back"
    );
}

#[test]
fn restoring_into_an_empty_folder() {
    let (_dir, backup) = two_states();
    let empty = scratch();
    assert_eq!(restore(empty.path(), &backup, NOW).unwrap().1, None);
    assert_eq!(sale_ids(&open(empty.path()).unwrap()), ["1"]);
}

#[test]
fn a_bad_backup_or_a_running_app_changes_nothing() {
    let (dir, backup) = two_states();
    let before = std::fs::read(ledger::file(dir.path())).unwrap();
    let good = std::fs::read(&backup).unwrap();
    let bad = dir.path().join("bad.db");
    let mut flipped = good.clone();
    let at = good.windows(10).position(|w| w == b"\"points\":5").unwrap();
    flipped[at + 9] = b'6';
    for content in [&b"not a database at all"[..], b"", &good[..good.len() / 2], &flipped] {
        std::fs::write(&bad, content).unwrap();
        assert_eq!(storage(restore(dir.path(), &bad, NOW)), StorageCode::Damaged);
    }
    assert_eq!(
        storage(restore(dir.path(), &dir.path().join("nowhere.db"), NOW)),
        StorageCode::Io
    );
    let running = AppLock::take(dir.path()).unwrap();
    assert_eq!(storage(restore(dir.path(), &backup, NOW)), StorageCode::InUse);
    assert_eq!(storage(AppLock::take(dir.path())), StorageCode::InUse);
    assert!(std::fs::read(ledger::file(dir.path())).unwrap() == before);
    drop(running);
    restore(dir.path(), &backup, NOW).unwrap();
}

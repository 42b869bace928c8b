//! Nobody else on the computer reads the shop: the modes of its folder and files.
#![cfg(unix)]

use ledger::{AppLock, Store, restore};
use loyalty::UtcMs;
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::support::{RULES, START_MS, by, by_hand, new_shop, open, sale, scratch};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

fn set(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Everything under `dir`, with `dir`, and the modes that are not the owner's alone.
fn loose(dir: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = vec![(dir.to_owned(), mode(dir))];
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(loose(&path));
        } else {
            found.push((path.clone(), mode(&path)));
        }
    }
    found.retain(|(path, mode)| *mode != if path.is_dir() { 0o700 } else { 0o600 });
    found
}

/// A shop two folders down, with a sale in its log, a backup and the app's lock.
fn lived_in(dir: &Path) -> Store {
    let store = Store::init(dir, &new_shop(RULES, None), by_hand().1).unwrap();
    let _lock = AppLock::take(dir).unwrap();
    store.credit(store.new_op(), by(), sale(&store, "1", 1, "5")).unwrap();
    store.backup(&dir.join("backups/by-hand.db"), |_| {}).unwrap();
    store
}

#[test]
fn a_shop_is_made_for_its_owner_alone() {
    let root = scratch();
    let dir = root.path().join("data/Regulars");
    let store = lived_in(&dir);
    assert!(dir.join("regulars.db-wal").exists(), "looked at while it is open");
    assert_eq!(loose(&root.path().join("data")), []);
    drop(store);
    restore(&dir, &dir.join("backups/by-hand.db"), UtcMs(START_MS)).unwrap();
    assert_eq!(loose(&dir), [], "restored, and what it replaced");
}

#[test]
fn a_looser_one_is_tightened_when_it_is_opened() {
    let root = scratch();
    let dir = root.path().join("shop");
    drop(lived_in(&dir));
    let backups = dir.join("backups");
    for (path, loose) in [
        (dir.clone(), 0o755),
        (ledger::file(&dir), 0o644),
        (backups.clone(), 0o775),
        (backups.join("by-hand.db"), 0o664),
    ] {
        set(&path, loose);
    }
    // A note of the owner's own beside the shop stays as they made it; the folder closes it.
    std::fs::write(dir.join("note.txt"), "hello").unwrap();
    set(&dir.join("note.txt"), 0o644);
    let store = open(&dir).unwrap();
    store.credit(store.new_op(), by(), sale(&store, "2", 1, "5")).unwrap();
    assert_eq!(loose(&dir), [(dir.join("note.txt"), 0o644)]);
}

#[test]
fn a_folder_that_everybody_shares_stays_shared() {
    let root = scratch();
    let shared = root.path().join("tmp");
    std::fs::create_dir(&shared).unwrap();
    set(&shared, 0o1777);
    let store = Store::init(&shared, &new_shop(RULES, None), by_hand().1).unwrap();
    assert_eq!(mode(&shared), 0o1777);
    assert_eq!(mode(&ledger::file(&shared)), 0o600);
    drop(store);
}

#[test]
fn restoring_a_copy_that_others_may_read_closes_it() {
    let root = scratch();
    let dir = root.path().join("shop");
    drop(lived_in(&dir));
    let copy = dir.join("backups/by-hand.db");
    set(&copy, 0o644);
    restore(&dir, &copy, UtcMs(START_MS)).unwrap();
    assert_eq!(mode(&ledger::file(&dir)), 0o600);
}

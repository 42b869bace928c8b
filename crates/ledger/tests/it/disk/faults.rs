//! Calls on the disk fail, one after another: a sale is there wholly or not at all, the error says what it was, those
//! acknowledged stay, and the till works again as soon as the disk does.

use ledger::{Error, StorageCode, Store};
use loyalty::OpId;
use rusqlite::ffi;
use std::path::Path;

use super::vfs::{Call, Disk, Fault};
use crate::support::{by, copy_shop, open, sale, sale_ids, scratch, shop};

/// The third sale meets the fault at the latest.
const SALES: u32 = 3;

/// Every sale that was tried: its operation, and whether it was acknowledged.
fn credit_some(store: &Store, code: StorageCode) -> Vec<(OpId, bool)> {
    let tried = (0..SALES).map(|n| {
        let op = store.new_op();
        let done = store.credit(op, by(), sale(store, &format!("s{n}"), n % 2, "10"));
        match done {
            Ok(_) => (op, true),
            Err(Error::Storage(e)) if e.code == code => (op, false),
            other => panic!("not {code:?}: {other:?}"),
        }
    });
    tried.collect()
}

/// One shop, one fault; answers whether it was met.
fn meets(template: &Path, fault: Fault, code: StorageCode) -> bool {
    let dir = scratch();
    copy_shop(template, dir.path());
    let disk = Disk::watch(dir.path());
    let store = open(dir.path()).unwrap();
    store.stats().unwrap();
    disk.fail(Some(fault));
    let tried = credit_some(&store, code);
    let fired = disk.fired();
    let refused = tried.iter().filter(|(_, ok)| !ok).count();
    assert!(
        u64::try_from(refused).unwrap() <= fired,
        "{fault:?}: an error without a fault"
    );
    assert!(
        refused > 0 || fired == 0,
        "{fault:?}: a fault that nobody was told of: {tried:?}"
    );
    disk.fail(None);

    // The same handle sees nothing half-done, and so does one that finds the file after a crash.
    let expect = |store: &Store, when: &str| {
        let found = store.verify().unwrap();
        assert!(found.ok, "{fault:?} {when}: {found:?}");
        let there = sale_ids(store);
        for (n, (_, acknowledged)) in tried.iter().enumerate() {
            let times = there.iter().filter(|id| **id == format!("s{n}")).count();
            assert!(
                times <= 1 && (times == 1 || !acknowledged),
                "{fault:?} {when}: sale {n} is there {times} times"
            );
        }
    };
    expect(&store, "at once");
    let crashed = scratch();
    disk.crashed().write(crashed.path(), || true);
    expect(&open(crashed.path()).unwrap(), "after a crash");

    // Trying again with the same operations ends as if nothing had been.
    for (n, (op, _)) in (0..SALES).zip(&tried) {
        store
            .credit(*op, by(), sale(&store, &format!("s{n}"), n % 2, "10"))
            .unwrap();
    }
    drop(store);
    let store = open(dir.path()).unwrap();
    expect(&store, "reopened");
    assert_eq!(
        store.stats().unwrap().points_outstanding,
        i64::from(SALES) * 10,
        "{fault:?}"
    );
    assert_eq!(sale_ids(&store).len(), SALES as usize);
    disk.leave();
    fired > 0
}

fn for_every_call(call: Call, code: i32, storage: StorageCode, last: u64) {
    let template = shop();
    template.store.stats().unwrap();
    drop(template.store);
    let mut nth = 1;
    while meets(template.dir.path(), Fault { call, nth, last, code }, storage) {
        // Every call of the first sale, then some: a sale writes the same pages each time.
        nth += if nth < 30 { 1 } else { 5 };
    }
    let least = if call == Call::Write { 20 } else { 3 };
    assert!(nth > least, "only {nth} calls: the disk was not watched");
}

#[test]
fn full_at_any_write() {
    for_every_call(Call::Write, ffi::SQLITE_FULL, StorageCode::DiskFull, 1);
}

#[test]
fn full_until_space_is_freed() {
    for_every_call(Call::Write, ffi::SQLITE_FULL, StorageCode::DiskFull, u64::MAX);
}

#[test]
fn error_at_any_write() {
    for_every_call(Call::Write, ffi::SQLITE_IOERR_WRITE, StorageCode::Io, 1);
}

#[test]
fn error_at_any_sync() {
    for_every_call(Call::Sync, ffi::SQLITE_IOERR_FSYNC, StorageCode::Io, 1);
    for_every_call(Call::Sync, ffi::SQLITE_IOERR_FSYNC, StorageCode::Io, u64::MAX);
}

#[test]
fn full_while_the_log_is_folded_into_the_file() {
    // Closing copies the log back into the file: what fails there loses nothing either.
    let shop = shop();
    drop(shop.store);
    for nth in 1..12 {
        let disk = Disk::watch(shop.dir.path());
        let store = open(shop.dir.path()).unwrap();
        let id = format!("c{nth}");
        store.credit(store.new_op(), by(), sale(&store, &id, 1, "10")).unwrap();
        let fault = Fault {
            call: Call::Write,
            nth,
            last: u64::MAX,
            code: ffi::SQLITE_FULL,
        };
        disk.fail(Some(fault));
        drop(store);
        assert!(disk.fired() > 0, "closing wrote nothing");
        disk.fail(None);
        disk.leave();
        let store = open(shop.dir.path()).unwrap();
        assert!(
            store.verify().unwrap().ok && sale_ids(&store).contains(&id),
            "{fault:?}"
        );
    }
}

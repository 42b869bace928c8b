//! The disk fills up while sales come in: senders hear 503 and to come again, nothing is half-done, and the same
//! message is taken once there is room.

#[path = "../../../ledger/tests/it/disk/vfs.rs"]
#[expect(dead_code, reason = "the ledger's own tests ask more of it")]
mod vfs;

use rusqlite::ffi;

use crate::support::{sale, till_in};
use vfs::{Call, Disk, Fault};

/// One shop whose disk is full from the `nth` write on; answers whether that was met.
fn meets(nth: u64) -> bool {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::watch(dir.path());
    let till = till_in(dir, |config| config);
    till.ok("/pos/sale", &sale("S-0", "6195550100", "10.00"));
    disk.fail(Some(Fault {
        call: Call::Write,
        nth,
        last: u64::MAX,
        code: ffi::SQLITE_FULL,
    }));
    let body = sale("S-1", "6195550101", "12.50");
    let reply = till.signed("/pos/sale", &body);
    let full = disk.fired() > 0;
    if full {
        assert_eq!(
            (reply.status, reply.json["error"]["code"].as_str()),
            (503, Some("disk_full")),
            "{nth}: {reply:?}"
        );
        assert!(reply.head.contains("retry-after: 5"), "{reply:?}");
        assert!(
            !reply.json.to_string().contains("regulars.db"),
            "no path leaves the machine: {reply:?}"
        );
        // Nothing of it is there: no sale, no member, no line, and the log adds up.
        disk.fail(None);
        let stats = till.store.stats().unwrap();
        assert_eq!((stats.sales, stats.members, till.lines()), (1, 1, 1), "at write {nth}");
    } else {
        assert_eq!(reply.status, 200, "{nth}: {reply:?}");
    }
    // The sender sends the very same again, and it counts once.
    let done = till.ok("/pos/sale", &body);
    assert_eq!(
        (&done["points"], &done["duplicate"]),
        (&12.into(), &(!full).into()),
        "at write {nth}"
    );
    let again = till.ok("/pos/sale", &body);
    assert_eq!((&again["duplicate"], till.lines()), (&true.into(), 2));
    assert!(till.store.verify().unwrap().ok);
    disk.leave();
    full
}

#[test]
fn a_full_disk_is_told_and_nothing_is_half_done() {
    let mut nth = 1;
    while meets(nth) {
        nth += 1;
    }
    assert!(nth > 10, "only {nth} writes: the disk was not watched");
}

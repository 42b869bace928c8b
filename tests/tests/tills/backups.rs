//! A till that comes back from a sealed backup of a night ago, as real processes: what it did since is at the relay or in
//! its own old file; nothing is lost, and no points are spent a second time.

use system_tests::programs::ctl_raw;

use crate::shop::{Relay, Till, agree};
use crate::{AHMED, MARIA};

const REWARD: [&str; 2] = ["--reward", "Free coffee"];

fn redeem(till: &Till, phone: &str) -> bool {
    let said = ctl_raw(&till.dir, &[&["redeem", "--phone", phone], &REWARD[..]].concat());
    said.status.success()
}

/// A sealed backup, and the file with its passphrase.
fn sealed(till: &Till) -> (String, String) {
    let beside = |name: &str| till.dir.with_file_name(name).display().to_string();
    let (backup, words) = (beside("night.sealed"), beside("words.txt"));
    std::fs::write(&words, "four plain words here\n").unwrap();
    till.ctl(&["backup", &backup, "--encrypt", &words]);
    (backup, words)
}

#[test]
fn a_till_restored_from_its_nightly_backup_loses_nothing_and_spends_nothing_twice() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "A-1", "120");
    a.credit(AHMED, "A-2", "150");
    agree(&[&a, &b]);
    let (backup, words) = sealed(&a);
    // The next day: Maria spends at this till and earns, Ahmed earns at the other. All of it is told.
    assert!(redeem(&a, MARIA));
    a.credit(MARIA, "A-3", "50");
    b.credit(AHMED, "B-1", "30");
    agree(&[&a, &b]);
    // The shop's file is gone while the relay is away: the backup, and Maria at the counter again.
    relay.kill();
    for tail in ["", "-wal", "-shm"] {
        let file = a.dir.join(format!("regulars.db{tail}"));
        if file.exists() {
            std::fs::remove_file(file).unwrap();
        }
    }
    a.ctl(&["restore", &backup, "--yes", "--decrypt", &words]);
    assert_eq!(a.balance(MARIA), 120, "as it was that night");
    assert!(!redeem(&a, MARIA), "the points of that night were spent since");
    relay.serve();
    agree(&[&a, &b]);
    assert_eq!((a.balance(MARIA), a.balance(AHMED)), (70, 180));
    assert_eq!((b.balance(MARIA), b.balance(AHMED)), (70, 180));
    assert!(
        !redeem(&a, MARIA) && !redeem(&b, MARIA),
        "70 points buy no reward of 100"
    );
    assert!(redeem(&a, AHMED) ^ redeem(&b, AHMED));
    agree(&[&a, &b]);
    assert_eq!(a.ctl(&["ledger", "verify"])["ok"], true);
    assert_eq!(b.ctl(&["ledger", "verify"])["ok"], true);
}

#[test]
fn a_till_restored_in_place_holds_nothing_before_it_was_heard() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "A-1", "250");
    agree(&[&a, &b]);
    let (backup, words) = sealed(&a);
    assert!(redeem(&a, MARIA));
    agree(&[&a, &b]);
    // Restored in place: the keyring knows how far the log had come, and the relay has the rest.
    a.ctl(&["restore", &backup, "--yes", "--decrypt", &words]);
    assert_eq!(a.balance(MARIA), 250);
    relay.kill();
    assert!(!redeem(&a, MARIA), "it holds no rights before it was heard");
    a.credit(AHMED, "A-9", "110");
    relay.serve();
    agree(&[&a, &b]);
    for till in [&a, &b] {
        assert_eq!((till.balance(MARIA), till.balance(AHMED)), (150, 110));
    }
    assert!(redeem(&a, MARIA));
    agree(&[&a, &b]);
    assert!(!redeem(&a, MARIA) && !redeem(&b, MARIA));
    assert_eq!(b.balance(MARIA), 50);
}

//! Several tills and a relay, as real processes over real HTTP: what they do apart comes together, whatever is cut.

mod alive;
mod backups;
mod documents;
mod links;
mod proxy;
mod referrals;
mod rights;
mod shop;
#[expect(dead_code, reason = "the relay's own tests do more with it")]
#[path = "../../../relay/tests/it/smtp.rs"]
mod smtp;
mod standing;

use serde_json::Value;
use shop::{LOOK_EVERY, Relay, Till, agree, text, until};
use std::path::Path;

const MARIA: &str = "+16195550101";
const AHMED: &str = "+16195550102";

#[test]
fn three_tills_apart_end_as_one() {
    let mut relay = Relay::start();
    let (a, b, c) = (relay.till("Till 1"), relay.till("Till 2"), relay.till("Till 3"));
    relay.kill();
    // Apart: the same person at two tills, the same sale at two, and each its own.
    a.credit(MARIA, "A-1", "60");
    b.credit(MARIA, "B-1", "70");
    a.credit(AHMED, "A-2", "150");
    c.credit(MARIA, "C-1", "30");
    assert_eq!(a.refused(&["sync", "--once"]), "offline");
    a.ctl(&["redeem", "--phone", AHMED, "--reward", "Free coffee"]);
    relay.serve();
    agree(&[&a, &b, &c]);
    for till in [&a, &b, &c] {
        assert_eq!(till.balance(MARIA), 160, "one member with the sum");
        assert_eq!(till.balance(AHMED), 50);
    }
    // The same sale at two tills that are apart counts once.
    relay.kill();
    b.credit(AHMED, "X-1", "25");
    c.credit(AHMED, "X-1", "25");
    relay.serve();
    agree(&[&a, &b, &c]);
    assert_eq!(a.balance(AHMED), 75);
    assert_eq!(c.credit(AHMED, "X-1", "25")["duplicate"], true);
}

#[test]
fn a_withdrawal_beats_a_consent_that_has_not_seen_it() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.ctl(&[
        "member",
        "add",
        "--phone",
        MARIA,
        "--email",
        "maria@example.com",
        "--consent",
    ]);
    agree(&[&a, &b]);
    let consent = |till: &Till, yes: &str| till.ctl(&["member", "edit", "--phone", MARIA, "--consent", yes]);
    consent(&a, "false");
    consent(&b, "false");
    consent(&b, "true");
    agree(&[&a, &b]);
    assert_eq!(a.member(MARIA)["email_consent"], false);
    consent(&b, "true");
    agree(&[&a, &b]);
    assert_eq!(a.member(MARIA)["email_consent"], true);
}

#[test]
fn a_merge_and_its_undo_travel() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "40");
    a.credit(AHMED, "2", "30");
    agree(&[&a, &b]);
    let merged = b.ctl(&["member", "merge", MARIA, AHMED]);
    assert_eq!(merged["balance"], 70);
    agree(&[&a, &b]);
    assert_eq!((a.balance(MARIA), a.balance(AHMED)), (70, 70));
    let from = text(&merged["merged"][0]);
    a.ctl(&["member", "unmerge", &from]);
    agree(&[&a, &b]);
    assert_eq!((b.balance(MARIA), b.balance(AHMED)), (40, 30));
}

#[test]
fn a_removed_till_is_told_and_the_others_go_on() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    let tills = a.ctl(&["till", "list"]);
    let other = tills["tills"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["here"] == false)
        .unwrap();
    a.ctl(&["till", "revoke", &text(&other["till_id"])]);
    b.credit(MARIA, "1", "40");
    assert_eq!(b.refused(&["sync", "--once"]), "revoked");
    assert_eq!(b.balance(MARIA), 40, "it still works by itself");
    a.credit(AHMED, "2", "30");
    agree(&[&a]);
    // A code that a till made brings a new one in, once.
    let code = text(&a.ctl(&["till", "add"])["pairing_code"]);
    let c = Till {
        dir: a.dir.with_file_name("Till 3"),
    };
    c.ctl(&["pair", &code, "--relay", &relay.url()]);
    agree(&[&a, &c]);
    let d = Till {
        dir: a.dir.with_file_name("Till 4"),
    };
    assert_eq!(d.refused(&["pair", &code, "--relay", &relay.url()]), "bad_code");
}

#[test]
fn a_shop_that_began_alone_brings_its_log_and_survives_every_kill() {
    let mut relay = Relay::start();
    let alone = tempfile::tempdir().unwrap();
    let a = Till::alone(&alone.path().join("shop"));
    let mut csv = String::from("sale_id,occurred_at,phone,total\n");
    for n in 0..4_000 {
        let (day, hour) = (1 + n % 20, 10 + n % 9);
        csv += &format!(
            "R-{n},2026-11-{day:02}T{hour}:00:00,+1619555{:04},{}.00\n",
            n % 300,
            2 + n % 40
        );
    }
    let file = alone.path().join("sales.csv");
    std::fs::write(&file, csv).unwrap();
    a.ctl(&["import", "sales", file.to_str().unwrap()]);
    // The first till's code takes the shop in.
    let url = relay.url();
    let code = relay.take_code();
    a.ctl(&["pair", &code, "--relay", &url]);
    // Cut the till, then the relay, at ever other moments, until all is up.
    let mut cuts = 0;
    for looks in [3, 6, 9, 12, 15, 18, 21] {
        let mut till = a.begin_sync();
        for _ in 0..looks {
            std::thread::sleep(LOOK_EVERY);
        }
        if looks % 2 == 0 {
            relay.kill();
            relay.serve();
        }
        cuts += i32::from(till.try_wait().unwrap().is_none());
        drop(till.kill());
        till.wait().unwrap();
    }
    assert!(cuts > 0, "no sync was cut");
    let report = a.sync();
    assert_eq!(report["pending"], 0);
    let b = relay.till("Till 2");
    agree(&[&a, &b]);
    let operations = |till: &Till| till.ctl(&["ledger", "verify"])["operations"].as_i64().unwrap();
    assert!(operations(&a) > 4_300 && operations(&a) == operations(&b));
}

#[test]
fn a_restored_backup_goes_on_under_a_new_number() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "120");
    agree(&[&a, &b]);
    let backup = a.dir.with_file_name("backup.db");
    let backup = backup.to_str().unwrap();
    a.ctl(&["backup", backup]);
    a.credit(MARIA, "2", "30");
    agree(&[&a, &b]);
    a.ctl(&["restore", backup, "--yes"]);
    // Offline work after it forks nothing, and what was sent before comes back.
    a.credit(AHMED, "3", "40");
    agree(&[&a, &b]);
    assert_eq!((a.balance(MARIA), a.balance(AHMED)), (150, 40));
    a.ctl(&["redeem", "--phone", MARIA, "--reward", "Free coffee"]);
    agree(&[&a, &b]);
    assert_eq!(b.balance(MARIA), 50);
    // The same by hand: a copy of the folder's file, which nothing tells about.
    std::fs::copy(a.dir.join("regulars.db"), a.dir.join("kept")).unwrap();
    a.credit(MARIA, "4", "7");
    agree(&[&a, &b]);
    for side in ["regulars.db-wal", "regulars.db-shm"] {
        drop(std::fs::remove_file(a.dir.join(side)));
    }
    std::fs::rename(a.dir.join("kept"), a.dir.join("regulars.db")).unwrap();
    agree(&[&a, &b]);
    assert_eq!((a.balance(MARIA), b.balance(MARIA)), (57, 57));
}

#[test]
fn a_till_that_a_restored_relay_forgot_pairs_again_and_loses_nothing() {
    let mut relay = Relay::start();
    let a = relay.till("Till 1");
    a.credit(MARIA, "1", "120");
    a.ctl(&["rights", "return", "--phone", MARIA]);
    a.sync();
    relay.kill();
    let backup = relay.backup();
    relay.serve();
    let b = relay.till("Till 2");
    b.credit(MARIA, "2", "30");
    agree(&[&a, &b]);
    // Points that the relay has granted, and forgets.
    b.ctl(&["redeem", "--phone", MARIA, "--reward", "Free coffee"]);
    relay.restore(backup);
    b.credit(AHMED, "3", "40");
    assert_eq!(b.refused(&["sync", "--once"]), "unknown_device");
    let url = relay.url();
    let again = |till: &Till, code: &str| till.refused(&["pair", code, "--relay", &url]);
    let code = relay.take_code();
    assert_eq!(again(&a, &code), "already_paired");
    b.ctl(&["pair", &code, "--relay", &url]);
    agree(&[&a, &b]);
    let c = relay.till("Till 3");
    agree(&[&a, &b, &c]);
    for till in [&a, &b, &c] {
        assert_eq!((till.balance(MARIA), till.balance(AHMED)), (50, 40));
    }
    assert_eq!(again(&b, &relay.take_code()), "already_paired");
}

#[test]
fn a_copy_that_was_put_back_and_worked_on_starts_over_and_keeps_what_it_did() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "120");
    agree(&[&a, &b]);
    for worked_on_for in [1, 4] {
        let sale = |n: i32| format!("{worked_on_for}-{n}");
        std::fs::copy(a.dir.join("regulars.db"), a.dir.join("kept")).unwrap();
        for n in 0..3 {
            a.credit(AHMED, &sale(n), "10");
        }
        agree(&[&a, &b]);
        // Nothing was spent meanwhile, so that this machine can't know: the copy goes on under the old numbers.
        for side in ["regulars.db-wal", "regulars.db-shm"] {
            drop(std::fs::remove_file(a.dir.join(side)));
        }
        std::fs::rename(a.dir.join("kept"), a.dir.join("regulars.db")).unwrap();
        // A sale that it forgot comes in again, and others after it.
        for n in 0..worked_on_for {
            a.credit(AHMED, &sale(n + 2), "10");
        }
        b.credit(AHMED, &sale(100), "10");
        b.sync();
        assert_eq!(a.refused(&["sync", "--once"]), "unfit");
        assert_eq!(
            a.refused(&["sync", "--once"]),
            "unfit",
            "and nothing is forked by trying"
        );
        let before = b.balance(AHMED);
        let done = a.ctl(&["till", "start-over"]);
        assert!(Path::new(done["old_file"].as_str().unwrap()).exists(), "{done}");
        assert_eq!(done["left"], 0, "{done}");
        assert!(done["kept"].as_i64().unwrap() >= worked_on_for.into(), "{done}");
        agree(&[&a, &b]);
        // The one that came in twice counts once.
        assert_eq!(b.balance(AHMED), before + 10 * i64::from(worked_on_for - 1));
        assert_eq!(
            a.ctl(&["till", "start-over"])["old_file"],
            Value::Null,
            "once is enough"
        );
    }
    // It holds what it held, also to spend it offline.
    relay.kill();
    a.ctl(&["redeem", "--phone", MARIA, "--reward", "Free coffee"]);
    relay.serve();
    agree(&[&a, &b]);
    assert_eq!((a.balance(MARIA), b.balance(MARIA)), (20, 20));
}

#[test]
fn a_till_that_keeps_syncing_hears_of_the_others_also_after_the_relay_was_away() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    let mut background = b.begin(&["sync"]);
    a.credit(MARIA, "1", "40");
    a.sync();
    let knows = |points: i64| b.ctl(&["stats"])["points_outstanding"] == points;
    until("the other till did not hear of it", || knows(40));
    relay.kill();
    a.credit(MARIA, "2", "7");
    relay.serve();
    a.sync();
    until("the other till did not come back", || knows(47));
    background.kill().unwrap();
    background.wait().unwrap();
    agree(&[&a, &b]);
}

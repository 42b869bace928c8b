//! The shop's tills while there is no relay, or none that answers. With one that does: the whole-system tests.

use super::*;
use ledger::{PairedWith, Store, Synced, TillInfo};
use loyalty::Origin;
use std::sync::mpsc::channel;
use std::time::Duration;

/// A port of this machine that nobody listens on.
fn nobody() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

/// As after pairing with the relay there.
fn belongs_to(store: &Store, url: &str) {
    let paired = PairedWith {
        url: url.to_owned(),
        relay: Origin(SystemIds.uuid(UtcMs(0))),
        incarnation: 1,
        shop_seq: 0,
    };
    store.write(move |tx| tx.paired(&paired)).unwrap();
}

#[test]
fn a_shop_without_a_relay_says_so_and_only_an_owner_may_connect_it() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.tills()), "locked");
    assert_eq!(code(rig.app.tills_connect(&nobody(), "K7QM-2XRA")), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    let tills = rig.app.tills().unwrap();
    assert!(tills.relay.is_none() && tills.address.is_empty() && tills.tills.is_empty());
    assert_eq!(rig.app.status().unwrap().relay, None);
    assert_eq!(code(rig.app.tills_add()), "not_paired");
    let nobody_else = rig.app.status().unwrap();
    assert!(nobody_else.session.is_some());
    rig.app.begin_line();
    rig.app.end_line();
}

#[test]
fn what_is_typed_wrong_names_its_field_and_changes_nothing() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    for (address, typed, expected, field) in [
        (nobody(), "nonsense", "bad_code", "code"),
        ("http://relay.example".to_owned(), "K7QM-2XRA", "bad_address", "address"),
        (nobody(), "K7QM-2XRA", "offline", ""),
    ] {
        let (code, at, _) = refused(rig.app.tills_connect(&address, typed));
        assert_eq!((code.as_str(), at.as_str()), (expected, field), "{address} {typed}");
    }
    assert!(rig.app.tills().unwrap().relay.is_none());
    assert_eq!(code(rig.app.tills_rename("nonsense", "Bar")), "missing");
    let till = op();
    assert_eq!(code(rig.app.tills_rename(&till, " ")), "bad_name");
    assert_eq!(code(rig.app.tills_revoke(&till)), "not_paired");
}

#[test]
fn a_till_that_can_not_start_over_now_goes_on_as_it_was() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    assert_eq!(code(rig.app.tills_start_over()), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert_eq!(code(rig.app.tills_start_over()), "not_paired");
    belongs_to(&rig.app.store().unwrap(), &nobody());
    let secrets = rig.app.vault.another().unwrap();
    secrets.set(link::CREDENTIAL, b"none that anybody looks at").unwrap();
    let before = rig.app.store().unwrap().shop().till_id;
    assert_eq!(code(rig.app.tills_start_over()), "offline");
    assert_eq!(rig.app.store().unwrap().shop().till_id, before);
    rig.app.credit(&credit(&maria, "10.00", None)).unwrap();
    rig.app.end_line();
}

#[test]
fn a_balance_says_since_when_it_may_be_old() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let store = rig.app.store().unwrap();
    let (here, other) = (store.shop().till_id, Origin(SystemIds.uuid(UtcMs(0))));
    belongs_to(&store, "https://relay.example");
    // The other till was seen so many minutes ago, by a relay whose clock is two minutes behind this till's.
    let hears = |minutes: i64, revoked: bool| {
        let relays_now = store.now().0 - 120_000;
        let till = |till, name: &str, ago: i64| TillInfo {
            till,
            name: name.to_owned(),
            seen_at: Some(UtcMs(relays_now - ago * 60_000)),
            app_version: String::new(),
            pending: 0,
            held_points: 0,
            skew_ms: if till == here { 120_000 } else { 0 },
            revoked: revoked && till == other,
        };
        let heard = Synced {
            accepted: 0,
            cursor: 0,
            shop_seq: 0,
            incarnation: 1,
            tills: vec![till(here, "Till 1", 0), till(other, "Till 2", minutes)],
        };
        store.write(move |tx| tx.synced(&heard)).unwrap();
    };
    let says = || {
        let as_of = rig.app.member_card(&maria).unwrap().as_of;
        as_of.map(|a| (a.till, a.unseen_min))
    };
    hears(26, false);
    assert_eq!(says(), None, "the other till holds nothing of hers");
    assert_eq!(rig.app.relay_state(&store).unwrap().skew_s, 120);
    // This till is cut off: nothing was heard for six minutes.
    for _ in 0..2 {
        rig.clock.pass_s(3 * 60);
        rig.app.touch().unwrap();
    }
    assert_eq!(says(), Some((None, 6)));
    hears(26, true);
    assert_eq!(says(), None, "there is no other till any more");
}

#[test]
fn a_till_that_goes_on_under_another_number_is_opened_anew_while_the_app_runs() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let store = rig.app.store().unwrap();
    belongs_to(&store, &nobody());
    let secrets = rig.app.vault.another().unwrap();
    secrets.set(link::CREDENTIAL, b"none that anybody looks at").unwrap();
    // Another program on the folder found that the file is of the past.
    store.write(|tx| tx.begin_renewal(ledger::Renews::Told)).unwrap();
    let more = credit(&maria, "10.00", None);
    assert!(rig.app.credit(&more).is_err(), "nothing is done under the old number");
    let (tell, told) = channel();
    rig.app.when_relay_tells(move || {
        // Nobody waits for more than the first.
        let _ = tell.send(());
    });
    rig.app.begin_line();
    // It says that nobody answers, which it asks with the file that it opened anew.
    told.recv_timeout(Duration::from_secs(60)).unwrap();
    let anew = rig.app.store().unwrap();
    assert_ne!(anew.shop().till_id, store.shop().till_id);
    rig.app.credit(&more).unwrap();
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 130);
    assert!(
        rig.app.status().unwrap().session.is_some(),
        "whoever was signed in still is"
    );
    rig.app.end_line();
}

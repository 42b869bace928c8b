//! What is left to settle after tills were apart: found at every till, settled once, opened again.

use ledger::{About, Conflict, PairedWith, Store, Verdict};
use loyalty::Code;

use super::rights::shop_with_points;
use super::*;
use crate::support::refused;

fn only(store: &Store) -> Conflict {
    let mut all = store.conflicts().unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.pop().unwrap()
}

fn settle(store: &Store, key: &str, verdict: Verdict) {
    let (conflict, op) = (store.conflict(key).unwrap(), store.new_op());
    store
        .settle_conflict(op, manager(), conflict, verdict, " On  the house ".into())
        .unwrap();
}

fn sale(till: &Till, dollars: i64, by: &str) -> EntryId {
    let store = &till.store;
    let sale = Sale {
        source: "pos".into(),
        sale_id: "S-1".into(),
        who: Who::Phone(phone(0)),
        total: Money::new(dollars * 100, store.shop().currency),
        items: vec![Item::pieces("Tea", 1)],
        tax_minor: 0,
        tip_minor: 0,
        occurred_at: store.now(),
    };
    let credited = store.credit(store.new_op(), By::Job(by.into()), sale).unwrap();
    credited.entry.unwrap()
}

#[test]
fn what_a_lost_till_spent_late_waits_until_the_relay_settles_it() {
    let (mut shop, member) = shop_with_points();
    assert!(shop.tills[1].store.conflicts().unwrap().is_empty());
    shop.redeem(0, member).unwrap();
    shop.lose(0);
    shop.release(0);
    shop.grant(1, member);
    shop.pull(1, ALL);
    assert_eq!(shop.tills[1].store.lost_tills().unwrap().len(), 1);
    shop.redeem(1, member).unwrap();
    assert!(
        shop.tills[1].store.conflicts().unwrap().is_empty(),
        "nobody has heard of it yet"
    );
    shop.agree();
    let store = &shop.tills[1].store;
    let late = only(store);
    assert_eq!((late.about, late.points, late.balance), (About::LostSpend, 100, 0));
    let line = late.line.as_ref().unwrap();
    assert_eq!(line.reward.as_deref(), Some("Free coffee"));
    assert_eq!(late.lost, Some(shop.tills[0].store.shop().till_id));
    settle(store, &late.key, Verdict::Asked);
    let asked = only(store).asked.unwrap();
    assert_eq!(asked.note, "On the house");
    assert!(store.settled_conflicts(9).unwrap().is_empty(), "it is still open");
    shop.settle_loss(false);
    shop.agree();
    // Now the member owes it: that is below zero, and another card.
    let store = &shop.tills[1].store;
    let below = only(store);
    assert_eq!((below.about, below.points), (About::BelowZero, 100));
    // Settled as owed, it waits no more, until it falls further.
    settle(store, &below.key, Verdict::Owed);
    assert!(store.conflicts().unwrap().is_empty());
    let code = refused(store.conflict(&below.key).map(drop));
    assert_eq!(code, Code::AlreadyDecided);
    store
        .reopen_conflict(store.new_op(), manager(), below.key.clone())
        .unwrap();
    assert_eq!(only(store).key, below.key);
}

#[test]
fn a_balance_below_zero_is_forgiven_and_that_is_taken_back() {
    let mut shop = tills(2);
    let store = &shop.tills[0].store;
    let member = store
        .enrol(store.new_op(), By::Job("test".into()), NewMember::with_phone(phone(0)))
        .unwrap()
        .0;
    let entry = sale(&shop.tills[0], 100, "ana");
    let store = &shop.tills[0].store;
    store
        .redeem(store.new_op(), By::Job("test".into()), member, "Free coffee".into())
        .unwrap();
    store.reverse(store.new_op(), manager(), entry).unwrap();
    let below = only(store);
    assert_eq!(
        (below.about, below.points, below.balance),
        (About::BelowZero, 100, -100)
    );
    assert_eq!(below.line.as_ref().unwrap().points, -100);
    assert!(!below.till.is_empty());
    settle(store, &below.key, Verdict::Forgiven);
    assert!(store.conflicts().unwrap().is_empty());
    let settled = store.settled_conflicts(9).unwrap();
    assert_eq!(settled.len(), 1);
    assert!(settled[0].1.may_undo() && settled[0].1.note == "On the house");
    shop.agree();
    let store = &shop.tills[0].store;
    store
        .reopen_conflict(store.new_op(), manager(), below.key.clone())
        .unwrap();
    assert_eq!(only(store).points, 100);
    assert!(store.settled_conflicts(9).unwrap().is_empty());
    let again = store.reopen_conflict(store.new_op(), manager(), below.key);
    assert_eq!(refused(again), Code::AlreadyDecided);
    shop.agree();
}

#[test]
fn a_sale_recorded_at_two_tills_is_shown_where_the_relay_took_the_second_back() {
    let mut shop = tills(2);
    let store = &shop.tills[0].store;
    store
        .enrol(store.new_op(), By::Job("test".into()), NewMember::with_phone(phone(0)))
        .unwrap();
    shop.settle();
    let with = PairedWith {
        url: "https://relay.example".into(),
        relay: shop.relay.origin,
        incarnation: 1,
        shop_seq: 0,
    };
    for till in &shop.tills {
        let with = with.clone();
        till.store.write(move |tx| tx.paired(&with)).unwrap();
    }
    sale(&shop.tills[0], 40, "ana");
    sale(&shop.tills[1], 40, "ben");
    shop.agree();
    for till in &shop.tills {
        let found = only(&till.store);
        assert_eq!((found.about, found.points, found.balance), (About::SaleTwice, 40, 40));
        assert_eq!(found.line.unwrap().sale_id.as_deref(), Some("S-1"));
        assert!(found.first_at.is_some());
    }
    let key = only(&shop.tills[0].store).key;
    settle(&shop.tills[0].store, &key, Verdict::Noted);
    assert!(shop.tills[0].store.conflicts().unwrap().is_empty());
    assert_eq!(only(&shop.tills[1].store).key, key, "a mark is this machine's own");
    settle(&shop.tills[1].store, &key, Verdict::Forgiven);
    shop.agree();
    let store = &shop.tills[0].store;
    assert_eq!(
        store.member(ledger::Key::Phone(&phone(0))).unwrap().unwrap().balance,
        80
    );
}

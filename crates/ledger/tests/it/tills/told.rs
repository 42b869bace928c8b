//! What several tills did while apart, told one case at a time.

use ledger::{Actor, Decision, Error, Joins, Key, Options, Pepper, Refund, StaffEdit, StorageCode, Store};
use loyalty::{Code, Money, Origin, Role};
use uuid::Uuid;

use super::{ALL, Tills, edit_of, options, tills};
use crate::support::{by, manager, phone, refused, sale, scratch};

impl Tills {
    fn credit(&self, till: usize, id: &str, n: u32, total: &str) -> ledger::Credited {
        let store = &self.tills[till].store;
        store.credit(store.new_op(), by(), sale(store, id, n, total)).unwrap()
    }

    fn of(&self, till: usize, n: u32) -> ledger::Member {
        self.tills[till].store.member(Key::Phone(&phone(n))).unwrap().unwrap()
    }
}

#[test]
fn the_same_phone_at_two_tills_is_one_member() {
    let mut s = tills(2);
    let (a, b) = (s.credit(0, "1", 1, "60"), s.credit(1, "2", 1, "70"));
    assert_ne!(a.member, b.member);
    s.agree();
    let older = a.member.min(b.member);
    for till in 0..2 {
        let member = s.of(till, 1);
        assert_eq!((Some(member.member_id), member.balance, member.visits), (older, 130, 2));
        assert_eq!(
            s.tills[till].store.lines_of(member.member_id, 9).unwrap().len(),
            2,
            "lines keep their ids"
        );
    }
    // Neither till holds 100 of the 130.
    let store = &s.tills[0].store;
    let member = s.of(0, 1).member_id;
    assert_eq!(
        refused(store.redeem(store.new_op(), by(), member, "Free coffee".into())),
        Code::NotEnoughPoints
    );
    s.credit(0, "3", 1, "40");
    let store = &s.tills[0].store;
    assert_eq!(s.of(0, 1).spendable, 100);
    let moved = store
        .redeem(
            store.new_op(),
            by(),
            b.member.max(a.member).unwrap(),
            "Free coffee".into(),
        )
        .unwrap();
    assert_eq!((moved.member, moved.balance), (member, 70), "by either id");
    s.agree();
}

#[test]
fn points_of_a_merged_member_are_spent_and_a_merge_is_undone() {
    let mut s = tills(2);
    let a = s.credit(0, "1", 1, "60").member.unwrap();
    s.tills[0].clock.pass(1);
    let b = s.credit(0, "2", 2, "60").member.unwrap();
    let store = &s.tills[0].store;
    let card = store.merge_members(store.new_op(), manager(), b, a).unwrap();
    assert_eq!(card, a.min(b));
    let moved = store.redeem(store.new_op(), by(), a, "Free coffee".into()).unwrap();
    assert_eq!(moved.balance, 20);
    assert_eq!(s.of(0, 2).member_id, card);
    s.agree();
    assert_eq!(s.of(1, 2).balance, 20);
    let store = &s.tills[1].store;
    store.unmerge_member(store.new_op(), manager(), a.max(b)).unwrap();
    s.agree();
    for till in 0..2 {
        // What was spent stays with whom it was spent by; nobody is below zero.
        assert_eq!((s.of(till, 1).balance, s.of(till, 2).balance), (0, 20));
    }
}

#[test]
fn a_withdrawal_beats_a_giving_that_has_not_seen_it() {
    let mut s = tills(2);
    let member = s.credit(0, "1", 1, "60").member.unwrap();
    let edit = |s: &Tills, till: usize, consent: bool| {
        let store = &s.tills[till].store;
        store
            .edit_member(store.new_op(), by(), member, edit_of("Ana", "a@example.com", consent))
            .unwrap();
    };
    edit(&s, 0, true);
    s.agree();
    edit(&s, 0, false);
    edit(&s, 1, false);
    edit(&s, 1, true);
    s.agree();
    assert!(!s.of(0, 1).email_consent && !s.of(1, 1).email_consent);
    // A giving that has seen it is a giving.
    edit(&s, 0, true);
    s.agree();
    assert!(s.of(0, 1).email_consent && s.of(1, 1).email_consent);
}

#[test]
fn the_same_sale_at_two_tills_counts_once() {
    let mut s = tills(2);
    s.credit(0, "1", 1, "1");
    s.agree();
    let (first, second) = (s.credit(0, "X", 1, "60"), s.credit(1, "X", 1, "60"));
    assert!(first.before.is_none() && second.before.is_none());
    s.agree();
    for till in 0..2 {
        let member = s.of(till, 1);
        assert_eq!((member.balance, member.visits), (60, 2));
        let again = s.credit(till, "X", 1, "60");
        assert!(again.before.is_some());
    }
}

#[test]
fn a_redemption_reversed_at_two_tills_gives_the_points_back_once() {
    let mut s = tills(3);
    let member = s.credit(0, "1", 1, "150").member.unwrap();
    let store = &s.tills[0].store;
    let coffee = store
        .redeem(store.new_op(), by(), member, "Free coffee".into())
        .unwrap();
    s.agree();
    for till in 1..3 {
        let store = &s.tills[till].store;
        store.reverse(store.new_op(), manager(), coffee.entry).unwrap();
    }
    s.agree();
    for till in 0..3 {
        assert_eq!(s.of(till, 1).balance, 150);
        let store = &s.tills[till].store;
        assert_eq!(
            refused(store.reverse(store.new_op(), manager(), coffee.entry)),
            Code::AlreadyReversed
        );
    }
}

#[test]
fn a_held_sale_decided_at_two_tills_is_decided_once() {
    let mut s = tills(2);
    s.credit(0, "H", 1, "600");
    s.agree();
    for (till, decision) in [(0, Decision::Approve), (1, Decision::Reject { reason: "No".into() })] {
        let store = &s.tills[till].store;
        store
            .decide_held(store.new_op(), manager(), "pos".into(), "H".into(), decision)
            .unwrap();
    }
    // The rejection is heard first.
    s.push(1, ALL);
    s.agree();
    for till in 0..2 {
        let member = s.of(till, 1);
        assert_eq!((member.balance, member.visits), (0, 0));
        assert!(s.tills[till].store.held().unwrap().is_empty());
    }
}

#[test]
fn the_same_refund_at_two_tills_takes_once() {
    let mut s = tills(2);
    s.credit(0, "R", 1, "100");
    s.agree();
    for till in 0..2 {
        let store = &s.tills[till].store;
        let refund = Refund {
            source: "pos".into(),
            sale_id: "R".into(),
            refund_id: "r1".into(),
            amount: Some(Money::new(4_000, store.shop().currency)),
        };
        store.refund(store.new_op(), by(), refund).unwrap();
    }
    s.agree();
    for till in 0..2 {
        assert_eq!(s.of(till, 1).balance, 60);
    }
}

#[test]
fn the_later_change_of_a_field_stands_and_other_fields_stay() {
    let mut s = tills(2);
    let member = s.credit(0, "1", 1, "60").member.unwrap();
    s.agree();
    let edit = |s: &Tills, till: usize, name: &str, email: &str| {
        let store = &s.tills[till].store;
        store
            .edit_member(store.new_op(), by(), member, edit_of(name, email, false))
            .unwrap();
    };
    edit(&s, 0, "Ana", "");
    s.tills[1].clock.pass(1_000);
    edit(&s, 1, "", "ana@example.com");
    edit(&s, 1, "Anna", "ana@example.com");
    s.agree();
    // A clock that is far behind still writes after what it has seen.
    s.tills[0].clock.pass(-86_400_000);
    edit(&s, 0, "Hannah", "ana@example.com");
    s.agree();
    let now = s.of(1, 1);
    assert_eq!((now.name.as_str(), now.email.as_str()), ("Hannah", "ana@example.com"));
}

#[test]
fn what_is_erased_is_gone_everywhere_also_what_comes_late() {
    let mut s = tills(2);
    let member = s.credit(0, "1", 1, "60").member.unwrap();
    s.agree();
    let late = &s.tills[1].store;
    late.edit_member(late.new_op(), by(), member, edit_of("Ana", "ana@example.com", true))
        .unwrap();
    let store = &s.tills[0].store;
    store.erase_member(store.new_op(), manager(), member).unwrap();
    s.agree();
    for till in &s.tills {
        let m = till.store.member(Key::Id(member)).unwrap().unwrap();
        assert_eq!(
            (m.phone, m.name.as_str(), m.email.as_str(), m.balance),
            (None, "", "", 60)
        );
    }
}

/// Else an older copy of the till's file could take its place between the two: the data would be missing everywhere, and
/// nobody would know why.
#[test]
fn data_that_is_gone_goes_up_together_with_what_erased_its_person() {
    let s = tills(1);
    let store = &s.tills[0].store;
    let first = store.outbox(0, 1, usize::MAX).unwrap();
    assert_eq!(first.len(), 1);
    let begins = store.own_seq().unwrap();
    let member = s.credit(0, "1", 1, "60").member.unwrap();
    s.credit(0, "2", 2, "40");
    let page = |ops| store.outbox(begins, ops, usize::MAX).unwrap();
    assert_eq!(page(2).len(), 2);
    store.erase_member(store.new_op(), manager(), member).unwrap();
    s.credit(0, "3", 3, "20");
    let together = page(2);
    let last = &together.last().unwrap().0.body_json;
    assert!(
        last.contains("member_erased") && last.contains(&member.to_string()),
        "{last}"
    );
    assert!(together.len() < page(100).len(), "what comes after is the next page's");
    // What can't go together goes as far as it can.
    assert_eq!(store.outbox(begins, 2, 1).unwrap().len(), 1);
}

#[test]
fn what_an_old_origin_held_its_successor_holds() {
    let mut s = tills(2);
    let member = s.credit(1, "1", 1, "150").member.unwrap();
    s.agree();
    let was = s.tills[1].store.shop().till_id;
    s.relay.renew(was, s.tills[0].store.shop().till_id);
    s.agree();
    let store = &s.tills[0].store;
    assert_eq!(
        store
            .redeem(store.new_op(), by(), member, "Free coffee".into())
            .unwrap()
            .balance,
        50
    );
    s.relay.renew(Origin(Uuid::nil()), was);
    s.agree();
}

/// What a restored till did before it heard what its old origin owes was possible, and stays so at every other till.
#[test]
fn what_an_old_origin_owed_does_not_undo_what_its_successor_spent() {
    let mut s = tills(3);
    let sold = s.credit(0, "1", 1, "100");
    let member = sold.member.unwrap();
    s.agree();
    let give = |s: &Tills, till: usize, points| {
        let store = &s.tills[till].store;
        store
            .adjust(store.new_op(), manager(), member, points, "Sorry".into())
            .unwrap();
    };
    let redeem = |s: &Tills, till: usize| {
        let store = &s.tills[till].store;
        store
            .redeem(store.new_op(), by(), member, "Free coffee".into())
            .unwrap();
    };
    // The first till owes: what it earned is taken back after it was spent.
    redeem(&s, 0);
    let store = &s.tills[0].store;
    store.reverse(store.new_op(), manager(), sold.entry.unwrap()).unwrap();
    // The second stands for what the first goes on as, and has not heard of it.
    give(&s, 1, 120);
    redeem(&s, 1);
    s.push(0, 100);
    let was = s.tills[0].store.shop().till_id;
    s.relay.renew(was, s.tills[1].store.shop().till_id);
    s.agree();
    assert_eq!(s.of(2, 1).balance, -80);
    // What comes back to the relay pays it off.
    let back = &s.tills[1].store;
    assert_eq!(back.return_rights(member).unwrap(), 20);
    s.agree();
}

#[test]
fn who_has_the_file_open_as_the_old_origin_appends_nothing_more() {
    let s = tills(1);
    let till = &s.tills[0];
    let with = ledger::PairedWith {
        url: "https://relay.example".into(),
        relay: Origin(Uuid::nil()),
        incarnation: 1,
        shop_seq: 0,
    };
    let beside = Store::open(till.store.dir(), Options::default()).unwrap();
    till.store.write(move |tx| tx.paired(&with)).unwrap();
    assert!(till.store.is_current().unwrap() && beside.is_current().unwrap());
    beside.write(|tx| tx.begin_renewal(ledger::Renews::Told)).unwrap();
    for old in [&till.store, &beside] {
        assert!(!old.is_current().unwrap());
        match old.publish_rules(old.new_op(), by(), "Earn 2 points per $1\n".into()) {
            Err(Error::Storage(e)) => assert_eq!(e.code, StorageCode::Busy),
            other => panic!("{other:?}"),
        }
    }
    let anew = Store::open(beside.dir(), Options::default()).unwrap();
    assert_eq!(anew.own_seq().unwrap(), 0);
    anew.publish_rules(anew.new_op(), by(), "Earn 2 points per $1\n".into())
        .unwrap();
    assert_eq!(anew.own_seq().unwrap(), 1);
}

#[test]
fn rules_published_apart_are_both_kept_and_one_is_in_force() {
    let mut s = tills(2);
    for (till, text) in [(0, "Earn 2 points per $1\n"), (1, "Earn 3 points per $1\n")] {
        s.tills[till].clock.pass(if till == 0 { 5_000 } else { 1_000 });
        let store = &s.tills[till].store;
        assert_eq!(store.publish_rules(store.new_op(), by(), text.into()).unwrap(), 2);
    }
    s.agree();
    for till in &s.tills {
        assert_eq!(till.store.rules().unwrap().text, "Earn 2 points per $1\n");
        assert_eq!(till.store.rules_history().unwrap().len(), 3);
    }
}

/// Rules that only a newer app can read stop no till: it goes on by the newest it can read.
#[test]
fn rules_of_a_newer_app_stop_no_till() {
    let mut s = tills(2);
    s.relay.publish(9, "Teleport members on Tuesdays\n");
    s.agree();
    assert_eq!(s.credit(0, "1", 1, "60").points, 60);
    let store = &s.tills[1].store;
    let version = store.publish_rules(store.new_op(), by(), "Earn 2 points per $1\n".into());
    assert_eq!(version.unwrap(), 10);
    s.agree();
    assert_eq!(s.credit(0, "2", 1, "60").points, 120);
}

#[test]
fn a_pin_that_is_chosen_where_the_shops_secret_is_not_works_there_alone() {
    let mut all = tills(1);
    let shop = all.tills[0].store.shop().clone();
    let (secret, other) = (Pepper::new([3; 32]), Pepper::new([4; 32]));
    let edit = |staff_id, pepper: &Pepper, pin: &str| StaffEdit {
        staff_id,
        name: "Olga".into(),
        role: Role::Owner,
        active: true,
        pin_hash: Some(pepper.hash(pin, [5; 16]).unwrap()),
    };
    let owner = Actor {
        role: Role::Owner,
        ..manager()
    };
    let hires = |store: &Store, edit: StaffEdit| store.edit_staff(store.new_op(), owner.clone(), edit).unwrap();
    let olga = hires(&all.tills[0].store, edit(None, &secret, "2468"));
    all.push(0, ALL);
    let (dir, (_, options)) = (scratch(), options());
    let joins = Joins {
        shop_id: shop.shop_id,
        till_id: Origin(Uuid::from_u128(2000)),
        till_name: "Till 2".into(),
        name: shop.name.clone(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: shop.zone.name().into(),
        opens_with: None,
        with: None,
        pins: false,
    };
    let second = Store::join(dir.path(), &joins, options).unwrap();
    let (foreign, _) = all.relay.after(0, ALL.min(all.relay.len()), joins.till_id);
    second.write(move |tx| tx.take(&foreign)).unwrap();
    hires(&second, edit(Some(olga), &other, "8642"));
    let mail = second.outbox(0, ALL, ALL).unwrap();
    all.relay.push(&mail);
    all.pull(0, ALL);
    assert_eq!(all.tills[0].store.sign_in(olga, "2468", &secret).unwrap(), Role::Owner);
    assert_eq!(second.sign_in(olga, "8642", &other).unwrap(), Role::Owner);
    assert_eq!(all.tills[0].store.state_hash().unwrap(), second.state_hash().unwrap());
}

//! The owner's limits on redeeming at a till that is cut off: for how many days, how much of one member and in all, and
//! above what a manager's PIN. Each is asked of the store itself, by whoever redeems.

use ledger::{Actor, Error, Line, Moved, NewMember, Options, PairedWith, Pepper, Redemption, StaffEdit, Store, Synced};
use loyalty::op::{Body, By};
use loyalty::{AwayRules, Code, MemberId, Origin, Role, StaffId};
use std::sync::{Arc, Barrier};
use uuid::Uuid;

use super::{Tills, tills};
use crate::support::{HandClock, manager, phone, refused};

const DAY_MS: i64 = 86_400_000;
const COFFEE: &str = "Free coffee";
const DEAR: &str = "$5 off";

fn owner() -> Actor {
    Actor {
        role: Role::Owner,
        ..manager()
    }
}

impl Tills {
    /// The relay has answered the first till: it has all that was done there.
    fn heard(&mut self) {
        self.settle();
        let store = &self.tills[0].store;
        let heard = Synced {
            accepted: store.own_seq().unwrap(),
            cursor: 0,
            shop_seq: 0,
            incarnation: 1,
            tills: Vec::new(),
        };
        store.write(move |tx| tx.synced(&heard)).unwrap();
    }

    fn clock(&self) -> &HandClock {
        &self.tills[0].clock
    }
}

/// Two tills, the first of which has heard from its relay just now, and members with 1,000 points each there.
fn shop(rules: AwayRules, members: u32) -> (Tills, Vec<MemberId>) {
    let mut shop = tills(2);
    let store = &shop.tills[0].store;
    let with = PairedWith {
        url: "https://relay.example".into(),
        relay: Origin(Uuid::nil()),
        incarnation: 1,
        shop_seq: 0,
    };
    store.write(move |tx| tx.paired(&with)).unwrap();
    let members = (0..members).map(|n| {
        let new = NewMember::with_phone(phone(n));
        let (member, _) = store.enrol(store.new_op(), By::Job("test".into()), new).unwrap();
        store
            .adjust(store.new_op(), manager(), member, 1_000, "Sorry".into())
            .unwrap();
        member
    });
    let members = members.collect();
    store.set_away_rules(store.new_op(), owner(), rules).unwrap();
    shop.heard();
    (shop, members)
}

fn redeem(store: &Store, member: MemberId, what: &str, approver: Option<Actor>) -> ledger::Result<Moved> {
    let (op, by, what) = (store.new_op(), By::Job("test".into()), Redemption::from(what));
    store.write(move |tx| tx.redeem_as(op, &by, member, &what, None, approver.as_ref()))
}

/// What a redemption was refused for, and the number that comes with it.
fn stopped(done: ledger::Result<Moved>) -> (Code, i64) {
    match done {
        Err(Error::Refused(refusal)) => (refusal.code, refusal.number.unwrap_or_default()),
        other => panic!("not a refusal: {other:?}"),
    }
}

fn line(store: &Store, member: MemberId) -> Line {
    store.lines_of(member, 1).unwrap().remove(0)
}

#[test]
fn a_till_redeems_for_so_many_days_after_it_was_heard_and_earns_for_ever() {
    let days = AwayRules {
        days: 3,
        ..AwayRules::default()
    };
    let (mut shop, members) = shop(days, 1);
    let (member, card) = (members[0], Redemption::Card { card: "Coffee".into() });
    let claim = |store: &Store| store.redeem(store.new_op(), By::Job("test".into()), member, card.clone());
    shop.clock().pass(3 * DAY_MS);
    redeem(&shop.tills[0].store, member, COFFEE, None).unwrap();
    assert_eq!(refused(claim(&shop.tills[0].store)), Code::NotEnoughStamps);
    shop.clock().pass(1);
    let store = &shop.tills[0].store;
    assert_eq!(
        stopped(redeem(store, member, COFFEE, Some(manager()))),
        (Code::AwayTooLong, 3)
    );
    assert_eq!(stopped(claim(store)), (Code::AwayTooLong, 3), "stamps, too");
    store
        .adjust(store.new_op(), manager(), member, 10, "Sorry".into())
        .unwrap();
    shop.heard();
    redeem(&shop.tills[0].store, member, COFFEE, None).unwrap();
    shop.agree();
}

#[test]
fn of_one_member_only_so_much_goes_until_the_relay_has_heard() {
    let cap = AwayRules {
        per_member: Some(150),
        ..AwayRules::default()
    };
    let (mut shop, members) = shop(cap, 3);
    let store = &shop.tills[0].store;
    redeem(store, members[0], DEAR, None).expect("who is connected has no cap");
    shop.heard();
    shop.clock().pass(DAY_MS);
    let store = &shop.tills[0].store;
    redeem(store, members[0], COFFEE, None).unwrap();
    assert_eq!(stopped(redeem(store, members[0], COFFEE, None)), (Code::AwayCap, 50));
    redeem(store, members[1], COFFEE, None).unwrap();
    // Whoever shows on one card is one member.
    store
        .merge_members(store.new_op(), manager(), members[1], members[2])
        .unwrap();
    assert_eq!(stopped(redeem(store, members[2], COFFEE, None)), (Code::AwayCap, 50));
    assert_eq!(
        stopped(redeem(store, members[2], COFFEE, Some(owner()))),
        (Code::AwayCap, 50),
        "a cap is no PIN's"
    );
    shop.heard();
    shop.clock().pass(DAY_MS);
    redeem(&shop.tills[0].store, members[0], COFFEE, None).expect("the relay has heard of the others");
    shop.agree();
}

#[test]
fn of_all_members_together_only_so_much_goes_also_when_two_ask_at_once() {
    const AT_ONCE: usize = 8;
    let cap = AwayRules {
        in_all: Some(250),
        ..AwayRules::default()
    };
    let (mut shop, members) = shop(cap, u32::try_from(AT_ONCE).unwrap());
    shop.clock().pass(DAY_MS);
    let barrier = Arc::new(Barrier::new(AT_ONCE));
    let at_once = members.iter().map(|member| {
        // Each by a program of its own on the till's file.
        let options = Options {
            clock: shop.tills[0].clock.clone(),
            ..Options::default()
        };
        let beside = Store::open(shop.tills[0].store.dir(), options).unwrap();
        let (barrier, member) = (barrier.clone(), *member);
        std::thread::spawn(move || {
            barrier.wait();
            redeem(&beside, member, COFFEE, None)
        })
    });
    let at_once: Vec<_> = at_once.collect();
    let done = at_once.into_iter().map(|one| one.join().unwrap());
    let (given, refused): (Vec<_>, Vec<_>) = done.partition(ledger::Result::is_ok);
    assert_eq!((given.len(), refused.len()), (2, AT_ONCE - 2));
    for one in refused {
        let (code, left) = stopped(one);
        assert!(code == Code::AwayCap && (50..250).contains(&left), "{code:?} {left}");
    }
    shop.agree();
}

#[test]
fn above_a_limit_a_managers_pin_is_wanted_and_the_ledger_says_whose() {
    let pin = AwayRules {
        pin_above: Some(100),
        ..AwayRules::default()
    };
    let (mut shop, members) = shop(pin, 1);
    let member = members[0];
    let (ben, ana) = (
        hire(&shop.tills[0].store, "Ben", Role::Manager),
        hire(&shop.tills[0].store, "Ana", Role::Cashier),
    );
    let as_manager = |staff: StaffId| Actor {
        by: By::Staff(staff),
        role: Role::Manager,
    };
    shop.heard();
    let allowed = |store: &Store| line(store, member).approved_by;
    let store = &shop.tills[0].store;
    redeem(store, member, DEAR, Some(as_manager(ben))).unwrap();
    assert_eq!(allowed(store), None, "nobody asked for it");
    shop.clock().pass(DAY_MS);
    redeem(store, member, COFFEE, Some(as_manager(ben))).unwrap();
    assert_eq!(allowed(store), None, "it is not above the limit");
    assert_eq!(stopped(redeem(store, member, DEAR, None)), (Code::NeedsManager, 100));
    let cashier = Actor {
        by: By::Staff(ana),
        role: Role::Cashier,
    };
    assert_eq!(refused(redeem(store, member, DEAR, Some(cashier))), Code::NotAllowed);
    // By Ana, with Ben's PIN; asked again, as the window does where it heard no answer.
    let (op, what) = (store.new_op(), Redemption::from(DEAR));
    for approver in [Some(as_manager(ben)), None] {
        let (by, what) = (By::Staff(ana), what.clone());
        let again = store.write(move |tx| tx.redeem_as(op, &by, member, &what, None, approver.as_ref()));
        assert_eq!(again.unwrap().points, -250);
    }
    assert_eq!(
        (line(store, member).by_name.as_str(), allowed(store).as_deref()),
        ("Ana", Some("Ben"))
    );
    // A manager allows it by redeeming.
    let (op, by, what) = (store.new_op(), By::Staff(ben), what);
    store
        .write(move |tx| tx.redeem_as(op, &by, member, &what, None, Some(&as_manager(ben))))
        .unwrap();
    assert_eq!((line(store, member).by_name.as_str(), allowed(store)), ("Ben", None));
    shop.agree();
    let there = shop.tills[1].store.lines_of(member, 9).unwrap();
    let allowed: Vec<_> = there.iter().filter_map(|line| line.approved_by.as_deref()).collect();
    assert_eq!(allowed, ["Ben"], "every till says so");
    let conn = rusqlite::Connection::open(ledger::file(shop.tills[1].store.dir())).unwrap();
    let sql = "SELECT by_name || ' ' || approved_by FROM report_ledger WHERE approved_by IS NOT NULL";
    let shown: String = conn.query_row(sql, [], |r| r.get(0)).unwrap();
    assert_eq!(shown, "Ana Ben", "and so does the owner's ledger");
}

#[test]
fn a_clock_that_is_set_back_takes_no_cap_away() {
    let caps = AwayRules {
        in_all: Some(100),
        pin_above: Some(100),
        ..AwayRules::default()
    };
    let (shop, members) = shop(caps, 1);
    shop.clock().pass(-DAY_MS);
    let store = &shop.tills[0].store;
    assert_eq!(
        stopped(redeem(store, members[0], DEAR, None)),
        (Code::NeedsManager, 100)
    );
    redeem(store, members[0], COFFEE, None).unwrap();
    assert_eq!(stopped(redeem(store, members[0], COFFEE, None)), (Code::AwayCap, 0));
}

#[test]
fn a_redemption_of_before_anybody_was_named_reads_and_writes_as_it_was() {
    let old = r#"{"body":"reward_redeemed","entry":"018f0000-0000-7000-8000-000000000001","member":"018f0000-0000-7000-8000-000000000002","reward":"Free coffee","points":100,"rules_version":1}"#;
    let body: Body = serde_json::from_str(old).unwrap();
    assert!(matches!(
        &body,
        Body::RewardRedeemed {
            approved_by: None,
            points: 100,
            ..
        }
    ));
    assert_eq!(
        serde_json::to_string(&body).unwrap(),
        old,
        "the chain covers these bytes"
    );
}

fn hire(store: &Store, name: &str, role: Role) -> StaffId {
    let edit = StaffEdit {
        staff_id: None,
        name: name.into(),
        role,
        active: true,
        pin_hash: Some(Pepper::new([7; 32]).hash("2468", [5; 16]).unwrap()),
    };
    store
        .write(move |tx| tx.edit_staff(tx.new_op(), &owner(), &edit))
        .unwrap()
}

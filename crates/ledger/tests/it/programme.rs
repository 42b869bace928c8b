//! What the rules make happen around a sale: holding and deciding, refunds, bonuses, expiry.

use ledger::{Actor, Decision, Error, NewMember, Refund};
use loyalty::rules::Move;
use loyalty::sale::SOURCE_POS;
use loyalty::{Code, Money, Role, UtcMs};
use proptest::prelude::*;

use crate::support::{TestShop, by, phone, sale, shop_with};

fn code<T: std::fmt::Debug>(r: ledger::Result<T>) -> Code {
    match r {
        Err(Error::Refused(r)) => r.code,
        other => panic!("not a refusal: {other:?}"),
    }
}

fn manager() -> Actor {
    Actor {
        by: by(),
        role: Role::Manager,
    }
}

fn refund(s: &TestShop, sale_id: &str, refund_id: &str, amount: Option<&str>) -> Refund {
    let amount = amount.map(|a| Money::parse(a, s.store.shop().currency).unwrap());
    Refund {
        source: SOURCE_POS.into(),
        sale_id: sale_id.into(),
        refund_id: refund_id.into(),
        amount,
    }
}

fn decide(s: &TestShop, sale_id: &str, decision: Decision) -> ledger::Result<(Option<loyalty::EntryId>, i64)> {
    s.store
        .decide_held(s.store.new_op(), manager(), SOURCE_POS.into(), sale_id.into(), decision)
}

#[test]
fn a_held_sale_is_decided_once() {
    let s = shop_with("Earn 1 point per $1\nHold sales over $500\n", None);
    let store = &s.store;
    for id in ["a", "b", "c"] {
        let held = store.credit(store.new_op(), by(), sale(store, id, 1, "612")).unwrap();
        assert_eq!(
            (held.move_, held.points, held.entry, held.balance),
            (Move::Hold, 612, None, 0)
        );
    }
    let waiting = store.held().unwrap();
    assert_eq!((waiting.len(), store.held_count().unwrap()), (3, 3));
    assert!(store.decided(10).unwrap().is_empty());
    assert!(
        waiting[0].reasons.iter().any(|r| r.contains("over $500")),
        "{:?}",
        waiting[0].reasons
    );

    let cashier = Actor {
        by: by(),
        role: Role::Cashier,
    };
    let refused = store.decide_held(
        store.new_op(),
        cashier,
        SOURCE_POS.into(),
        "a".into(),
        Decision::Approve,
    );
    assert_eq!(code(refused), Code::NotAllowed);
    let (entry, balance) = decide(&s, "a", Decision::Approve).unwrap();
    assert_eq!((entry.is_some(), balance), (true, 612));
    assert_eq!(code(decide(&s, "a", Decision::Approve)), Code::AlreadyDecided);
    assert_eq!(code(decide(&s, "z", Decision::Approve)), Code::UnknownSale);
    let edited = Decision::ApproveWith {
        points: 61,
        reason: "One digit too many".into(),
    };
    assert_eq!(decide(&s, "b", edited).unwrap().1, 673);
    assert_eq!(
        code(decide(&s, "c", Decision::Reject { reason: " ".into() })),
        Code::ReasonMissing
    );
    assert_eq!(
        code(store.refund(store.new_op(), by(), refund(&s, "c", "r", None))),
        Code::SaleHeld
    );
    assert_eq!(
        decide(
            &s,
            "c",
            Decision::Reject {
                reason: "Not a sale".into()
            }
        )
        .unwrap(),
        (None, 673)
    );
    assert!(store.held().unwrap().is_empty());

    let member = waiting[0].member;
    let lines = store.lines_of(member, 10).unwrap();
    assert_eq!(lines.len(), 2, "a rejected sale has no line");
    assert!(
        lines
            .iter()
            .all(|l| l.rules_version == Some(1) && !l.reasons.is_empty())
    );
    assert_eq!(
        store
            .reverse(store.new_op(), manager(), entry.unwrap())
            .unwrap()
            .balance,
        61
    );
    assert_eq!(store.held_count().unwrap(), 0);
    let decided = store.decided(10).unwrap();
    let seen: Vec<_> = decided
        .iter()
        .map(|d| (d.sale_id.as_str(), d.points, d.entry.is_some(), d.taken_back))
        .collect();
    assert_eq!(
        seen,
        [("c", 0, false, false), ("b", 61, true, false), ("a", 612, true, true)]
    );
    assert!(decided[0].reasons.last().unwrap().contains("Not a sale"));
    assert_eq!(decided[1].reasons.len(), 3, "{:?}", decided[1].reasons);
    assert_eq!(store.decided(1).unwrap().len(), 1);
    assert!(store.verify().unwrap().ok, "{:?}", store.verify());
}

/// Who was turned down was given nothing: no stamps, and a reason of at most 200 characters says why. An operation that
/// decided one sale decides no other.
#[test]
fn a_rejected_sale_gives_no_stamps_and_has_a_reason() {
    let s = shop_with(
        "Earn 1 point per $1\nHold sales over $500\nBuy 9 \"Coffee\", get 1 free\n",
        None,
    );
    let store = &s.store;
    let mut member = None;
    for id in ["a", "b"] {
        let sold = loyalty::Sale {
            items: vec![loyalty::Item::pieces("Coffee", 3)],
            ..sale(store, id, 1, "612")
        };
        member = store.credit(store.new_op(), by(), sold).unwrap().member;
    }
    let reject = |op, id: &str, reason: &str| {
        let reason = reason.to_owned();
        store.decide_held(op, manager(), SOURCE_POS.into(), id.into(), Decision::Reject { reason })
    };
    assert_eq!(code(reject(store.new_op(), "a", &"x".repeat(201))), Code::ReasonMissing);
    let op = store.new_op();
    reject(op, "a", &"x".repeat(200)).unwrap();
    assert_eq!(store.stamps(member.unwrap()).unwrap()[0].stamps, 0);
    reject(op, "a", &"x".repeat(200)).unwrap();
    assert!(reject(op, "b", "Not theirs").is_err());
    assert_eq!(store.held_count().unwrap(), 1);
}

/// To the cent: the smallest part takes its share, a cent too much is refused, and a refund's number is of one sale.
#[test]
fn a_refund_is_exact_to_the_cent() {
    let s = shop_with("Earn 1 point per $1\n", None);
    let store = &s.store;
    for id in ["a", "b"] {
        store.credit(store.new_op(), by(), sale(store, id, 1, "10")).unwrap();
    }
    let give_back =
        |id: &str, number: &str, amount: &str| store.refund(store.new_op(), by(), refund(&s, id, number, Some(amount)));
    assert_eq!(give_back("a", "r1", "0.01").unwrap().points, -1);
    assert_eq!(code(give_back("a", "r2", "10")), Code::RefundTooLarge);
    assert_eq!(code(give_back("b", "r1", "0.01")), Code::SaleDiffers);
    let rest = give_back("a", "r2", "9.99").unwrap();
    assert_eq!((rest.points, rest.whole, rest.balance), (-9, true, 10));
}

#[test]
fn a_refund_takes_its_share_once_and_restores_the_reward() {
    let s = shop_with("Earn 1 point per $1\nReward 100 points: Free coffee\n", None);
    let store = &s.store;
    let member = store
        .credit(store.new_op(), by(), sale(store, "old", 1, "100"))
        .unwrap()
        .member
        .unwrap();
    store
        .credit(store.new_op(), by(), sale(store, "new", 1, "30.50"))
        .unwrap();
    let key = loyalty::op::SaleKey {
        source: SOURCE_POS.into(),
        sale_id: "new".into(),
    };
    let op = store.new_op();
    store
        .write(move |tx| tx.redeem_with(op, &by(), member, &"Free coffee".into(), Some(key)))
        .unwrap();

    let planned = store.preview_refund(&refund(&s, "new", "r1", Some("10"))).unwrap();
    let part = store
        .refund(store.new_op(), by(), refund(&s, "new", "r1", Some("10")))
        .unwrap();
    assert_eq!((part.points, part.whole, part.balance), (-10, false, 20));
    assert_eq!((planned.points, planned.balance), (part.points, part.balance));
    let again = store
        .refund(store.new_op(), by(), refund(&s, "new", "r1", Some("10")))
        .unwrap();
    assert!(again.before && again.balance == 20);
    assert_eq!(
        code(store.refund(store.new_op(), by(), refund(&s, "new", "r1", Some("11")))),
        Code::SaleDiffers
    );
    assert_eq!(
        code(store.refund(store.new_op(), by(), refund(&s, "new", "r2", Some("20.51")))),
        Code::RefundTooLarge
    );
    let rest = store
        .refund(store.new_op(), by(), refund(&s, "new", "r2", None))
        .unwrap();
    assert_eq!(
        (rest.points, rest.whole, rest.restored, rest.balance),
        (-20, true, vec!["Free coffee".to_owned()], 100)
    );
    assert_eq!(
        code(store.refund(store.new_op(), by(), refund(&s, "new", "r3", None))),
        Code::AlreadyReversed
    );
    assert_eq!(
        code(store.refund(store.new_op(), by(), refund(&s, "none", "r4", None))),
        Code::UnknownSale
    );

    let lines = store.lines_of(member, 20).unwrap();
    let earn = lines
        .iter()
        .find(|l| l.sale_id.as_deref() == Some("new") && l.kind.as_str() == "earn")
        .unwrap();
    assert_eq!(
        code(store.reverse(store.new_op(), manager(), earn.entry)),
        Code::NotReversible
    );
    let taken = lines.iter().find(|l| l.kind.as_str() == "refund").unwrap();
    assert_eq!(
        code(store.reverse(store.new_op(), manager(), taken.entry)),
        Code::NotReversible
    );
    assert_eq!(store.member(ledger::Key::Id(member)).unwrap().unwrap().visits, 1);
    assert!(store.verify().unwrap().ok, "{:?}", store.verify());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn refunding_everything_leaves_nothing(total in 1_i64..500_000, cuts in prop::collection::vec(1_i64..100_000, 0..6)) {
        let s = shop_with("Earn 7 points per $3\n", None);
        let store = &s.store;
        let cents = |minor: i64| Money::new(minor, store.shop().currency).plain();
        let earned = store.credit(store.new_op(), by(), sale(store, "1", 1, &cents(total))).unwrap();
        let mut left = total;
        for (n, cut) in cuts.into_iter().enumerate().take_while(|(_, cut)| *cut > 0) {
            let cut = cut.min(left);
            if cut == 0 { break; }
            left -= cut;
            let done = store.refund(store.new_op(), by(), refund(&s, "1", &format!("r{n}"), Some(&cents(cut)))).unwrap();
            // What is kept depends on what was given back in all, not on how.
            prop_assert_eq!(done.balance, earned.points * left / total);
        }
        if left > 0 {
            prop_assert_eq!(store.refund(store.new_op(), by(), refund(&s, "1", "rest", None)).unwrap().balance, 0);
        }
        prop_assert!(store.verify().unwrap().ok);
    }
}

#[test]
fn joining_brings_a_bonus_but_an_import_does_not() {
    let s = shop_with("Sign-up bonus 20 points\nEarn 1 point per $1\n", None);
    let store = &s.store;
    let (joined, _) = store
        .enrol(store.new_op(), by(), NewMember::with_phone(phone(1)))
        .unwrap();
    assert_eq!(store.member(ledger::Key::Id(joined)).unwrap().unwrap().balance, 20);
    let import = loyalty::op::By::Job("import".into());
    let (brought, _) = store
        .enrol(store.new_op(), import, NewMember::with_phone(phone(2)))
        .unwrap();
    assert_eq!(store.member(ledger::Key::Id(brought)).unwrap().unwrap().balance, 0);
    assert!(store.verify().unwrap().ok);
}

#[test]
fn points_expire_without_a_visit() {
    let s = shop_with(
        "Earn 1 point per $1\nPoints expire after 12 months without a visit\n",
        None,
    );
    let store = &s.store;
    store.credit(store.new_op(), by(), sale(store, "1", 1, "50")).unwrap();
    s.clock.pass(364 * UtcMs::DAY_MS);
    store.credit(store.new_op(), by(), sale(store, "2", 2, "50")).unwrap();
    assert_eq!(store.expire().unwrap(), 0);
    s.clock.pass(2 * UtcMs::DAY_MS);
    assert_eq!((store.expire().unwrap(), store.expire().unwrap()), (1, 0));
    let stats = store.stats().unwrap();
    assert_eq!(
        (stats.points_issued, stats.points_expired, stats.points_outstanding),
        (100, 50, 50)
    );
    assert!(store.verify().unwrap().ok);
}

#[test]
fn lots_expire_oldest_first_and_spending_takes_the_oldest() {
    let s = shop_with(
        "Earn 1 point per $1\nReward 30 points: Cake\nPoints expire 6 months after earning\n",
        None,
    );
    let store = &s.store;
    let member = store
        .credit(store.new_op(), by(), sale(store, "1", 1, "50"))
        .unwrap()
        .member
        .unwrap();
    s.clock.pass(90 * UtcMs::DAY_MS);
    store.credit(store.new_op(), by(), sale(store, "2", 1, "40")).unwrap();
    store.redeem(store.new_op(), by(), member, "Cake".into()).unwrap();
    s.clock.pass(100 * UtcMs::DAY_MS);
    assert_eq!(store.expire().unwrap(), 1);
    let balance = || store.member(ledger::Key::Id(member)).unwrap().unwrap().balance;
    assert_eq!(balance(), 40, "of the first 50, 30 were spent and 20 expired");
    assert_eq!(store.expire().unwrap(), 0);
    s.clock.pass(100 * UtcMs::DAY_MS);
    assert_eq!((store.expire().unwrap(), balance()), (1, 0));
    assert!(store.verify().unwrap().ok);
}

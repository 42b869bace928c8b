//! Points of a shop with one till, a manager's approval, and settling a balance below zero. Several tills: the ledger's
//! tests and the whole-system tests.

use super::*;
use crate::views::{Approval, AwayLimits, ConflictAbout, ConflictSettle, ConflictVerdict, Role};

fn settle(key: &str, verdict: ConflictVerdict, note: &str) -> ConflictSettle {
    ConflictSettle {
        op_id: op(),
        key: key.to_owned(),
        verdict,
        note: note.to_owned(),
    }
}

#[test]
fn a_shop_with_one_till_sees_nothing_of_rights() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.away_limits()), "locked");
    assert_eq!(code(rig.app.conflicts()), "locked");
    let card = rig.app.enrol(&enrol("+16195550123", "Maria Lopez")).unwrap();
    assert!(card.elsewhere.is_empty() && !card.asks);
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert_eq!(rig.app.away_limits().unwrap(), None);
    let limits = |days| AwayLimits {
        days,
        per_member: None,
        in_all: None,
        pin_above: Some(50),
    };
    assert_eq!(code(rig.app.away_limits_set(&op(), &limits(-1))), "bad_points");
    rig.app.away_limits_set(&op(), &limits(3)).unwrap();
    rig.app.away_limits_set(&op(), &limits(3)).unwrap();
    let seen = rig.app.conflicts().unwrap();
    assert!(seen.open.is_empty() && seen.settled.is_empty());
}

#[test]
fn an_approval_takes_a_managers_pin() {
    let rig = Rig::shop();
    let (ana, ben) = (
        rig.hire("Ana", Role::Cashier, "1357"),
        rig.hire("Ben", Role::Manager, "8642"),
    );
    let maria = rig.app.enrol(&enrol("+16195550123", "Maria Lopez")).unwrap().member_id;
    rig.app.credit(&credit(&maria, "120", None)).unwrap();
    rig.app.sign_in(&ana, "1357").unwrap();
    let redeem = |staff_id: &str, pin: &str| views::Redeem {
        op_id: op(),
        member_id: maria.clone(),
        reward: "Free coffee".to_owned(),
        lots: 1,
        card: None,
        with: None,
        visit: None,
        sale_id: None,
        manager: Some(Approval {
            staff_id: staff_id.to_owned(),
            pin: pin.to_owned(),
        }),
    };
    assert_eq!(code(rig.app.redeem(&redeem(&ana, "1357"))), "not_allowed");
    let (refused, _, wait) = refused(rig.app.redeem(&redeem(&ben, "1111")));
    assert_eq!(refused, "wrong_pin");
    rig.clock.pass_s(i64::from(wait.unwrap()) / 1000 + 1);
    assert_eq!(rig.app.redeem(&redeem(&ben, "8642")).unwrap().card.balance, 20);
}

#[test]
fn a_balance_below_zero_is_settled_and_opened_again() {
    let rig = Rig::shop();
    let maria = rig.app.enrol(&enrol("+16195550123", "Maria Lopez")).unwrap().member_id;
    let sale = rig.app.credit(&credit(&maria, "120", None)).unwrap();
    let coffee = views::Redeem {
        op_id: op(),
        member_id: maria.clone(),
        reward: "Free coffee".to_owned(),
        lots: 1,
        card: None,
        with: None,
        visit: None,
        sale_id: None,
        manager: None,
    };
    rig.app.redeem(&coffee).unwrap();
    rig.app.reverse(&reverse(&sale.entry_id.unwrap())).unwrap();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let open = rig.app.conflicts().unwrap().open;
    let [below] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!(
        (below.about, below.points, below.balance),
        (ConflictAbout::BelowZero, 100, -100)
    );
    assert_eq!(
        (below.member_name.as_str(), below.by_name.as_str()),
        ("Maria Lopez", "Olga")
    );
    let key = below.key.clone();
    let forgiven = ConflictVerdict::Forgiven;
    assert_eq!(
        code(rig.app.conflict_settle(&settle(&key, forgiven, " "))),
        "reason_missing"
    );
    let asked = settle(&key, ConflictVerdict::Asked, "Ask Ben");
    assert_eq!(rig.app.conflict_settle(&asked).unwrap().open[0].note, "Ask Ben");
    let now = rig.app.conflict_settle(&settle(&key, forgiven, "Our mistake")).unwrap();
    assert!(now.open.is_empty() && now.settled[0].may_undo && now.settled[0].by_name == "Olga");
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 0);
    let again = rig.app.conflict_settle(&settle(&key, forgiven, "Twice"));
    assert_eq!(code(again), "already_decided");
    let undone = rig.app.conflict_undo(&op(), &key).unwrap();
    assert_eq!((undone.open.len(), undone.settled.len()), (1, 0));
    let owed = rig
        .app
        .conflict_settle(&settle(&key, ConflictVerdict::Owed, ""))
        .unwrap();
    assert!(owed.open.is_empty() && owed.settled.len() == 1);
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, -100);
}

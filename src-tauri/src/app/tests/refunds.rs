//! Money given back at the till: shown first, in parts, never twice, by those who may.

use super::*;
use crate::views::{Kind, Redeem, Refund, RefundAsk};

fn ask(entry: &str, amount: Option<&str>) -> RefundAsk {
    RefundAsk {
        entry_id: entry.to_owned(),
        amount: amount.map(str::to_owned),
    }
}

fn give(entry: &str, amount: &str) -> Refund {
    Refund {
        op_id: op(),
        entry_id: entry.to_owned(),
        amount: amount.to_owned(),
    }
}

#[test]
fn shown_first_then_done_in_parts_and_once() {
    let rig = Rig::shop();
    let (maria, entry) = rig.maria();
    let line = rig.app.activity().unwrap().remove(0);
    assert!(line.may_refund && line.kind == Kind::Earn);
    let whole = rig.app.refund_preview(&ask(&entry, None)).unwrap();
    assert_eq!(
        (whole.amount_minor, whole.left_minor, whole.points),
        (12_000, 12_000, -120)
    );
    assert!(whole.whole && whole.balance_after == 0);
    let part = rig.app.refund_preview(&ask(&entry, Some("30.00"))).unwrap();
    assert_eq!((part.points, part.balance_after, part.whole), (-30, 90, false));
    assert_eq!(
        rig.app.member_card(&maria).unwrap().balance,
        120,
        "a preview changes nothing"
    );

    let first = give(&entry, "30.00");
    let done = rig.app.refund(&first).unwrap();
    assert_eq!((done.points, done.card.balance), (-30, 90));
    // The same again, as after a lost answer.
    assert_eq!(rig.app.refund(&first).unwrap().card.balance, 90);
    assert_eq!(rig.app.refund_preview(&ask(&entry, None)).unwrap().left_minor, 9_000);
    let (said, field, left) = refused(rig.app.refund_preview(&ask(&entry, Some("90.01"))));
    assert_eq!(
        (said.as_str(), field.as_str(), left),
        ("refund_too_large", "amount", Some(9_000))
    );
    assert_eq!(rig.app.refund(&give(&entry, "90.00")).unwrap().card.balance, 0);
    assert_eq!(code(rig.app.refund(&give(&entry, "0.01"))), "already_reversed");
}

#[test]
fn only_sales_and_only_by_those_who_may() {
    let rig = Rig::shop();
    let (maria, entry) = rig.maria();
    rig.staffed();
    // Ana is a cashier and the sale is Olga's.
    assert!(!rig.app.activity().unwrap()[0].may_refund);
    assert_eq!(code(rig.app.refund_preview(&ask(&entry, None))), "not_allowed");
    assert_eq!(code(rig.app.refund(&give(&entry, "1.00"))), "not_allowed");
    let redeem = Redeem {
        op_id: op(),
        member_id: maria,
        reward: "Free coffee".to_owned(),
        lots: 1,
        card: None,
        manager: None,
        with: None,
        visit: None,
        sale_id: None,
    };
    let redeemed = rig.app.redeem(&redeem).unwrap().entry_id;
    assert_eq!(code(rig.app.refund_preview(&ask(&redeemed, None))), "not_reversible");
    let unknown = op();
    assert_eq!(code(rig.app.refund_preview(&ask(&unknown, None))), "unknown_entry");
    rig.app.sign_out();
    assert_eq!(code(rig.app.refund(&give(&entry, "1.00"))), "locked");
}

#[test]
fn a_reward_given_with_the_sale_comes_back_with_the_last_of_its_money() {
    let rig = Rig::shop();
    let (maria, entry) = rig.maria();
    let redeem = |with: &str| Redeem {
        op_id: op(),
        member_id: maria.clone(),
        reward: "Free coffee".to_owned(),
        lots: 1,
        card: None,
        with: Some(with.to_owned()),
        visit: None,
        sale_id: None,
        manager: None,
    };
    let given = rig.app.redeem(&redeem(&entry)).unwrap();
    assert_eq!(given.card.balance, 20);
    let part = rig.app.refund_preview(&ask(&entry, Some("30.00"))).unwrap();
    assert!(part.restored.is_empty());
    let whole = rig.app.refund_preview(&ask(&entry, None)).unwrap();
    assert_eq!(
        (whole.restored, whole.points, whole.balance_after),
        (vec!["Free coffee".to_owned()], -120, 0)
    );
    let done = rig.app.refund(&give(&entry, "120.00")).unwrap();
    assert_eq!((done.restored.len(), done.card.balance), (1, 0));
    assert_eq!(code(rig.app.reverse(&reverse(&given.entry_id))), "already_reversed");

    // Given first, and then the sale of the same visit, whose number is the visit's or typed.
    for typed in [None, Some("K-7".to_owned())] {
        let ana = rig
            .app
            .enrol(&enrol(
                if typed.is_some() {
                    "619-555-0178"
                } else {
                    "619-555-0179"
                },
                "Ana",
            ))
            .unwrap()
            .member_id;
        rig.app.credit(&credit(&ana, "100", None)).unwrap();
        let visit = Some(op());
        let given = rig
            .app
            .redeem(&Redeem {
                member_id: ana.clone(),
                with: None,
                visit: visit.clone(),
                sale_id: typed.clone(),
                ..redeem(&entry)
            })
            .unwrap();
        assert_eq!(given.card.balance, 0);
        let sold = views::Credit {
            visit,
            ..credit(&ana, "20", typed.as_deref())
        };
        let sold = rig.app.credit(&sold).unwrap();
        let whole = rig.app.refund_preview(&ask(&sold.entry_id.unwrap(), None)).unwrap();
        assert_eq!((whole.restored.len(), whole.balance_after), (1, 100), "{typed:?}");
    }

    // A line that is no sale, or is another's, is nothing to be given with.
    let dev = rig.app.enrol(&enrol("619-555-0177", "Dev")).unwrap().member_id;
    let other = rig.app.credit(&credit(&dev, "150", None)).unwrap().entry_id.unwrap();
    rig.app.credit(&credit(&maria, "150", None)).unwrap();
    rig.app.redeem(&redeem(&other)).unwrap();
    assert!(rig.app.refund_preview(&ask(&other, None)).unwrap().restored.is_empty());
}

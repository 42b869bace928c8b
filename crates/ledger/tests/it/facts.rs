//! What the store tells the rules: the clock they name, a tier kept by grace, stamps.

use ledger::{Refund, Try};
use loyalty::rules::Move;
use loyalty::{Code, Item, MemberId, Money, Sale, UtcMs};

use crate::support::{TestShop, by, manager, refused, sale, shop_with};

const DAY: i64 = UtcMs::DAY_MS;

fn tried(s: &TestShop, member: Option<MemberId>, total: &str, at: Option<&str>) -> ledger::Preview {
    let shop = s.store.shop();
    let sale = Try {
        tax_minor: 0,
        tip_minor: 0,
        member,
        tier: None,
        total: Money::parse(total, shop.currency).unwrap(),
        items: Vec::new(),
        at: at.map(|at| shop.zone.read(at).unwrap()),
    };
    s.store.try_sale(None, &sale).unwrap()
}

fn points(s: &TestShop, member: Option<MemberId>, at: Option<&str>) -> i64 {
    tried(s, member, "10", at).decision.points
}

/// The shop is in California; the rules may name another clock.
#[test]
fn hours_are_those_of_the_clock_the_rules_name_also_when_clocks_change() {
    let hour = |from: u32| {
        format!(
            "Earn 1 point per $1\nDouble points on Sunday {from}:00-{}:00\n",
            from + 1
        )
    };
    for (zone, from, at, doubled) in [
        // California, 2026-11-01: 01:30 comes twice; 02:30 is an hour later.
        ("", 1, "2026-11-01T08:30:00Z", true),
        ("", 1, "2026-11-01T09:30:00Z", true),
        ("", 1, "2026-11-01T10:30:00Z", false),
        // 2026-03-08: the hour from 2 to 3 does not come.
        ("", 2, "2026-03-08T09:59:59Z", false),
        ("", 2, "2026-03-08T10:00:00Z", false),
        ("", 3, "2026-03-08T10:00:00Z", true),
        // Berlin, 2026-10-25 and 2026-03-29.
        ("Europe/Berlin", 2, "2026-10-25T00:30:00Z", true),
        ("Europe/Berlin", 2, "2026-10-25T01:30:00Z", true),
        ("Europe/Berlin", 2, "2026-10-25T02:00:00Z", false),
        ("Europe/Berlin", 3, "2026-03-29T01:00:00Z", true),
        ("Europe/Berlin", 2, "2026-03-29T01:00:00Z", false),
        // Sydney is a day ahead of the shop: its Sunday begins on the shop's Saturday. Clocks change on 2026-04-05.
        ("Australia/Sydney", 2, "2026-04-04T15:30:00Z", true),
        ("Australia/Sydney", 2, "2026-04-04T16:30:00Z", true),
        ("Australia/Sydney", 2, "2026-04-04T17:00:00Z", false),
    ] {
        let line = if zone.is_empty() {
            String::new()
        } else {
            format!("Time zone {zone}\n")
        };
        let s = shop_with(&(hour(from) + &line), None);
        let expected = if doubled { 20 } else { 10 };
        assert_eq!(points(&s, None, Some(at)), expected, "{zone} {from} {at}");
    }
}

#[test]
fn a_recorded_sale_is_decided_on_that_clock_too() {
    // 10:00 on Friday in San Diego is 19:00 in Berlin.
    let s = shop_with(
        "Earn 1 point per $1\nTriple points 19:00-20:00\nTime zone Europe/Berlin\n",
        None,
    );
    let at = s.store.shop().zone.read("2026-11-20T10:00").unwrap();
    let sale = Sale {
        occurred_at: at,
        ..sale(&s.store, "1", 1, "10")
    };
    assert_eq!(s.store.credit(s.store.new_op(), by(), sale).unwrap().points, 30);
}

#[test]
fn a_tier_is_kept_for_its_grace_and_not_by_what_was_taken_back() {
    let s = shop_with(
        "Earn 1 point per $1\nTier Gold at 300 points a year: earn x2, grace 3 months\n",
        None,
    );
    let store = &s.store;
    let credit = |id: &str, n: u32| store.credit(store.new_op(), by(), sale(store, id, n, "300")).unwrap();
    let (kept, refunded, reversed) = (credit("1", 1), credit("2", 2), credit("3", 3));
    s.clock.pass(DAY);
    assert!(
        [&kept, &refunded, &reversed]
            .iter()
            .all(|c| points(&s, c.member, None) == 20)
    );
    let refund = Refund {
        source: loyalty::sale::SOURCE_POS.into(),
        sale_id: "2".into(),
        refund_id: "r".into(),
        amount: Some(Money::parse("1", store.shop().currency).unwrap()),
    };
    store.refund(store.new_op(), by(), refund).unwrap();
    store
        .reverse(store.new_op(), manager(), reversed.entry.unwrap())
        .unwrap();
    for (days, expected) in [(0, 20), (363, 20), (10, 20), (70, 20), (15, 10)] {
        s.clock.pass(days * DAY);
        assert_eq!(points(&s, kept.member, None), expected, "{days} days more");
        assert_eq!(points(&s, refunded.member, None), 10);
        assert_eq!(points(&s, reversed.member, None), 10);
    }
}

/// After a refund the tier is that of somebody who never bought what was given back: by points, by money spent, with a
/// grace that the sale would have begun, and at every time since.
#[test]
fn a_refund_leaves_the_tier_of_who_never_bought_it() {
    for tier in [
        "100 points a year: earn x3, grace 2 months",
        "$100 a year: earn x3",
        "$100 a year: earn x3, grace 1 year",
    ] {
        let s = shop_with(&format!("Earn 1 point per $1\nTier Gold at {tier}\n"), None);
        let store = &s.store;
        let credit = |id: &str, n: u32, total: &str| {
            store
                .credit(store.new_op(), by(), sale(store, id, n, total))
                .unwrap()
                .member
        };
        // Both bought for $60; the first for $50 more, which makes them Gold.
        let (with, without) = (credit("1", 1, "60"), credit("2", 2, "60"));
        s.clock.pass(DAY);
        credit("3", 1, "50");
        s.clock.pass(DAY);
        assert_eq!((points(&s, with, None), points(&s, without, None)), (30, 10), "{tier}");
        let give_back = |id: &str, amount: Option<&str>| {
            let refund = Refund {
                source: loyalty::sale::SOURCE_POS.into(),
                sale_id: "3".into(),
                refund_id: id.into(),
                amount: amount.map(|a| Money::parse(a, store.shop().currency).unwrap()),
            };
            store.refund(store.new_op(), by(), refund).unwrap();
        };
        // $10 less still makes $100; a cent less than that does not.
        give_back("a", Some("10"));
        assert_eq!(points(&s, with, None), 30, "{tier}");
        give_back("b", Some("0.01"));
        assert_eq!(points(&s, with, None), 10, "{tier}");
        give_back("c", None);
        for days in [0, 30, 60, 300, 10, 400] {
            s.clock.pass(days * DAY);
            assert_eq!(
                points(&s, with, None),
                points(&s, without, None),
                "{tier}, {days} days more"
            );
        }
        assert!(store.verify().unwrap().ok);
    }
}

#[test]
fn trying_records_nothing_and_knows_the_member() {
    let s = shop_with(
        "Earn 1 point per $1\nReward 100 points: Tea\nHold sales over $500\n",
        None,
    );
    let maria = s
        .store
        .credit(s.store.new_op(), by(), sale(&s.store, "1", 1, "95"))
        .unwrap()
        .member;
    let near = tried(&s, maria, "5", None);
    assert_eq!((near.decision.move_, near.balance_after), (Move::AddReward, 100));
    let held = tried(&s, maria, "501", None);
    assert_eq!(
        (held.decision.move_, held.decision.points, held.balance_after),
        (Move::Hold, 501, 95)
    );
    assert_eq!(tried(&s, None, "5", None).balance_after, 5);
    let draft = loyalty::rules::Rules::parse("Earn 3 points per \"Tea\"", s.store.shop().currency).unwrap();
    let sale = Try {
        member: None,
        tier: None,
        total: Money::parse("5", s.store.shop().currency).unwrap(),
        tax_minor: 0,
        tip_minor: 0,
        items: vec![Item::pieces("Tea", 2)],
        at: None,
    };
    assert_eq!(s.store.try_sale(Some(&draft), &sale).unwrap().decision.points, 6);
    let nobody = Try {
        member: Some(MemberId(uuid_of(7))),
        ..sale
    };
    assert_eq!(refused(s.store.try_sale(None, &nobody)), Code::UnknownMember);
    assert_eq!(s.store.stats().unwrap().sales, 1);
}

#[test]
fn a_tier_can_be_tried_that_nobody_is_in() {
    let rules =
        "Earn 1 point per $1\nTier Silver at 100 points a year: earn x1.5\nTier Gold at $1000 a year: earn x2\n";
    let s = shop_with(rules, None);
    let in_tier = |tier: &str| {
        let sale = Try {
            member: None,
            tier: Some(tier.to_owned()),
            total: Money::parse("10", s.store.shop().currency).unwrap(),
            tax_minor: 0,
            tip_minor: 0,
            items: Vec::new(),
            at: None,
        };
        s.store.try_sale(None, &sale).unwrap().decision.points
    };
    assert_eq!((in_tier("silver"), in_tier("Gold"), in_tier("Tin")), (15, 20, 10));
}

fn uuid_of(n: u8) -> uuid::Uuid {
    uuid::Uuid::from_bytes([n; 16])
}

#[test]
fn stamps_count_what_was_bought_and_not_taken_back() {
    let rules = "Earn 1 point per $1\nBuy 9 \"Coffee\", get 1 free\nBuy 2 category \"Bread\", get 1 free\nHold sales over $500\n";
    let s = shop_with(rules, None);
    let store = &s.store;
    let buy = |id: &str, total: &str, items: &str| {
        let sale = Sale {
            items: Item::parse_list(items).unwrap(),
            ..sale(store, id, 1, total)
        };
        store.credit(store.new_op(), by(), sale).unwrap()
    };
    let member = buy("1", "30", "coffee x7; Bagel").member.unwrap();
    buy("2", "30", "Coffee x4");
    let wrong = buy("3", "30", "Coffee x5").entry.unwrap();
    buy("4", "600", "Coffee x9");
    store.reverse(store.new_op(), manager(), wrong).unwrap();
    let cards = store.stamps(member).unwrap();
    let coffee = &cards[0];
    assert_eq!((coffee.name.as_str(), coffee.buy, coffee.free), ("Coffee", 9, 1));
    assert_eq!((coffee.stamps, coffee.claimable, coffee.on_card), (11, 1, 2));
    assert_eq!(coffee.gives, "1 Coffee free");
    assert_eq!((cards.len(), cards[1].stamps), (2, 0));
    assert_eq!(refused(store.stamps(MemberId(uuid_of(7)))), Code::UnknownMember);
}

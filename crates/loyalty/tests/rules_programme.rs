//! What the document says about the programme around the sales, read off it; and that the order of its lines doesn't
//! matter to a sale.

use chrono::NaiveDate;
use loyalty::rules::{
    Expiry, Lapsing, MemberFacts, Needs, Period, Pick, Referral, ReferralEvent, RewardKind, Rounding, Rules, SaleFacts,
    Since, Threshold, Unit,
};
use loyalty::{Currency, Item, Money, UtcMs};
use proptest::prelude::*;

const EVERYTHING: &str = include_str!("data/everything.rules");

fn usd() -> Currency {
    "USD".parse().unwrap()
}

fn rules(text: &str) -> Rules {
    Rules::parse(text, usd()).unwrap_or_else(|e| panic!("{e:#?}"))
}

fn period(count: i64, unit: Unit) -> Period {
    Period { count, unit }
}

#[test]
fn everything_is_read_off() {
    let rules = rules(EVERYTHING);
    let kinds: Vec<_> = rules
        .rewards()
        .iter()
        .map(|r| (r.kind, r.cost.map(|c| c.minor)))
        .collect();
    assert_eq!(
        kinds,
        [
            (RewardKind::Item, Some(120)),
            (RewardKind::AmountOff(500), Some(500)),
            (RewardKind::PercentOff(10), None),
            (RewardKind::Exchange(100), Some(100)),
        ]
    );
    let tiers: Vec<_> = rules
        .tiers()
        .map(|t| (t.name.as_str(), t.at, t.hundredths, t.grace))
        .collect();
    let grace = Some(period(3, Unit::Months));
    assert_eq!(
        tiers,
        [
            ("Silver", Threshold::Spend(50_000), 100, None),
            ("Gold", Threshold::Points(1000), 150, grace)
        ]
    );
    let expiry = Expiry {
        after: period(12, Unit::Months),
        since: Since::LastVisit,
        warn: Some(period(30, Unit::Days)),
    };
    assert_eq!(rules.expiry(), Some(expiry));
    assert_eq!(
        rules.lapsing(),
        Some(Lapsing {
            after: period(60, Unit::Days),
            visits: 5,
            nudges: 2
        })
    );
    let joins = Referral {
        event: ReferralEvent::Joins,
        second_level: false,
        within: None,
        rising: None,
        hold: None,
        friend: Some(20),
        referrer: None,
        friends_a_month_max: None,
    };
    let buys = Referral {
        event: ReferralEvent::FirstBuys(1000),
        second_level: false,
        within: Some(period(30, Unit::Days)),
        rising: None,
        hold: None,
        friend: None,
        referrer: Some(50),
        friends_a_month_max: Some(10),
    };
    assert_eq!(rules.referrals().collect::<Vec<_>>(), [&joins, &buys]);
    let birthday = rules.birthday_bonus().unwrap();
    assert_eq!((rules.sign_up_bonus(), birthday.points, birthday.days()), (20, 50, 14));
    assert_eq!(
        (rules.tax_included(), rules.tips_included(), rules.rounding()),
        (false, false, Rounding::Nearest)
    );
    assert_eq!(rules.time_zone().map(|z| z.name()), Some("America/Los_Angeles"));
    assert!(rules.multipliers_stack());
    let needs = Needs {
        sales_window_ms: Some(3_600_000),
        year: true,
        birthday: false,
        items: true,
    };
    assert_eq!(rules.needs(), needs);
}

#[test]
fn an_empty_document_has_sane_defaults() {
    let rules = rules("");
    assert_eq!(rules.needs(), Needs::default());
    assert_eq!(
        (rules.tax_included(), rules.tips_included(), rules.rounding()),
        (true, false, Rounding::Down)
    );
    assert_eq!((rules.expiry(), rules.lapsing(), rules.time_zone()), (None, None, None));
    assert!(!rules.multipliers_stack() && rules.rewards().is_empty());
    assert!(
        rules
            .tier(&MemberFacts {
                earned_in_year: 9,
                ..MemberFacts::default()
            })
            .is_none()
    );
}

#[test]
fn pieces_counted_by_hand_give_the_stamps_of_their_card() {
    for card in [
        "\"Coffee\"",
        "\"Flat*\" or \"Tea\"",
        "category \"Cakes\"",
        "sku \"B-*\"",
    ] {
        let rules = rules(&format!("Buy 9 {card}, get 1 free"));
        let item = rules.stamp_cards().next().unwrap().bought(4).unwrap();
        assert_eq!(rules.stamps(&[item])[0].count, 4, "{card}");
    }
}

#[test]
fn stamps_are_counted_by_item() {
    let rules = rules("Buy 9 \"Coffee\" or \"Tea\", get 1 free\nBuy 5 category \"Cakes\", get 1 free");
    let tart = Item {
        category: Some("cakes".to_owned()),
        ..Item::pieces("Tart", 1)
    };
    let items = [
        Item::pieces("coffee", 2),
        Item::pieces("Tea", 1),
        tart,
        Item::pieces("Mug", 3),
    ];
    let counted =
        |items: &[Item]| -> Vec<(String, i64)> { rules.stamps(items).into_iter().map(|s| (s.card, s.count)).collect() };
    let both = [("name:coffee|name:tea".to_owned(), 3), ("category:cakes".to_owned(), 1)];
    assert_eq!(counted(&items), both);
    let free = Item {
        price_minor: Some(0),
        ..Item::pieces("Coffee", 1)
    };
    assert_eq!(counted(&[free]), []);
    let card = rules.stamp_cards().next().unwrap();
    assert!(matches!(card.picks.as_slice(), [Pick::Name(coffee), Pick::Name(_)] if coffee.written() == "Coffee"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_rules_never_matters(
        lines in Just(EVERYTHING.lines().collect::<Vec<_>>()).prop_shuffle(),
        total in 0_i64..80_000, day in 1_u32..29, hour in 0_u32..24, visits in 0_i64..20, points in 0_i64..2000, balance in 0_i64..400,
        names in prop::collection::vec(prop::sample::select(vec!["Coffee", "Flat white", "Bagel", "Tart", "Gift card", "Umbrella"]), 0..4),
    ) {
        let local = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 30, 0).unwrap();
        let items: Vec<Item> = names.iter().map(|n| Item { price_minor: Some(700), ..Item::pieces(n, 3) }).collect();
        let at = UtcMs(local.and_utc().timestamp_millis());
        let sale = SaleFacts { tax_minor: 55, ..SaleFacts::new(Money::new(total, usd()), &items, at, local) };
        let member = MemberFacts { balance, visits, earned_in_year: points, ..MemberFacts::default() };
        let one = rules(EVERYTHING).decide(&sale, &member);
        let other = rules(&lines.join("\n")).decide(&sale, &member);
        prop_assert_eq!((one.move_, one.points), (other.move_, other.points));
    }
}

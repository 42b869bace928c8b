//! The table of sales in `data/sales.txt`, executed; what can't matter to the points; and the days the clocks change.

use std::sync::LazyLock;

use chrono::NaiveDateTime;
use loyalty::rules::{Decision, MemberFacts, Move, Rules, SaleFacts};
use loyalty::{Currency, Item, Money, ShopZone, UtcMs};
use proptest::prelude::*;

const TABLE: &str = include_str!("data/sales.txt");

/// One line of the table, read.
#[derive(Clone)]
struct Case {
    line: usize,
    rules: Rules,
    total: Money,
    items: Vec<Item>,
    local: NaiveDateTime,
    late_ms: i64,
    tax_minor: i64,
    tip_minor: i64,
    member: MemberFacts,
    expected: String,
    reasons: String,
}

impl Case {
    fn decide(&self, items: &[Item]) -> Decision {
        let at = UtcMs(self.local.and_utc().timestamp_millis());
        let sale = SaleFacts {
            total: self.total,
            tax_minor: self.tax_minor,
            tip_minor: self.tip_minor,
            items,
            at,
            local: self.local,
            now: UtcMs(at.0 + self.late_ms),
        };
        self.rules.decide(&sale, &self.member)
    }
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(cases);

fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    let mut document = String::new();
    let mut currency: Currency = "USD".parse().unwrap();
    let mut in_sales = false;
    for (line, text) in (1..).zip(TABLE.lines()) {
        if let Some(title) = text.strip_prefix("== ") {
            currency = title.rsplit_once(" | ").unwrap().1.parse().unwrap();
            document.clear();
            in_sales = false;
        } else if text == "--" {
            in_sales = true;
        } else if in_sales && !text.is_empty() {
            found.push(case(line, text, &document, currency));
        } else {
            document.push_str(text);
            document.push('\n');
        }
    }
    found
}

fn case(line: usize, text: &str, document: &str, currency: Currency) -> Case {
    let columns: Vec<&str> = text.split('|').map(str::trim).collect();
    let [when, total, items, facts, expected, reasons] = columns[..] else {
        panic!("line {line}: six columns: {text}")
    };
    let minor = |text: &str| Money::parse(text, currency).unwrap().minor;
    let local = NaiveDateTime::parse_from_str(when, "%Y-%m-%d %H:%M").unwrap();
    let mut case = Case {
        line,
        rules: Rules::parse(document, currency).unwrap_or_else(|e| panic!("line {line}: {e:#?}")),
        total: Money::parse(total, currency).unwrap(),
        items: items
            .split(';')
            .map(str::trim)
            .filter(|i| !i.is_empty())
            .map(|i| item(i, currency))
            .collect(),
        local,
        late_ms: 0,
        tax_minor: 0,
        tip_minor: 0,
        member: MemberFacts::default(),
        expected: expected.to_owned(),
        reasons: reasons.to_owned(),
    };
    for fact in facts.split_whitespace() {
        let (name, value) = fact.split_once('=').unwrap();
        match name {
            "balance" => case.member.balance = value.parse().unwrap(),
            "visits" => case.member.visits = value.parse().unwrap(),
            "points" => case.member.earned_in_year = value.parse().unwrap(),
            "spent" => case.member.spent_in_year_minor = minor(value),
            "kept" => case.member.tier_kept = Some(value.to_owned()),
            "birthday" => {
                let (month, day) = value.split_once('-').unwrap();
                case.member.birthday = Some((month.parse().unwrap(), day.parse().unwrap()));
            }
            "recent" => {
                let at = local.and_utc().timestamp_millis();
                let ago = |m: &str| UtcMs(at - m.parse::<i64>().unwrap() * 60_000);
                case.member.recent_sales = value.split(',').map(ago).collect();
            }
            "late" => case.late_ms = value.parse::<i64>().unwrap() * 3_600_000,
            "tax" => case.tax_minor = minor(value),
            "tip" => case.tip_minor = minor(value),
            other => panic!("line {line}: {other}"),
        }
    }
    case
}

/// `Name [category] {sku} xQUANTITY @PRICE`
fn item(text: &str, currency: Currency) -> Item {
    let mut item = Item::pieces("", 1);
    let mut name = text;
    if let Some((before, price)) = name.split_once('@') {
        item.price_minor = Some(Money::parse(price, currency).unwrap().minor);
        name = before.trim();
    }
    if let Some((before, quantity)) = name.rsplit_once(" x") {
        // A currency with three decimals reads thousandths.
        item.quantity_milli = Money::parse(quantity, "KWD".parse().unwrap()).unwrap().minor;
        name = before.trim();
    }
    if let Some((before, sku)) = name.strip_suffix('}').and_then(|n| n.split_once('{')) {
        item.sku = Some(sku.to_owned());
        name = before.trim();
    }
    if let Some((before, category)) = name.strip_suffix(']').and_then(|n| n.split_once('[')) {
        item.category = Some(category.to_owned());
        name = before.trim();
    }
    item.name = name.to_owned();
    item
}

fn outcome(decision: &Decision) -> String {
    let move_ = match decision.move_ {
        Move::Skip => "skip",
        Move::Add => "add",
        Move::AddReward => "add_reward",
        Move::Hold => "hold",
    };
    let announced = decision.announces.as_ref().map(|a| format!(" {a}")).unwrap_or_default();
    format!("{move_} {}{announced}", decision.points)
}

#[test]
fn the_table_of_sales() {
    let cases = &*CASES;
    assert!(cases.len() >= 120, "{} sales", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let decision = case.decide(&case.items);
        let (is, reasons) = (outcome(&decision), decision.reasons.join(" / "));
        if is != case.expected || reasons != case.reasons {
            wrong.push(format!(
                "{}: {} | {}\n     is {is} | {reasons}",
                case.line, case.expected, case.reasons
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The lines of a sale in any order, and a line split in two, give the same decision, reasons and all.
    #[test]
    fn the_order_of_the_lines_never_matters(seed in any::<prop::sample::Index>(), items in any_items().prop_shuffle(), total in 0_i64..100_000) {
        let mut case = seed.get(&CASES).clone();
        case.total.minor = total;
        let mut sorted = items.clone();
        sorted.sort_by(|a, b| a.name.cmp(&b.name).then(a.quantity_milli.cmp(&b.quantity_milli)).then(a.price_minor.cmp(&b.price_minor)));
        prop_assert_eq!(case.decide(&items), case.decide(&sorted));
        let mut split = items.clone();
        if let Some(first) = split.first().cloned() {
            let half = Item { quantity_milli: first.quantity_milli / 2, price_minor: first.price_minor.map(|p| p / 2), ..first.clone() };
            let rest = Item {
                quantity_milli: first.quantity_milli - half.quantity_milli,
                price_minor: first.price_minor.map(|p| p - p / 2),
                ..first
            };
            split[0] = half;
            split.push(rest);
        }
        prop_assert_eq!(case.decide(&items), case.decide(&split));
    }

    /// Without conditions on the total, more money never earns less, and a sale's points are never below zero.
    #[test]
    fn more_money_never_earns_less(points in 1_i64..100, per in 1_i64..5000, hundredths in 101_i64..1000, a in 0_i64..10_000_000, b in 0_i64..10_000_000) {
        let usd: Currency = "USD".parse().unwrap();
        let text = format!(
            "Earn {points} points per {}\nx{}.{:02} points on Thursday",
            Money::new(per, usd), hundredths / 100, hundredths % 100
        );
        let rules = Rules::parse(&text, usd).unwrap();
        let decide = |minor| {
            let sale = SaleFacts::new(Money::new(minor, usd), &[], UtcMs(0), NaiveDateTime::default());
            rules.decide(&sale, &MemberFacts::default()).points
        };
        prop_assert!(decide(a.min(b)) <= decide(a.max(b)) && decide(a) >= 0);
        // The same in plain arithmetic, rounded once.
        let exact = i128::from(points) * i128::from(a) * i128::from(hundredths) / (i128::from(per) * 100);
        prop_assert_eq!(i128::from(decide(a)), exact.min(1_000_000_000), "up to the most a sale can give");
    }

    /// No sale, however odd, makes the evaluation panic or overflow.
    #[test]
    fn any_sale_is_decided(minor in any::<i64>(), quantity in any::<i64>(), price in any::<i64>(), balance in any::<i64>(), visits in any::<i64>(), at in any::<i64>(), now in any::<i64>()) {
        for case in CASES.iter().step_by(7) {
            let item = Item { quantity_milli: quantity, price_minor: Some(price), ..Item::pieces("Gift card", 1) };
            let items = [item.clone(), item];
            let total = Money::new(minor, case.total.currency);
            let sale = SaleFacts { now: UtcMs(now), tax_minor: price, ..SaleFacts::new(total, &items, UtcMs(at), case.local) };
            let member = MemberFacts { balance, visits, recent_sales: vec![UtcMs(now)], ..case.member.clone() };
            let decided = case.rules.decide(&sale, &member);
            prop_assert!(decided.points >= 0);
            let without_words = case.rules.outcome(&sale, &member);
            prop_assert_eq!((without_words.move_, without_words.points), (decided.move_, decided.points));
        }
    }
}

fn any_items() -> impl Strategy<Value = Vec<Item>> {
    let names = ["Coffee", "Flat white", "Gift card", "Bagel", "Tart", "Umbrella"];
    let categories = [None, Some("Cakes"), Some("Tobacco"), Some("Alcohol")];
    let item = (
        prop::sample::select(names.to_vec()),
        prop::sample::select(categories.to_vec()),
        0_i64..9000,
        0_i64..5000,
    );
    let item = item.prop_map(|(name, category, quantity_milli, price)| Item {
        quantity_milli,
        category: category.map(str::to_owned),
        price_minor: Some(price),
        ..Item::pieces(name, 1)
    });
    prop::collection::vec(item, 0..8)
}

/// Hours are read off the shop's wall clock, also on the days it jumps: in each zone an hour is skipped in spring and
/// comes twice in autumn.
#[test]
fn days_the_clocks_change() {
    let rules = "Earn 1 point per $1\nDouble points 02:00-03:00\nTriple points on Sunday 03:00-04:00\n";
    let usd: Currency = "USD".parse().unwrap();
    let rules = Rules::parse(rules, usd).unwrap();
    for (zone, instants) in [
        // 8 March 2026, 02:00 -> 03:00; 1 November 2026, 02:00 -> 01:00.
        (
            "America/Los_Angeles",
            [
                ("2026-03-08T09:59:00Z", 10),
                ("2026-03-08T10:00:00Z", 30),
                ("2026-11-01T08:30:00Z", 10),
                ("2026-11-01T09:30:00Z", 10),
                ("2026-11-01T10:00:00Z", 20),
            ],
        ),
        // 29 March 2026, 02:00 -> 03:00; 25 October 2026, 03:00 -> 02:00: the hour from 2 to 3 comes twice.
        (
            "Europe/Berlin",
            [
                ("2026-03-29T00:59:00Z", 10),
                ("2026-03-29T01:00:00Z", 30),
                ("2026-10-25T00:30:00Z", 20),
                ("2026-10-25T01:30:00Z", 20),
                ("2026-10-25T02:00:00Z", 30),
            ],
        ),
        // 4 October 2026, 02:00 -> 02:30; 5 April 2026, 02:00 -> 01:30: half an hour.
        (
            "Australia/Lord_Howe",
            [
                ("2026-10-03T15:29:00Z", 10),
                ("2026-10-03T15:30:00Z", 20),
                ("2026-04-04T14:45:00Z", 10),
                ("2026-04-04T15:15:00Z", 10),
                ("2026-04-04T15:30:00Z", 20),
            ],
        ),
    ] {
        let zone: ShopZone = zone.parse().unwrap();
        for (text, points) in instants {
            let at = zone.read(text).unwrap();
            let local = zone.local(at);
            let sale = SaleFacts::new(Money::new(1000, usd), &[], at, local);
            let decision = rules.decide(&sale, &MemberFacts::default());
            assert_eq!(
                decision.points,
                points,
                "{} {text} is {local}: {:?}",
                zone.name(),
                decision.reasons
            );
        }
    }
}

//! The back-test by itself: facts that run along, both sides, winners and losers; and a real bakery's sales.

use loyalty::backtest::{Backtest, Moved, Past, PastSale};
use loyalty::rules::{Move, Rules};
use loyalty::{Item, MemberId, Money, ShopZone, UtcMs};
use std::path::Path;

const DAY: i64 = UtcMs::DAY_MS;

fn rules(text: &str) -> Rules {
    Rules::parse(text, "USD".parse().unwrap()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

fn zone() -> ShopZone {
    "America/Los_Angeles".parse().unwrap()
}

fn member(n: u128) -> MemberId {
    MemberId(uuid::Uuid::from_u128(n))
}

fn sale(n: u128, at: i64, minor: i64, points: i64) -> PastSale {
    PastSale {
        member: Some(member(n)),
        total_minor: minor,
        tax_minor: 0,
        tip_minor: 0,
        refunded_minor: 0,
        taken_back: false,
        items: Vec::new(),
        occurred_at: UtcMs(at),
        recorded_at: UtcMs(at),
        move_: Move::Add,
        credited: true,
        points,
    }
}

fn run(draft: &str, past: &[Past]) -> loyalty::backtest::Report {
    let draft = rules(draft);
    let mut test = Backtest::new(&draft, zone());
    past.iter().for_each(|p| test.feed(p));
    let in_force = rules("Earn 1 point per $1\nReward 100 points: Free coffee, costs $1.20\n");
    test.report(&in_force, &[])
}

#[test]
fn both_sides_winners_and_losers() {
    let mut walk_in = sale(9, 3 * DAY, 99_900, 0);
    walk_in.member = None;
    let past = [
        Past::Sale(sale(1, DAY, 1000, 10)),
        Past::Sale(sale(2, DAY + 1, 150, 1)),
        Past::Sale(sale(3, 40 * DAY, 2500, 25)),
        Past::Sale(walk_in),
    ];
    let report = run(
        "Earn 2 points per $1 on sales over $9\nSkip sales under $2\nHold sales over $20\n",
        &past,
    );
    assert_eq!((report.sales, report.walk_ins, report.different), (3, 1, 3));
    assert_eq!((report.then.points, report.now.points), (36, 70));
    assert_eq!(
        (report.then.cost_minor, report.now.cost_minor),
        (Some(44), None),
        "36 x $1.20 / 100, rounded up"
    );
    assert_eq!(
        (report.then.add, report.now.skip, report.now.add, report.now.hold),
        (3, 1, 1, 1)
    );
    assert_eq!((report.gain, report.lose, report.same), (2, 1, 0));
    assert_eq!(
        (report.winners[0].member, report.winners[0].now),
        (member(3), 50),
        "held only now: counts as approved"
    );
    assert_eq!((report.losers[0].member, report.losers[0].now), (member(2), 0));
    let months: Vec<_> = report
        .months
        .iter()
        .map(|m| (m.month.as_str(), m.sales, m.held_now))
        .collect();
    assert_eq!(months, [("1970-01", 2, 0), ("1970-02", 1, 1)]);
}

#[test]
fn what_was_taken_back_or_redeemed_runs_along() {
    let mut part = sale(1, DAY, 1000, 10);
    part.refunded_minor = 250;
    let mut gone = sale(1, 2 * DAY, 9000, 90);
    gone.taken_back = true;
    let spent = Moved {
        member: member(1),
        at: UtcMs(3 * DAY),
        points: -7,
        earned: false,
    };
    let past = [
        Past::Sale(part),
        Past::Sale(gone),
        Past::Moved(spent),
        Past::Sale(sale(1, 4 * DAY, 9900, 99)),
        Past::Sale(sale(1, 5 * DAY, 100, 1)),
    ];
    // 7 left of the first, none of the second, 7 spent: 99 after the third, and only then the last reaches 100.
    let report = run("Earn 1 point per $1\nReward 100 points: Tea\n", &past);
    assert_eq!((report.now.points, report.now.add, report.now.add_reward), (107, 3, 1));
    assert_eq!(report.same, 1);
}

#[test]
fn windows_visits_and_tiers_run_along() {
    let minutes = |n: i64| 100 * DAY + n * 60_000;
    let past: Vec<Past> = [0, 20, 40, 59, 200]
        .map(|n| Past::Sale(sale(1, minutes(n), 5000, 50)))
        .into();
    let report = run("Earn 1 point per $1\nHold a member's 4th sale within 1 hour\n", &past);
    assert_eq!((report.now.hold, report.months[0].held_now), (1, 1));
    let report = run("Earn 1 point per $1\nBonus 100 points on every 2nd visit\n", &past);
    assert_eq!(report.now.points, 450);
    let report = run("Earn 1 point per $1\nTier Gold at 100 points a year: earn x2\n", &past);
    assert_eq!(report.now.points, 50 + 50 + 3 * 100);
}

#[test]
fn what_was_held_then_and_now_stays_as_it_was_decided() {
    let held = |credited, points| {
        let mut s = sale(1, DAY, 60_000, points);
        (s.move_, s.credited) = (Move::Hold, credited);
        Past::Sale(s)
    };
    let past = [held(true, 61), held(false, 0)];
    let report = run("Earn 1 point per $1\nHold sales over $500\n", &past);
    assert_eq!((report.then.points, report.now.points, report.different), (61, 61, 0));
    assert_eq!(run("Earn 1 point per $1\n", &past).now.points, 1200);
    // Who was turned down was no visitor: the next sale is the first visit, not the second.
    let past = [held(false, 0), Past::Sale(sale(1, 2 * DAY, 1000, 10))];
    let report = run(
        "Earn 1 point per $1\nHold sales over $500\nBonus 7 points on the 2nd visit\n",
        &past,
    );
    assert_eq!(report.now.points, 10);
}

#[test]
fn only_what_was_earned_counts_for_a_tier() {
    let moved = |points, earned| {
        Past::Moved(Moved {
            member: member(1),
            at: UtcMs(2 * DAY),
            points,
            earned,
        })
    };
    let draft = "Earn 1 point per $1\nTier Gold at 100 points a year: earn x2\n";
    let of = |between| {
        let past = [
            Past::Sale(sale(1, DAY, 6000, 60)),
            between,
            Past::Sale(sale(1, 3 * DAY, 1000, 10)),
        ];
        run(draft, &past).now.points
    };
    assert_eq!(of(moved(50, true)), 60 + 20, "a bonus is earned");
    assert_eq!(of(moved(50, false)), 60 + 10, "points by hand are not");
}

/// Whoever divides the members among several tests and joins them gets what one test of all gives.
#[test]
fn tests_of_some_members_each_add_up_to_one_of_all() {
    let draft = rules(
        "Earn 1 point per $1\nSkip sales under $2\nHold sales over $90\nHold a member's 4th sale within 1 day\n\
         Bonus 7 points for \"Tea\"\nBuy 3 \"Tea\", get 1 free, costs $1\nBuy 4 \"Cake\", get 1 free, costs $2\n\
         Tier Gold at 150 points a year: earn x2, grace 1 month\nReward 100 points: Tea, costs $2\n",
    );
    let past: Vec<Past> = (0..2000_i64)
        .map(|n| {
            let who = u128::try_from(n * 7 % 23).unwrap();
            let mut s = sale(who, n * DAY / 5, n * 37 % 9500, n * 37 % 95);
            let item = if n % 3 == 0 { "Tea" } else { "Cake" };
            s.items = vec![Item::pieces(item, 1 + n % 4)];
            s.member = s.member.filter(|_| n % 11 != 0);
            Past::Sale(s)
        })
        .collect();
    let in_force = rules("Earn 1 point per $1\nBuy 3 \"Tea\", get 1 free, costs $1\n");
    let report = |tests: usize| {
        let mut all: Vec<Backtest<'_>> = (0..tests).map(|_| Backtest::new(&draft, zone())).collect();
        for p in &past {
            let Past::Sale(s) = p else {
                unreachable!("there are only sales")
            };
            // A sale of nobody may go anywhere: here to the last.
            let lane = s
                .member
                .map_or(tests - 1, |m| usize::try_from(m.0.as_u128()).unwrap() % tests);
            all[lane].feed(p);
        }
        let joined = all.into_iter().rev().reduce(|mut one, other| {
            one.join(other);
            one
        });
        joined.unwrap().report(&in_force, &[])
    };
    let one = report(1);
    assert!(
        one.now.stamps > 1000 && one.now.hold > 10 && one.walk_ins > 100 && one.months.len() > 10,
        "{one:?}"
    );
    for tests in [2, 3, 5, 40] {
        assert_eq!(report(tests), one, "{tests}");
    }
}

#[test]
fn stamps_cost_what_a_full_card_costs() {
    let coffees = |n: u128, at: i64, count: i64| {
        let mut s = sale(n, at, 1000, 10);
        s.items = vec![Item::pieces("Coffee", count), Item::pieces("Bagel", 1)];
        s
    };
    let mut gone = coffees(1, 2 * DAY, 50);
    gone.taken_back = true;
    let mut refunded = coffees(1, 3 * DAY, 70);
    refunded.refunded_minor = refunded.total_minor;
    let mut little = coffees(2, 4 * DAY, 30);
    little.total_minor = 150;
    let mut free = sale(2, 5 * DAY, 1000, 10);
    free.items = vec![Item {
        price_minor: Some(0),
        ..Item::pieces("Coffee", 9)
    }];
    let past: Vec<Past> = [coffees(1, DAY, 7), gone, refunded, little, free, coffees(2, 6 * DAY, 4)]
        .map(Past::Sale)
        .into();
    let draft = rules(
        "Earn 1 point per $1\nSkip sales under $2\nBuy 9 \"Coffee\", get 1 free, costs $0.80\nBuy 5 \"Bagel\", get 1 free\n",
    );
    let mut test = Backtest::new(&draft, zone());
    past.iter().for_each(|p| test.feed(p));
    let then = [
        loyalty::op::CardStamps {
            card: "name:coffee".into(),
            count: 10,
        },
        loyalty::op::CardStamps {
            card: "name:tea".into(),
            count: 100,
        },
    ];
    let in_force =
        rules("Reward 100 points: Tea, costs $2\nBuy 3 \"Coffee\", get 1 free, costs $1\nBuy 9 \"Tea\", get 1 free\n");
    let report = test.report(&in_force, &then);
    assert_eq!((report.then.points, report.then.stamps), (40, 110));
    // 40 points at $2 for 100, and 10 coffees' stamps at $1 for 3: $0.80 and $3.34. Nobody said what a tea costs.
    assert_eq!(report.then.cost_minor, Some(80 + 334));
    // 11 coffees and 2 bagels of the sales that stand: $0.98 at $0.80 for 9.
    assert_eq!((report.now.stamps, report.now.cost_minor), (13, Some(98)));
}

/// A real bakery's sales, one member each ten transactions, through rules about items.
#[test]
fn a_real_bakery_runs_through_item_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bakery_items.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let mut sales: Vec<(u128, PastSale)> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [day, time, number, item] = cells[..] else {
            panic!("{line}")
        };
        let number: u128 = number.parse().unwrap();
        if sales.last().is_none_or(|(n, _)| *n != number) {
            let at = zone().read(&format!("{day}T{time}")).unwrap();
            sales.push((number, sale(number % 10, at.0, 300, 3)));
        }
        sales.last_mut().unwrap().1.items.push(Item::pieces(item.trim(), 1));
    }
    let coffees = text.lines().filter(|l| l.ends_with(",Coffee")).count();
    let draft = rules("Earn 2 points per \"Coffee\"\nKnown items \"*\"\nExclude \"Adjustment\"\n");
    let mut test = Backtest::new(&draft, zone());
    sales.iter().for_each(|(_, s)| test.feed(&Past::Sale(s.clone())));
    let report = test.report(&draft, &[]);
    assert!(sales.len() > 9000 && report.sales == i64::try_from(sales.len()).unwrap());
    assert_eq!(report.now.points, 2 * i64::try_from(coffees).unwrap());
    let facts = |s: &PastSale| {
        let total = Money::new(s.total_minor, draft.currency());
        let local = zone().local(s.occurred_at);
        let at = loyalty::rules::SaleFacts::new(total, &s.items, s.occurred_at, local);
        draft.decide(&at, &loyalty::rules::MemberFacts::default()).points
    };
    assert_eq!(report.now.points, sales.iter().map(|(_, s)| facts(s)).sum::<i64>());
    assert!(report.months.len() >= 5 && report.months.iter().map(|m| m.sales).sum::<i64>() == report.sales);
}

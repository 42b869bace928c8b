//! How many sales the rules decide in a second, against a bare loop that only divides the same totals.

use chrono::{DateTime, NaiveDateTime};
use loyalty::rules::{MemberFacts, Rules, SaleFacts};
use loyalty::{Item, Money, UtcMs};
use std::hint::black_box;
use std::time::Instant;

use crate::figures::Figure;
use crate::shop::Dice;
use crate::{Result, Size};

/// The first document of most shops.
pub const SHORT: &str = "Earn 1 point per $1\nSkip sales under $2\nReward 100 points: Free coffee, costs $1.20\n";
/// One with every kind of rule, as the tests of the rules have it.
pub const EVERYTHING: &str = include_str!("../../loyalty/tests/data/everything.rules");
/// Sales decided in a round, for each of the document's.
const SALES: usize = 50_000;

struct Sold {
    total: Money,
    items: Vec<Item>,
    at: UtcMs,
    local: NaiveDateTime,
    member: MemberFacts,
}

pub fn measure(size: Size) -> Result<Vec<Figure>> {
    let currency = "USD".parse().map_err(|e| format!("{e:?}"))?;
    let read = |text: &str| Rules::parse(text, currency).map_err(|e| format!("{e:?}"));
    let (short, everything) = (read(SHORT)?, read(EVERYTHING)?);
    let sales = sales(currency)?;
    let (mut bare, mut two, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=size.rounds {
        let start = Instant::now();
        for sale in &sales {
            black_box(black_box(sale).total.minor / 100);
        }
        let raw = rate(start);
        let start = Instant::now();
        for sale in &sales {
            black_box(decide(&short, black_box(sale)));
        }
        let few = rate(start);
        let start = Instant::now();
        for sale in &sales {
            black_box(decide(&everything, black_box(sale)));
        }
        // The first round warms up.
        if round > 0 {
            bare.push(raw);
            two.push(few);
            all.push(rate(start));
        }
    }
    let bare = Figure::rate("raw: totals divided, no rules", bare);
    Ok(vec![
        Figure::rate("rules: sales decided, three lines", two).against(&bare),
        Figure::rate("rules: sales decided, every kind of line", all).against(&bare),
        bare,
    ])
}

fn rate(start: Instant) -> f64 {
    SALES as f64 / start.elapsed().as_secs_f64()
}

fn decide(rules: &Rules, sale: &Sold) -> i64 {
    let facts = SaleFacts::new(sale.total, &sale.items, sale.at, sale.local);
    rules.decide(&facts, &sale.member).points
}

fn sales(currency: loyalty::Currency) -> Result<Vec<Sold>> {
    let mut dice = Dice(7);
    let names = ["Flat white", "Bagel", "Coffee", "Gift card", "Tart", "Umbrella"];
    (0..SALES)
        .map(|_| {
            let at = UtcMs(1_795_197_600_000 + i64::try_from(dice.below(7 * 86_400))? * 1000);
            let local = DateTime::from_timestamp_millis(at.0).ok_or("a time out of range")?;
            let count = 1 + dice.below(4);
            let items = (0..count)
                .map(|_| Item::pieces(names[dice.below(names.len())], 1))
                .collect();
            Ok(Sold {
                total: Money::new(i64::try_from(dice.below(6_000))?, currency),
                items,
                at,
                local: local.naive_utc(),
                member: MemberFacts {
                    balance: i64::try_from(dice.below(400))?,
                    visits: 12,
                    earned_in_year: 700,
                    spent_in_year_minor: 70_000,
                    ..MemberFacts::default()
                },
            })
        })
        .collect()
}

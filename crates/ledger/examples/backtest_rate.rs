//! How fast rules are back-tested, against a bare loop that only reads the same sales.
//!
//! `cargo run --release -p ledger --example backtest_rate -- [SALES]` makes a shop in a temporary folder first.

use ledger::{NewShop, Options, Store};
use loyalty::op::By;
use loyalty::rules::Rules;
use loyalty::{Item, Money, Phone, Sale, UtcMs, Who};
use std::ops::ControlFlow;
use std::time::Instant;

const RULES: &str = "Earn 1 point per $1\nReward 100 points: Free coffee, costs $1.20\n";
const DRAFT: &str = "Earn 1 point per $1\nDouble points on Tuesday 14:00-17:00\nBonus 5 points for \"Flat white\"\n\
    Skip sales under $2\nHold a member's 4th sale within 1 hour\nTier Gold at 1000 points a year: earn x1.5, grace 3 months\n\
    Reward 100 points: Free coffee, costs $1.20\n";
const MEMBERS: u32 = 5_000;
const BATCH: u32 = 5_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sales: u32 = std::env::args().nth(1).map_or(Ok(1_000_000), |n| n.parse())?;
    let dir = tempfile::tempdir()?;
    let store = shop(dir.path(), sales)?;
    let draft = Rules::parse(DRAFT, store.shop().currency).map_err(|e| format!("{e:?}"))?;
    for with_items in [false, true] {
        let (begun, mut points) = (Instant::now(), 0);
        store.history(with_items, |past, _| {
            if let loyalty::backtest::Past::Sale(sale) = past {
                points += sale.points;
            }
            ControlFlow::Continue(())
        })?;
        let read_s = begun.elapsed().as_secs_f64();
        let rules = if with_items { &draft } else { &store.rules()?.rules };
        let begun = Instant::now();
        let report = store.backtest(rules, |_| ControlFlow::Continue(()))?.ok_or("stopped")?;
        let test_s = begun.elapsed().as_secs_f64();
        println!(
            "{} lines, items read {with_items}: only reading {read_s:.2} s, back-test {test_s:.2} s = {:.0} sales/s, ratio {:.2} ({} then, {} now)",
            if with_items { "seven" } else { "two" },
            f64::from(sales) / test_s,
            read_s / test_s,
            report.then.points,
            report.now.points
        );
    }
    Ok(())
}

fn shop(dir: &std::path::Path, sales: u32) -> Result<Store, Box<dyn std::error::Error>> {
    let new = NewShop {
        name: "Rate".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
        till_name: "Till 1".into(),
        rules: RULES.into(),
        owner: None,
    };
    let store = Store::init(dir, &new, Options::default())?;
    let (begun, first) = (Instant::now(), store.now().0 - 700 * UtcMs::DAY_MS);
    let step = 690 * UtcMs::DAY_MS / i64::from(sales.max(1));
    for from in (0..sales).step_by(usize::try_from(BATCH)?) {
        store.write(move |tx| {
            for n in from..sales.min(from + BATCH) {
                let phone = Phone::parse(&format!("619555{:04}", n % MEMBERS), tx.shop().region)?;
                let sale = Sale {
                    source: "pos".into(),
                    sale_id: format!("A-{n}"),
                    who: Who::Phone(phone),
                    total: Money::new(i64::from(n.wrapping_mul(2_654_435_761) % 3000), tx.shop().currency),
                    tax_minor: 0,
                    tip_minor: 0,
                    items: vec![
                        Item::pieces("Flat white", 1),
                        Item::pieces("Bagel", i64::from(n % 3 + 1)),
                    ],
                    occurred_at: UtcMs(first + i64::from(n) * step),
                };
                tx.credit(tx.new_op(), &By::Job("rate".into()), &sale)?;
            }
            Ok(())
        })?;
    }
    println!("{sales} sales recorded in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(store)
}

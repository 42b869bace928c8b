//! Draft rules over a long past: sales back-tested in a second, against a bare loop over the same rows.

use ledger::{Progress, Store};
use loyalty::rules::Rules;
use loyalty::{Item, Money, Sale, UtcMs, Who};
use rusqlite::Connection;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use crate::figures::Figure;
use crate::rules::{EVERYTHING, SHORT};
use crate::shop::{self, Dice, by};
use crate::{Result, Size};

/// Members who come by turns.
const MEMBERS: usize = 20_000;
/// Sales in one transaction.
const BATCH: usize = 5_000;
/// The past is so long.
const YEARS: i64 = 3;
const MENU: [(&str, i64); 6] = [
    ("Flat white", 475),
    ("Bagel", 425),
    ("Coffee", 350),
    ("Tart", 395),
    ("Gift card", 2_000),
    ("Umbrella", 1_800),
];

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    let store = shop::make(dir)?;
    fill(&store, size.past)?;
    let currency = store.shop().currency;
    let read = |text: &str| Rules::parse(text, currency).map_err(|e| format!("{e:?}"));
    // All of this past is recorded now: a line about late sales would skip the whole of it.
    let on_time = EVERYTHING.replace("Skip sales older than 30 days\n", "");
    let (short, everything) = (read(SHORT)?, read(&on_time)?);
    let file = Connection::open(ledger::file(dir))?;
    let (mut bare, mut few, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=size.rounds {
        let now = [
            rate(size, || loops(&file))?,
            rate(size, || test(&store, &short))?,
            rate(size, || test(&store, &everything))?,
        ];
        // The first round warms up.
        if round > 0 {
            bare.push(now[0]);
            few.push(now[1]);
            all.push(now[2]);
        }
    }
    let bare = Figure::rate("raw: past sales read in the order of time, totals divided", bare);
    Ok(vec![
        Figure::rate("backtest: past sales, three lines", few).against(&bare),
        Figure::rate("backtest: past sales, every kind of line", all).against(&bare),
        bare,
    ])
}

fn rate(size: Size, work: impl Fn() -> Result) -> Result<f64> {
    let start = Instant::now();
    work()?;
    Ok(size.past as f64 / start.elapsed().as_secs_f64())
}

fn loops(file: &Connection) -> Result {
    let mut rows = file.prepare_cached("SELECT total_minor FROM sales ORDER BY day, occurred_at")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        black_box(row.get::<_, i64>(0)? / 100);
    }
    Ok(())
}

fn test(store: &Store, draft: &Rules) -> Result {
    let watch = |progress: Progress| {
        black_box(progress);
        ControlFlow::Continue(())
    };
    black_box(store.backtest(draft, watch)?.ok_or("it was stopped")?);
    Ok(())
}

/// Sales as a till records them, through the store, with two or three items each.
fn fill(store: &Store, sales: usize) -> Result {
    let mut dice = Dice(11);
    let step = YEARS * 365 * UtcMs::DAY_MS / i64::try_from(sales)?;
    let first = store.now().0 - YEARS * 365 * UtcMs::DAY_MS;
    for batch in 0..sales / BATCH {
        let of_batch = (batch * BATCH..(batch + 1) * BATCH).map(|n| sold(store, &mut dice, n, first, step));
        let of_batch: Vec<Sale> = of_batch.collect::<Result<_>>()?;
        store.write(move |tx| {
            for sale in &of_batch {
                tx.credit(tx.new_op(), &by(), sale)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn sold(store: &Store, dice: &mut Dice, n: usize, first: i64, step: i64) -> Result<Sale> {
    let items: Vec<Item> = (0..2 + dice.below(2))
        .map(|_| {
            let (name, price) = MENU[dice.below(MENU.len())];
            Item {
                price_minor: Some(price),
                ..Item::pieces(name, 1)
            }
        })
        .collect();
    Ok(Sale {
        total: Money::new(items.iter().filter_map(|i| i.price_minor).sum(), store.shop().currency),
        items,
        who: Who::Phone(shop::phone(dice.below(MEMBERS))),
        occurred_at: UtcMs(first + i64::try_from(n)? * step),
        ..shop::sale(store, format!("p{n}"), 0)
    })
}

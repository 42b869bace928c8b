//! Many sales: from many callers at once, and from a file.

use std::path::Path;
use std::time::Instant;

use crate::credit::MEMBERS;
use crate::figures::Figure;
use crate::raw::Raw;
use crate::shop::{self, by};
use crate::{Result, Size};

const CALLERS: usize = 64;

/// Rows of a file that share a transaction, as `regularsctl import` has them.
const BATCH: usize = 500;

/// Callers that each wait for their own sale, against one that writes raw transactions.
pub fn group(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    let store = shop::make(dir)?;
    let mut bare = Raw::new(&dir.join("bare.db"), MEMBERS, &[])?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let each = (size.credits / CALLERS).max(4);
        let start = Instant::now();
        std::thread::scope(|scope| -> Result {
            let callers: Vec<_> = (0..CALLERS)
                .map(|c| {
                    let store = &store;
                    scope.spawn(move || {
                        (0..each).try_for_each(|n| {
                            let sale = shop::sale(store, format!("g{round}-{c}-{n}"), (c * each + n) % MEMBERS);
                            store.credit(store.new_op(), by(), sale).map(drop)
                        })
                    })
                })
                .collect();
            for caller in callers {
                caller.join().map_err(|_| "a caller panicked")??;
            }
            Ok(())
        })?;
        ours.push((CALLERS * each) as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for _ in 0..size.credits {
            bare.credit(1)?;
        }
        raw.push(size.credits as f64 / start.elapsed().as_secs_f64());
    }
    let raw = Figure::rate("raw: transactions, one caller", raw);
    Ok(vec![
        Figure::rate("group: durable sales, 64 callers", ours).against(&raw),
        raw,
    ])
}

/// Rows of a file, several a transaction, each in a savepoint of its own; against the same rows inserted raw.
pub fn import(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    let store = shop::make(dir)?;
    let mut bare = Raw::new(&dir.join("bare.db"), MEMBERS, &[])?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..size.rounds {
        let start = Instant::now();
        for batch in 0..size.imports / BATCH {
            let row = |n| shop::sale(&store, format!("i{round}-{batch}-{n}"), (batch * BATCH + n) % MEMBERS);
            let sales: Vec<_> = (0..BATCH).map(row).collect();
            store.write(move |tx| {
                for sale in &sales {
                    tx.attempt(|| tx.credit(tx.new_op(), &by(), sale))?;
                }
                Ok(())
            })?;
        }
        ours.push(size.imports as f64 / start.elapsed().as_secs_f64());
        let start = Instant::now();
        for _ in 0..size.imports / BATCH {
            bare.credit(BATCH)?;
        }
        raw.push(size.imports as f64 / start.elapsed().as_secs_f64());
    }
    let raw = Figure::rate("raw: rows inserted, 500 a transaction", raw);
    Ok(vec![
        Figure::rate("import: rows, 500 a transaction", ours).against(&raw),
        raw,
    ])
}

//! Searching a large shop as a cashier types, against the cheapest thing that SQLite can do: one row by its key.

use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::figures::Figure;
use crate::shop::{self, Dice};
use crate::{Result, Size};

/// As many rows as the till shows.
const SHOWN: usize = 8;

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    drop(shop::make(dir)?);
    eprintln!("making a shop of {} members", size.members);
    shop::fill(dir, size.members)?;
    let store = ledger::Store::open(dir, ledger::Options::default())?;
    let conn = Connection::open_with_flags(ledger::file(dir), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    conn.execute_batch("PRAGMA cache_size = -16000")?;
    let mut key = conn.prepare("SELECT name FROM members WHERE member = ?1")?;
    let mut by_key = |dice: &mut Dice| -> Result<Duration> {
        let n = dice.below(size.members) + 1;
        let start = Instant::now();
        let name: String = key.query_row([n], |r| r.get(0))?;
        std::hint::black_box(name);
        Ok(start.elapsed())
    };
    type Text = fn(&mut Dice, usize) -> String;
    let mut kinds: Vec<(String, Text)> = vec![
        ("search: last four digits".into(), |d, _| {
            format!("{:04}", d.below(10_000))
        }),
        ("search: part of a number, 6 digits".into(), |d, m| {
            let phone = shop::phone(d.below(m));
            phone.e164()[4..10].to_owned()
        }),
        ("search: whole number".into(), |d, m| {
            shop::phone(d.below(m)).e164().to_owned()
        }),
        ("search: member code".into(), |d, m| {
            loyalty::MemberCode::from_random(d.below(m) as u64).to_string()
        }),
        ("search: email".into(), |d, m| {
            format!("guest{}@example.com", d.below(m))
        }),
        ("search: first and last name".into(), |d, _| shop::name(d)),
    ];
    let prefixes: [Text; 6] = [
        |d, _| letters(d, 1),
        |d, _| letters(d, 2),
        |d, _| letters(d, 3),
        |d, _| letters(d, 4),
        |d, _| letters(d, 5),
        |d, _| letters(d, 6),
    ];
    kinds.extend(
        prefixes
            .iter()
            .enumerate()
            .map(|(n, f)| (format!("search: first {} letters of a name", n + 1), *f)),
    );

    let mut baseline: Vec<Vec<Duration>> = Vec::new();
    let mut times: Vec<Vec<Vec<Duration>>> = vec![Vec::new(); kinds.len()];
    let mut dice = Dice(2);
    for round in 0..=size.rounds {
        let base: Vec<Duration> = (0..size.searches).map(|_| by_key(&mut dice)).collect::<Result<_>>()?;
        let each = kinds.iter().map(|(_, text)| {
            let one = |_| -> Result<Duration> {
                let text = text(&mut dice, size.members);
                let start = Instant::now();
                std::hint::black_box(store.search(&text, SHOWN)?);
                Ok(start.elapsed())
            };
            (0..size.searches).map(one).collect::<Result<Vec<_>>>()
        });
        let each: Vec<Vec<Duration>> = each.collect::<Result<_>>()?;
        // The first round warms the caches, as a till's morning does.
        if round > 0 {
            baseline.push(base);
            for (times, round) in times.iter_mut().zip(each) {
                times.push(round);
            }
        }
    }
    let baseline = Figure::time("raw: one row by its key", &mut baseline);
    let mut all = vec![baseline.clone()];
    for ((name, _), times) in kinds.iter().zip(&mut times) {
        all.push(Figure::time(name, times).against(&baseline));
    }
    Ok(all)
}

fn letters(dice: &mut Dice, n: usize) -> String {
    let name = shop::name(dice);
    let word = name.split(' ').nth(dice.below(2)).unwrap_or("maria");
    word.chars().take(n).collect()
}

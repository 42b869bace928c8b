//! One durable credit, the full path a till takes, against the same rows written raw and against one synced block.

use std::path::Path;
use std::time::Instant;

use crate::figures::Figure;
use crate::raw::{Block, Raw};
use crate::shop::{self, by};
use crate::{Result, Size};

/// Regulars of a shop: each comes again and again.
pub const MEMBERS: usize = 500;

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    let store = shop::make(dir)?;
    for n in 0..MEMBERS {
        store.write(move |tx| tx.enrol(tx.new_op(), &by(), &ledger::NewMember::with_phone(shop::phone(n))))?;
    }
    let mut bare = Raw::new(&dir.join("bare.db"), MEMBERS, &[])?;
    let mut same = Raw::new(&dir.join("same.db"), MEMBERS, ledger::MIGRATIONS)?;
    let mut block = Block::new(&dir.join("block"))?;
    let mut times = vec![Vec::new(); 4];
    for round in 0..=size.rounds {
        let mut of_round = vec![Vec::new(); 4];
        // In turns, so that what else the machine does falls on all alike.
        for n in 0..size.credits {
            let sale = shop::sale(&store, format!("r{round}-{n}"), n % MEMBERS);
            let (op, start) = (store.new_op(), Instant::now());
            store.credit(op, by(), sale)?;
            of_round[0].push(start.elapsed());
            of_round[1].push(bare.credit(1)?);
            of_round[2].push(same.credit(1)?);
            of_round[3].push(block.write()?);
        }
        // The first round warms up.
        if round > 0 {
            times.iter_mut().zip(of_round).for_each(|(all, one)| all.push(one));
        }
    }
    let names = [
        "credit: one durable sale",
        "raw: the same rows in bare tables",
        "raw: the same rows in the same schema",
        "raw: 4 KiB and fdatasync",
    ];
    let figures: Vec<Figure> = names
        .iter()
        .zip(&mut times)
        .map(|(name, t)| Figure::time(name, t))
        .collect();
    let baselines = figures[1..].iter();
    let mut all: Vec<Figure> = baselines.clone().map(|b| figures[0].clone().against(b)).collect();
    all.extend(baselines.cloned());
    Ok(all)
}

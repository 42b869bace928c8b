//! An import beside a till, two processes on one file: whoever waits gets in between two transactions of the import.

use imports::{Import, What};
use ledger::{Options, Store};
use loyalty::op::By;
use loyalty::{Money, Phone, Sale, Who};
use pos::file::Mapping;
use std::fmt::Write as _;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;

use crate::support::{PATIENCE, Shop};

const ROWS: u64 = 4000;
/// Rows in one transaction of an import.
const BATCH: u64 = 1000;

fn coffee(store: &Store, number: &str) -> Sale {
    Sale {
        source: "till".into(),
        sale_id: number.into(),
        who: Who::Phone(Phone::parse("6195550000", store.shop().region).unwrap()),
        total: Money::new(500, store.shop().currency),
        tax_minor: 0,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: store.now(),
    }
}

/// The same file, opened by another.
fn counter(shop: &Shop) -> Store {
    let options = Options {
        busy: PATIENCE,
        ..Options::default()
    };
    Store::open(shop.store.dir(), options).unwrap()
}

#[test]
fn a_credit_goes_in_behind_the_transaction_that_is_under_way() {
    let shop = Shop::new();
    let mut text = "sale_id,occurred_at,phone,total\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "S-{n},2026-11-20T09:00,619555{:04},5.00", n % 50).unwrap();
    }
    let file = shop.drop_in("many.csv", &text);
    let import = Import::new(&file, What::Sales("pos".into()), Mapping::default(), None).unwrap();
    let counter = counter(&shop);

    // What a till does that finds the file locked: it says that it waits.
    let waiting = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(shop.store.dir().join("waiting.lock"))
        .unwrap();
    let (batches, credited_behind) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    let (first_done, wait) = channel();
    let report = std::thread::scope(|s| {
        let importing = s.spawn(|| {
            let run = import.run(&shop.store, File::open(&file).unwrap(), &mut |tally| {
                // Heard after each transaction, once those who waited were let in.
                if batches.fetch_add(1, Ordering::SeqCst) == 0 {
                    waiting.lock_shared().unwrap();
                    first_done.send(tally.rows).unwrap();
                }
                true
            });
            run.unwrap()
        });
        assert_eq!(wait.recv().unwrap(), BATCH);
        // The second transaction may have begun or not: the credit is in behind it at the latest.
        let (op, sale) = (counter.new_op(), coffee(&counter, "till-1"));
        counter.credit(op, By::Job("test".into()), sale).unwrap();
        credited_behind.store(counter.stats().unwrap().sales.unsigned_abs() - 1, Ordering::SeqCst);
        waiting.unlock().unwrap();
        importing.join().unwrap()
    });
    assert_eq!((report.tally.rows, report.tally.recorded), (ROWS, ROWS));
    let behind = credited_behind.load(Ordering::SeqCst);
    assert!(behind <= 2 * BATCH, "{behind} rows went in before the credit");
    assert_eq!(shop.sales(), ROWS + 1);
}

#[test]
fn a_till_that_credits_all_along_and_an_import_both_come_to_their_end() {
    let shop = Shop::new();
    let mut text = "sale_id,occurred_at,phone,total\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "S-{n},2026-11-20T09:00,619555{:04},5.00", n % 50).unwrap();
    }
    let file = shop.drop_in("many.csv", &text);
    let import = Import::new(&file, What::Sales("pos".into()), Mapping::default(), None).unwrap();
    let counter = counter(&shop);
    let credits: u64 = std::thread::scope(|s| {
        let importing = s.spawn(|| {
            import
                .run(&shop.store, File::open(&file).unwrap(), &mut |_| true)
                .unwrap()
        });
        let mut credits = 0;
        while credits == 0 || !importing.is_finished() {
            let (op, sale) = (counter.new_op(), coffee(&counter, &credits.to_string()));
            counter.credit(op, By::Job("test".into()), sale).unwrap();
            credits += 1;
        }
        assert_eq!(importing.join().unwrap().tally.recorded, ROWS);
        credits
    });
    assert_eq!(shop.sales(), ROWS + credits);
}

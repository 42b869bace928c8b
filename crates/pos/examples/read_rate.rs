//! How many rows of sales are read in a second: `cargo run --release -p pos --example read_rate`.

use pos::Context;
use pos::file::{Mapping, SalesReader};
use std::fmt::Write as _;
use std::time::Instant;

fn main() {
    measure("rows of 20,000 customers", 1_000_000, 20_000);
    measure("rows, each of another customer", 200_000, 200_000);
}

fn measure(what: &str, rows: u32, customers: u32) {
    let context = Context {
        currency: "USD".parse().expect("USD is a currency"),
        region: "US".parse().expect("US is a region"),
        zone: "America/Los_Angeles".parse().expect("it is a zone"),
    };
    let mut file = String::from("sale_id,occurred_at,phone,total,items\n");
    for n in 0..rows {
        let phone = 5_000_000 + u64::from(n) * 7919 % u64::from(customers);
        let (month, day, dollars, cents) = (n % 12 + 1, n % 28 + 1, n % 90, n % 100);
        writeln!(
            file,
            "S{n},2026-{month:02}-{day:02}T11:39:58,+1619{phone},{dollars}.{cents:02},CD x2"
        )
        .expect("a String takes all");
    }
    let start = Instant::now();
    let reader = SalesReader::new(file.as_bytes(), &Mapping::default(), context).expect("the header is standard");
    let good = reader
        .filter(|row| row.as_ref().is_ok_and(|row| row.outcome.is_ok()))
        .count();
    let rate = f64::from(rows) / start.elapsed().as_secs_f64();
    println!("{rows} {what}: {good} good, {rate:.0} rows/s");
}

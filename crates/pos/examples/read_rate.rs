//! How many rows of sales are read in a second: `cargo run --release -p pos --example read_rate`.

use pos::file::{Context, Mapping, SalesReader};
use std::fmt::Write as _;
use std::time::Instant;

fn main() {
    let context = Context {
        currency: "USD".parse().expect("USD is a currency"),
        region: "US".parse().expect("US is a region"),
        zone: "America/Los_Angeles".parse().expect("it is a zone"),
    };
    for (what, phones) in [
        ("1,000,000 rows of 20,000 customers", 20_000),
        ("200,000 rows, each of another customer", 200_000),
    ] {
        let rows = if phones == 20_000 { 1_000_000 } else { 200_000 };
        let mut file = String::from("sale_id,occurred_at,phone,total,items\n");
        for n in 0_u64..rows {
            let phone = 2_000_000 + n * 7919 % phones;
            writeln!(
                file,
                "S{n},2026-{:02}-{:02}T11:39:58,+1619{phone},{}.{:02},CD x2",
                n % 12 + 1,
                n % 28 + 1,
                n % 90,
                n % 100
            )
            .expect("a String takes all");
        }
        let start = Instant::now();
        let reader = SalesReader::new(file.as_bytes(), &Mapping::default(), context).expect("the header is standard");
        let good = reader
            .filter(|row| row.as_ref().is_ok_and(|row| row.outcome.is_ok()))
            .count();
        println!(
            "{what}: {good} good, {:.0} rows/s",
            good as f64 / start.elapsed().as_secs_f64()
        );
    }
}

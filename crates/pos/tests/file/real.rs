//! Real files, from beside the repository; where they are not there, a test says so and passes.

use pos::file::{Mapping, SalesReader};

use crate::context;

#[test]
fn the_cdnow_sample() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/cdnow_sample_sales.csv"
    );
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: ../shared/data/cdnow_sample_sales.csv is not here");
        return;
    };
    let reader = SalesReader::new(file, &Mapping::default(), context()).unwrap();
    let (mut rows, mut rejected, mut dollars, mut members) = (0, 0, 0, std::collections::HashSet::new());
    for row in reader.map(Result::unwrap) {
        rows += 1;
        assert_eq!(row.line, rows + 1);
        match row.outcome {
            Ok(sale) => {
                dollars += sale.total.minor / 100;
                members.extend(sale.phone);
            }
            Err(_) => rejected += 1,
        }
    }
    println!(
        "{rows} rows, {rejected} rejected, {} phones, {dollars} whole dollars",
        members.len()
    );
    assert_eq!((rows, rejected, members.len(), dollars), (6919, 0, 2357, 239_444));
}

/// A file without totals and phone numbers, a line for each item sold: read for its items.
#[test]
fn the_bakery() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/bakery_items.csv");
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: ../shared/data/bakery_items.csv is not here");
        return;
    };
    let mut mapping = Mapping::default();
    for pair in [
        "sale_id=transaction",
        "occurred_at=date",
        "time_of_day=time",
        "phone=",
        "total=",
        "item_name=item",
    ] {
        mapping.rename(pair).unwrap();
    }
    let reader = SalesReader::new(file, &mapping, context()).unwrap();
    let (mut sales, mut items) = (0, 0);
    for row in reader.map(Result::unwrap) {
        let sale = row.outcome.unwrap();
        assert_eq!((sale.total.minor, sale.items.len()), (0, row.more.len() + 1));
        sales += 1;
        items += sale.items.len();
    }
    println!("{sales} sales of {items} items");
    assert_eq!((sales, items), (9531, 21_293));
}

//! Real purchases: the totals are computed here, independently, and must come out to the point.

use crate::killed::import_killed;
use crate::support::{Shop, real_sales};
use serde_json::json;
use std::collections::HashSet;

/// What the file must come to: sales, members, and the sum of the whole dollars of every total.
fn expected(file: &std::path::Path) -> (usize, usize, i64) {
    let text = std::fs::read_to_string(file).unwrap();
    let (mut sales, mut members, mut points) = (HashSet::new(), HashSet::new(), 0);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert!(sales.insert(cells[0].to_owned()), "{line}");
        members.insert(cells[2].to_owned());
        points += cells[3].split('.').next().unwrap().parse::<i64>().unwrap();
    }
    (sales.len(), members.len(), points)
}

#[test]
fn every_sale_once_and_every_point() {
    let Some(path) = real_sales() else { return };
    let (sales, members, points) = expected(&path);
    assert_eq!((sales, members), (6919, 2357));
    let (shop, file) = (Shop::open(), path.display().to_string());
    let rejects = shop.name("rejects.csv");
    let first = shop.ok(&["import", "sales", &file, "--rejects", &rejects]);
    let whole = json!({
        "rows": sales, "recorded": sales, "duplicates": 0, "members_created": members, "points": points, "rejected": [],
    });
    assert_eq!(first, whole);
    let second = shop.ok(&["import", "sales", &file]);
    assert_eq!(
        second,
        json!({"rows": sales, "recorded": 0, "duplicates": sales, "members_created": 0, "points": 0, "rejected": []})
    );
    let verified = shop.ok(&["ledger", "verify"]);
    assert_eq!(
        (&verified["ok"], &verified["members"], &verified["points"]),
        (&json!(true), &json!(members), &json!(points))
    );
    assert_eq!(
        shop.ok(&["stats"]),
        json!({"members": members, "sales": sales, "points_issued": points, "points_redeemed": 0, "points_expired": 0, "points_outstanding": points})
    );
    assert!(!std::path::Path::new(&rejects).exists());

    // Killed again and again on its way, it comes to the same.
    let killed = Shop::open();
    let (report, times) = import_killed(&killed, &file, &[1, 1500, 3000, 4500, 6000]);
    assert!(times >= 3, "killed {times} times only");
    assert_eq!(report, whole);
    assert_eq!(killed.ok(&["ledger", "verify"])["points"], points);
}

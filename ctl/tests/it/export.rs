//! The ledger in a file: numbers are numbers, and text never runs.

use crate::support::Shop;
use serde_json::{Value, json};

fn with_lines() -> Shop {
    let shop = Shop::open();
    shop.ok(&[
        "member",
        "add",
        "--phone",
        "6195550123",
        "--name",
        "=HYPERLINK(\"http://example.com\")",
    ]);
    let credit = shop.ok(&[
        "credit",
        "--phone",
        "6195550123",
        "--total",
        "12.50",
        "--sale-id",
        "@SUM(A1)",
    ]);
    shop.ok(&[
        "adjust",
        "--phone",
        "6195550123",
        "--points",
        "-2",
        "--reason=-2+3, a \"joke\"",
    ]);
    shop.ok(&["reverse", credit["entry_id"].as_str().unwrap()]);
    shop
}

#[test]
fn csv_for_a_spreadsheet() {
    let shop = with_lines();
    let file = shop.name("ledger.csv");
    let done = shop.ok(&["ledger", "export", "--format", "csv", "--out", &file]);
    assert_eq!((&done["lines"], &done["file"]), (&json!(3), &json!(file)));
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(shop.plain(&["ledger", "export", "--format", "csv"]).out, text);
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let head = csv.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| &rows[row][head.iter().position(|h| h == name).unwrap()];
    assert_eq!(
        ["kind", "points", "total", "sale_id", "name", "phone", "reversed"].map(|name| cell(0, name)),
        [
            "earn",
            "12",
            "12.50",
            "'@SUM(A1)",
            "'=HYPERLINK(\"http://example.com\")",
            "+16195550123",
            "true"
        ]
    );
    assert_eq!(
        ["kind", "points", "total", "reasons"].map(|name| cell(1, name)),
        ["adjust", "-2", "", "'-2+3, a \"joke\""]
    );
    assert_eq!(
        (cell(2, "kind"), cell(2, "points"), cell(2, "reverses")),
        ("reverse", "-12", cell(0, "entry_id"))
    );
}

#[test]
fn jsonl_for_a_program() {
    let shop = with_lines();
    let lines: Vec<Value> = shop
        .plain(&["ledger", "export", "--format", "jsonl"])
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    // A program gets what was typed, untouched.
    assert_eq!(
        (&lines[0]["sale_id"], &lines[0]["total"], &lines[0]["points"]),
        (&json!("@SUM(A1)"), &json!("12.50"), &json!(12))
    );
    assert_eq!(lines.iter().map(|l| l["points"].as_i64().unwrap()).sum::<i64>(), -2);
    shop.refused(&["ledger", "export", "--format", "xml"], 2, "usage");
    shop.refused(
        &[
            "ledger",
            "export",
            "--format",
            "csv",
            "--out",
            &shop.name("no/such/folder.csv"),
        ],
        2,
        "usage",
    );
}

//! Several processes on one shop at once.

use crate::support::{Shop, ended};
use serde_json::json;
use std::fmt::Write as _;

/// As many sales of one member as take three transactions.
fn many(till: &str) -> String {
    let mut text = String::from("sale_id,occurred_at,phone,total\n");
    for n in 0..3000 {
        writeln!(text, "{till}-{n},2026-11-20T10:00:00,6195550123,3.99").unwrap();
    }
    text
}

#[test]
fn two_processes_credit_one_member_thousands_of_times() {
    let shop = Shop::open();
    let files = ["a", "b"].map(|till| shop.file(&format!("{till}.csv"), &many(till)));
    // A third process, this one, holds the store open all the while and credits too.
    let store = shop.store();
    let started = files.each_ref().map(|file| shop.start(&["import", "sales", file]));
    for n in 0..20 {
        let total = loyalty::Money::new(100, store.shop().currency);
        let phone = loyalty::Phone::parse("6195550123", store.shop().region).unwrap();
        let sale = loyalty::Sale {
            source: "test".into(),
            sale_id: n.to_string(),
            who: loyalty::Who::Phone(phone),
            total,
            items: Vec::new(),
            tax_minor: 0,
            tip_minor: 0,
            occurred_at: store.now(),
        };
        store
            .credit(store.new_op(), loyalty::op::By::Job("test".into()), sale)
            .unwrap();
    }
    let reports = started.map(|child| ended(child).json());
    assert!(
        reports.iter().all(|r| r["recorded"] == 3000 && r["points"] == 9000),
        "{reports:?}"
    );
    assert_eq!(shop.ok(&["member", "show", "--phone", "6195550123"])["balance"], 18020);
    let verified = shop.ok(&["ledger", "verify"]);
    assert_eq!(
        (&verified["ok"], &verified["members"], &verified["points"]),
        (&json!(true), &json!(1), &json!(18020))
    );
}

#[test]
fn one_file_imported_twice_at_once_is_counted_once() {
    let shop = Shop::open();
    let file = shop.file("a.csv", &many("a"));
    let started = [0, 1].map(|_| shop.start(&["import", "sales", &file]));
    let answers = started.map(ended);
    // Whoever comes second hears of it, or finds all of it done.
    for answer in &answers {
        let json = answer.json();
        assert!(
            answer.code == 0 && json["rows"] == 3000 || answer.code == 4 && json["error"]["code"] == "in_use",
            "{answer:?}"
        );
    }
    assert!(answers.iter().any(|a| a.code == 0), "{answers:?}");
    assert_eq!(shop.ok(&["stats"])["points_outstanding"], 9000);
    assert_eq!(shop.ok(&["import", "sales", &file])["rows"], 3000);
    assert_eq!(shop.ok(&["stats"])["sales"], 3000);
}

#[test]
fn the_app_may_have_the_folder_open() {
    let shop = Shop::open();
    let _app = (ledger::AppLock::take(&shop.dir()).unwrap(), shop.store());
    shop.ok(&["credit", "--phone", "6195550123", "--total", "5", "--enrol"]);
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
    let backup = shop.name("b.db");
    shop.ok(&["backup", &backup]);
    // Only the shop's file itself is not replaced under it.
    shop.refused(&["restore", &backup, "--yes"], 4, "in_use");
}

//! An import that is killed goes on where it was, and says in the end what an uninterrupted one would have said.

use crate::support::Shop;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::Child;
use std::time::Duration;

/// How often is looked for another process's commits, of which none is told.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Kills the import as soon as so many sales are in; false where it was done before.
fn kill_at(mut child: Child, shop: &Shop, sales: i64) -> bool {
    let conn = rusqlite::Connection::open(ledger::file(&shop.dir())).unwrap();
    let mut count = conn.prepare("SELECT count(*) FROM sales").unwrap();
    while count.query_row([], |r| r.get::<_, i64>(0)).unwrap() < sales {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    // SIGKILL: nothing of the process runs any more.
    let killed = child.kill().is_ok();
    child.wait().unwrap();
    killed
}

/// Imports `file`, killed at each of these numbers of sales; answers the last run's report and how often it was killed.
pub fn import_killed(shop: &Shop, file: &str, at: &[i64]) -> (Value, usize) {
    let times = at.iter().filter(|sales| {
        let child = shop.start(&["import", "sales", file]);
        kill_at(child, shop, **sales)
    });
    let times = times.count();
    (shop.ok(&["import", "sales", file]), times)
}

#[test]
fn killed_and_run_again_it_reports_the_whole() {
    let mut text = String::from("sale_id,occurred_at,phone,total\n");
    for n in 0..4000 {
        // Every 50th row has no phone number that exists, every 70th repeats a sale with another total.
        let phone = if n % 50 == 7 {
            "12".to_owned()
        } else {
            format!("619555{:04}", 100 + n % 90)
        };
        let id = if n % 70 == 69 { n - 1 } else { n };
        writeln!(text, "K-{id},2026-11-20T10:00:00,{phone},{}.50", n % 20 + 1).unwrap();
    }
    let (whole, killed) = (Shop::open(), Shop::open());
    let expected = whole.ok(&["import", "sales", &whole.file("sales.csv", &text)]);
    assert!(
        expected["rejected"].as_array().is_some_and(|r| r.len() > 100),
        "{expected}"
    );
    let file = killed.file("sales.csv", &text);
    let (report, times) = import_killed(&killed, &file, &[1, 900, 1800, 2700]);
    assert!(times >= 2, "killed {times} times only");
    assert_eq!(report, expected);
    let rejects = |shop: &Shop| std::fs::read_to_string(shop.name("sales.rejected.csv")).unwrap();
    assert_eq!(rejects(&killed), rejects(&whole));
    assert_eq!(killed.ok(&["stats"]), whole.ok(&["stats"]));
    let verified = killed.ok(&["ledger", "verify"]);
    assert_eq!(verified["ok"], true);
    // It is over: the same file again is a new import.
    let again = killed.ok(&["import", "sales", &file]);
    assert_eq!(
        (&again["recorded"], &again["duplicates"]),
        (&json!(0), &expected["recorded"])
    );
}

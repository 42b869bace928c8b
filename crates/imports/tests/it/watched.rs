//! The watched folder: whole files once, half-written ones later, bad ones to fix.

use imports::{DONE, SETTLE_MS, TO_FIX};
use std::io::Write as _;

use crate::support::{Shop, look, names};

const HEAD: &str = "sale_id,occurred_at,phone,total\n";

fn row(n: u32) -> String {
    format!("S-{n},2026-11-20T09:0{n},61955501{n:02},12.50\n")
}

#[test]
fn a_file_is_taken_when_it_has_stopped_changing_and_once() {
    let shop = Shop::new();
    let mut watched = shop.watched();
    let path = shop.drop_in("monday.csv", &format!("{HEAD}{}", row(1)));
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS - 1);
    assert!(look(&mut watched, &shop).is_none());
    // The till goes on writing, in the middle of a row, and then stops for a moment.
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"S-2,2026-11-20T09:02,6195").unwrap();
    shop.pass(SETTLE_MS - 1);
    assert!(look(&mut watched, &shop).is_none());
    file.write_all(b"550102,12.50\n").unwrap();
    drop(file);
    shop.pass(SETTLE_MS - 1);
    assert!(look(&mut watched, &shop).is_none());
    assert_eq!((watched.waiting(), shop.sales()), (1, 0));
    shop.pass(SETTLE_MS);
    let handled = look(&mut watched, &shop).unwrap();
    assert_eq!((handled.file.as_str(), shop.sales()), ("monday.csv", 2));
    assert_eq!(handled.report.unwrap().tally.points, 24);
    assert_eq!(names(&shop.inbox()), ["done", "to-fix"]);
    assert_eq!(names(&shop.inbox().join(DONE)), ["monday.csv", "monday.report.txt"]);
    let report = std::fs::read_to_string(shop.inbox().join("done/monday.report.txt")).unwrap();
    assert!(
        report.contains("Sales recorded: 2") && report.contains("Nothing is left to do."),
        "{report}"
    );
    shop.pass(SETTLE_MS);
    assert!(look(&mut watched, &shop).is_none());
}

#[test]
fn the_same_name_again_is_another_file_and_known_sales_count_once() {
    let shop = Shop::new();
    let mut watched = shop.watched();
    for (rows, recorded) in [(1..3, 2), (2..5, 2)] {
        let text: String = rows.map(row).collect();
        shop.drop_in("sales.csv", &format!("{HEAD}{text}"));
        assert!(look(&mut watched, &shop).is_none());
        shop.pass(SETTLE_MS);
        let handled = look(&mut watched, &shop).unwrap();
        assert_eq!(handled.report.unwrap().tally.recorded, recorded);
    }
    assert_eq!(shop.sales(), 4);
    let done = names(&shop.inbox().join(DONE));
    assert_eq!(
        done,
        ["sales (2).csv", "sales (2).report.txt", "sales.csv", "sales.report.txt"]
    );
}

#[test]
fn bad_rows_and_files_nobody_can_read_go_to_fix() {
    let shop = Shop::new();
    let mut watched = shop.watched();
    shop.drop_in("a.csv", &format!("{HEAD}{}S-9,someday,123,abc\n", row(1)));
    shop.drop_in("b.csv", "Kunde;Ort\nAna;Wien\n");
    shop.drop_in(
        "c.csv",
        "Receipt,Date,Phone,Total\n1,03/04/2026 09:00,6195550101,12.50\n",
    );
    shop.drop_in("notes.txt", "not a file of sales");
    shop.drop_in(".hidden.csv", HEAD);
    shop.drop_in("empty.csv", "");
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS);
    let all: Vec<_> = std::iter::from_fn(|| look(&mut watched, &shop)).collect();
    assert_eq!(
        all.iter().map(|h| h.report.is_some()).collect::<Vec<_>>(),
        [true, false, false]
    );
    assert_eq!(shop.sales(), 1);
    let to_fix = names(&shop.inbox().join(TO_FIX));
    assert_eq!(
        to_fix,
        ["a.rejected.csv", "b.csv", "b.report.txt", "c.csv", "c.report.txt"]
    );
    assert_eq!(
        names(&shop.inbox()),
        [".hidden.csv", "done", "empty.csv", "notes.txt", "to-fix"]
    );
    assert!(
        all[0].words.contains("line 3, occurred_at: \"someday\"") && all[0].words.contains("to-fix/a.rejected.csv")
    );
    assert!(
        all[1].words.contains("no column was found for sale_id"),
        "{}",
        all[1].words
    );
    assert!(all[2].words.contains("more than one way"), "{}", all[2].words);

    // Put right and dropped in again, the rows go in.
    let fixed = std::fs::read_to_string(shop.inbox().join("to-fix/a.rejected.csv")).unwrap();
    let fixed = fixed.replace("someday,123,abc", "2026-11-20T10:00,6195550109,7.00");
    shop.drop_in("a.rejected.csv", &fixed);
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS);
    let handled = look(&mut watched, &shop).unwrap();
    assert_eq!((handled.report.unwrap().rejected_rows, shop.sales()), (0, 2));
}

#[test]
fn told_to_stop_it_leaves_the_file_and_goes_on_the_next_time() {
    let shop = Shop::new();
    let rows: String = (0..2500).map(|n| format!("S-{n},2026-11-20T09:00,,1.00\n")).collect();
    shop.drop_in("many.csv", &format!("{HEAD}{rows}"));
    let mut watched = shop.watched();
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS);
    let stopped = watched.next(&shop.store, &mut |tally| tally.rows < 1000).unwrap();
    assert!(stopped.is_none());
    assert_eq!(shop.sales(), 1000);
    assert!(shop.inbox().join("many.csv").exists());
    // As after a start of the machine.
    let mut watched = shop.watched();
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS);
    let handled = look(&mut watched, &shop).unwrap();
    assert_eq!((handled.report.unwrap().tally.recorded, shop.sales()), (2500, 2500));
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_gone_is_an_error_and_the_next_look_finds_it_again() {
    let shop = Shop::new();
    let mut watched = shop.watched();
    let away = shop.dir.path().join("away");
    std::fs::rename(shop.inbox(), &away).unwrap();
    assert!(watched.next(&shop.store, &mut |_| true).is_err());
    std::fs::rename(&away, shop.inbox()).unwrap();
    shop.drop_in("x.csv", &format!("{HEAD}{}", row(1)));
    assert!(look(&mut watched, &shop).is_none());
    shop.pass(SETTLE_MS);
    assert!(look(&mut watched, &shop).is_some());
}

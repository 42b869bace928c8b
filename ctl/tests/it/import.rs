//! Files of sales and members: good rows in, bad rows out, the same file again, and a dry run.

use crate::support::{Shop, keys};
use serde_json::{Value, json};

const SALES: &str = "\
sale_id,occurred_at,phone,total,items
S-1,2026-11-20T09:00,6195550101,12.50,Coffee x2
S-2,2026-11-20T09:05,123,4.00,
S-3,2026-11-20T09:10,6195550102,7.99,
S-1,2026-11-20T09:00,6195550101,12.50,Coffee x2
S-3,2026-11-20T09:10,6195550102,8.99,
S-4,someday,6195550102,abc,
S-5,2026-11-20T09:15,,3.00,Tea
";

fn report() -> Value {
    let bad = |line: u64, column: &str, code: &str, value: &str| json!({"line": line, "column": column, "code": code, "value": value});
    json!({
        "rows": 7, "recorded": 3, "duplicates": 1, "members_created": 2, "points": 19,
        "rejected": [
            bad(3, "phone", "bad_phone", "123"),
            bad(6, "sale_id", "sale_differs", "S-3"),
            bad(7, "occurred_at", "bad_time", "someday"),
            bad(7, "total", "bad_amount", "abc"),
        ],
    })
}

#[test]
fn good_rows_go_in_and_bad_rows_come_out() {
    let shop = Shop::open();
    let file = shop.file("sales.csv", SALES);
    assert_eq!(shop.ok(&["import", "sales", &file]), report());
    let again = shop.ok(&["import", "sales", &file]);
    assert_eq!(
        (&again["recorded"], &again["duplicates"], &again["points"]),
        (&json!(0), &json!(4), &json!(0))
    );
    assert_eq!(again["rejected"], report()["rejected"]);

    let rejected = std::fs::read_to_string(shop.name("sales.rejected.csv")).unwrap();
    let lines: Vec<&str> = rejected.lines().collect();
    assert_eq!(
        (lines.len(), lines[0]),
        (4, "error_column,error,sale_id,occurred_at,phone,total,items"),
        "{rejected}"
    );
    // Put right, that very file goes in.
    let fixed = shop.file(
        "fixed.csv",
        &rejected
            .replace(",123,", ",6195550103,")
            .replace("someday", "2026-11-20")
            .replace("abc", "9"),
    );
    let done = shop.ok(&["import", "sales", &fixed]);
    assert_eq!((&done["recorded"], &done["points"]), (&json!(2), &json!(13)), "{done}");
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
}

#[test]
fn a_dry_run_reports_the_same_and_changes_nothing() {
    let shop = Shop::open();
    let file = shop.file("sales.csv", SALES);
    let before = (shop.ok(&["ledger", "verify"]), folder(&shop));
    assert_eq!(shop.ok(&["import", "sales", &file, "--dry-run"]), report());
    assert_eq!((shop.ok(&["ledger", "verify"]), folder(&shop)), before);
    assert!(!std::path::Path::new(&shop.name("sales.rejected.csv")).exists());
    let said = shop.plain(&["import", "sales", &file, "--dry-run"]).out;
    assert!(said.starts_with("Dry run, nothing was changed."), "{said}");
    assert_eq!(shop.ok(&["import", "sales", &file]), report());
}

fn folder(shop: &Shop) -> Vec<String> {
    let names = std::fs::read_dir(shop.dir())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap());
    // The log beside the file comes and goes with whoever has it open.
    let mut names: Vec<String> = names.filter(|n| !n.ends_with("-wal") && !n.ends_with("-shm")).collect();
    names.sort();
    names
}

#[test]
fn other_columns_are_mapped_and_missing_ones_named() {
    let shop = Shop::open();
    let file = shop.file(
        "export.csv",
        "Receipt,When,Customer,Net Sales\n7,2026-11-20 09:00,6195550101,5\n8,2026-11-20,6195550101,x\n",
    );
    let error = shop.refused(&["import", "sales", &file], 3, "missing");
    assert_eq!(error["found"], json!(["Receipt", "When", "Customer", "Net Sales"]));
    let map = [
        "--map",
        "sale_id=Receipt",
        "--map",
        "occurred_at=When",
        "--map",
        "phone=Customer",
        "--map",
        "total=\"Net Sales\"",
    ];
    let done = shop.ok(&[&["import", "sales", &file, "--source", "square"][..], &map].concat());
    assert_eq!(
        (&done["recorded"], &done["rejected"][0]["column"]),
        (&json!(1), &json!("Net Sales"))
    );
    shop.refused(&["import", "sales", &file, "--map", "colour=When"], 2, "usage");
    shop.refused(&["import", "sales", &file, "--source", ""], 3, "bad_sale_id");
}

#[test]
fn rejects_go_where_they_are_told() {
    let shop = Shop::open();
    let file = shop.file("sales.csv", SALES);
    shop.refused(&["import", "sales", &file, "--rejects", &file], 2, "usage");
    shop.refused(
        &["import", "sales", &file, "--rejects", &shop.name("no/such/folder.csv")],
        2,
        "usage",
    );
    // What stopped half-way goes on, and reports the whole.
    let to = shop.name("to-fix.csv");
    assert_eq!(shop.ok(&["import", "sales", &file, "--rejects", &to]), report());
    assert!(std::fs::read_to_string(to).unwrap().contains("S-4"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), SALES);
}

#[test]
fn said_to_people() {
    let shop = Shop::open();
    let file = shop.file("sales.csv", SALES);
    let said = shop.plain(&["import", "sales", &file]).out;
    assert!(
        said.starts_with(
            "7 rows read: 3 sales recorded, 1 known before.\n2 members created, 19 points added.\n3 rows refused:\n"
        ),
        "{said}"
    );
    assert!(
        said.contains("  line 3, phone: \"123\": This is not a phone number.")
            || said.contains("  line 3, phone: \"123\". This is not a phone number."),
        "{said}"
    );
    assert!(said.contains("sales.rejected.csv. Fix them there"), "{said}");
}

const MEMBERS: &str = "\
phone,name,email,consent,balance
6195550101,Ana Lopez,ana@example.com,yes,120
6195550102,,,,
6195550103,Ben,ben@,no,5
6195550104,Kim,,,-3
";

#[test]
fn members_with_what_they_bring_along() {
    let shop = Shop::open();
    shop.ok(&["member", "add", "--phone", "6195550102", "--name", "Known"]);
    let file = shop.file("members.csv", MEMBERS);
    let done = shop.ok(&["import", "members", &file]);
    assert_eq!(
        keys(&done),
        [
            "duplicates",
            "members_created",
            "members_updated",
            "points",
            "rejected",
            "rows"
        ]
    );
    assert_eq!(
        (
            &done["rows"],
            &done["members_created"],
            &done["duplicates"],
            &done["points"]
        ),
        (&json!(4), &json!(1), &json!(1), &json!(120))
    );
    assert_eq!(
        (
            &done["rejected"][0]["code"],
            &done["rejected"][1]["code"],
            &done["rejected"][1]["column"]
        ),
        (&json!("bad_email"), &json!("bad_points"), &json!("balance"))
    );
    let ana = shop.ok(&["member", "show", "--phone", "6195550101"]);
    assert_eq!(
        (&ana["balance"], &ana["email_consent"], &ana["lines"][0]["kind"]),
        (&json!(120), &json!(true), &json!("opening"))
    );
    let again = shop.ok(&["import", "members", &file]);
    assert_eq!(
        (&again["members_created"], &again["duplicates"], &again["points"]),
        (&json!(0), &json!(2), &json!(0))
    );
    assert_eq!(shop.ok(&["ledger", "verify"])["points"], 120);
}

#[test]
fn members_known_before_keep_what_is_known_and_gain_what_is_not() {
    let shop = Shop::open();
    shop.ok(&["member", "add", "--phone", "6195550101", "--name", "Ana"]);
    let file = shop.file(
        "members.csv",
        "phone,name,email,consent,points\n6195550101,Other,ana@example.com,yes,10\n",
    );
    let done = shop.ok(&["import", "members", &file]);
    assert_eq!(
        (&done["members_updated"], &done["points"]),
        (&json!(1), &json!(10)),
        "{done}"
    );
    let ana = shop.ok(&["member", "show", "--phone", "6195550101"]);
    assert_eq!(
        (&ana["name"], &ana["email"], &ana["email_consent"]),
        (&json!("Ana"), &json!("ana@example.com"), &json!(true))
    );
    // Consent is taken by a file, and not given back by one; another opening balance is refused.
    let no = shop.file("no.csv", "phone,consent\n6195550101,no\n");
    assert_eq!(shop.ok(&["import", "members", &no])["members_updated"], 1);
    assert_eq!(shop.ok(&["import", "members", &file])["duplicates"], 1);
    assert_eq!(
        shop.ok(&["member", "show", "--phone", "6195550101"])["email_consent"],
        false
    );
    let more = shop.file("more.csv", "phone,points\n6195550101,11\n");
    let rejected = shop.ok(&["import", "members", &more])["rejected"].clone();
    assert_eq!(
        (&rejected[0]["column"], &rejected[0]["code"]),
        (&json!("balance"), &json!("sale_differs"))
    );
    assert_eq!(shop.ok(&["stats"])["points_outstanding"], 10);
}

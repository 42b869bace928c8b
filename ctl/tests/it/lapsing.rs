//! `lapsing`: who stays away, what comes next, and the owner's choices.

use serde_json::json;

use crate::support::Shop;

const RULES: &str =
    "Earn 1 point per $1\nLapsing after 60 days for members with 2 visits; nudge at most 2 times; then rest\n";
/// Years before any clock that runs this.
const SALES: &str = "\
sale_id,occurred_at,phone,total
A,2024-01-08T09:00,6195550101,12.50
B,2024-01-15T09:00,6195550101,12.50
C,2024-01-15T09:05,6195550102,7.00
";

#[test]
fn who_stays_away_is_listed_and_decided() {
    let shop = Shop::open();
    let said = shop.plain(&["lapsing", "list"]).out;
    assert!(said.contains("Add a line like: Lapsing after"), "{said}");
    let file = shop.file("rules.txt", RULES);
    shop.ok(&["rules", "publish", &file]);
    let file = shop.file("sales.csv", SALES);
    shop.ok(&["import", "sales", &file]);
    let list = shop.ok(&["lapsing", "list"]);
    let one = &list["members"][0];
    assert_eq!(
        list["members"].as_array().map(Vec::len),
        Some(1),
        "once is not a regular: {list}"
    );
    assert_eq!(
        (&one["last4"], &one["nudges"], &one["next"], &one["gets_mail"]),
        (&json!("0101"), &json!(0), &json!("nudge"), &json!(false))
    );
    assert!(one["weeks"].as_i64().unwrap() > 100, "{one}");

    // No bonus while none is set; then as usual, then for one, and taken back.
    shop.refused(&["lapsing", "decide", "bonus", "--all"], 3, "bad_points");
    assert_eq!(
        shop.ok(&["lapsing", "usual", "rest", "--bonus", "25"])["usual"],
        json!({"choice": "rest", "bonus": 25})
    );
    let next = || shop.ok(&["lapsing", "list"])["members"][0].clone();
    assert_eq!(next()["next"], "rest_usual");
    assert_eq!(
        shop.ok(&["lapsing", "decide", "bonus", "--phone", "6195550101"])["chosen"],
        1
    );
    assert_eq!(
        (&next()["next"], &next()["bonus"], &next()["chosen"]),
        (&json!("bonus"), &json!(25), &json!("bonus"))
    );
    assert_eq!(shop.ok(&["lapsing", "decide", "bonus", "--all"])["chosen"], 0);
    assert_eq!(shop.ok(&["lapsing", "decide", "usual", "--all"])["chosen"], 1);
    assert_eq!(
        (next()["next"].clone(), next()["chosen"].clone()),
        (json!("rest_usual"), json!(null))
    );
    let csv = shop.plain(&["lapsing", "list", "--csv"]).out;
    assert!(
        csv.starts_with("code,name,visits,points,last_visit_at,weeks,mails,gets_mail,chosen,next\n"),
        "{csv}"
    );
    assert!(
        csv.contains(",2,24,2024-01-15T") && csv.contains(",no,,rest_usual\n"),
        "{csv}"
    );
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);

    // Whoever comes is on the list no more.
    shop.ok(&["credit", "--phone", "6195550101", "--total", "3"]);
    let list = shop.ok(&["lapsing", "list"]);
    assert_eq!(
        (&list["members"], &list["results"]["win_backs"]),
        (&json!([]), &json!(0))
    );
}

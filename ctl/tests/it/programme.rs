//! Rules with their versions, trying and back-testing; held sales, refunds, expiry.

use serde_json::{Value, json};

use crate::support::{Shop, ended, keys};

const ANA: &str = "6195550123";
const RULES: &str = "Earn 1 point per $1\nHold sales over $500\nReward 100 points: Free coffee, costs $1.20\n";

fn with_rules(text: &str) -> Shop {
    let shop = Shop::open();
    let file = shop.file("rules.txt", text);
    shop.ok(&["rules", "publish", &file]);
    shop
}

fn credit(shop: &Shop, total: &str, sale_id: &str) -> Value {
    shop.ok(&[
        "credit",
        "--phone",
        ANA,
        "--total",
        total,
        "--sale-id",
        sale_id,
        "--enrol",
    ])
}

#[test]
fn held_sales_are_listed_and_decided_once() {
    let shop = with_rules(RULES);
    for id in ["A", "B", "C"] {
        assert_eq!(credit(&shop, "600", id)["move"], "hold");
    }
    let list = shop.ok(&["review", "list"]);
    assert_eq!(
        (&list["waiting"], &list["sales"][0]["points"]),
        (&json!(3), &json!(600))
    );
    assert_eq!(
        keys(&list["sales"][0]),
        [
            "by",
            "held_at",
            "member_id",
            "name",
            "occurred_at",
            "phone",
            "points",
            "reasons",
            "sale_id",
            "source",
            "total_minor"
        ]
    );
    assert!(list["sales"][0]["reasons"].to_string().contains("over $500"), "{list}");
    let said = shop.plain(&["review", "list"]).out;
    assert!(
        said.contains("$600.00") && said.ends_with("3 held sales waiting.\n"),
        "{said}"
    );

    let done = shop.ok(&["review", "approve", "A"]);
    assert_eq!(keys(&done), ["balance", "decision", "entry_id", "sale_id", "source"]);
    assert_eq!((&done["decision"], &done["balance"]), (&json!("approved"), &json!(600)));
    shop.refused(&["review", "approve", "A"], 3, "already_decided");
    shop.refused(&["review", "approve", "Z"], 3, "unknown_sale");
    shop.refused(&["review", "approve", "A", "--source", "square"], 3, "unknown_sale");
    shop.refused(&["review", "approve", "B", "--points", "60"], 2, "usage");
    shop.refused(&["review", "reject", "B"], 2, "usage");
    shop.refused(&["review", "reject", "B", "--reason", " "], 3, "reason_missing");
    let edited = shop.ok(&[
        "review",
        "approve",
        "B",
        "--points",
        "60",
        "--reason",
        "A digit too many",
    ]);
    assert_eq!(edited["balance"], 660);
    let rejected = shop.ok(&["review", "reject", "C", "--reason", "Not a sale"]);
    assert_eq!(
        (&rejected["decision"], &rejected["entry_id"]),
        (&json!("rejected"), &json!(null))
    );
    assert_eq!(shop.ok(&["review", "list"]), json!({"waiting": 0, "sales": []}));
    assert_eq!(shop.plain(&["ledger", "verify"]).code, 0);
}

#[test]
fn a_refund_is_shown_first_and_happens_once() {
    let shop = with_rules(RULES);
    credit(&shop, "30.50", "A");
    let shown = shop.ok(&["refund", "A", "--amount", "10", "--preview"]);
    assert_eq!(
        (
            &shown["preview"],
            &shown["points"],
            &shown["balance"],
            &shown["amount_minor"]
        ),
        (&json!(true), &json!(-10), &json!(20), &json!(1000))
    );
    let args = ["refund", "A", "--amount", "10.00", "--refund-id", "R1"];
    let done = shop.ok(&args);
    assert_eq!(
        keys(&done),
        [
            "amount_minor",
            "balance",
            "duplicate",
            "entry_id",
            "member_id",
            "points",
            "refund_id",
            "restored",
            "sale_id",
            "source",
            "whole"
        ]
    );
    assert_eq!(
        (&done["points"], &done["duplicate"], &done["whole"]),
        (&json!(-10), &json!(false), &json!(false))
    );
    let again = shop.ok(&args);
    assert_eq!((&again["duplicate"], &again["balance"]), (&json!(true), &json!(20)));
    shop.refused(
        &["refund", "A", "--amount", "11", "--refund-id", "R1"],
        3,
        "sale_differs",
    );
    let error = shop.refused(&["refund", "A", "--amount", "20.51"], 3, "refund_too_large");
    assert_eq!(error["number"], 2050);
    let error = shop.refused(&["refund", "A", "--amount", "ten"], 3, "bad_amount");
    assert_eq!(error["field"], "amount");
    let rest = shop.plain(&["refund", "A"]);
    assert!(
        rest.code == 0 && rest.out.starts_with("Refunded: $20.50, -20 points. Balance: 0 points."),
        "{rest:?}"
    );
    shop.refused(&["refund", "A"], 3, "already_reversed");
    shop.refused(&["refund", "none", "--preview"], 3, "unknown_sale");
    assert_eq!(shop.plain(&["ledger", "verify"]).code, 0);
}

#[test]
fn points_expire_when_told_to() {
    let shop = Shop::open();
    assert_eq!(shop.ok(&["expire"]), json!({"members": 0, "rules_expire": false}));
    let file = shop.file(
        "rules.txt",
        "Earn 1 point per $1\nPoints expire 12 months after earning\n",
    );
    shop.ok(&["rules", "publish", &file]);
    shop.ok(&[
        "credit",
        "--phone",
        ANA,
        "--total",
        "10",
        "--enrol",
        "--at",
        "2020-01-01",
    ]);
    credit(&shop, "5", "new");
    assert_eq!(shop.ok(&["expire"]), json!({"members": 1, "rules_expire": true}));
    assert_eq!(shop.plain(&["expire"]).out, "No points have run out of time.\n");
    let stats = shop.ok(&["stats"]);
    assert_eq!(
        (&stats["points_expired"], &stats["points_outstanding"]),
        (&json!(10), &json!(5))
    );
}

#[test]
fn versions_are_told_apart_and_come_back() {
    let shop = with_rules(RULES);
    let history = shop.ok(&["rules", "history"]);
    let newest = &history["versions"][0];
    assert_eq!(keys(newest), ["added", "at", "by", "removed", "text", "version"]);
    assert_eq!(
        (&newest["version"], &newest["added"], &newest["removed"], &newest["by"]),
        (
            &json!(2),
            &json!(["Hold sales over $500", "Reward 100 points: Free coffee, costs $1.20"]),
            &json!(["Reward 100 points: Free coffee"]),
            &json!("job:ctl")
        )
    );
    let said = shop.plain(&["rules", "history"]).out;
    assert!(
        said.contains("  - Reward 100 points: Free coffee\n") && said.contains("Version 1, "),
        "{said}"
    );
    let back = json!({"version": 3, "text_of": 1, "changed": true});
    assert_eq!(shop.ok(&["rules", "rollback", "1"]), back);
    assert_eq!(shop.ok(&["rules", "rollback", "1"])["changed"], false);
    assert_eq!(shop.ok(&["rules", "show"])["text"], history["versions"][1]["text"]);
    for wrong in ["0", "9", "one"] {
        shop.refused(&["rules", "rollback", wrong], 2, "usage");
    }
}

#[test]
fn a_document_is_formatted() {
    let shop = Shop::open();
    let file = shop.file("r.txt", "earn 1 POINT per $1.00   # base\n");
    let shown = shop.ok(&["rules", "fmt", &file]);
    assert_eq!(
        shown,
        json!({"changed": true, "written": false, "text": "Earn 1 point per $1 # base\n"})
    );
    assert_eq!(shop.plain(&["rules", "fmt", &file]).out, "Earn 1 point per $1 # base\n");
    assert_eq!(shop.ok(&["rules", "fmt", &file, "--write"])["written"], true);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "Earn 1 point per $1 # base\n");
    assert_eq!(shop.ok(&["rules", "fmt", &file, "--write"])["changed"], false);
    let bad = shop.file("bad.txt", "Ern 1 point per $1\n");
    let error = shop.refused(&["rules", "fmt", &bad, "--write"], 3, "bad_rules");
    assert_eq!(error["errors"][0]["suggestion"], "Earn");
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), "Ern 1 point per $1\n");
}

#[test]
fn rules_are_tried_without_recording() {
    let shop = with_rules(RULES);
    credit(&shop, "95", "A");
    let tried = shop.ok(&["rules", "try", "--total", "12.50", "--phone", ANA]);
    assert_eq!(
        tried,
        json!({"move": "add_reward", "points": 12, "reasons": ["12 = 1 per $1"], "announces": "Free coffee",
               "balance_after": 107, "rules_version": 2})
    );
    let draft = shop.file(
        "draft.txt",
        "Earn 3 points per \"Flat white\"\nDouble points on Tuesday 14:00-17:00\n",
    );
    let tea = [
        "rules",
        "try",
        "--total",
        "12.50",
        "--item",
        "Flat white x2; Bagel",
        "--at",
        "2026-11-17T14:00",
        &draft,
    ];
    let tried = shop.ok(&tea);
    assert_eq!((&tried["points"], &tried["rules_version"]), (&json!(12), &json!(null)));
    let said = shop.plain(&tea).out;
    assert!(
        said.starts_with("+12 points.\n") && said.contains("Nothing was recorded."),
        "{said}"
    );
    shop.refused(
        &["rules", "try", "--total", "1", "--phone", "6195550199"],
        3,
        "unknown_member",
    );
    shop.refused(&["rules", "try", "--total", "1", "--at", "soon"], 3, "bad_time");
    let bad = shop.file("bad.txt", "Ern 1 point per $1\n");
    shop.refused(&["rules", "try", "--total", "1", &bad], 3, "bad_rules");
    assert_eq!(shop.ok(&["stats"])["sales"], 1);
}

#[test]
fn the_demo_shops_rules_make_of_its_past_what_happened() {
    let shop = Shop::none();
    shop.ok(&["demo", "--members", "40", "--today", "2026-11-20"]);
    let text = shop.ok(&["rules", "show"])["text"].as_str().unwrap().to_owned();
    let same = shop.ok(&["rules", "backtest", &shop.file("same.txt", &text)]);
    assert_eq!(
        keys(&same),
        [
            "different",
            "from",
            "losers",
            "members",
            "months",
            "now",
            "sales",
            "then",
            "to",
            "walk_ins",
            "winners"
        ]
    );
    assert_eq!((&same["different"], &same["then"]), (&json!(0), &same["now"]), "{same}");
    assert_eq!(same["sales"], shop.ok(&["stats"])["sales"]);
    assert_eq!((&same["members"]["gain"], &same["winners"]), (&json!(0), &json!([])));

    let draft = shop.file("draft.txt", "Earn 2 points per $1\nHold sales over $40\n");
    let other = shop.ok(&["rules", "backtest", &draft]);
    assert_eq!(
        (other["winners"].as_array().unwrap().len(), &other["now"]["cost_minor"]),
        (10, &json!(null))
    );
    assert_eq!(
        keys(&other["winners"][0]),
        ["change", "member_id", "name", "now", "then"]
    );
    assert!(other["winners"][0]["change"].as_i64() >= other["winners"][9]["change"].as_i64());
    assert_eq!(
        keys(&other["months"][0]),
        ["held_now", "held_then", "month", "points_now", "points_then", "sales"]
    );
    let said = shop.plain(&["rules", "backtest", &draft]);
    assert!(
        said.out.contains("by the draft") && said.out.contains("Who gains most:") && said.err.is_empty(),
        "{said:?}"
    );
    let bad = shop.file("bad.txt", "Ern 1 point per $1\n");
    shop.refused(&["rules", "backtest", &bad], 3, "bad_rules");
    shop.refused(&["rules", "backtest", "no-such-file.txt"], 2, "usage");

    let empty = Shop::open();
    let said = empty.plain(&["rules", "backtest", &draft]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "There are no sales yet to test these rules on.\n")
    );
}

/// The draft comes through a pipe, so that the signal surely comes before the first sale is read.
#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_back_test() {
    use std::process::Command;
    let shop = Shop::none();
    shop.ok(&["demo", "--members", "40", "--today", "2026-11-20"]);
    let pipe = shop.name("draft.txt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = shop.start(&["rules", "backtest", &pipe]);
    // Opening it waits until the other side reads.
    let mut draft = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    std::io::Write::write_all(&mut draft, b"Earn 2 points per $1\n").unwrap();
    drop(draft);
    let answer = ended(child);
    assert_eq!(
        (answer.code, answer.json()),
        (130, json!({"stopped": true})),
        "{answer:?}"
    );
}

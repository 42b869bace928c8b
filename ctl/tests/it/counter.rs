//! Crediting, redeeming, reversing, adjusting: what is answered, and what is refused.

use crate::support::{Shop, keys};
use serde_json::json;

const ANA: &str = "(619) 555-0123";

fn with_ana() -> Shop {
    let shop = Shop::open();
    shop.ok(&["member", "add", "--phone", ANA, "--name", "Ana Lopez"]);
    shop
}

#[test]
fn a_credit_says_what_it_did_and_why() {
    let shop = with_ana();
    let done = shop.ok(&[
        "credit",
        "--phone",
        ANA,
        "--total",
        "12.50",
        "--item",
        "Coffee x2",
        "--item",
        "Bagel",
    ]);
    assert_eq!(
        keys(&done),
        [
            "announces",
            "balance",
            "entry_id",
            "member_id",
            "move",
            "points",
            "reasons"
        ]
    );
    assert_eq!(
        (&done["move"], &done["points"], &done["balance"], &done["announces"]),
        (&json!("add"), &json!(12), &json!(12), &json!(null))
    );
    assert_eq!(done["reasons"], json!(["12 = 1 per $1"]));
    let done = shop.ok(&["credit", "--phone", ANA, "--total", "90"]);
    assert_eq!(
        (&done["move"], &done["announces"]),
        (&json!("add_reward"), &json!("Free coffee"))
    );
    let said = shop.plain(&["credit", "--phone", ANA, "--total", "12.50"]).out;
    assert!(
        said.starts_with("+12 points for $12.50 (12 = 1 per $1). Balance: 114 points.\nLine "),
        "{said}"
    );
}

#[test]
fn a_sale_counts_once() {
    let shop = with_ana();
    let args = [
        "credit",
        "--phone",
        ANA,
        "--total",
        "12.50",
        "--sale-id",
        "A-1",
        "--at",
        "2026-11-20T09:00",
    ];
    let first = shop.ok(&args);
    let again = shop.ok(&args);
    assert_eq!((&again["duplicate"], &again["balance"]), (&json!(true), &json!(12)));
    assert!(
        again["recorded_at"].as_str().is_some_and(|t| t.ends_with('Z')),
        "{again}"
    );
    assert_eq!(
        (&again["entry_id"], &again["reasons"]),
        (&first["entry_id"], &first["reasons"])
    );
    assert!(first.get("duplicate").is_none() && first.get("recorded_at").is_none());
    let said = shop.plain(&args).out;
    assert!(said.contains("Nothing was added. Balance: 12 points."), "{said}");
    let mut other = args;
    other[4] = "13.50";
    shop.refused(&other, 3, "sale_differs");
    // Another system may have the same number.
    assert_eq!(shop.ok(&[&args[..], &["--source", "square"]].concat())["balance"], 24);
    // Sales without a number are never the same.
    let unnumbered = ["credit", "--phone", ANA, "--total", "1"];
    assert_eq!(
        (&shop.ok(&unnumbered)["balance"], &shop.ok(&unnumbered)["balance"]),
        (&json!(25), &json!(26))
    );
}

#[test]
fn a_credit_is_refused_with_its_reason() {
    let shop = with_ana();
    let credit = |more: &[&str], code: &str| {
        shop.refused(&[&["credit"], more].concat(), 3, code);
    };
    credit(&["--phone", "6195550199", "--total", "1"], "unknown_member");
    credit(&["--phone", "12", "--total", "1"], "bad_phone");
    credit(&["--phone", ANA, "--total", "1,000"], "bad_amount");
    credit(&["--phone", ANA, "--total", "-1"], "bad_amount");
    credit(&["--phone", ANA, "--total", "1", "--at", "yesterday"], "bad_time");
    credit(&["--phone", ANA, "--total", "1", "--item", "Tea x0"], "bad_items");
    credit(&["--phone", ANA, "--total", "1", "--sale-id", " "], "bad_sale_id");
    let error = shop.refused(&["credit", "--phone", ANA, "--total", "x"], 3, "bad_amount");
    assert_eq!((&error["field"], &error["value"]), (&json!("total"), &json!("x")));
    let plain = shop.plain(&["credit", "--phone", "12", "--total", "1"]);
    assert!(
        plain.code == 3 && plain.out.is_empty() && plain.err.starts_with("This is not a phone number."),
        "{plain:?}"
    );
    assert_eq!(shop.ok(&["stats"])["sales"], 0);
    let enrolled = shop.ok(&["credit", "--phone", "6195550199", "--total", "1", "--enrol"]);
    assert_eq!((&enrolled["enrolled"], &enrolled["points"]), (&json!(true), &json!(1)));
}

#[test]
fn rewards_need_their_points() {
    let shop = with_ana();
    shop.ok(&["credit", "--phone", ANA, "--total", "150"]);
    let given = shop.ok(&["redeem", "--phone", ANA, "--reward", "free COFFEE"]);
    assert_eq!(
        keys(&given),
        ["balance", "entry_id", "lots", "member_id", "points", "reward"]
    );
    assert_eq!(
        (&given["reward"], &given["points"], &given["balance"]),
        (&json!("Free coffee"), &json!(-100), &json!(50))
    );
    let error = shop.refused(
        &["redeem", "--phone", ANA, "--reward", "Free coffee"],
        3,
        "not_enough_points",
    );
    assert_eq!(error["number"], 50);
    let said = shop.plain(&["redeem", "--phone", ANA, "--reward", "Free coffee"]);
    assert!(
        said.code == 3 && said.err.contains("50 points are missing."),
        "{said:?}"
    );
    shop.refused(&["redeem", "--phone", ANA, "--reward", "Boat"], 3, "unknown_reward");
    shop.refused(
        &["redeem", "--phone", "6195550199", "--reward", "Free coffee"],
        3,
        "unknown_member",
    );
}

#[test]
fn a_line_is_reversed_once() {
    let shop = with_ana();
    let credit = shop.ok(&["credit", "--phone", ANA, "--total", "12.50", "--sale-id", "A-1"]);
    let entry = credit["entry_id"].as_str().unwrap();
    let back = shop.ok(&["reverse", entry]);
    assert_eq!(keys(&back), ["balance", "entry_id", "member_id", "points", "reverses"]);
    assert_eq!(
        (&back["points"], &back["balance"], back["reverses"].as_str()),
        (&json!(-12), &json!(0), Some(entry))
    );
    shop.refused(&["reverse", entry], 3, "already_reversed");
    shop.refused(&["reverse", back["entry_id"].as_str().unwrap()], 3, "not_reversible");
    shop.refused(&["reverse", "00000000-0000-7000-8000-000000000000"], 3, "unknown_entry");
    shop.refused(&["reverse", "nonsense"], 3, "unknown_entry");
    let again = shop.ok(&["credit", "--phone", ANA, "--total", "12.50", "--sale-id", "A-1"]);
    assert_eq!((&again["duplicate"], &again["reversed"]), (&json!(true), &json!(true)));
}

#[test]
fn points_are_adjusted_both_ways() {
    let shop = with_ana();
    let adjust = |points: &str, reason: &str| {
        ["adjust", "--phone", ANA, "--points", points, "--reason", reason].map(str::to_owned)
    };
    let run = |args: [String; 7]| shop.run(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let added = run(adjust("30", "Sorry"));
    assert_eq!((added.code, &added.json()["balance"]), (0, &json!(30)));
    let taken = run(adjust("-10", "Twice by mistake"));
    assert_eq!(
        (taken.code, &taken.json()["points"], &taken.json()["balance"]),
        (0, &json!(-10), &json!(20))
    );
    for (points, reason, code) in [
        ("-21", "Too many", "not_enough_points"),
        ("0", "None", "bad_points"),
        ("5", " ", "reason_missing"),
        ("2000000", "A slip", "bad_points"),
    ] {
        let answer = run(adjust(points, reason));
        assert_eq!(
            (answer.code, &answer.json()["error"]["code"]),
            (3, &json!(code)),
            "{points}"
        );
    }
    assert_eq!(shop.ok(&["ledger", "verify"])["points"], 20);
}

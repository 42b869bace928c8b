//! Adding, showing and listing members.

use crate::support::{Shop, keys};
use serde_json::json;

const MEMBER: [&str; 12] = [
    "balance",
    "birthday",
    "code",
    "email",
    "email_consent",
    "enrolled_at",
    "last_visit_at",
    "member_id",
    "name",
    "phone",
    "spendable",
    "visits",
];

#[test]
fn added_shown_and_listed() {
    let shop = Shop::open();
    let add = [
        "member",
        "add",
        "--phone",
        "619 555 0123",
        "--name",
        " Ana  Lopez ",
        "--email",
        "ana@example.com",
        "--consent",
    ];
    let ana = shop.ok(&add);
    assert_eq!(
        (&ana["created"], &ana["phone"], &ana["name"], &ana["email_consent"]),
        (&json!(true), &json!("+16195550123"), &json!("Ana Lopez"), &json!(true))
    );
    let again = shop.ok(&["member", "add", "--phone", "6195550123", "--name", "Somebody Else"]);
    assert_eq!(
        (&again["created"], &again["name"], &again["member_id"]),
        (&json!(false), &json!("Ana Lopez"), &ana["member_id"])
    );
    shop.ok(&["credit", "--phone", "6195550123", "--total", "5"]);

    for key in [
        ["--phone", "+16195550123"],
        ["--code", ana["code"].as_str().unwrap()],
        ["--id", ana["member_id"].as_str().unwrap()],
    ] {
        let shown = shop.ok(&[&["member", "show"][..], &key].concat());
        let mut expected = MEMBER.to_vec();
        expected.extend(["brought_by", "lines", "referral_rewards", "stamp_cards"]);
        expected.sort_unstable();
        assert_eq!(keys(&shown), expected);
        assert_eq!(
            (&shown["balance"], &shown["lines"][0]["kind"]),
            (&json!(5), &json!("earn")),
            "{shown}"
        );
    }
    for (key, value, code) in [
        ("--phone", "6195550199", "unknown_member"),
        ("--phone", "1", "bad_phone"),
        ("--code", "nonsense", "unknown_member"),
        ("--id", "nonsense", "unknown_member"),
    ] {
        shop.refused(&["member", "show", key, value], 3, code);
    }
    let said = shop.plain(&["member", "show", "--phone", "6195550123"]).out;
    assert!(
        said.starts_with(
            "Ana Lopez, +1 619-555-0123\nana@example.com (agreed to mail)\nBalance: 5 points. 1 visit, the last on "
        ),
        "{said}"
    );
}

#[test]
fn listed_up_to_a_limit_and_searched() {
    let shop = Shop::open();
    for (phone, name) in [
        ("6195550101", "Ana Lopez"),
        ("6195550102", "Ben Lopez"),
        ("6195550103", ""),
    ] {
        shop.ok(&["member", "add", "--phone", phone, "--name", name]);
    }
    let listed = shop.ok(&["member", "list", "--limit", "2"]);
    assert_eq!(
        (&listed["total"], listed["members"].as_array().unwrap().len()),
        (&json!(3), 2)
    );
    assert_eq!(
        (keys(&listed["members"][0]), &listed["members"][0]["name"]),
        (MEMBER.to_vec(), &json!("Ana Lopez"))
    );
    assert_eq!(shop.ok(&["member", "list", "--search", "lopez"])["total"], 2);
    assert_eq!(
        shop.ok(&["member", "list", "--search", "0103"])["members"][0]["phone"],
        "+16195550103"
    );
    let said = shop.plain(&["member", "list"]).out;
    assert!(
        said.ends_with("3 of 3 members.\n") && said.lines().count() == 4,
        "{said}"
    );
}

#[test]
fn what_is_no_member_is_refused() {
    let shop = Shop::open();
    shop.refused(&["member", "add", "--phone", "555"], 3, "bad_phone");
    shop.refused(
        &["member", "add", "--phone", "6195550101", "--name", &"x".repeat(81)],
        3,
        "bad_name",
    );
    shop.refused(
        &["member", "add", "--phone", "6195550101", "--email", "ana"],
        3,
        "bad_email",
    );
    shop.refused(&["member", "add", "--phone", "6195550101", "--consent"], 2, "usage");
    assert_eq!(shop.ok(&["stats"])["members"], 0);
}

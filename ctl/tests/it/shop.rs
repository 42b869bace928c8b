//! Making a shop, its rules and figures; usage errors.

use crate::support::{SAN_DIEGO, Shop, keys};

#[test]
fn init_says_what_it_made() {
    let shop = Shop::none();
    let made = shop.ok(&SAN_DIEGO);
    assert_eq!(
        (&made["shop"], &made["currency"], &made["till"]),
        (&"Harbour Coffee".into(), &"USD".into(), &"Till 1".into())
    );
    assert_eq!(
        keys(&made),
        [
            "currency",
            "data",
            "region",
            "rules_version",
            "shop",
            "shop_id",
            "till",
            "till_id",
            "timezone"
        ]
    );
    assert_eq!(
        shop.ok(&["rules", "show"]),
        serde_json::json!({"version": 1, "text": "Earn 1 point per $1\nReward 100 points: Free coffee\n"})
    );
    shop.refused(&SAN_DIEGO, 3, "already_initialised");
}

#[test]
fn init_refuses_what_is_no_shop_and_leaves_nothing_behind() {
    for (at, value, code) in [
        (2, "", "bad_name"),
        (4, "USX", "bad_currency"),
        (6, "XX", "bad_region"),
        (8, "Mars/Olympus", "bad_timezone"),
    ] {
        let shop = Shop::none();
        let mut args = SAN_DIEGO;
        args[at] = value;
        shop.refused(&args, 3, code);
        assert!(!ledger::Store::exists(&shop.dir()));
        shop.refused(&["stats"], 3, "not_initialised");
    }
}

#[test]
fn init_with_rules_and_a_till_of_its_own() {
    let shop = Shop::none();
    let rules = shop.file("rules.txt", "Earn 2 points per $1\n");
    let args = [&SAN_DIEGO[..], &["--till", "Bar", "--rules", &rules]].concat();
    assert_eq!(shop.ok(&args)["till"], "Bar");
    assert_eq!(shop.ok(&["rules", "show"])["text"], "Earn 2 points per $1\n");

    let shop = Shop::none();
    let wrong = shop.file("rules.txt", "Ern 2 points per $1\n");
    let error = shop.refused(&[&SAN_DIEGO[..], &["--rules", &wrong]].concat(), 3, "bad_rules");
    assert_eq!(error["errors"][0]["suggestion"], "Earn");
}

#[test]
fn options_stand_before_or_after_the_command_and_usage_is_2() {
    let shop = Shop::open();
    let dir = shop.dir().display().to_string();
    let elsewhere = Shop::none();
    for args in [
        ["--data", &dir, "--json", "stats"],
        ["stats", "--json", "--data", &dir],
        ["--json", "stats", "--data", &dir],
    ] {
        let answer = elsewhere.plain(&args);
        assert_eq!((answer.code, &answer.json()["members"]), (0, &0.into()));
    }
    for args in [
        &["frobnicate"][..],
        &[],
        &["credit", "--phone", "6195550123"],
        &["adjust", "--phone", "6195550123", "--points", "many", "--reason", "x"],
        &["member", "show"],
        &["member", "show", "--phone", "6195550123", "--id", "x"],
        &["import", "sales", "no-such-file.csv"],
        &["rules", "check", "no-such-file.txt"],
        &["restore", "no-such-file.db", "--yes"],
    ] {
        shop.refused(args, 2, "usage");
        let answer = shop.plain(args);
        assert!(
            answer.code == 2 && answer.out.is_empty() && !answer.err.is_empty(),
            "{answer:?}"
        );
    }
    assert_eq!(shop.plain(&["--help"]).code, 0);
}

#[test]
fn rules_are_checked_and_published() {
    let shop = Shop::open();
    let good = shop.file(
        "good.txt",
        "Earn 1 point per $1\nSkip sales under $2\nReward 50 points: Tea\n",
    );
    let bad = shop.file(
        "bad.txt",
        "Earn 1 point per $1\nReward many points: Tea\nSkip sales undr $2\n",
    );
    assert_eq!(
        shop.ok(&["rules", "check", &good]),
        serde_json::json!({"ok": true, "errors": []})
    );
    let answer = shop.run(&["rules", "check", &bad]);
    assert_eq!(answer.code, 3);
    let errors = answer.json()["errors"].clone();
    assert_eq!(
        (&errors[0]["line"], &errors[0]["column"]),
        (&2.into(), &8.into()),
        "{errors}"
    );
    assert_eq!(
        (&errors[1]["line"], &errors[1]["suggestion"]),
        (&3.into(), &"under".into()),
        "{errors}"
    );
    assert!(errors[0]["expected"].is_string());
    let plain = shop.plain(&["rules", "check", &bad]);
    assert!(
        plain.code == 3
            && plain.out.contains("line 3, column 12: expected `under`")
            && plain.out.contains("Perhaps: under\n"),
        "{plain:?}"
    );

    shop.refused(&["rules", "publish", &bad], 3, "bad_rules");
    assert_eq!(
        shop.ok(&["rules", "publish", &good]),
        serde_json::json!({"version": 2, "changed": true})
    );
    assert_eq!(
        shop.ok(&["rules", "publish", &good]),
        serde_json::json!({"version": 2, "changed": false})
    );
    assert_eq!(shop.ok(&["rules", "show"])["version"], 2);
    // Without a shop, for a currency.
    let nowhere = Shop::none();
    assert_eq!(nowhere.run(&["rules", "check", &good, "--currency", "usd"]).code, 0);
    nowhere.refused(&["rules", "check", &good], 3, "not_initialised");
}

#[test]
fn stats_have_their_figures_also_for_people() {
    let shop = Shop::open();
    shop.ok(&["credit", "--phone", "6195550123", "--total", "1234.56", "--enrol"]);
    shop.ok(&["redeem", "--phone", "6195550123", "--reward", "free coffee"]);
    assert_eq!(
        shop.ok(&["stats"]),
        serde_json::json!({"members": 1, "sales": 1, "points_issued": 1234, "points_redeemed": 100, "points_expired": 0, "points_outstanding": 1134})
    );
    let said = shop.plain(&["stats"]).out;
    assert!(
        said.contains("1 member, 1 sale.") && said.contains("Points outstanding: 1,134"),
        "{said}"
    );
}

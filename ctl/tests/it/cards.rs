//! Birthdays, stamp cards, points that become money, tax and tips: from the command line.

use crate::support::{SAN_DIEGO, Shop};

const ANA: &str = "(619) 555-0123";
const RULES: &str =
    "Earn 1 point per $1\nTax excluded\n100 points = $5\nBirthday bonus 50 points\nBuy 2 \"Coffee\", get 1 free\n";

fn shop() -> Shop {
    let shop = Shop::none();
    let rules = shop.file("rules.txt", RULES);
    shop.ok(&[&SAN_DIEGO[..], &["--rules", &rules]].concat());
    shop
}

#[test]
fn a_birthday_is_told_corrected_and_brings_its_bonus() {
    let shop = shop();
    let today = shop
        .store()
        .shop()
        .zone
        .day(shop.store().now())
        .format("%m-%d")
        .to_string();
    shop.refused(
        &["member", "add", "--phone", ANA, "--birthday", "02-30"],
        3,
        "bad_birthday",
    );
    let added = shop.ok(&["member", "add", "--phone", ANA, "--birthday", "1984-02-29"]);
    assert_eq!(added["birthday"], "1984-02-29");
    let edited = shop.ok(&["member", "edit", "--phone", ANA, "--name", "Ana", "--birthday", &today]);
    assert_eq!(
        (edited["birthday"].as_str(), &edited["name"]),
        (Some(&*today), &"Ana".into())
    );
    let credit = [
        "credit",
        "--phone",
        ANA,
        "--total",
        "12.50",
        "--tax",
        "1.50",
        "--tip",
        "2",
        "--sale-id",
        "1",
    ];
    let done = shop.ok(&credit);
    assert_eq!(
        (&done["points"], &done["birthday_bonus"], &done["balance"]),
        (&9.into(), &50.into(), &59.into())
    );
    let again = shop.ok(&credit);
    assert_eq!((&again["duplicate"], &again["balance"]), (&true.into(), &59.into()));
    assert_eq!(again.get("birthday_bonus"), None);
    let words = shop.plain(&["member", "show", "--phone", ANA]).out;
    assert!(
        words.contains("birthday bonus") && words.contains(&format!("Birthday {today}")),
        "{words}"
    );
    assert_eq!(
        shop.ok(&["member", "edit", "--phone", ANA, "--birthday", ""])["birthday"],
        serde_json::Value::Null
    );
    shop.refused(
        &["credit", "--phone", ANA, "--total", "5", "--tax", "x"],
        3,
        "bad_amount",
    );
    let tried = shop.ok(&["rules", "try", "--total", "10", "--tax", "3", "--tip", "2"]);
    assert_eq!(tried["points"], 5);
}

#[test]
fn birthdays_come_in_a_file_of_members_and_blanks_are_filled_in() {
    let shop = shop();
    let file = shop.file(
        "members.csv",
        "phone,name,birthday\n6195550123,Ana,\n6195550124,Ben,12-24\n6195550125,Cy,31-31\n",
    );
    let done = shop.ok(&["import", "members", &file]);
    assert_eq!(
        (&done["members_created"], &done["rejected"][0]["code"]),
        (&2.into(), &"bad_birthday".into())
    );
    let more = shop.file("more.csv", "phone,Birthday\n6195550123,1990-02-01\n6195550124,01-01\n");
    assert_eq!(shop.ok(&["import", "members", &more])["members_updated"], 1);
    let born = |phone: &str| shop.ok(&["member", "show", "--phone", phone])["birthday"].clone();
    assert_eq!((born(ANA), born("6195550124")), ("1990-02-01".into(), "12-24".into()));
}

#[test]
fn a_full_card_and_several_lots_are_redeemed() {
    let shop = shop();
    shop.ok(&[
        "credit",
        "--phone",
        ANA,
        "--total",
        "350",
        "--item",
        "Coffee x3",
        "--enrol",
    ]);
    let card = shop.ok(&["member", "show", "--phone", ANA])["stamp_cards"][0].clone();
    let figures = ["stamps", "on_card", "claimable"].map(|name| card[name].as_i64().unwrap());
    assert_eq!((card["gives"].as_str(), figures), (Some("1 Coffee free"), [3, 1, 1]));
    let claimed = shop.ok(&["redeem", "--phone", ANA, "--stamps", "coffee"]);
    assert_eq!(
        (&claimed["reward"], &claimed["points"]),
        (&"1 Coffee free".into(), &0.into())
    );
    let no = shop.refused(
        &["redeem", "--phone", ANA, "--stamps", "Coffee"],
        3,
        "not_enough_stamps",
    );
    assert_eq!(no["number"], 1);
    shop.ok(&["reverse", claimed["entry_id"].as_str().unwrap()]);
    shop.ok(&["redeem", "--phone", ANA, "--stamps", "Coffee"]);

    let lots = ["redeem", "--phone", ANA, "--reward", "$5 off", "--lots"];
    let with = |n: &'static str| [&lots[..], &[n]].concat();
    shop.refused(&with("4"), 3, "not_enough_points");
    shop.refused(&with("0"), 3, "bad_lots");
    let done = shop.ok(&with("3"));
    assert_eq!(
        (&done["points"], &done["balance"], &done["lots"]),
        (&(-300).into(), &50.into(), &3.into())
    );
    let usage = shop.run(&["redeem", "--phone", ANA]);
    assert_eq!(usage.code, 2, "{usage:?}");
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
}

#[test]
fn a_reward_given_with_a_sale_comes_back_with_its_refund() {
    let shop = shop();
    for number in ["1", "2"] {
        let sale = [
            "credit",
            "--phone",
            ANA,
            "--total",
            "60",
            "--sale-id",
            number,
            "--enrol",
        ];
        shop.ok(&sale);
    }
    let redeem = ["redeem", "--phone", ANA, "--reward", "$5 off", "--sale-id"];
    let bea = [
        "credit",
        "--phone",
        "6195550188",
        "--total",
        "60",
        "--sale-id",
        "9",
        "--enrol",
    ];
    shop.ok(&bea);
    shop.refused(&[&redeem[..], &["9"]].concat(), 3, "unknown_sale");
    assert_eq!(shop.ok(&[&redeem[..], &["2"]].concat())["balance"], 20);
    let seen = shop.ok(&["refund", "2", "--preview"]);
    assert_eq!((&seen["restored"][0], &seen["balance"]), (&"$5 off".into(), &60.into()));
    let done = shop.ok(&["refund", "2", "--refund-id", "r1"]);
    assert_eq!((&done["restored"][0], &done["balance"]), (&"$5 off".into(), &60.into()));
    let again = shop.ok(&["refund", "2", "--refund-id", "r1"]);
    assert_eq!((&again["duplicate"], &again["balance"]), (&true.into(), &60.into()));

    // Given first, and then the sale with the number that was said.
    shop.ok(&["credit", "--phone", ANA, "--total", "60", "--sale-id", "3"]);
    assert_eq!(shop.ok(&[&redeem[..], &["4"]].concat())["balance"], 20);
    assert_eq!(
        shop.ok(&["credit", "--phone", ANA, "--total", "10", "--sale-id", "4"])["balance"],
        30
    );
    let done = shop.ok(&["refund", "4"]);
    assert_eq!(
        (&done["restored"][0], &done["balance"]),
        (&"$5 off".into(), &120.into())
    );
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
}

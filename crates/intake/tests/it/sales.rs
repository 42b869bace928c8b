//! What becomes of a sale, and what its sender hears.

use ledger::Key;
use loyalty::Phone;
use serde_json::{Value, json};

use crate::support::{fields, sale, till, till_with};

const ANA: &str = "(619) 555-0123";

#[test]
fn an_unknown_number_is_enrolled_and_credited() {
    let till = till();
    let answer = till.ok("/pos/sale", &sale("A-1", ANA, "12.50"));
    let phone = Phone::parse(ANA, till.store.shop().region).unwrap();
    let member = till.store.member(Key::Phone(&phone)).unwrap().unwrap();
    let line = till.store.lines_of(member.member_id, 9).unwrap().remove(0);
    assert_eq!(
        (answer["member_id"].as_str(), answer["entry_id"].as_str()),
        (Some(&*member.member_id.to_string()), Some(&*line.entry.to_string()))
    );
    assert_eq!(
        (&answer["move"], &answer["points"], &answer["balance"]),
        (&json!("add"), &json!(12), &json!(12))
    );
    assert_eq!(answer["reasons"], json!(line.reasons));
    assert_eq!((line.by.as_str(), line.source.as_deref()), ("webhook:pos", Some("pos")));
    let by_id = json!({"sale_id": "A-2", "member_id": member.member_id, "total": "90.00", "occurred_at": "2026-11-20T14:05:00Z"});
    let second = till.ok("/pos/sale", &by_id);
    assert_eq!(
        (&second["move"], &second["balance"], &second["announces"]),
        (&json!("add_reward"), &json!(102), &json!("Free coffee"))
    );
}

#[test]
fn the_receipt_has_the_members_own_link_once_there_is_a_relay() {
    let till = till();
    let alone = till.ok("/pos/sale", &sale("A-1", ANA, "12.50"));
    assert_eq!(alone["friends_link"], Value::Null);
    assert_eq!(alone["receipt"], json!(["12 points for this purchase, 12 in all."]));
    let with = ledger::PairedWith {
        url: "https://relay.example/".into(),
        relay: "019aa30b-1c5e-7b02-8c1d-5e6f7a8b9c0d".parse().unwrap(),
        incarnation: 1,
        shop_seq: 0,
    };
    till.store.write(move |tx| tx.paired(&with)).unwrap();
    let phone = Phone::parse(ANA, till.store.shop().region).unwrap();
    let code = till
        .store
        .member(Key::Phone(&phone))
        .unwrap()
        .unwrap()
        .code
        .to_lowercase();
    let link = format!("https://relay.example/ref/{code}");
    let friends = format!("Bring a friend: {link}");
    let linked = till.ok("/pos/sale", &sale("A-2", ANA, "90"));
    assert_eq!(linked["friends_link"], json!(link));
    let lines = [
        "90 points for this purchase, 102 in all.",
        "Within reach: Free coffee.",
        &friends,
    ];
    assert_eq!(linked["receipt"], json!(lines));
    let walk_in = till.ok("/pos/sale", &sale("A-3", "", "5.00"));
    assert_eq!(
        (&walk_in["friends_link"], &walk_in["receipt"]),
        (&Value::Null, &json!([]))
    );
}

#[test]
fn a_replay_answers_as_the_first_time() {
    let till = till();
    let bodies = [
        sale("A-1", ANA, "99.00"),
        sale("A-2", ANA, "1.50"),
        sale("A-3", ANA, "2.00"),
        sale("A-4", ANA, "501.00"),
        sale("A-5", "", "7.00"),
    ];
    let first: Vec<Value> = bodies.iter().map(|body| till.ok("/pos/sale", body)).collect();
    let moves: Vec<&Value> = first.iter().map(|a| &a["move"]).collect();
    assert_eq!(moves, ["add", "skip", "add_reward", "hold", "skip"]);
    till.ok("/pos/sale", &sale("A-6", ANA, "50.00"));
    till.ok("/pos/refund", &json!({"sale_id": "A-1", "total": "9.00"}));
    for (body, mut first) in bodies.iter().zip(first) {
        first["duplicate"] = true.into();
        assert_eq!(till.ok("/pos/sale", body), first);
    }
    assert_eq!(till.store.stats().unwrap().members, 1);
}

#[test]
fn a_held_sale_waits() {
    let till = till();
    let answer = till.ok("/pos/sale", &sale("A-1", ANA, "640.00"));
    assert_eq!(
        (
            &answer["move"],
            &answer["points"],
            &answer["balance"],
            &answer["entry_id"]
        ),
        (&json!("hold"), &json!(640), &json!(0), &Value::Null)
    );
    assert!(!answer["reasons"].as_array().unwrap().is_empty());
    assert_eq!(till.store.held().unwrap().len(), 1);
    let error = till.refused("/pos/refund", &json!({"sale_id": "A-1"}), 422, "sale_held");
    assert_eq!(fields(&error), ["/sale_id sale_held"]);
}

#[test]
fn rewards_are_given_with_the_sale_and_come_back_with_its_refund() {
    let till = till();
    till.ok("/pos/sale", &sale("A-1", ANA, "250.00"));
    let with = |number: &str, total: &str, rewards: Value| {
        let mut body = sale(number, ANA, total);
        body["rewards"] = rewards;
        body
    };
    let body = with("A-2", "20.00", json!(["free COFFEE "]));
    let first = till.ok("/pos/sale", &body);
    assert_eq!(
        (&first["points"], &first["balance"], &first["rewards"]),
        (&json!(20), &json!(170), &json!(["Free coffee"]))
    );
    // The same again gives nothing again, and answers as the first time; with other rewards it is another sale.
    till.ok("/pos/sale", &sale("A-3", ANA, "5.00"));
    let mut again = till.ok("/pos/sale", &body);
    assert_eq!(again["duplicate"].take(), json!(true));
    again["duplicate"] = json!(false);
    assert_eq!(again, first);
    for others in [json!([]), json!(["Free coffee", "Free coffee"]), json!(["Tea"])] {
        till.refused("/pos/sale", &with("A-2", "20.00", others), 409, "sale_differs");
    }
    till.refused(
        "/pos/sale",
        &with("A-1", "250.00", json!(["Free coffee"])),
        409,
        "sale_differs",
    );
    let back = till.ok("/pos/refund", &json!({"sale_id": "A-2"}));
    assert_eq!((&back["points"], &back["balance"]), (&json!(-20), &json!(255)));
    assert!(till.store.verify().unwrap().ok);
}

/// A reward that can't be given leaves nothing behind: no sale, no reward, nobody enrolled.
#[test]
fn a_sale_is_taken_with_all_its_rewards_or_not_at_all() {
    let till = till();
    till.ok("/pos/sale", &sale("A-1", ANA, "150.00"));
    let before = (till.lines(), till.store.stats().unwrap());
    let with = |phone: &str, rewards: Value| {
        let mut body = sale("A-2", phone, "20.00");
        body["rewards"] = rewards;
        body
    };
    let refused = |body: &Value, code: &str, field: &str| {
        let error = till.refused("/pos/sale", body, 422, code);
        assert_eq!(fields(&error), [field]);
    };
    refused(
        &with(ANA, json!(["Free coffee", "Free tea"])),
        "unknown_reward",
        "/rewards/1 unknown_reward",
    );
    refused(
        &with(ANA, json!(["Free coffee", "Free coffee"])),
        "not_enough_points",
        "/rewards/1 not_enough_points",
    );
    refused(
        &with("6195550188", json!(["Free coffee"])),
        "not_enough_points",
        "/rewards/0 not_enough_points",
    );
    refused(
        &with("", json!(["Free coffee"])),
        "unknown_member",
        "/rewards unknown_member",
    );
    refused(
        &with(ANA, json!("Free coffee")),
        "bad_fields",
        "/rewards unknown_reward",
    );
    assert_eq!((till.lines(), till.store.stats().unwrap()), before);
    // Nobody pays with the points of the very sale.
    let mut dear = with("6195550188", json!(["Free coffee"]));
    dear["total"] = json!("400.00");
    refused(&dear, "not_enough_points", "/rewards/0 not_enough_points");
    assert_eq!(till.ok("/pos/sale", &with(ANA, json!(["Free coffee"])))["balance"], 70);
}

#[test]
fn no_number_is_a_walk_in() {
    let till = till();
    let answer = till.ok(
        "/pos/sale",
        &json!({"sale_id": 7, "total": "12.50", "occurred_at": "2026-11-20T14:05:00"}),
    );
    assert_eq!(
        (&answer["points"], &answer["member_id"], &answer["entry_id"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    assert_eq!(till.lines(), 0);
}

#[test]
fn enrolling_can_be_refused() {
    let till = till_with(|mut config| {
        config.enrol_unknown = false;
        config
    });
    let error = till.refused("/pos/sale", &sale("A-1", ANA, "12.50"), 422, "unknown_member");
    assert_eq!(fields(&error), ["/phone unknown_member"]);
    assert_eq!(till.store.stats().unwrap().members, 0);
    assert_eq!(till.ok("/pos/sale", &sale("A-1", "", "12.50"))["points"], 0);
}

#[test]
fn the_same_number_for_another_sale() {
    let till = till();
    till.ok("/pos/sale", &sale("A-1", ANA, "12.50"));
    till.refused("/pos/sale", &sale("A-1", ANA, "12.51"), 409, "sale_differs");
    till.refused("/pos/sale", &sale("A-1", "6195550124", "12.50"), 409, "sale_differs");
    let mut elsewhere = sale("A-1", ANA, "12.51");
    elsewhere["source"] = json!("kiosk");
    assert_eq!(till.ok("/pos/sale", &elsewhere)["balance"], 24);
    assert_eq!(till.store.stats().unwrap().members, 1);
}

#[test]
fn every_wrong_field_is_named() {
    let till = till();
    let error = till.refused("/pos/sale", &json!({}), 422, "bad_fields");
    assert_eq!(
        fields(&error),
        ["/sale_id missing", "/total missing", "/occurred_at missing"]
    );
    let wrong = json!({"sale_id": "", "phone": "12", "total": 12.5, "currency": "EUR", "occurred_at": "soon",
        "items": [{"name": "Tea"}, {"name": "", "price": "-1"}]});
    let error = till.refused("/pos/sale", &wrong, 422, "bad_fields");
    assert_eq!(
        fields(&error),
        [
            "/sale_id bad_sale_id",
            "/phone bad_phone",
            "/total bad_amount",
            "/currency bad_currency",
            "/occurred_at bad_time",
            "/items/1/name bad_items",
            "/items/1/price bad_amount"
        ]
    );
    assert_eq!(error["fields"][2]["value"], "12.5");
    let nobody = json!({"sale_id": "A-1", "member_id": "0199a000-0000-7000-8000-000000000000", "total": "1.00",
        "occurred_at": "2026-11-20T14:05:00"});
    let error = till.refused("/pos/sale", &nobody, 422, "unknown_member");
    assert_eq!(fields(&error), ["/member_id unknown_member"]);
    assert_eq!(till.lines(), 0);
}

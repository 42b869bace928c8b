//! Money given back: whole, in part, and again.

use serde_json::{Value, json};

use crate::support::{fields, sale, till};

const ANA: &str = "(619) 555-0123";

#[test]
fn whole() {
    let till = till();
    till.ok("/pos/sale", &sale("A-1", ANA, "12.50"));
    let first = till.ok("/pos/refund", &json!({"sale_id": "A-1"}));
    assert_eq!(
        (
            &first["amount"],
            &first["points"],
            &first["balance"],
            &first["duplicate"]
        ),
        (&json!("12.50"), &json!(-12), &json!(0), &json!(false))
    );
    assert_eq!(first["reasons"], json!(["-12 = $12.50 given back"]));
    till.ok("/pos/sale", &sale("A-2", ANA, "30.00"));
    let mut expected = first.clone();
    expected["duplicate"] = true.into();
    assert_eq!(till.ok("/pos/refund", &json!({"sale_id": "A-1"})), expected);
    till.refused(
        "/pos/refund",
        &json!({"sale_id": "A-1", "refund_id": "R-9"}),
        422,
        "already_reversed",
    );
}

#[test]
fn parts_by_their_numbers() {
    let till = till();
    till.ok("/pos/sale", &sale("A-1", ANA, "10.00"));
    let part = |id: &str, total: &str| json!({"sale_id": "A-1", "refund_id": id, "total": total});
    let points = |answer: &Value| (answer["points"].as_i64().unwrap(), answer["balance"].as_i64().unwrap());
    assert_eq!(points(&till.ok("/pos/refund", &part("R-1", "2.50"))), (-3, 7));
    assert_eq!(points(&till.ok("/pos/refund", &part("R-2", "2.50"))), (-2, 5));
    let again = till.ok("/pos/refund", &part("R-1", "2.50"));
    assert_eq!((points(&again), &again["duplicate"]), ((-3, 7), &json!(true)));
    till.refused("/pos/refund", &part("R-1", "2.00"), 409, "sale_differs");
    let error = till.refused("/pos/refund", &part("R-3", "5.01"), 422, "refund_too_large");
    assert_eq!(
        (fields(&error), &error["left"]),
        (vec!["/total refund_too_large".to_owned()], &json!("5.00"))
    );
    assert_eq!(error["fields"][0]["value"], "5.01");
    assert_eq!(points(&till.ok("/pos/refund", &part("R-3", "5.00"))), (-5, 0));
}

#[test]
fn of_nothing_and_of_a_walk_in() {
    let till = till();
    let error = till.refused("/pos/refund", &json!({"sale_id": "A-1"}), 422, "unknown_sale");
    assert_eq!(fields(&error), ["/sale_id unknown_sale"]);
    till.ok("/pos/sale", &sale("A-1", "", "10.00"));
    let answer = till.ok("/pos/refund", &json!({"sale_id": "A-1"}));
    assert_eq!((&answer["points"], &answer["entry_id"]), (&json!(0), &Value::Null));
    let error = till.refused(
        "/pos/refund",
        &json!({"sale_id": "A-1", "total": "0.00"}),
        422,
        "bad_fields",
    );
    assert_eq!(fields(&error), ["/total bad_amount"]);
}

//! Any bytes, any JSON, and every fixture with one thing changed: nothing panics.

use pos::payload::{generic, own, shopify, square, stripe};
use proptest::prelude::*;
use serde_json::Value;

use crate::{pointers, usd};

/// Any JSON, with the keys that the readers look for among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-0-9.:TZ+ a-z]{0,20}|COMPLETED|paid|refund|success|usd".prop_map(Value::from),
    ];
    let keys = "sale_id|total|phone|items|name|price|quantity|occurred_at|line_items|transactions|kind|status|amount|id|currency|data|object";
    leaf.prop_recursive(4, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(keys, inner, 0..8).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn read_by_all(body: &[u8]) {
    let _ = own::sale(body, &usd());
    let _ = own::refund(body, &usd());
    let _ = square::read(body, &usd());
    let _ = stripe::read(body, &usd());
    for topic in ["orders/create", "orders/paid", "refunds/create", "x"] {
        let _ = shopify::read(topic, body, &usd());
    }
    let _ = generic::read(&pointers(), body, &usd());
}

proptest! {
    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), body in any_json()) {
        read_by_all(&bytes);
        read_by_all(body.to_string().as_bytes());
    }

    #[test]
    fn never_panics_on_a_fixture_with_one_thing_changed(at in 0_usize..4000, value in any_json()) {
        for fixture in [
            include_str!("../data/square_payment_updated.json"), include_str!("../data/square_refund_updated.json"),
            include_str!("../data/shopify_orders_create.json"), include_str!("../data/shopify_refunds_create.json"),
            include_str!("../data/stripe_checkout_session_completed.json"), include_str!("../data/stripe_charge_refunded.json"),
            include_str!("../data/generic_till.json"),
        ] {
            let mut body: Value = serde_json::from_str(fixture).unwrap();
            let mut places = Vec::new();
            walk(&body, String::new(), &mut places);
            *body.pointer_mut(&places[at % places.len()]).unwrap() = value.clone();
            read_by_all(body.to_string().as_bytes());
        }
    }
}

fn walk(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, inner)| {
            walk(
                inner,
                format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                places,
            );
        }),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, inner)| walk(inner, format!("{at}/{n}"), places)),
        _ => {}
    }
    places.push(at);
}

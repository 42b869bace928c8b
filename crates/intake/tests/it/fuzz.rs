//! Whatever is sent, signed or not, is answered: never a crash, never a status that tells the sender to try for ever.

use pos::signature::standard;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::cell::RefCell;

use crate::hooks::{hooks, provider_signature};
use crate::http::Client;
use crate::support::{Till, headers, secret, till_with};

fn with_hooks() -> Till {
    till_with(|mut config| {
        config.hooks = hooks();
        config
    })
}

/// A value of any kind, now and then one that fits.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "-?[0-9]{1,12}(\\.[0-9]{0,3})?".prop_map(Value::from),
        "\\+1619555[0-9]{4}".prop_map(Value::from),
        "2026-1[0-9]-[0-3][0-9]T[0-9]{2}:00:00(Z|-08:00)?".prop_map(Value::from),
        prop::sample::select(vec![
            "USD",
            "EUR",
            "paid",
            "COMPLETED",
            "payment.updated",
            "charge.refunded",
            "ticket.closed"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "sale_id",
        "source",
        "phone",
        "member_id",
        "total",
        "amount",
        "currency",
        "occurred_at",
        "items",
        "name",
        "quantity",
        "price",
        "refund_id",
        "type",
        "data",
        "object",
        "payment",
        "refund",
        "status",
        "id",
        "kind",
        "ticket",
        "number",
    ])
    .prop_map(str::to_owned)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let fields = prop::collection::vec((name(), value()), 0..8);
    let object = fields.prop_map(|all| Value::Object(all.into_iter().collect()));
    let nearly = (value(), value()).prop_map(
        |(phone, total)| json!({"sale_id": "A", "phone": phone, "total": total, "occurred_at": "2026-11-20T14:05:00Z"}),
    );
    prop_oneof![
        object.prop_map(|v| v.to_string().into_bytes()),
        nearly.prop_map(|v| v.to_string().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..64),
    ]
}

const PAGES: [&str; 6] = [
    "/pos/sale",
    "/pos/refund",
    "/hooks/square",
    "/hooks/shopify",
    "/hooks/stripe",
    "/hooks/kassa",
];

fn runner() -> TestRunner {
    TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn whatever_is_signed() {
    let till = with_hooks();
    let client = RefCell::new(till.client());
    let case = (
        prop::sample::select(PAGES.to_vec()),
        prop::sample::select(vec!["orders/paid", "refunds/create", ""]),
        body(),
    );
    let sent = runner().run(&case, |(page, topic, body)| {
        let reply = send_signed(&mut client.borrow_mut(), &till, page, topic, &body);
        prop_assert!([200, 409, 422].contains(&reply), "{} {}", page, reply);
        Ok(())
    });
    sent.unwrap();
}

fn send_signed(client: &mut Client, till: &Till, page: &str, topic: &str, body: &[u8]) -> u16 {
    let now = till.store.now();
    let own = standard::sign(&[secret(1)], "msg_1", now, body);
    let (name, key) = match page {
        "/hooks/square" => ("square", "square key"),
        "/hooks/shopify" => ("shopify", "shopify key"),
        _ => ("stripe", "whsec_stripe"),
    };
    let (header, signature) = provider_signature(name, key, now.0, body);
    let mut all = headers(&own).to_vec();
    all.extend([
        (header, signature.as_str()),
        ("content-type", "application/json"),
        ("x-shopify-topic", topic),
    ]);
    client.send("POST", page, &all, body).unwrap().status
}

#[test]
fn whatever_is_not() {
    let till = with_hooks();
    let client = RefCell::new(till.client());
    let header = "[!-~]([ -~]{0,40}[!-~])?";
    let case = (
        prop::sample::select(PAGES.to_vec()),
        header,
        header,
        "[0-9]{0,12}",
        body(),
    );
    let sent = runner().run(&case, |(page, id, signature, time, body)| {
        let stripe = format!("t={time},v1={signature}");
        let all = [
            ("webhook-id", id.as_str()),
            ("webhook-timestamp", &time),
            ("webhook-signature", &signature),
            ("stripe-signature", &stripe),
            ("x-shopify-hmac-sha256", &signature),
            ("x-square-hmacsha256-signature", &signature),
        ];
        let reply = client.borrow_mut().send("POST", page, &all, &body).unwrap();
        prop_assert_eq!(reply.status, 401);
        Ok(())
    });
    sent.unwrap();
    assert_eq!(till.lines(), 0);
}

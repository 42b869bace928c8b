//! Square, Shopify, Stripe and a till that is told by pointers: signed their way, credited once.

use base64::Engine as _;
use hmac::{Hmac, Mac};
use intake::Hooks;
use pos::signature::standard;
use serde_json::{Value, json};

use crate::http::Reply;
use crate::support::{Till, headers, secret, till, till_with};

const URL: &str = "https://shop.example/hooks/square";
const ANA: &str = "+16195550123";

/// The hooks as an owner writes them into the file of `serve --hooks`.
pub fn hooks() -> Hooks {
    let hooks = json!({
        "square": {"keys": ["old key", "square key"], "url": URL},
        "shopify": ["shopify key"],
        "stripe": ["whsec_stripe"],
        "mapped": {"kassa": {
            "source": "kassa", "sale_id": "/ticket/number", "occurred_at": "/ticket/closed", "time": "milliseconds",
            "total": "/ticket/sum", "phone": "/ticket/buyer/tel", "only": {"pointer": "/kind", "values": ["ticket.closed"]}
        }}
    });
    serde_json::from_value(hooks).unwrap()
}

fn with_hooks() -> Till {
    till_with(|mut config| {
        config.hooks = hooks();
        config
    })
}

pub fn mac(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The signature header as the provider makes it.
pub fn provider_signature(name: &str, key: &str, now_ms: i64, body: &[u8]) -> (&'static str, String) {
    let time = (now_ms / 1000).to_string();
    match name {
        "square" => (
            "x-square-hmacsha256-signature",
            base64(&mac(key, &[URL.as_bytes(), body])),
        ),
        "shopify" => ("x-shopify-hmac-sha256", base64(&mac(key, &[body]))),
        "stripe" => {
            let signed = mac(key, &[time.as_bytes(), b".", body]);
            let hex: String = signed.iter().map(|b| format!("{b:02x}")).collect();
            ("stripe-signature", format!("t={time},v1={hex}"))
        }
        other => panic!("{other}"),
    }
}

fn send(till: &Till, name: &str, key: &str, topic: &str, body: &str) -> Reply {
    let (header, signature) = provider_signature(name, key, till.store.now().0, body.as_bytes());
    let headers = [(header, signature.as_str()), ("x-shopify-topic", topic)];
    till.send(&format!("/hooks/{name}"), &headers, body.as_bytes())
}

fn ok(reply: Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json
}

#[test]
fn square() {
    let till = with_hooks();
    let payment = include_str!("../../../pos/tests/data/square_payment_updated.json");
    let refund = include_str!("../../../pos/tests/data/square_refund_updated.json");
    // Payments have no phone number: counted, no points.
    let answer = ok(send(&till, "square", "square key", "", payment));
    assert_eq!(
        (&answer["member_id"], &answer["duplicate"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(ok(send(&till, "square", "old key", "", payment))["duplicate"], true);
    assert_eq!(ok(send(&till, "square", "square key", "", refund))["amount"], "5.00");
    assert_eq!(
        ok(send(&till, "square", "square key", "", r#"{"type": "order.updated"}"#))["ignored"],
        "other_kind"
    );
    assert_eq!(send(&till, "square", "no key", "", payment).status, 401);
}

#[test]
fn shopify() {
    let till = with_hooks();
    let order = include_str!("../../../pos/tests/data/shopify_orders_create.json");
    let refund = include_str!("../../../pos/tests/data/shopify_refunds_create.json");
    let answer = ok(send(&till, "shopify", "shopify key", "orders/create", order));
    assert_eq!((&answer["points"], &answer["balance"]), (&json!(398), &json!(398)));
    assert_eq!(
        ok(send(&till, "shopify", "shopify key", "orders/paid", order))["duplicate"],
        true
    );
    let back = ok(send(&till, "shopify", "shopify key", "refunds/create", refund));
    assert!(back["points"].as_i64().unwrap() < 0);
    assert_eq!(
        ok(send(&till, "shopify", "shopify key", "refunds/create", refund))["balance"],
        back["balance"]
    );
    assert_eq!(
        send(&till, "shopify", "shopify kex", "orders/create", order).status,
        401
    );
    let phone = loyalty::Phone::parse(ANA, till.store.shop().region).unwrap();
    let member = till.store.member(ledger::Key::Phone(&phone)).unwrap().unwrap();
    assert_eq!(
        till.store.lines_of(member.member_id, 9).unwrap()[0].by,
        "webhook:shopify"
    );
}

#[test]
fn stripe_tells_what_was_given_back_so_far() {
    let till = with_hooks();
    let session = include_str!("../../../pos/tests/data/stripe_checkout_session_completed.json");
    let refund = include_str!("../../../pos/tests/data/stripe_charge_refunded.json");
    let stripe = |body: &str| send(&till, "stripe", "whsec_stripe", "", body);
    assert_eq!(stripe(refund).json["error"]["code"], "unknown_sale");
    assert_eq!(ok(stripe(session))["points"], 12);
    assert_eq!(ok(stripe(refund))["amount"], "5.00");
    assert_eq!(ok(stripe(refund))["ignored"], "already_given_back");
    let more = refund
        .replace("\"amount_refunded\": 500", "\"amount_refunded\": 1250")
        .replace("refund\",\n", "refund2\",\n");
    let rest = ok(stripe(&more));
    assert_eq!((&rest["amount"], &rest["balance"]), (&json!("7.50"), &json!(0)));
    // An event that comes late changes nothing.
    assert_eq!(ok(stripe(refund))["ignored"], "already_given_back");
    till.clock.pass(301_000);
    let old = provider_signature(
        "stripe",
        "whsec_stripe",
        till.store.now().0 - 301_000,
        session.as_bytes(),
    );
    assert_eq!(
        till.send("/hooks/stripe", &[(old.0, &old.1)], session.as_bytes())
            .status,
        401
    );
}

#[test]
fn a_till_told_by_pointers() {
    let till = with_hooks();
    let body = include_str!("../../../pos/tests/data/generic_till.json").as_bytes();
    let signed = standard::sign(&[secret(1)], "msg_1", till.store.now(), body);
    let answer = ok(till.send("/hooks/kassa", &headers(&signed), body));
    assert_eq!((&answer["points"], &answer["duplicate"]), (&json!(12), &json!(false)));
    assert_eq!(
        ok(till.send("/hooks/kassa", &headers(&signed), body))["duplicate"],
        true
    );
    assert_eq!(till.send("/hooks/kassa", &[], body).status, 401);
    assert_eq!(till.send("/hooks/other", &headers(&signed), body).status, 404);
}

#[test]
fn where_enrolling_is_off_a_provider_s_unknown_customer_is_a_walk_in() {
    let till = till_with(|mut config| {
        config.hooks = hooks();
        config.enrol_unknown = false;
        config
    });
    let order = include_str!("../../../pos/tests/data/shopify_orders_create.json");
    let answer = ok(send(&till, "shopify", "shopify key", "orders/create", order));
    assert_eq!((&answer["points"], &answer["member_id"]), (&json!(0), &Value::Null));
}

#[test]
fn what_is_not_set_up_is_not_there() {
    let till = till();
    for name in ["square", "shopify", "stripe"] {
        assert_eq!(send(&till, name, "", "", "{}").status, 404, "{name}");
    }
    assert!(serde_json::from_value::<Hooks>(json!({"sqare": {}})).is_err());
}

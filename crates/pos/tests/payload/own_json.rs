//! Our own JSON of a sale or a refund: what is read, and what is refused and where.

use loyalty::{Code, Item, MemberId, Who};
use pos::payload::{PayloadError, Refunded, own};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{dollars, errors, usd};

fn full() -> Value {
    json!({
        "sale_id": "A-1001", "source": "till-2", "phone": "(619) 555-0123", "total": "12.50", "currency": "usd",
        "occurred_at": "2026-11-20T14:05:00-08:00", "unknown": {"is": "ignored"},
        "items": [
            {"name": "Flat white", "sku": "FW", "category": "Coffee", "quantity": 2, "price": "9.00"},
            {"name": "Cheese", "quantity": "0.350", "price": null, "sku": ""},
            {"name": "Cookie", "quantity": 1.5}
        ]
    })
}

fn own_sale(body: &Value) -> Result<loyalty::Sale, PayloadError> {
    own::sale(body.to_string().as_bytes(), &usd()).map(|(sale, _)| sale)
}

#[test]
fn rewards_given_with_a_sale() {
    let rewards =
        |value: Value| own::sale(with("rewards", value).to_string().as_bytes(), &usd()).map(|(_, rewards)| rewards);
    assert_eq!(
        rewards(json!(["Free coffee", " 1 Coffee free "])).unwrap(),
        ["Free coffee", "1 Coffee free"]
    );
    for none in [Value::Null, json!([])] {
        assert!(rewards(none).unwrap().is_empty());
    }
    let most = vec!["Tea"; 20];
    assert_eq!(rewards(json!(most)).unwrap(), most);
    for wrong in [
        json!("Free coffee"),
        json!([""]),
        json!([7]),
        json!([null]),
        json!(["x".repeat(201)]),
        json!(vec!["Tea"; 21]),
    ] {
        let Err(PayloadError::Fields(errors)) = rewards(wrong.clone()) else {
            panic!("{wrong}")
        };
        assert_eq!(
            (errors[0].pointer.as_str(), errors[0].code),
            ("/rewards", Code::UnknownReward),
            "{wrong}"
        );
    }
}

/// The full sale with one field changed; `null` takes it away.
fn with(field: &str, value: Value) -> Value {
    let mut body = full();
    body[field] = value;
    body
}

#[test]
fn own_sale_in_full() {
    let sale = own_sale(&full()).unwrap();
    assert_eq!(
        (sale.source.as_str(), sale.sale_id.as_str(), sale.total.minor),
        ("till-2", "A-1001", 1250)
    );
    assert_eq!(sale.occurred_at.rfc3339(), "2026-11-20T22:05:00.000Z");
    assert!(matches!(&sale.who, Who::Phone(phone) if phone.e164() == "+16195550123"));
    assert_eq!(
        sale.items[0],
        Item {
            name: "Flat white".into(),
            sku: Some("FW".into()),
            category: Some("Coffee".into()),
            quantity_milli: 2000,
            price_minor: Some(900),
        }
    );
    assert_eq!(
        (
            sale.items[1].quantity_milli,
            &sale.items[1].sku,
            sale.items[2].quantity_milli
        ),
        (350, &None, 1500)
    );
}

#[test]
fn own_sale_in_short() {
    let least = json!({"sale_id": "1", "total": "3", "occurred_at": "2026-11-20 14:05"});
    let sale = own_sale(&least).unwrap();
    assert_eq!(
        (sale.source.as_str(), &sale.who, sale.items.len()),
        ("pos", &Who::WalkIn, 0)
    );
    assert_eq!(sale.occurred_at.rfc3339(), "2026-11-20T22:05:00.000Z");
    assert_eq!(own_sale(&with("phone", json!(" "))).unwrap().who, Who::WalkIn);
    let id = "018f2a3b-4c5d-7e6f-8a9b-0c1d2e3f4a5b";
    let sale = own_sale(&with("member_id", json!(id))).unwrap();
    assert_eq!(sale.who, Who::Member(id.parse::<MemberId>().unwrap()));
}

#[test]
fn own_sale_says_all_that_is_wrong() {
    let body = json!({
        "sale_id": " ", "source": 7, "phone": 6195550123_u64, "member_id": "x", "total": 12.5, "currency": "EUR",
        "occurred_at": 1795212305, "items": [{"price": 1, "quantity": 0}, {"name": "ok"}, "no item", {"name": "x", "sku": 1}]
    });
    assert_eq!(
        errors(own_sale(&body)),
        [
            "/sale_id bad_sale_id",
            "/source bad_sale_id",
            "/phone bad_phone",
            "/member_id unknown_member",
            "/total bad_amount",
            "/currency bad_currency",
            "/occurred_at bad_time",
            "/items/0/name missing",
            "/items/0/quantity bad_items",
            "/items/0/price bad_amount",
            "/items/2/name missing",
            "/items/3/sku bad_items",
        ]
    );
    assert_eq!(
        errors(own_sale(&json!({}))),
        ["/sale_id missing", "/total missing", "/occurred_at missing"]
    );
    assert_eq!(errors(own_sale(&json!([1]))).len(), 3);
    for (field, value, want) in [
        ("total", json!("-1"), "/total bad_amount"),
        ("total", json!("1.234"), "/total bad_amount"),
        ("total", json!("1,50"), "/total bad_amount"),
        ("total", json!("99999999999"), "/total bad_amount"),
        ("phone", json!("12"), "/phone bad_phone"),
        ("sale_id", json!("x".repeat(101)), "/sale_id bad_sale_id"),
        ("sale_id", json!(-1), "/sale_id bad_sale_id"),
        ("items", json!({}), "/items bad_items"),
        ("items", json!(vec![json!({"name": "x"}); 201]), "/items bad_items"),
    ] {
        assert_eq!(errors(own_sale(&with(field, value))), [want]);
    }
    for body in [&b""[..], b"{", b"\xff", b"{\"a\":1}x"] {
        assert_eq!(own::sale(body, &usd()), Err(PayloadError::NotJson));
    }
}

#[test]
fn own_refund() {
    let read = |body: Value| own::refund(body.to_string().as_bytes(), &usd());
    let whole = read(json!({"sale_id": "A-1001"})).unwrap();
    assert_eq!(
        (whole.source.as_str(), whole.refunded, whole.refund_id),
        ("pos", Refunded::Whole, None)
    );
    let part = json!({
        "sale_id": "A-1001", "source": "till-2", "refund_id": "R-1", "total": "4.50", "currency": "USD",
        "occurred_at": "2026-11-21T10:00:00Z", "items": [{"name": "Flat white"}]
    });
    let part = read(part).unwrap();
    assert_eq!(
        part.refunded,
        Refunded::Amount(loyalty::Money::new(450, usd().currency))
    );
    assert_eq!((part.refund_id.as_deref(), part.items.len()), (Some("R-1"), 1));
    let by_amount = read(json!({"sale_id": "A-1001", "amount": "4.50"})).unwrap();
    assert_eq!(by_amount.refunded, part.refunded);
    assert_eq!(
        errors(read(json!({"sale_id": "1", "amount": "1", "total": "1"}))),
        ["/amount bad_amount"]
    );
    assert_eq!(
        errors(read(json!({"sale_id": "1", "amount": 4.5}))),
        ["/amount bad_amount"]
    );
    assert_eq!(
        errors(read(json!({"total": "0.00", "currency": "JPY", "occurred_at": "soon"}))),
        [
            "/sale_id missing",
            "/total bad_amount",
            "/currency bad_currency",
            "/occurred_at bad_time"
        ]
    );
}

#[test]
fn codes_are_closed_words() {
    let error = own_sale(&with("total", json!(12.5))).unwrap_err();
    let PayloadError::Fields(errors) = error else { panic!() };
    let shown = serde_json::to_value(&errors[0]).unwrap();
    assert_eq!(
        shown,
        json!({"pointer": "/total", "code": Code::BadAmount.as_str(), "value": "12.5"})
    );
}

proptest! {
    #[test]
    fn an_own_sale_is_read_as_it_was_written(minor in 0_i64..=loyalty::Money::MINOR_MAX, id in "[!-~]{1,100}", at in 0_i64..4_102_444_800_000, milli in 1_i64..9_999_999) {
        let quantity = format!("{}.{:03}", milli / 1000, milli % 1000);
        let at = loyalty::UtcMs(at);
        let body = json!({
            "sale_id": id, "total": dollars(minor).plain(), "occurred_at": at.rfc3339(), "items": [{"name": "x", "quantity": quantity}]
        });
        let sale = own_sale(&body).unwrap();
        prop_assert_eq!((sale.sale_id, sale.total, sale.occurred_at), (id, dollars(minor), at));
        prop_assert_eq!(sale.items[0].quantity_milli, milli);
    }
}

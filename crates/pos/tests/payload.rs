//! Payloads: our own JSON, the providers' fixtures (`data/README.md` says after which pages), and all that is wrong.

use loyalty::{Code, Item, MemberId, Who};
use pos::Context;
use pos::payload::generic::{self, ItemPointers, Only, Pointers, Time, Unit};
use pos::payload::{Event, Ignored, PayloadError, Refund, Refunded, own, shopify, square, stripe};
use proptest::prelude::*;
use serde_json::{Value, json};

fn shop(currency: &str) -> Context {
    Context {
        currency: currency.parse().unwrap(),
        region: "US".parse().unwrap(),
        zone: "America/Los_Angeles".parse().unwrap(),
    }
}

fn usd() -> Context {
    shop("USD")
}

/// Errors as `pointer code`.
fn errors<T: std::fmt::Debug>(outcome: Result<T, PayloadError>) -> Vec<String> {
    match outcome {
        Err(PayloadError::Fields(errors)) => errors.iter().map(|e| format!("{} {}", e.pointer, e.code)).collect(),
        other => panic!("{other:?}"),
    }
}

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
    own::sale(body.to_string().as_bytes(), &usd())
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

fn sale(event: Event) -> (loyalty::Sale, Option<String>) {
    match event {
        Event::Sale { sale, customer } => (*sale, customer),
        other => panic!("{other:?}"),
    }
}

fn refund(event: Event) -> Refund {
    match event {
        Event::Refund(refund) => *refund,
        other => panic!("{other:?}"),
    }
}

fn dollars(minor: i64) -> loyalty::Money {
    loyalty::Money::new(minor, usd().currency)
}

/// A fixture with one value changed.
fn changed(fixture: &str, pointer: &str, value: Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(fixture).unwrap();
    *body.pointer_mut(pointer).unwrap() = value;
    body.to_string().into_bytes()
}

#[test]
fn square_payments_and_refunds() {
    let payment = include_str!("data/square_payment_updated.json");
    let (sold, customer) = sale(square::read(payment.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (sold.sale_id.as_str(), sold.total, sold.who),
        ("KkAkhdMsgzn59SM8A89WgKwekxLZY", dollars(1250), Who::WalkIn)
    );
    assert_eq!(
        (sold.source.as_str(), customer.as_deref()),
        ("square", Some("RDX9Z4XTIZR7MRZJUXNY9HUK6I"))
    );
    assert_eq!(sold.occurred_at.rfc3339(), "2026-11-20T22:05:00.123Z");
    let back = refund(square::read(include_bytes!("data/square_refund_updated.json"), &usd()).unwrap());
    assert_eq!(
        (back.sale_id, back.refunded),
        (sold.sale_id, Refunded::Amount(dollars(500)))
    );

    let ignored = |pointer: &str, value: Value| square::read(&changed(payment, pointer, value), &usd()).unwrap();
    assert_eq!(
        ignored("/data/object/payment/status", json!("APPROVED")),
        Event::Ignored(Ignored::NotComplete)
    );
    assert_eq!(
        ignored("/type", json!("order.updated")),
        Event::Ignored(Ignored::OtherKind)
    );
    let amount = "/data/object/payment/amount_money";
    let wrong = changed(payment, amount, json!({"amount": 12.5, "currency": "EUR"}));
    assert_eq!(
        errors(square::read(&wrong, &usd())),
        [
            format!("{amount}/amount bad_amount"),
            format!("{amount}/currency bad_currency")
        ]
    );
}

#[test]
fn shopify_orders_and_refunds() {
    let order = include_str!("data/shopify_orders_create.json");
    let (sold, customer) = sale(shopify::read("orders/create", order.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (sold.sale_id.as_str(), sold.total),
        ("820982911946154508", dollars(39_800))
    );
    assert!(matches!(&sold.who, Who::Phone(phone) if phone.e164() == "+16195550123"));
    assert_eq!(customer.as_deref(), Some("115310627314723954"));
    assert_eq!(
        (sold.items[0].quantity_milli, sold.items[0].price_minor),
        (2000, Some(38_800))
    );
    assert_eq!((sold.items[1].name.as_str(), &sold.items[1].sku), ("Giftwrap", &None));
    // The same order, paid later, is the same sale.
    assert_eq!(
        sale(shopify::read("orders/paid", order.as_bytes(), &usd()).unwrap()).0,
        sold
    );

    let refunds = include_str!("data/shopify_refunds_create.json");
    let back = refund(shopify::read("refunds/create", refunds.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (back.sale_id, back.refunded),
        (sold.sale_id, Refunded::Amount(dollars(19_400)))
    );
    assert_eq!((back.items[0].quantity_milli, back.items[0].price_minor), (1000, None));

    let read = |pointer: &str, value: Value| shopify::read("orders/create", &changed(order, pointer, value), &usd());
    assert_eq!(
        read("/financial_status", json!("pending")).unwrap(),
        Event::Ignored(Ignored::NotComplete)
    );
    assert_eq!(
        read("/cancelled_at", json!("2026-11-20")).unwrap(),
        Event::Ignored(Ignored::NotComplete)
    );
    assert_eq!(read("/test", json!(true)).unwrap(), Event::Ignored(Ignored::Test));
    assert_eq!(
        shopify::read("carts/update", b"{}", &usd()).unwrap(),
        Event::Ignored(Ignored::OtherKind)
    );
    assert_eq!(errors(read("/total_price", json!(398.0))), ["/total_price bad_amount"]);
    let nothing = changed(refunds, "/transactions", json!([]));
    assert_eq!(
        shopify::read("refunds/create", &nothing, &usd()).unwrap(),
        Event::Ignored(Ignored::NotComplete)
    );
    let euros = changed(refunds, "/transactions/0/currency", json!("EUR"));
    assert_eq!(
        errors(shopify::read("refunds/create", &euros, &usd())),
        ["/transactions/0/currency bad_currency"]
    );
}

#[test]
fn stripe_sessions_and_refunds() {
    let session = include_str!("data/stripe_checkout_session_completed.json");
    let (sold, customer) = sale(stripe::read(session.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (sold.sale_id.as_str(), sold.total),
        ("pi_3MtwBwLkdIwHu7ix28a3tqPa", dollars(1250))
    );
    assert!(matches!(&sold.who, Who::Phone(phone) if phone.e164() == "+16195550123"));
    assert_eq!(
        (sold.occurred_at.0, customer.as_deref()),
        (1_795_212_305_000, Some("cus_NffrFeUfNV2Hib"))
    );
    let back = refund(stripe::read(include_bytes!("data/stripe_charge_refunded.json"), &usd()).unwrap());
    assert_eq!(
        (back.sale_id, back.refunded),
        (sold.sale_id, Refunded::SoFar(dollars(500)))
    );

    let read = |pointer: &str, value: Value, shop: &Context| stripe::read(&changed(session, pointer, value), shop);
    let unpaid = read("/data/object/payment_status", json!("unpaid"), &usd());
    assert_eq!(unpaid.unwrap(), Event::Ignored(Ignored::NotComplete));
    let no_intent = sale(read("/data/object/payment_intent", json!(null), &usd()).unwrap()).0;
    assert!(no_intent.sale_id.starts_with("cs_test_"));
    let no_phone = read("/data/object/customer_details/phone", json!("n/a"), &usd());
    assert_eq!(sale(no_phone.unwrap()).0.who, Who::WalkIn);
    // Stripe counts króna in hundredths, and yen in yen.
    let krona = |minor: i64| {
        let body = changed(session, "/data/object/currency", json!("isk"));
        stripe::read(
            &changed(
                std::str::from_utf8(&body).unwrap(),
                "/data/object/amount_total",
                json!(minor),
            ),
            &shop("ISK"),
        )
    };
    assert_eq!(sale(krona(1200).unwrap()).0.total.plain(), "12");
    assert_eq!(errors(krona(1250)), ["/data/object/amount_total bad_amount"]);
    let yen = sale(read("/data/object/currency", json!("jpy"), &shop("JPY")).unwrap());
    assert_eq!(yen.0.total.plain(), "1250");
}

fn pointers() -> Pointers {
    Pointers {
        source: "kassa".into(),
        sale_id: "/ticket/number".into(),
        occurred_at: "/ticket/closed".into(),
        time: Time::Milliseconds,
        total: "/ticket/sum".into(),
        unit: Unit::Decimal,
        currency: Some("/ticket/cur".into()),
        phone: Some("/ticket/buyer/tel".into()),
        items: Some(ItemPointers {
            list: "/ticket/rows".into(),
            name: "/what/text".into(),
            quantity: Some("/n".into()),
            sku: None,
            category: Some("/what/group".into()),
            price: Some("/line~1sum".into()),
        }),
        only: Some(Only {
            pointer: "/kind".into(),
            values: vec!["ticket.closed".into()],
        }),
    }
}

#[test]
fn any_other_till_by_pointers() {
    let body = include_str!("data/generic_till.json");
    let (sold, _) = sale(generic::read(&pointers(), body.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (sold.source.as_str(), sold.sale_id.as_str(), sold.total),
        ("kassa", "4711", dollars(1250))
    );
    assert_eq!(
        (sold.items[0].quantity_milli, sold.items[0].price_minor),
        (2000, Some(900))
    );
    assert_eq!(
        (sold.items[0].category.as_deref(), sold.items[1].quantity_milli),
        (Some("Coffee"), 1000)
    );
    assert_eq!(sold.occurred_at.0, 1_795_212_305_000);

    let other = generic::read(&pointers(), &changed(body, "/kind", json!("ticket.opened")), &usd());
    assert_eq!(other.unwrap(), Event::Ignored(Ignored::OtherKind));
    let wrong = changed(body, "/ticket/sum", json!(12.345));
    assert_eq!(
        errors(generic::read(&pointers(), &wrong, &usd())),
        ["/ticket/sum bad_amount"]
    );
    let minor = Pointers {
        unit: Unit::Minor,
        items: None,
        ..pointers()
    };
    assert_eq!(
        errors(generic::read(&minor, body.as_bytes(), &usd())),
        ["/ticket/sum bad_amount"]
    );
    let stored: Pointers = serde_json::from_value(serde_json::to_value(pointers()).unwrap()).unwrap();
    assert_eq!(stored, pointers());
}

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
            include_str!("data/square_payment_updated.json"), include_str!("data/square_refund_updated.json"),
            include_str!("data/shopify_orders_create.json"), include_str!("data/shopify_refunds_create.json"),
            include_str!("data/stripe_checkout_session_completed.json"), include_str!("data/stripe_charge_refunded.json"),
            include_str!("data/generic_till.json"),
        ] {
            let mut body: Value = serde_json::from_str(fixture).unwrap();
            let mut places = Vec::new();
            walk(&body, String::new(), &mut places);
            *body.pointer_mut(&places[at % places.len()]).unwrap() = value.clone();
            read_by_all(body.to_string().as_bytes());
        }
    }

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

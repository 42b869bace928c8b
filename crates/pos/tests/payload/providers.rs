//! The providers' payloads, and any other till's.

use loyalty::Who;
use pos::Context;
use pos::payload::generic::{self, Pointers, Unit};
use pos::payload::{Event, Ignored, Refund, Refunded, shopify, square, stripe};
use serde_json::{Value, json};

use crate::{dollars, errors, pointers, shop, usd};

fn sale(event: Event) -> (loyalty::Sale, Option<String>) {
    match event {
        Event::Sale { sale, customer, .. } => (*sale, customer),
        other => panic!("{other:?}"),
    }
}

fn refund(event: Event) -> Refund {
    match event {
        Event::Refund(refund) => *refund,
        other => panic!("{other:?}"),
    }
}

/// A fixture with one value changed.
fn changed(fixture: &str, pointer: &str, value: Value) -> Vec<u8> {
    let mut body: Value = serde_json::from_str(fixture).unwrap();
    *body.pointer_mut(pointer).unwrap() = value;
    body.to_string().into_bytes()
}

#[test]
fn square_payments_and_refunds() {
    let payment = include_str!("../data/square_payment_updated.json");
    let (sold, customer) = sale(square::read(payment.as_bytes(), &usd()).unwrap());
    assert_eq!(
        (sold.sale_id.as_str(), sold.total, sold.who),
        ("KkAkhdMsgzn59SM8A89WgKwekxLZY", dollars(1450), Who::WalkIn)
    );
    assert_eq!((sold.tax_minor, sold.tip_minor), (0, 200));
    assert_eq!(
        (sold.source.as_str(), customer.as_deref()),
        ("square", Some("RDX9Z4XTIZR7MRZJUXNY9HUK6I"))
    );
    assert_eq!(sold.occurred_at.rfc3339(), "2026-11-20T22:05:00.123Z");
    let back = refund(square::read(include_bytes!("../data/square_refund_updated.json"), &usd()).unwrap());
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
    let order = include_str!("../data/shopify_orders_create.json");
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

    let refunds = include_str!("../data/shopify_refunds_create.json");
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
    let session = include_str!("../data/stripe_checkout_session_completed.json");
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
    let back = refund(stripe::read(include_bytes!("../data/stripe_charge_refunded.json"), &usd()).unwrap());
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

#[test]
fn any_other_till_by_pointers() {
    let body = include_str!("../data/generic_till.json");
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

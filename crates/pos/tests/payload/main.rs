//! Payloads: our own JSON, the providers' fixtures (`data/README.md` says after which pages), and all that is wrong.
//! Here: what the tests share.

mod fuzz;
mod own_json;
mod providers;

use pos::Context;
use pos::payload::PayloadError;
use pos::payload::generic::{ItemPointers, Only, Pointers, Time, Unit};

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

fn dollars(minor: i64) -> loyalty::Money {
    loyalty::Money::new(minor, usd().currency)
}

fn pointers() -> Pointers {
    Pointers {
        source: "kassa".into(),
        sale_id: "/ticket/number".into(),
        occurred_at: "/ticket/closed".into(),
        time: Time::Milliseconds,
        total: "/ticket/sum".into(),
        tax: Some("/ticket/vat".into()),
        tip: None,
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

//! Tax and tip, by every way in: told apart where the source has them, and earning points or not as the rules say.

use loyalty::rules::{MemberFacts, Rules, SaleFacts};
use loyalty::{Code, Sale};
use pos::Context;
use pos::detect;
use pos::file::SalesReader;
use pos::payload::generic::{Pointers, Unit};
use pos::payload::{Event, PayloadError, generic, own, shopify, square, stripe};
use serde_json::json;

fn usd() -> Context {
    Context {
        currency: "USD".parse().unwrap(),
        region: "US".parse().unwrap(),
        zone: "America/Los_Angeles".parse().unwrap(),
    }
}

/// The cents that points are earned on, with tax and tips: in in; in out; out in; out out.
fn earns(sale: &Sale) -> [i64; 4] {
    [("in", "in"), ("in", "ex"), ("ex", "in"), ("ex", "ex")].map(|(tax, tips)| {
        let text = format!("Earn 1 point per $0.01\nTax {tax}cluded\nTips {tips}cluded\n");
        let rules = Rules::parse(&text, usd().currency).unwrap();
        let facts = SaleFacts {
            tax_minor: sale.tax_minor,
            tip_minor: sale.tip_minor,
            ..SaleFacts::new(
                sale.total,
                &sale.items,
                sale.occurred_at,
                usd().zone.local(sale.occurred_at),
            )
        };
        rules.decide(&facts, &MemberFacts::default()).points
    })
}

fn sale(event: Event) -> Sale {
    match event {
        Event::Sale { sale, .. } => *sale,
        other => panic!("{other:?}"),
    }
}

/// A fixture with values put in.
fn with(fixture: &str, values: &[(&str, &str, serde_json::Value)]) -> Vec<u8> {
    let mut body: serde_json::Value = serde_json::from_str(fixture).unwrap();
    for (object, field, value) in values {
        body.pointer_mut(object).unwrap()[field] = value.clone();
    }
    body.to_string().into_bytes()
}

/// The first sale of an export, read by what its header tells.
fn first(file: &[u8]) -> Sale {
    let look = detect::sales(file, &usd());
    let mut rows = SalesReader::new(file, &look.mapping, usd()).unwrap();
    rows.next().unwrap().unwrap().outcome.unwrap().into_sale("pos")
}

#[test]
fn providers_messages() {
    let square = include_bytes!("data/square_payment_updated.json");
    assert_eq!(
        earns(&sale(square::read(square, &usd()).unwrap())),
        [1450, 1250, 1450, 1250]
    );

    let order = include_str!("data/shopify_orders_create.json");
    let body = with(
        order,
        &[
            ("", "total_tax", json!("8.00")),
            ("", "total_tip_received", json!("3.50")),
        ],
    );
    let paid = |body: &[u8]| sale(shopify::read("orders/create", body, &usd()).unwrap());
    assert_eq!(earns(&paid(&body)), [39_800, 39_450, 39_000, 38_650]);
    assert_eq!(
        earns(&paid(&with(order, &[("", "total_tax", json!(null))]))),
        [39_800; 4]
    );

    let session = include_str!("data/stripe_checkout_session_completed.json");
    let body = with(
        session,
        &[("/data/object", "total_details", json!({"amount_tax": 100}))],
    );
    let read = |body: &[u8]| sale(stripe::read(body, &usd()).unwrap());
    assert_eq!(earns(&read(&body)), [1250, 1250, 1150, 1150]);
    assert_eq!(earns(&read(session.as_bytes())), [1250; 4]);
}

#[test]
fn our_own_and_any_other_tills() {
    let body =
        json!({"sale_id": "1", "total": "12.50", "tax": "1.00", "tip": "0.50", "occurred_at": "2026-11-20T14:05"});
    let read = |body: &serde_json::Value| own::sale(body.to_string().as_bytes(), &usd()).map(|(sale, _)| sale);
    assert_eq!(earns(&read(&body).unwrap()), [1250, 1200, 1150, 1100]);
    for (field, value) in [("tax", json!("12.51")), ("tip", json!(1)), ("tip", json!("-1"))] {
        let mut body = body.clone();
        body[field] = value;
        let Err(PayloadError::Fields(errors)) = read(&body) else {
            panic!("{body}")
        };
        assert_eq!(
            (errors[0].pointer.as_str(), errors[0].code),
            (&*format!("/{field}"), Code::BadAmount)
        );
    }

    let pointers = Pointers {
        source: "kassa".into(),
        sale_id: "/n".into(),
        occurred_at: "/t".into(),
        time: generic::Time::Seconds,
        total: "/sum".into(),
        tax: Some("/vat/sum".into()),
        tip: Some("/tip".into()),
        unit: Unit::Minor,
        currency: None,
        phone: None,
        items: None,
        only: None,
    };
    let body = json!({"n": 7, "t": 1_795_000_000, "sum": 1250, "vat": {"sum": 200}, "tip": 50}).to_string();
    let read = generic::read(&pointers, body.as_bytes(), &usd()).unwrap();
    assert_eq!(earns(&sale(read)), [1250, 1200, 1050, 1000]);
}

#[test]
fn files_of_tills_and_of_our_own() {
    for (file, expected) in [
        (
            &include_bytes!("data/square_transactions.csv")[..],
            [3116, 2916, 2900, 2700],
        ),
        (include_bytes!("data/shopify_orders.csv"), [5900, 5900, 5500, 5500]),
        (include_bytes!("data/loyverse_receipts.csv"), [14_888; 4]),
        (include_bytes!("data/lightspeed_sales.csv"), [1080, 1080, 1000, 1000]),
        (
            b"sale_id,occurred_at,phone,total,tax,tip\n1,2026-11-20,,12.50,1.00,0.50\n",
            [1250, 1200, 1150, 1100],
        ),
        (
            b"Receipt,Date,Phone,Amount paid,VAT,Gratuity\n1,2026-11-20,,12.50,1.00,0.50\n",
            [1250, 1200, 1150, 1100],
        ),
        (b"Receipt,Date,Phone,Amount paid\n1,2026-11-20,,12.50\n", [1250; 4]),
        // Of a net total the tax must not be taken off again.
        (
            b"Receipt,Date,Phone,Net sales,Tax\n1,2026-11-20,,12.50,1.00\n",
            [1250; 4],
        ),
    ] {
        assert_eq!(
            earns(&first(file)),
            expected,
            "{}",
            String::from_utf8_lossy(&file[..40])
        );
    }
    let receipts =
        include_str!("data/loyverse_receipts.csv").replacen("148.88,0.00,148.88,0.00", "140.00,0.00,140.00,8.88", 1);
    assert_eq!(earns(&first(receipts.as_bytes())), [14_888, 14_888, 14_000, 14_000]);
}

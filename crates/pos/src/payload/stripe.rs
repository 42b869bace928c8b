//! Stripe: `checkout.session.completed`, `checkout.session.async_payment_succeeded` and `charge.refunded`.
//!
//! A sale is a paid checkout session, numbered by its payment intent, because that is what a refunded charge names.
//! `amount_total` has the tax in it, which `total_details` tells apart; checkout knows no tips.
//! `charge.refunded` tells what was given back so far, not by this refund.

use loyalty::{Money, Sale};

use super::reader::{Reader, json};
use super::{Event, Ignored, PayloadError, Refund, Refunded};
use crate::Context;

/// The source of Stripe's sales.
pub const SOURCE: &str = "stripe";
/// Currencies without decimals whose amounts Stripe nevertheless counts in hundredths.
const HUNDREDFOLD: [&str; 2] = ["ISK", "UGX"];

/// Reads an event.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn read(body: &[u8], context: &Context) -> Result<Event, PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    let event = match reader.text("/type") {
        Some("checkout.session.completed" | "checkout.session.async_payment_succeeded") => {
            if reader.text("/data/object/payment_status") != Some("paid") {
                return Ok(Event::Ignored(Ignored::NotComplete));
            }
            session(&mut reader)
        }
        Some("charge.refunded") => refund(&mut reader),
        _ => return Ok(Event::Ignored(Ignored::OtherKind)),
    };
    reader.finish(event)
}

fn session(reader: &mut Reader<'_>) -> Option<Event> {
    let sale_id = payment_id(reader);
    let total = amount(reader, "/data/object/amount_total");
    let tax_at = "/data/object/total_details/amount_tax";
    let tax = if reader.get(tax_at).is_some() {
        amount(reader, tax_at)
    } else {
        Some(Money::new(0, reader.context.currency))
    };
    let occurred_at = reader.seconds("/created");
    let who = reader.who(&["/data/object/customer_details/phone"]);
    let customer = reader.text("/data/object/customer").map(str::to_owned);
    let sale = Sale {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        who,
        total: total?,
        tax_minor: tax?.minor,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: occurred_at?,
    };
    Some(Event::Sale {
        sale: Box::new(sale),
        customer,
        rewards: Vec::new(),
    })
}

fn refund(reader: &mut Reader<'_>) -> Option<Event> {
    let refund_id = reader.id("/id");
    let sale_id = payment_id(reader);
    let so_far = amount(reader, "/data/object/amount_refunded");
    let occurred_at = reader.seconds("/created");
    Some(Event::Refund(Box::new(Refund {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        refund_id: Some(refund_id?),
        refunded: Refunded::SoFar(so_far?),
        items: Vec::new(),
        occurred_at: Some(occurred_at?),
    })))
}

/// The payment intent, which session and charge share; older charges have none and stand for themselves.
fn payment_id(reader: &mut Reader<'_>) -> Option<String> {
    let intent = "/data/object/payment_intent";
    let at = if reader.get(intent).is_some() {
        intent
    } else {
        "/data/object/id"
    };
    reader.id(at)
}

fn amount(reader: &mut Reader<'_>, pointer: &str) -> Option<Money> {
    let money = reader.minor(pointer, "/data/object/currency")?;
    if !HUNDREDFOLD.contains(&money.currency.letters()) {
        return Some(money);
    }
    if money.minor % 100 != 0 {
        reader.refuse(pointer, loyalty::Code::BadAmount);
        return None;
    }
    Some(Money::new(money.minor / 100, money.currency))
}

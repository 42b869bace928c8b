//! Square: `payment.created`, `payment.updated`, `refund.created`, `refund.updated`.
//!
//! A sale is a completed payment, numbered by the payment's id, because that is what a refund names. Its total is the
//! payment's `amount_money` and `tip_money` together, because that is what can be refunded; the tip is told apart. Tax is
//! not: only Square's orders know it. Payments have no phone number: the customer's id comes with the sale.
//! Orders' messages carry no amounts and no items, and would count a sale again: they are ignored.

use loyalty::{Money, Sale, Who};

use super::reader::{Reader, json};
use super::{Event, Ignored, PayloadError, Refund, Refunded};
use crate::Context;

/// The source of Square's sales.
pub const SOURCE: &str = "square";

/// Reads a message.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn read(body: &[u8], context: &Context) -> Result<Event, PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    let (object, is_sale) = match reader.text("/type") {
        Some("payment.created" | "payment.updated") => ("/data/object/payment", true),
        Some("refund.created" | "refund.updated") => ("/data/object/refund", false),
        _ => return Ok(Event::Ignored(Ignored::OtherKind)),
    };
    if reader.text(&format!("{object}/status")) != Some("COMPLETED") {
        return Ok(Event::Ignored(Ignored::NotComplete));
    }
    let event = if is_sale {
        payment(&mut reader, object)
    } else {
        refund(&mut reader, object)
    };
    reader.finish(event)
}

fn payment(reader: &mut Reader<'_>, at: &str) -> Option<Event> {
    let sale_id = reader.id(&format!("{at}/id"));
    let total = reader.minor(
        &format!("{at}/amount_money/amount"),
        &format!("{at}/amount_money/currency"),
    );
    let tip = if reader.get(&format!("{at}/tip_money")).is_some() {
        reader.minor(&format!("{at}/tip_money/amount"), &format!("{at}/tip_money/currency"))
    } else {
        Some(Money::new(0, reader.context.currency))
    };
    let occurred_at = reader.time(&format!("{at}/created_at"));
    let customer = reader.text(&format!("{at}/customer_id")).map(str::to_owned);
    let (total, tip) = (total?, tip?);
    let sale = Sale {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        who: Who::WalkIn,
        total: Money::new(total.minor.saturating_add(tip.minor), total.currency),
        tax_minor: 0,
        tip_minor: tip.minor,
        items: Vec::new(),
        occurred_at: occurred_at?,
    };
    Some(Event::Sale {
        sale: Box::new(sale),
        customer,
        rewards: Vec::new(),
    })
}

fn refund(reader: &mut Reader<'_>, at: &str) -> Option<Event> {
    let refund_id = reader.id(&format!("{at}/id"));
    let sale_id = reader.id(&format!("{at}/payment_id"));
    let amount = reader.minor(
        &format!("{at}/amount_money/amount"),
        &format!("{at}/amount_money/currency"),
    );
    let occurred_at = reader.time(&format!("{at}/created_at"));
    Some(Event::Refund(Box::new(Refund {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        refund_id: Some(refund_id?),
        refunded: Refunded::Amount(amount?),
        items: Vec::new(),
        occurred_at: Some(occurred_at?),
    })))
}

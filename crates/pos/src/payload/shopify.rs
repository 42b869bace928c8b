//! Shopify: the topics `orders/create`, `orders/paid` and `refunds/create`.
//!
//! A sale is a paid order, numbered by the order's id, because that is what a refund names. An order that is created
//! before it is paid is ignored until `orders/paid` comes; both of one order are the same sale. `total_price` has tax and
//! tip in it; `total_tax` and `total_tip_received` tell them apart.

use loyalty::{Code, Item, Money, Sale};

use super::reader::{ITEMS_MAX, Reader, decimal, json, name_made_fit, quantity};
use super::{Event, Ignored, PayloadError, Refund, Refunded};
use crate::Context;

/// The source of Shopify's sales.
pub const SOURCE: &str = "shopify";
/// The header with the topic.
pub const TOPIC_HEADER: &str = "x-shopify-topic";

/// Reads a message of a topic.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn read(topic: &str, body: &[u8], context: &Context) -> Result<Event, PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    let event = match topic {
        "orders/create" | "orders/paid" => {
            if reader.get("/test").and_then(serde_json::Value::as_bool) == Some(true) {
                return Ok(Event::Ignored(Ignored::Test));
            }
            if reader.text("/financial_status") != Some("paid") || reader.get("/cancelled_at").is_some() {
                return Ok(Event::Ignored(Ignored::NotComplete));
            }
            order(&mut reader)
        }
        "refunds/create" => refund(&mut reader),
        _ => return Ok(Event::Ignored(Ignored::OtherKind)),
    };
    reader.finish(event)
}

fn order(reader: &mut Reader<'_>) -> Option<Event> {
    let sale_id = reader.id("/id");
    let total = reader.decimal("/total_price");
    let share = |pointer: &str| {
        let value = reader.get(pointer);
        value
            .and_then(|v| decimal(v, reader.context.currency))
            .map_or(0, |m| m.minor)
    };
    let (tax_minor, tip_minor) = (share("/total_tax"), share("/total_tip_received"));
    let currency = reader.currency("/currency");
    let occurred_at = reader.time("/created_at");
    let items = reader.items("/line_items", |reader, at| Some(line(reader, at)));
    let who = reader.who(&[
        "/phone",
        "/customer/phone",
        "/billing_address/phone",
        "/shipping_address/phone",
    ]);
    let customer = reader.get("/customer/id").and_then(super::reader::id);
    currency?;
    let sale = Sale {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        who,
        total: total?,
        tax_minor,
        tip_minor,
        items: items?,
        occurred_at: occurred_at?,
    };
    Some(Event::Sale {
        sale: Box::new(sale),
        customer,
        rewards: Vec::new(),
    })
}

/// A line of an order. `price` is of one piece and before discounts; what can't be told exactly is left out.
fn line(reader: &Reader<'_>, at: &str) -> Item {
    let text = |field: &str| reader.text(&format!("{at}/{field}"));
    let money = |field: &str| {
        let value = reader.get(&format!("{at}/{field}"))?;
        decimal(value, reader.context.currency).map(|money| money.minor)
    };
    let quantity_milli = reader.get(&format!("{at}/quantity")).and_then(quantity);
    let price = money("price")
        .zip(quantity_milli)
        .and_then(|(one, milli)| one.checked_mul(milli / 1000))
        .map(|all| all - money("total_discount").unwrap_or(0))
        .filter(|all| (0..=Money::MINOR_MAX).contains(all));
    Item {
        name: name_made_fit(text("title").or(text("name")).unwrap_or_default()),
        sku: text("sku").map(str::to_owned),
        category: text("product_type").map(str::to_owned),
        quantity_milli: quantity_milli.unwrap_or(1000),
        price_minor: price,
    }
}

fn refund(reader: &mut Reader<'_>) -> Option<Event> {
    let refund_id = reader.id("/id");
    let sale_id = reader.id("/order_id");
    let occurred_at = reader.time("/created_at");
    let amount = paid_back(reader);
    let items = reader.items("/refund_line_items", |reader, at| {
        let quantity_milli = reader.get(&format!("{at}/quantity")).and_then(quantity);
        let mut item = line(reader, &format!("{at}/line_item"));
        item.price_minor = None; // of the whole line, not of what came back
        item.quantity_milli = quantity_milli.unwrap_or(item.quantity_milli);
        Some(item)
    });
    let amount = amount?;
    if amount.minor == 0 {
        return Some(Event::Ignored(Ignored::NotComplete));
    }
    Some(Event::Refund(Box::new(Refund {
        source: SOURCE.to_owned(),
        sale_id: sale_id?,
        refund_id: Some(refund_id?),
        refunded: Refunded::Amount(amount),
        items: items?,
        occurred_at: Some(occurred_at?),
    })))
}

/// The sum of the refund's successful transactions.
fn paid_back(reader: &mut Reader<'_>) -> Option<Money> {
    let count = reader.needed("/transactions", Code::BadAmount, |v| v.as_array().map(Vec::len))?;
    if count > ITEMS_MAX {
        reader.refuse("/transactions", Code::BadAmount);
        return None;
    }
    let mut sum = Money::new(0, reader.context.currency);
    for at in (0..count).map(|at| format!("/transactions/{at}")) {
        let is = |field: &str, value: &str| reader.text(&format!("{at}/{field}")) == Some(value);
        if is("kind", "refund") && is("status", "success") {
            reader.currency(&format!("{at}/currency"))?;
            sum.minor += reader.decimal(&format!("{at}/amount"))?.minor;
        }
    }
    Some(sum)
}

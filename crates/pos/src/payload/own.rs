//! Our own webhook's JSON: what a till, or whoever connects one, sends to `/pos/sale` and `/pos/refund`.
//!
//! ```json
//! {
//!   "sale_id": "A-1001", "source": "pos", "phone": "+1 619 555 0123", "total": "12.50", "currency": "USD",
//!   "tax": "1.00", "tip": "0.50",
//!   "occurred_at": "2026-11-20T14:05:00-08:00",
//!   "items": [{ "name": "Flat white", "sku": "FW", "category": "Coffee", "quantity": 2, "price": "9.00" }],
//!   "rewards": ["Free coffee"]
//! }
//! ```
//! `source` is `pos` where it is left out, `currency` the shop's. `phone` or `member_id` says who; with neither the sale
//! is a walk-in; with both, `member_id` does. `tax` and `tip` are what of the `total` is tax and tip, 0 where they are left
//! out. `price` is the line's, for all of its quantity, which is 1 where it is
//! left out. `rewards` are those that the customer was given with the sale, at most 20. A refund has the sale's `sale_id` and `source`; a `total` where only a part is given back (or an `amount`,
//! which means the same, so that it is never overlooked); and, where they are known, `refund_id`, `items` and
//! `occurred_at`. Fields that are not named here are ignored.

use loyalty::sale::SOURCE_POS;
use loyalty::{Code, Item, MemberId, Money, Phone, Sale, Who};
use serde_json::Value;

use super::reader::{Reader, decimal, id, json, name, quantity};
use super::{PayloadError, Refund, Refunded};
use crate::Context;

/// The most rewards that one sale names.
const REWARDS_MAX: usize = 20;

/// Reads a sale, and the rewards given with it.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn sale(body: &[u8], context: &Context) -> Result<(Sale, Vec<String>), PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    let (sale, rewards) = (read_sale(&mut reader), read_rewards(&mut reader));
    reader.finish(sale.zip(rewards))
}

/// Each by a name of 1 to 200 characters; whether there is such a reward is the store's to say.
fn read_rewards(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let names = |v: &Value| {
        let all = v.as_array().filter(|all| all.len() <= REWARDS_MAX)?;
        all.iter().map(name).collect::<Option<Vec<_>>>()
    };
    let rewards = reader.optional("/rewards", Code::UnknownReward, names)?;
    Some(rewards.unwrap_or_default())
}

fn read_sale(reader: &mut Reader<'_>) -> Option<Sale> {
    // All fields are read before the first that is wrong ends it.
    let sale_id = reader.id("/sale_id");
    let source = read_source(reader);
    let who = read_who(reader);
    let total = reader.decimal("/total");
    let (tax, tip) = (read_share(reader, "/tax", total), read_share(reader, "/tip", total));
    let currency = reader.currency("/currency");
    let occurred_at = reader.time("/occurred_at");
    let items = reader.items("/items", read_item);
    currency?;
    Some(Sale {
        source: source?,
        sale_id: sale_id?,
        who: who?,
        total: total?,
        tax_minor: tax?,
        tip_minor: tip?,
        items: items?,
        occurred_at: occurred_at?,
    })
}

/// What of the total is tax, or tip: never more than all of it.
fn read_share(reader: &mut Reader<'_>, pointer: &str, total: Option<Money>) -> Option<i64> {
    let currency = reader.context.currency;
    let share = reader.optional(pointer, Code::BadAmount, |v| {
        decimal(v, currency).filter(|share| total.is_none_or(|total| share.minor <= total.minor))
    })?;
    Some(share.map_or(0, |share| share.minor))
}

/// Reads a refund.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn refund(body: &[u8], context: &Context) -> Result<Refund, PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    let refund = read_refund(&mut reader);
    reader.finish(refund)
}

fn read_refund(reader: &mut Reader<'_>) -> Option<Refund> {
    let shop = *reader.context;
    let sale_id = reader.id("/sale_id");
    let source = read_source(reader);
    let refund_id = reader.optional("/refund_id", Code::BadSaleId, id);
    let amount = read_part(reader);
    let currency = reader.currency("/currency");
    let occurred_at = reader.optional("/occurred_at", Code::BadTime, |v| shop.zone.read(v.as_str()?).ok());
    let items = reader.items("/items", read_item);
    currency?;
    Some(Refund {
        source: source?,
        sale_id: sale_id?,
        refund_id: refund_id?,
        refunded: amount?.map_or(Refunded::Whole, Refunded::Amount),
        items: items?,
        occurred_at: occurred_at?,
    })
}

/// The part that is given back; none is the whole. Saying it under both names is refused: which one counts?
fn read_part(reader: &mut Reader<'_>) -> Option<Option<Money>> {
    let currency = reader.context.currency;
    let mut read = |pointer| {
        reader.optional(pointer, Code::BadAmount, |v| {
            decimal(v, currency).filter(|part| part.minor > 0)
        })
    };
    let (total, amount) = (read("/total"), read("/amount"));
    match (total?, amount?) {
        (Some(_), Some(_)) => {
            reader.refuse("/amount", Code::BadAmount);
            None
        }
        (total, amount) => Some(total.or(amount)),
    }
}

/// A source is named like a sale; a number is none.
fn read_source(reader: &mut Reader<'_>) -> Option<String> {
    let source = reader.optional("/source", Code::BadSaleId, |v| id(v).filter(|_| v.is_string()))?;
    Some(source.unwrap_or_else(|| SOURCE_POS.to_owned()))
}

fn read_who(reader: &mut Reader<'_>) -> Option<Who> {
    let region = reader.context.region;
    // An empty text is no number, as in a form that nobody filled in.
    let phone = reader.optional("/phone", Code::BadPhone, |v| match v.as_str()?.trim() {
        "" => Some(None),
        text => Phone::parse(text, region).ok().map(Some),
    });
    let member = reader.optional("/member_id", Code::UnknownMember, |v| {
        v.as_str()?.parse::<MemberId>().ok()
    });
    match (member?, phone?.flatten()) {
        (Some(member), _) => Some(Who::Member(member)),
        (None, Some(phone)) => Some(Who::Phone(phone)),
        (None, None) => Some(Who::WalkIn),
    }
}

fn read_item(reader: &mut Reader<'_>, at: &str) -> Option<Item> {
    let currency = reader.context.currency;
    let text = |v: &Value| v.as_str().map(|text| text.trim().to_owned());
    let item_name = reader.needed(&format!("{at}/name"), Code::BadItems, name);
    let sku = reader.optional(&format!("{at}/sku"), Code::BadItems, text);
    let category = reader.optional(&format!("{at}/category"), Code::BadItems, text);
    let quantity_milli = reader.optional(&format!("{at}/quantity"), Code::BadItems, quantity);
    let price = reader.optional(&format!("{at}/price"), Code::BadAmount, |v| decimal(v, currency));
    Some(Item {
        name: item_name?,
        sku: sku?.filter(|text| !text.is_empty()),
        category: category?.filter(|text| !text.is_empty()),
        quantity_milli: quantity_milli?.unwrap_or(1000),
        price_minor: price?.map(|price| price.minor),
    })
}

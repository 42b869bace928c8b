//! Any other till's JSON, told where things are by JSON pointers (RFC 6901). Plain data that a user can correct.

use loyalty::{Code, Item, Money, Phone, Sale, UtcMs, Who};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::reader::{Reader, decimal, json, name, quantity};
use super::{Event, Ignored, PayloadError};
use crate::Context;

/// How amounts are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// As a decimal: `"12.50"`. A JSON number is taken too, by its shortest decimal, which is what was written for
    /// every amount a sale can have.
    #[default]
    Decimal,
    /// As a whole number of minor units: `1250`.
    Minor,
}

/// How times are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Time {
    /// As text: `"2026-11-20T14:05:00Z"`, or without an offset on the shop's wall clock.
    #[default]
    Text,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
}

/// Where a till's message has what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pointers {
    /// The source its sales get.
    pub source: String,
    /// The sale's number.
    pub sale_id: String,
    /// When it was.
    pub occurred_at: String,
    /// How that is written.
    #[serde(default)]
    pub time: Time,
    /// What was paid, tax and tip in it.
    pub total: String,
    /// The tax in it, where the message has it.
    #[serde(default)]
    pub tax: Option<String>,
    /// The tip in it, where the message has it.
    #[serde(default)]
    pub tip: Option<String>,
    /// How amounts are written.
    #[serde(default)]
    pub unit: Unit,
    /// The currency, where the message has one.
    #[serde(default)]
    pub currency: Option<String>,
    /// The customer's phone number, where the message has one.
    #[serde(default)]
    pub phone: Option<String>,
    /// The items, where the message has them.
    #[serde(default)]
    pub items: Option<ItemPointers>,
    /// Only messages that have one of these texts there are sales.
    #[serde(default)]
    pub only: Option<Only>,
}

/// Where a message's list of items is, and within each item, what.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemPointers {
    /// The list, from the top.
    pub list: String,
    /// Its name, from the item.
    pub name: String,
    /// How many, from the item; 1 where this is not said.
    #[serde(default)]
    pub quantity: Option<String>,
    /// The article number, from the item.
    #[serde(default)]
    pub sku: Option<String>,
    /// The category, from the item.
    #[serde(default)]
    pub category: Option<String>,
    /// The line's price for all of them, from the item.
    #[serde(default)]
    pub price: Option<String>,
}

/// Which messages are sales.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Only {
    /// Where it says so.
    pub pointer: String,
    /// What it says for a sale.
    pub values: Vec<String>,
}

/// Reads a message.
///
/// # Errors
/// [`PayloadError::NotJson`], or every field that is missing or wrong.
pub fn read(pointers: &Pointers, body: &[u8], context: &Context) -> Result<Event, PayloadError> {
    let root = json(body)?;
    let mut reader = Reader::new(&root, context);
    if let Some(only) = &pointers.only {
        let says = reader.text(&only.pointer);
        if !only.values.iter().any(|value| says == Some(value.as_str())) {
            return Ok(Event::Ignored(Ignored::OtherKind));
        }
    }
    let sale = read_sale(&mut reader, pointers);
    let event = sale.map(|sale| Event::Sale {
        sale: Box::new(sale),
        customer: None,
        rewards: Vec::new(),
    });
    reader.finish(event)
}

fn read_sale(reader: &mut Reader<'_>, pointers: &Pointers) -> Option<Sale> {
    let context = *reader.context;
    let sale_id = reader.id(&pointers.sale_id);
    let occurred_at = match pointers.time {
        Time::Text => reader.time(&pointers.occurred_at),
        Time::Seconds => reader.seconds(&pointers.occurred_at),
        Time::Milliseconds => reader.needed(&pointers.occurred_at, Code::BadTime, |v| {
            v.as_i64().filter(|ms| (0..253_402_300_800_000).contains(ms)).map(UtcMs)
        }),
    };
    let total = reader.needed(&pointers.total, Code::BadAmount, |v| money(v, pointers.unit, &context));
    let mut share = |at: &Option<String>| {
        let read = |v: &Value| money(v, pointers.unit, &context);
        let share = at
            .as_ref()
            .map_or(Some(None), |at| reader.optional(at, Code::BadAmount, read))?;
        Some(share.map_or(0, |share| share.minor))
    };
    let (tax, tip) = (share(&pointers.tax), share(&pointers.tip));
    let currency = pointers.currency.as_ref().map_or(Some(()), |at| reader.currency(at));
    let phone = pointers.phone.as_ref().map_or(Some(None), |at| {
        reader.optional(at, Code::BadPhone, |v| match v.as_str()?.trim() {
            "" => Some(None),
            text => Phone::parse(text, context.region).ok().map(Some),
        })
    });
    let items = pointers.items.as_ref().map_or(Some(Vec::new()), |item| {
        reader.items(&item.list, |reader, at| read_item(reader, item, at, pointers.unit))
    });
    currency?;
    Some(Sale {
        source: pointers.source.clone(),
        sale_id: sale_id?,
        who: phone?.flatten().map_or(Who::WalkIn, Who::Phone),
        total: total?,
        tax_minor: tax?,
        tip_minor: tip?,
        items: items?,
        occurred_at: occurred_at?,
    })
}

fn read_item(reader: &mut Reader<'_>, item: &ItemPointers, at: &str, unit: Unit) -> Option<Item> {
    let context = *reader.context;
    let item_name = reader.needed(&format!("{at}{}", item.name), Code::BadItems, name);
    let quantity_milli = item.quantity.as_ref().map_or(Some(None), |field| {
        reader.optional(&format!("{at}{field}"), Code::BadItems, quantity)
    });
    let price = item.price.as_ref().map_or(Some(None), |field| {
        reader.optional(&format!("{at}{field}"), Code::BadAmount, |v| money(v, unit, &context))
    });
    let text = |field: &Option<String>| {
        let field = field.as_ref()?;
        reader.text(&format!("{at}{field}")).map(str::to_owned)
    };
    let (sku, category) = (text(&item.sku), text(&item.category));
    Some(Item {
        name: item_name?,
        sku,
        category,
        quantity_milli: quantity_milli?.unwrap_or(1000),
        price_minor: price?.map(|price| price.minor),
    })
}

fn money(value: &Value, unit: Unit, context: &Context) -> Option<Money> {
    match (unit, value) {
        (Unit::Decimal, Value::Number(number)) => Money::parse_total(&number.to_string(), context.currency).ok(),
        (Unit::Decimal, _) => decimal(value, context.currency),
        (Unit::Minor, _) => {
            let minor = value.as_i64().filter(|minor| (0..=Money::MINOR_MAX).contains(minor))?;
            Some(Money::new(minor, context.currency))
        }
    }
}

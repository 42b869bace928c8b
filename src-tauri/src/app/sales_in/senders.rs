//! Senders other than our own: reading what the owner typed, and showing what is set up without its secrets.

use intake::{Hooks, Keys, Square};
use loyalty::{Code, Refusal};
use pos::payload::generic::{ItemPointers, Only, Pointers, Time, Unit};

use crate::views::{MappedSender, Sender, SenderEdit, small};

/// The names that are not free.
const PROVIDERS: [&str; 3] = ["square", "shopify", "stripe"];
/// How many keys of a provider count: the new one, and the one before it while the provider changes over.
const KEYS_MAX: usize = 2;

/// Sets up a sender.
///
/// # Errors
/// `missing` or `bad_name` with the field.
pub fn set(hooks: &mut Hooks, edit: &SenderEdit) -> Result<(), Refusal> {
    match edit {
        SenderEdit::Square { key, url } => {
            let url = url.trim();
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(Refusal::of(Code::Missing, "url", url));
            }
            let before = hooks.square.take().map(|square| square.keys);
            hooks.square = Some(Square {
                keys: with(before, key)?,
                url: url.to_owned(),
            });
        }
        SenderEdit::Shopify { key } => hooks.shopify = Some(with(hooks.shopify.take(), key)?),
        SenderEdit::Stripe { key } => hooks.stripe = Some(with(hooks.stripe.take(), key)?),
        SenderEdit::Mapped { name, pointers } => {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let name = name.trim();
            if name.is_empty() || name.len() > 20 || !name.chars().all(fits) || PROVIDERS.contains(&name) {
                return Err(Refusal::of(Code::BadName, "name", name));
            }
            hooks.mapped.insert(name.to_owned(), read(pointers)?);
        }
    }
    Ok(())
}

/// Forgets a sender.
pub fn forget(hooks: &mut Hooks, name: &str) {
    match name {
        "square" => hooks.square = None,
        "shopify" => hooks.shopify = None,
        "stripe" => hooks.stripe = None,
        name => drop(hooks.mapped.remove(name)),
    }
}

/// What is set up.
pub fn view(hooks: &Hooks) -> Vec<Sender> {
    let count = |keys: &Keys| small(i64::try_from(keys.0.len()).unwrap_or(i64::MAX));
    let square = hooks.square.as_ref().map(|square| Sender::Square {
        keys: count(&square.keys),
        url: square.url.clone(),
    });
    let shopify = hooks.shopify.as_ref().map(|keys| Sender::Shopify { keys: count(keys) });
    let stripe = hooks.stripe.as_ref().map(|keys| Sender::Stripe { keys: count(keys) });
    let mapped = hooks.mapped.iter().map(|(name, pointers)| Sender::Mapped {
        name: name.clone(),
        pointers: Box::new(shown(pointers)),
    });
    square.into_iter().chain(shopify).chain(stripe).chain(mapped).collect()
}

fn with(before: Option<Keys>, key: &str) -> Result<Keys, Refusal> {
    let key = key.trim();
    if key.is_empty() || key.chars().any(char::is_whitespace) {
        return Err(Refusal::of(Code::Missing, "key", ""));
    }
    let older = before.map(|keys| keys.0).unwrap_or_default();
    let newest = std::iter::once(key.to_owned());
    Ok(Keys(
        newest
            .chain(older.into_iter().filter(|old| old != key))
            .take(KEYS_MAX)
            .collect(),
    ))
}

fn read(edit: &MappedSender) -> Result<Pointers, Refusal> {
    let needed = |field: &str, text: &str| pointer(field, text)?.ok_or_else(|| Refusal::of(Code::Missing, field, ""));
    loyalty::sale::check_sale_id(&edit.source).map_err(|r| Refusal {
        field: "source".to_owned(),
        ..r
    })?;
    let time = match edit.time.as_str() {
        "seconds" => Time::Seconds,
        "milliseconds" => Time::Milliseconds,
        _ => Time::Text,
    };
    let unit = if edit.unit == "minor" {
        Unit::Minor
    } else {
        Unit::Decimal
    };
    let items = match pointer("items", &edit.items)? {
        None => None,
        Some(list) => Some(ItemPointers {
            list,
            name: needed("item_name", &edit.item_name)?,
            quantity: pointer("item_quantity", &edit.item_quantity)?,
            sku: None,
            category: None,
            price: None,
        }),
    };
    let only = pointer("only", &edit.only)?.map(|pointer| Only {
        pointer,
        values: edit.only_value.split(',').map(|v| v.trim().to_owned()).collect(),
    });
    Ok(Pointers {
        source: edit.source.trim().to_owned(),
        sale_id: needed("sale_id", &edit.sale_id)?,
        occurred_at: needed("occurred_at", &edit.occurred_at)?,
        time,
        total: needed("total", &edit.total)?,
        tax: pointer("tax", &edit.tax)?,
        tip: pointer("tip", &edit.tip)?,
        unit,
        currency: None,
        phone: pointer("phone", &edit.phone)?,
        items,
        only,
    })
}

/// A JSON pointer, or none where nothing was typed.
fn pointer(field: &str, text: &str) -> Result<Option<String>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text if text.starts_with('/') => Ok(Some(text.to_owned())),
        text => Err(Refusal::of(Code::BadRow, field, text)),
    }
}

fn shown(pointers: &Pointers) -> MappedSender {
    let text = |pointer: &Option<String>| pointer.clone().unwrap_or_default();
    let items = pointers.items.as_ref();
    MappedSender {
        source: pointers.source.clone(),
        sale_id: pointers.sale_id.clone(),
        occurred_at: pointers.occurred_at.clone(),
        time: match pointers.time {
            Time::Text => "text",
            Time::Seconds => "seconds",
            Time::Milliseconds => "milliseconds",
        }
        .to_owned(),
        total: pointers.total.clone(),
        tax: text(&pointers.tax),
        tip: text(&pointers.tip),
        unit: match pointers.unit {
            Unit::Decimal => "decimal",
            Unit::Minor => "minor",
        }
        .to_owned(),
        phone: text(&pointers.phone),
        items: items.map(|items| items.list.clone()).unwrap_or_default(),
        item_name: items.map(|items| items.name.clone()).unwrap_or_default(),
        item_quantity: items.map(|items| text(&items.quantity)).unwrap_or_default(),
        only: pointers
            .only
            .as_ref()
            .map(|only| only.pointer.clone())
            .unwrap_or_default(),
        only_value: pointers
            .only
            .as_ref()
            .map(|only| only.values.join(", "))
            .unwrap_or_default(),
    }
}

//! Reads fields of a JSON body by pointer and gathers what is wrong with them, all of it.

use loyalty::sale::check_sale_id;
use loyalty::{Code, Currency, Item, Money, Phone, UtcMs, Who};
use serde_json::Value;

use super::{FieldError, PayloadError};
use crate::Context;
use crate::file::items::{checked_name, quantity_milli};

/// The most items one sale can have.
pub(super) const ITEMS_MAX: usize = 200;

/// Reads a body as JSON.
pub(super) fn json(body: &[u8]) -> Result<Value, PayloadError> {
    serde_json::from_slice(body).map_err(|_| PayloadError::NotJson)
}

/// A body, and what was wrong with it so far.
pub(super) struct Reader<'a> {
    root: &'a Value,
    pub(super) context: &'a Context,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Value, context: &'a Context) -> Self {
        Self {
            root,
            context,
            errors: Vec::new(),
        }
    }

    /// What was read, or what was wrong.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, PayloadError> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(PayloadError::Fields(self.errors)),
        }
    }

    /// The value at a pointer; `null` is none.
    pub(super) fn get(&self, pointer: &str) -> Option<&'a Value> {
        self.root.pointer(pointer).filter(|value| !value.is_null())
    }

    /// The text at a pointer without blanks around it; anything but a text with something in it is none.
    pub(super) fn text(&self, pointer: &str) -> Option<&'a str> {
        self.get(pointer)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn refuse(&mut self, pointer: &str, code: Code) {
        let value = self.get(pointer).map(|value| match value {
            Value::String(text) => text.chars().take(200).collect(),
            other => other.to_string().chars().take(200).collect(),
        });
        self.errors.push(FieldError {
            pointer: pointer.to_owned(),
            code,
            value: value.unwrap_or_default(),
        });
    }

    /// Reads a field that must be there. `None` says that an error was noted.
    pub(super) fn needed<T>(
        &mut self,
        pointer: &str,
        code: Code,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.optional(pointer, code, read)?;
        if value.is_none() {
            self.refuse(pointer, Code::Missing);
        }
        value
    }

    /// Reads a field that may be missing or `null`. `None` says that an error was noted.
    pub(super) fn optional<T>(
        &mut self,
        pointer: &str,
        code: Code,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<Option<T>> {
        let Some(value) = self.get(pointer) else {
            return Some(None);
        };
        let read = read(value);
        if read.is_none() {
            self.refuse(pointer, code);
            return None;
        }
        Some(read)
    }

    /// The number of a sale or refund: a text, or a whole number as some providers have it.
    pub(super) fn id(&mut self, pointer: &str) -> Option<String> {
        self.needed(pointer, Code::BadSaleId, id)
    }

    /// An amount in whole minor units, not below zero, in the shop's currency, which `currency` must name.
    pub(super) fn minor(&mut self, amount: &str, currency: &str) -> Option<Money> {
        let shop = self.context.currency;
        let minor = self.needed(amount, Code::BadAmount, |v| {
            v.as_i64().filter(|minor| (0..=Money::MINOR_MAX).contains(minor))
        });
        let currency = self.needed(currency, Code::BadCurrency, |v| same_currency(v, shop));
        currency.and(minor).map(|minor| Money::new(minor, shop))
    }

    /// An amount as a decimal text, not below zero.
    pub(super) fn decimal(&mut self, pointer: &str) -> Option<Money> {
        let shop = self.context.currency;
        self.needed(pointer, Code::BadAmount, |v| decimal(v, shop))
    }

    /// Checks that a currency, where it is named, is the shop's.
    pub(super) fn currency(&mut self, pointer: &str) -> Option<()> {
        let shop = self.context.currency;
        self.optional(pointer, Code::BadCurrency, |v| same_currency(v, shop))
            .map(|_| ())
    }

    /// A time as text, with an offset or on the shop's wall clock.
    pub(super) fn time(&mut self, pointer: &str) -> Option<UtcMs> {
        let zone = self.context.zone;
        self.needed(pointer, Code::BadTime, |v| {
            v.as_str().and_then(|text| zone.read(text).ok())
        })
    }

    /// A time in whole seconds since 1970.
    pub(super) fn seconds(&mut self, pointer: &str) -> Option<UtcMs> {
        self.needed(pointer, Code::BadTime, |v| {
            v.as_i64()
                .filter(|s| (0..253_402_300_800).contains(s))
                .map(|s| UtcMs(s * 1000))
        })
    }

    /// Whoever has the first of these phone numbers that is one. A provider's sale is not refused for a number that
    /// somebody typed wrongly there: it is a walk-in.
    pub(super) fn who(&self, pointers: &[&str]) -> Who {
        pointers
            .iter()
            .filter_map(|pointer| self.text(pointer))
            .find_map(|text| Phone::parse(text, self.context.region).ok())
            .map_or(Who::WalkIn, Who::Phone)
    }

    /// A list of items, each read by `read` from its pointer. Missing is empty.
    pub(super) fn items(
        &mut self,
        pointer: &str,
        mut read: impl FnMut(&mut Self, &str) -> Option<Item>,
    ) -> Option<Vec<Item>> {
        let count = self
            .optional(pointer, Code::BadItems, |v| v.as_array().map(Vec::len))?
            .unwrap_or(0);
        if count > ITEMS_MAX {
            self.refuse(pointer, Code::BadItems);
            return None;
        }
        // Every item is read before one that is wrong ends it.
        let items: Vec<Option<Item>> = (0..count).map(|at| read(self, &format!("{pointer}/{at}"))).collect();
        items.into_iter().collect()
    }
}

/// A text or whole number as the number of a sale.
pub(super) fn id(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_u64()?.to_string(),
        _ => return None,
    };
    check_sale_id(&text).is_ok().then_some(text)
}

/// A decimal text as an amount not below zero. A JSON number is none: it may have gone through a float.
pub(super) fn decimal(value: &Value, currency: Currency) -> Option<Money> {
    Money::parse_total(value.as_str()?, currency).ok()
}

/// How many, in thousandths: a whole number, or a decimal text or number with up to three places.
pub(super) fn quantity(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => quantity_milli(text),
        Value::Number(number) => quantity_milli(&number.to_string()),
        _ => None,
    }
}

fn same_currency(value: &Value, shop: Currency) -> Option<()> {
    (value.as_str()?.parse::<Currency>().ok()? == shop).then_some(())
}

/// A name, refused where it can't be shown.
pub(super) fn name(value: &Value) -> Option<String> {
    checked_name(value.as_str()?).map(str::to_owned)
}

/// A provider's name for an item, made fit to show: the sale is not refused for it.
pub(super) fn name_made_fit(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    let shown = shown.trim();
    if shown.is_empty() {
        "Item".to_owned()
    } else {
        shown.to_owned()
    }
}

//! One sale as every way in delivers it: the counter, a file, a webhook.

use serde::{Deserialize, Serialize};

use crate::ids::MemberId;
use crate::money::Money;
use crate::phone::Phone;
use crate::refusal::{Code, Refusal};
use crate::time::UtcMs;

/// One line of a sale.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// What was sold, as the till names it.
    pub name: String,
    /// The till's article number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The till's category, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How many, in thousandths: 2 pieces are 2000, 0.350 kg is 350.
    pub quantity_milli: i64,
    /// The line's price for all of them, in minor units of the sale's currency, where the till tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_minor: Option<i64>,
}

impl Item {
    /// `quantity` pieces of `name`.
    #[must_use]
    pub fn pieces(name: &str, quantity: i64) -> Self {
        Self {
            name: name.to_owned(),
            sku: None,
            category: None,
            quantity_milli: quantity * 1000,
            price_minor: None,
        }
    }

    /// Reads a list such as `Coffee x2; Bagel; CD x3`: parts between `;`, each a name and, behind ` x`, a count.
    ///
    /// # Errors
    /// `bad_items` for a part without a name, a count that is not 1 to 9999, or more than 200 parts.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Refusal> {
        let bad = || Refusal::of(Code::BadItems, "items", text);
        let parts: Vec<&str> = text.split(';').map(str::trim).filter(|p| !p.is_empty()).collect();
        if parts.len() > 200 {
            return Err(bad());
        }
        parts
            .into_iter()
            .map(|part| {
                let counted = part
                    .rsplit_once(" x")
                    .filter(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
                let (name, count) = match counted {
                    Some((name, n)) => (
                        name.trim(),
                        n.parse().ok().filter(|n| (1..=9999).contains(n)).ok_or_else(bad)?,
                    ),
                    None => (part, 1),
                };
                let fits = !name.is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
                if fits {
                    Ok(Self::pieces(name, count))
                } else {
                    Err(bad())
                }
            })
            .collect()
    }
}

/// Whose sale it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// A member that is known.
    Member(MemberId),
    /// Whoever has this number; an unknown one may be enrolled.
    Phone(Phone),
    /// Nobody we know: kept for statistics only.
    WalkIn,
}

/// A sale that came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sale {
    /// The system that numbered it, such as `pos` or `square`. `(source, sale_id)` is unique.
    pub source: String,
    /// Its number there, 1 to 100 characters.
    pub sale_id: String,
    /// Whose it is.
    pub who: Who,
    /// What was paid, tax and tip in it.
    pub total: Money,
    /// The tax in it, in minor units; 0 where the source doesn't tell.
    pub tax_minor: i64,
    /// The tip in it, in minor units; 0 where the source doesn't tell.
    pub tip_minor: i64,
    /// What was sold, where known.
    pub items: Vec<Item>,
    /// When.
    pub occurred_at: UtcMs,
}

/// The source of sales numbered by the shop's own till: the counter, `credit` and imported files share it, so that a
/// sale credited at the counter and met again in the till's export counts once.
pub const SOURCE_POS: &str = "pos";

/// Checks a sale id or a source: 1 to 100 characters, none of them a control character or at the edge blank.
///
/// # Errors
/// `bad_sale_id`.
pub fn check_sale_id(id: &str) -> Result<(), Refusal> {
    let fits = !id.is_empty() && id.chars().count() <= 100 && id.trim() == id && !id.chars().any(char::is_control);
    if fits {
        Ok(())
    } else {
        Err(Refusal::of(Code::BadSaleId, "sale_id", id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn item_lists() {
        assert_eq!(Item::parse_list("CD x2").unwrap(), [Item::pieces("CD", 2)]);
        assert_eq!(
            Item::parse_list("Coffee x2; Bagel;").unwrap(),
            [Item::pieces("Coffee", 2), Item::pieces("Bagel", 1)]
        );
        assert_eq!(
            Item::parse_list("Size xl shirt").unwrap(),
            [Item::pieces("Size xl shirt", 1)]
        );
        assert!(Item::parse_list("").unwrap().is_empty());
        assert!(Item::parse_list("Coffee x0").is_err() && Item::parse_list("Coffee x10000").is_err());
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}|[a-z x0-9;]{0,40}") {
            let _ = Item::parse_list(&text);
        }
    }
}

//! The exports of common tills, known by their headers.
//!
//! The headers are those the providers' exports have today; columns that are missing in older ones are left out of the
//! mapping. `total` is what was paid, tax and tips included, which have columns of their own: whether they earn points is
//! for the rules to say. An owner who picks a total without tax takes the tax's column away, or it is taken off twice.

use crate::file::header::same_header;
use crate::file::{Field, ItemsForm, Mapping, Only};

/// A program whose export is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Square: Transactions CSV, a row for each payment. It has no phone numbers.
    Square,
    /// Shopify: Orders CSV, a row for each line item.
    Shopify,
    /// Loyverse: Receipts export, a row for each receipt.
    Loyverse,
    /// Lightspeed Retail (X-Series): sales history export, with rows for sales, their lines and payments. It has no
    /// phone numbers, but the customer code may be one.
    Lightspeed,
}

impl Preset {
    /// Every preset there is.
    pub const ALL: &[Preset] = &[Preset::Square, Preset::Shopify, Preset::Loyverse, Preset::Lightspeed];

    /// The name people know.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Square => "Square",
            Self::Shopify => "Shopify",
            Self::Loyverse => "Loyverse",
            Self::Lightspeed => "Lightspeed",
        }
    }

    /// The preset whose headers these are.
    #[must_use]
    pub fn of(header: &[String]) -> Option<Self> {
        let fits = |preset: &&Self| preset.telling().iter().all(|name| has(header, name));
        Self::ALL.iter().find(fits).copied()
    }

    /// Headers that tell an export from all others.
    fn telling(self) -> &'static [&'static str] {
        match self {
            Self::Square => &["Date", "Time", "Transaction ID", "Total Collected", "Event Type"],
            Self::Shopify => &["Id", "Created at", "Financial Status", "Lineitem name", "Total"],
            Self::Loyverse => &["Date", "Receipt number", "Receipt type", "Total collected"],
            Self::Lightspeed => &["Date", "Receipt Number", "Line Type", "Customer Code", "Total"],
        }
    }

    fn columns(self) -> &'static [(Field, &'static str)] {
        match self {
            Self::Square => &[
                (Field::SaleId, "Transaction ID"),
                (Field::OccurredAt, "Date"),
                (Field::TimeOfDay, "Time"),
                (Field::Phone, ""),
                (Field::Total, "Total Collected"),
                (Field::Tax, "Tax"),
                (Field::Tip, "Tip"),
            ],
            Self::Shopify => &[
                // The order's id, as in Shopify's webhooks, so that a sale that came both ways counts once.
                (Field::SaleId, "Id"),
                (Field::OccurredAt, "Created at"),
                (Field::Phone, "Phone"),
                (Field::Total, "Total"),
                (Field::Tax, "Taxes"),
                (Field::Currency, "Currency"),
                (Field::ItemName, "Lineitem name"),
                (Field::ItemQuantity, "Lineitem quantity"),
                (Field::ItemSku, "Lineitem sku"),
            ],
            Self::Loyverse => &[
                (Field::SaleId, "Receipt number"),
                (Field::OccurredAt, "Date"),
                (Field::Phone, "Customer contacts"),
                (Field::Total, "Total collected"),
                (Field::Tax, "Taxes"),
                (Field::Tip, "Tips"),
                (Field::Items, "Description"),
            ],
            Self::Lightspeed => &[
                (Field::SaleId, "Receipt Number"),
                (Field::OccurredAt, "Date"),
                (Field::Phone, ""),
                (Field::Total, "Total"),
                (Field::Tax, "Sales Tax"),
                (Field::ItemName, "Details"),
                (Field::ItemQuantity, "Quantity"),
                (Field::ItemSku, "Sku"),
            ],
        }
    }

    /// The mapping for a file with this header.
    #[must_use]
    pub fn mapping(self, header: &[String]) -> Mapping {
        let mut mapping = Mapping::default();
        for (field, column) in self.columns() {
            if column.is_empty() || has(header, column) {
                mapping.columns.insert(*field, (*column).to_owned());
            } else if *field == Field::Phone {
                // An older export without phone numbers: all are walk-ins.
                mapping.columns.insert(*field, String::new());
            }
        }
        let mut only = |column: &str, values: &[&str], except: bool| {
            if has(header, column) {
                mapping.only.push(rule(column, values, except));
            }
        };
        match self {
            Self::Square => only("Event Type", &["Payment"], false),
            Self::Shopify => only("Financial Status", &["paid", "partially_refunded"], false),
            Self::Loyverse => {
                only("Receipt type", &["Sale"], false);
                only("Status", &["Cancelled", "Canceled"], true);
                mapping.items = ItemsForm::CountFirst;
            }
            Self::Lightspeed => {
                only("Line Type", &["Sale"], false);
                only("Status", &["Voided", "Saved", "Open", "Layby", "Parked"], true);
                mapping.lines = Some(rule("Line Type", &["Sale Line"], false));
            }
        }
        mapping
    }
}

fn rule(column: &str, values: &[&str], except: bool) -> Only {
    Only {
        column: column.to_owned(),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
        except,
    }
}

fn has(header: &[String], name: &str) -> bool {
    header.iter().any(|h| same_header(h, name))
}

//! A file of sales.

use loyalty::sale::check_sale_id;
use loyalty::{Code, Currency, Item, Money, Phone, Refusal, Sale, UtcMs, Who};
use std::io::{self, Read};

use super::cells::{Cells, Phones, Table};
use super::mapping::{Field, Mapping};
use super::{Context, FileError, RawRecord, Row};

const NEEDED: &[Field] = &[Field::SaleId, Field::OccurredAt, Field::Phone, Field::Total];
const OPTIONAL: &[Field] = &[Field::TimeOfDay, Field::Items, Field::Currency];

/// A sale as a row of a file tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SaleRow {
    /// Its number at the till.
    pub sale_id: String,
    /// When it was.
    pub occurred_at: UtcMs,
    /// The customer's number; `None` for a walk-in, whose cell is empty.
    pub phone: Option<Phone>,
    /// What was paid.
    pub total: Money,
    /// What was sold; empty where the file does not say.
    pub items: Vec<Item>,
}

impl SaleRow {
    /// The sale, as numbered by `source`.
    #[must_use]
    pub fn into_sale(self, source: &str) -> Sale {
        Sale {
            source: source.to_owned(),
            sale_id: self.sale_id,
            who: self.phone.map_or(Who::WalkIn, Who::Phone),
            total: self.total,
            items: self.items,
            occurred_at: self.occurred_at,
        }
    }
}

/// Reads a file of sales, row by row, in constant memory.
///
/// Yields one [`Row`] for each line that is not blank; `Err` only where the reader itself fails.
pub struct SalesReader<R: Read> {
    table: Table<R>,
}

impl<R: Read> SalesReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError::Header`] where a needed column is missing or there twice; [`FileError::Io`] where reading fails.
    pub fn new(reader: R, mapping: &Mapping, context: Context) -> Result<Self, FileError> {
        let table = Table::open(reader, mapping, context, NEEDED, OPTIONAL)?;
        Ok(Self { table })
    }

    /// The header as it stands in the file, for a [`super::RejectsWriter`].
    #[must_use]
    pub fn header(&self) -> &RawRecord {
        &self.table.header.raw
    }
}

impl<R: Read> Iterator for SalesReader<R> {
    type Item = io::Result<Row<SaleRow>>;
    fn next(&mut self) -> Option<Self::Item> {
        self.table.next_row(read)
    }
}

/// Reads every cell before it gives up, so that all that is wrong is said at once.
fn read(cells: &mut Cells<'_>, context: &Context, _mapping: &Mapping, phones: &mut Phones) -> Option<SaleRow> {
    let sale_id = cells.needed(Field::SaleId, Code::BadSaleId, |text| {
        check_sale_id(text).map(|()| text.to_owned())
    });
    let occurred_at = cells.needed(Field::OccurredAt, Code::BadTime, |text| context.zone.read(text));
    let phone = cells.optional(Field::Phone, Code::BadPhone, |text| phones.read(text));
    let total = cells.needed(Field::Total, Code::BadAmount, |text| {
        Money::parse_total(text, context.currency)
    });
    let items = cells.optional(Field::Items, Code::BadItems, Item::parse_list);
    let currency = cells.optional(Field::Currency, Code::BadCurrency, |text| {
        same_currency(text, context.currency)
    });
    currency?;
    Some(SaleRow {
        sale_id: sale_id?,
        occurred_at: occurred_at?,
        phone: phone?,
        total: total?,
        items: items?.unwrap_or_default(),
    })
}

/// An amount in another currency must not be taken for the shop's own.
fn same_currency(text: &str, shop: Currency) -> Result<(), Refusal> {
    if text.parse::<Currency>()? == shop {
        Ok(())
    } else {
        Err(Refusal::of(Code::BadCurrency, "currency", text))
    }
}

//! Reading a file of sales, row by row, each good or refused by itself.

use loyalty::sale::check_sale_id;
use loyalty::{Code, Currency, Item, Money, Phone, Refusal, Sale, UtcMs, Who};
use std::borrow::Cow;
use std::io::{self, Read};

use super::cells::{Cells, Phones, RawRow, Table, Ways};
use super::frame::Fit;
use super::mapping::{Decimal, Field, Mapping};
use super::{Context, FileError, RawRecord, Row, dates, items, money};

const NEEDED: &[Field] = &[Field::SaleId, Field::OccurredAt, Field::Phone, Field::Total];
const OPTIONAL: &[Field] = &[
    Field::TimeOfDay,
    Field::Items,
    Field::Currency,
    Field::Tax,
    Field::Tip,
    Field::ItemName,
    Field::ItemQuantity,
    Field::ItemSku,
    Field::ItemCategory,
];
/// The most items one sale can have, as in a list of items.
const ITEMS_MAX: usize = 200;

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
    /// The tax in it, in minor units; 0 where the file does not say.
    pub tax_minor: i64,
    /// The tip in it, in minor units; 0 where the file does not say.
    pub tip_minor: i64,
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
            tax_minor: self.tax_minor,
            tip_minor: self.tip_minor,
            items: self.items,
            occurred_at: self.occurred_at,
        }
    }
}

/// Reads a file of sales, sale by sale, in constant memory.
///
/// Yields one [`Row`] for each sale; `Err` only where the reader itself fails. Lines that are blank, or that the mapping
/// says are no sales, are passed over.
pub struct SalesReader<R: Read> {
    table: Table<R>,
    /// Where sales have several lines: the one whose lines are being read, and its number as it stands.
    open: Option<(String, Row<SaleRow>)>,
    passed_over: u64,
}

impl<R: Read> SalesReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError::Header`] where a needed column is missing or there twice; [`FileError::Io`] where reading fails.
    pub fn new(reader: R, mapping: &Mapping, context: Context) -> Result<Self, FileError> {
        Ok(Self {
            table: Table::open(reader, mapping, context, NEEDED, OPTIONAL)?,
            open: None,
            passed_over: 0,
        })
    }

    /// The header as it stands in the file, for a [`super::RejectsWriter`].
    #[must_use]
    pub fn header(&self) -> &RawRecord {
        &self.table.header.raw
    }

    /// How many lines so far were no sales by [`Mapping::only`], such as refunds and drafts.
    #[must_use]
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Whether a row is a further line of the sale that is open: it has its number or, as in some exports, none.
    fn is_line(&self, row: &RawRow) -> bool {
        let header = &self.table.header;
        let Some((open, _)) = &self.open else {
            return false;
        };
        let id = header.text(&row.raw, Field::SaleId);
        match header.is_line(&row.raw) {
            Some(marked) => marked && id == *open,
            None => (id.is_empty() || id == *open) && header.text(&row.raw, Field::Total).is_empty(),
        }
    }

    /// Adds a line to the sale that is open; what is wrong with the line is wrong with the sale.
    fn add_line(&mut self, line: RawRow) {
        let item = self.table.read(&line, |cells, _, _| read_item(cells));
        let Some((_, sale)) = &mut self.open else {
            return;
        };
        match (&mut sale.outcome, item) {
            (Ok(sold), Ok(item)) => sold.items.extend(item),
            (Err(errors), Err(more)) if errors.len() < ITEMS_MAX => errors.extend(more),
            (Err(_), _) => {}
            (outcome @ Ok(_), Err(errors)) => *outcome = Err(errors),
        }
        if sale.outcome.as_ref().is_ok_and(|sold| sold.items.len() > ITEMS_MAX) {
            sale.outcome = Err(vec![self.table.header.error(
                line.line,
                Field::ItemName,
                Code::BadItems,
                "",
            )]);
        }
        if sale.more.len() < 5 * ITEMS_MAX {
            sale.more.push(line.raw);
        }
    }
}

impl<R: Read> Iterator for SalesReader<R> {
    type Item = io::Result<Row<SaleRow>>;
    fn next(&mut self) -> Option<Self::Item> {
        let grouped = self.table.header.place(Field::ItemName).is_some();
        loop {
            let row = match self.table.next_raw() {
                Some(Ok(row)) => row,
                Some(Err(e)) => return Some(Err(e)),
                None => return self.open.take().map(|(_, sale)| Ok(sale)),
            };
            if grouped && self.is_line(&row) {
                self.add_line(row);
                continue;
            }
            if row.fit == Fit::Whole && !self.table.header.is_wanted(&row.raw) {
                self.passed_over += 1;
                // Its further lines are not those of the sale before it.
                match self.open.take() {
                    Some((_, done)) => return Some(Ok(done)),
                    None => continue,
                }
            }
            let id = self.table.header.text(&row.raw, Field::SaleId).into_owned();
            let outcome = self.table.read(&row, read);
            let sale = row.with(outcome);
            if !grouped {
                return Some(Ok(sale));
            }
            if let Some((_, done)) = self.open.replace((id, sale)) {
                return Some(Ok(done));
            }
        }
    }
}

/// Reads every cell before it gives up, so that all that is wrong is said at once.
fn read(cells: &mut Cells<'_>, ways: &Ways, phones: &mut Phones) -> Option<SaleRow> {
    let (context, mapping) = (&ways.context, &ways.mapping);
    let sale_id = cells.needed(Field::SaleId, Code::BadSaleId, |text| {
        check_sale_id(text).map(|()| text.to_owned())
    });
    let time = cells.text(Field::TimeOfDay).map(Cow::into_owned);
    let occurred_at = cells.needed(Field::OccurredAt, Code::BadTime, |text| {
        dates::read(text, time.as_deref(), mapping.dates, context.zone)
    });
    let phone = cells.optional(Field::Phone, Code::BadPhone, |text| read_contact(text, phones));
    let total = if mapping.lacks(Field::Total) {
        Some(Money::new(0, context.currency))
    } else {
        cells.needed(Field::Total, Code::BadAmount, |text| {
            read_total(text, mapping.decimal, context.currency)
        })
    };
    let mut share = |field| {
        let read = |text: &str| read_total(text, mapping.decimal, context.currency);
        Some(
            cells
                .optional(field, Code::BadAmount, read)?
                .map_or(0, |share| share.minor),
        )
    };
    let (tax, tip) = (share(Field::Tax), share(Field::Tip));
    let items = cells.optional(Field::Items, Code::BadItems, |text| items::read(text, mapping.items));
    // Where a rule tells the lines of a sale, the row above them has none of its own.
    let item = if mapping.lines.is_none() {
        read_item(cells)
    } else {
        Some(None)
    };
    let currency = cells.optional(Field::Currency, Code::BadCurrency, |text| {
        same_currency(text, context.currency)
    });
    currency?;
    let mut items = items?.unwrap_or_default();
    items.extend(item?);
    Some(SaleRow {
        sale_id: sale_id?,
        occurred_at: occurred_at?,
        phone: phone?.flatten(),
        total: total?,
        tax_minor: tax?,
        tip_minor: tip?,
        items,
    })
}

/// The one item of a line; `Some(None)` where there is none.
fn read_item(cells: &mut Cells<'_>) -> Option<Option<Item>> {
    let name = cells.optional(Field::ItemName, Code::BadItems, |text| {
        let name = items::checked_name(text).ok_or_else(|| Refusal::of(Code::BadItems, "items", text))?;
        Ok(name.to_owned())
    });
    let quantity = cells.optional(Field::ItemQuantity, Code::BadItems, |text| {
        items::quantity_milli(text).ok_or_else(|| Refusal::of(Code::BadItems, "items", text))
    });
    let Some(name) = name? else {
        return Some(None);
    };
    let quantity_milli = quantity?.unwrap_or(1000);
    let text = |field| cells.text(field).map(Cow::into_owned);
    Some(Some(Item {
        sku: text(Field::ItemSku),
        category: text(Field::ItemCategory),
        quantity_milli,
        ..Item::pieces(&name, 1)
    }))
}

/// Reads a number, also one that stands beside an email address, as some tills write contacts into one cell.
fn read_contact(text: &str, phones: &mut Phones) -> Result<Option<Phone>, Refusal> {
    if !text.contains('@') {
        return phones.read(text).map(Some);
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || ",;|".contains(c))
        .filter(|word| !word.is_empty() && !word.contains('@'))
        .collect();
    if words.is_empty() {
        return Ok(None);
    }
    phones.read(&words.join(" ")).map(Some)
}

fn read_total(text: &str, decimal: Decimal, currency: Currency) -> Result<Money, Refusal> {
    let total = money::read(text, decimal, currency)?;
    if total.minor < 0 {
        return Err(Refusal::of(Code::BadAmount, "amount", text));
    }
    Ok(total)
}

/// An amount in another currency must not be taken for the shop's own.
fn same_currency(text: &str, shop: Currency) -> Result<(), Refusal> {
    if text.parse::<Currency>()? == shop {
        Ok(())
    } else {
        Err(Refusal::of(Code::BadCurrency, "currency", text))
    }
}

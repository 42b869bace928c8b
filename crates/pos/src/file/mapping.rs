//! How a file is written: which column is which, what parts its cells, and which letters it uses.
//!
//! A mapping is plain data that a user can see and correct, and that is remembered for each source of files.

use loyalty::{Code, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// What a column may hold.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $variant),+ }
        impl Field {
            /// Every field there is.
            pub const ALL: &[Field] = &[$(Field::$variant),+];
            /// Its name, which is also its column's standard header.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Field::$variant => $text),+ } }
        }
    };
}

fields!(
    /// The sale's number at the till.
    SaleId = "sale_id",
    /// When the sale was: date and time, or only the date where [`Field::TimeOfDay`] has a column.
    OccurredAt = "occurred_at",
    /// The time of day, where it stands apart from the date.
    TimeOfDay = "time_of_day",
    /// The customer's phone number.
    Phone = "phone",
    /// What was paid.
    Total = "total",
    /// What was sold: `Coffee x2; Bagel`.
    Items = "items",
    /// The currency of the amounts.
    Currency = "currency",
    /// The tax in the total.
    Tax = "tax",
    /// The tip in the total.
    Tip = "tip",
    /// The name of the one item on this line, in files with a line for each item.
    ItemName = "item_name",
    /// How many of it.
    ItemQuantity = "item_quantity",
    /// The till's article number of it.
    ItemSku = "item_sku",
    /// The till's category of it.
    ItemCategory = "item_category",
    /// A member's name.
    Name = "name",
    /// A member's email address.
    Email = "email",
    /// Whether a member agreed to email.
    Consent = "consent",
    /// A member's birthday: month and day, with or without the year.
    Birthday = "birthday",
    /// The points a member starts with.
    Balance = "balance",
);

impl FromStr for Field {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let name = text.trim();
        Self::ALL
            .iter()
            .find(|field| field.as_str().eq_ignore_ascii_case(name))
            .copied()
            .ok_or_else(|| Refusal::of(Code::Missing, "map", text))
    }
}

/// The letters a file is written in. A byte order mark in the file wins over it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, what older programs of Western Europe and America write.
    Windows1252,
}

impl Encoding {
    pub(crate) fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        }
    }
}

/// How amounts are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// Digits and a point, nothing else: `1234.50`.
    #[default]
    Plain,
    /// A decimal point, perhaps a currency sign and grouping: `$1,234.50`.
    Point,
    /// A decimal comma, perhaps a currency sign and grouping: `1.234,50 €`.
    Comma,
}

/// How dates are written. A date that starts with its year is read in every case.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    /// Year, month, day: `2026-11-20 14:05`.
    #[default]
    YearFirst,
    /// Day, month, year: `20/11/2026 14:05`, `20.11.26`.
    DayFirst,
    /// Month, day, year: `11/20/2026 2:05 PM`.
    MonthFirst,
}

/// How a cell lists items.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemsForm {
    /// `Coffee x2; Bagel`.
    #[default]
    List,
    /// `2 x Coffee, 1 x Bagel`.
    CountFirst,
    /// `Coffee x 2, Bagel x 1`.
    CountLast,
}

/// Only rows that say one of these values in this column are meant; others (refunds, payments, drafts) are passed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Only {
    /// The column's header.
    pub column: String,
    /// What it says, without regard to case.
    pub values: Vec<String>,
    /// The other way round: every row is meant but those that say one of the values.
    #[serde(default)]
    pub except: bool,
}

/// How a file is written. The default is our own form: comma, UTF-8, standard headers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// Headers other than the standard ones. Case and blanks around them don't matter. An empty one says that the file
    /// has no such column: without phone numbers every sale is a walk-in, without totals each is of nothing.
    pub columns: BTreeMap<Field, String>,
    /// What parts the cells: `,`, `;`, a tab or `|`. Any ASCII character.
    pub delimiter: char,
    /// The letters.
    pub encoding: Encoding,
    /// The amounts.
    pub decimal: Decimal,
    /// The dates.
    pub dates: Dates,
    /// The lists of items.
    pub items: ItemsForm,
    /// Which rows are sales; all of them where empty.
    pub only: Vec<Only>,
    /// Where [`Field::ItemName`] has a column: which rows are further lines of the sale above them. Without it, those
    /// that have its number or none, and no total.
    pub lines: Option<Only>,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            delimiter: ',',
            encoding: Encoding::default(),
            decimal: Decimal::default(),
            dates: Dates::default(),
            items: ItemsForm::default(),
            only: Vec::new(),
            lines: None,
        }
    }
}

impl Mapping {
    /// Takes a pair such as `total=Net Sales`: the field `total` is in the column `Net Sales`. `phone=` says that the
    /// file has no phone numbers, `total=` that it has no totals and is read for its items.
    ///
    /// # Errors
    /// `missing` (field `map`) where there is no `=`, no such field, or no header behind it (but for those two).
    pub fn rename(&mut self, pair: &str) -> Result<(), Refusal> {
        let bad = || Refusal::of(Code::Missing, "map", pair);
        let (field, header) = pair.split_once('=').ok_or_else(bad)?;
        let field: Field = field.parse().map_err(|_| bad())?;
        let header = header.trim().trim_matches('"').trim();
        if header.is_empty() && !matches!(field, Field::Phone | Field::Total) {
            return Err(bad());
        }
        self.columns.insert(field, header.to_owned());
        Ok(())
    }

    /// Whether the file is said to have no such column.
    pub(crate) fn lacks(&self, field: Field) -> bool {
        self.columns.get(&field).is_some_and(|header| header.trim().is_empty())
    }

    pub(crate) fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// The headers that mean `field`; none where the user said that there is no such column.
    pub(crate) fn headers(&self, field: Field) -> Vec<&str> {
        match (self.columns.get(&field), field) {
            _ if self.lacks(field) => vec![],
            (Some(header), _) => vec![header.as_str()],
            (None, Field::Balance) => vec!["balance", "points"],
            (None, field) => vec![field.as_str()],
        }
    }
}

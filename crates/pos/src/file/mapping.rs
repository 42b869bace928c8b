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
    /// A member's name.
    Name = "name",
    /// A member's email address.
    Email = "email",
    /// Whether a member agreed to email.
    Consent = "consent",
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

/// How a file is written. The default is our own form: comma, UTF-8, standard headers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// Headers other than the standard ones. Case and blanks around them don't matter.
    pub columns: BTreeMap<Field, String>,
    /// What parts the cells: `,`, `;`, a tab or `|`. Any ASCII character.
    pub delimiter: char,
    /// The letters.
    pub encoding: Encoding,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            columns: BTreeMap::new(),
            delimiter: ',',
            encoding: Encoding::default(),
        }
    }
}

impl Mapping {
    /// Takes a pair such as `total=Net Sales`: the field `total` is in the column `Net Sales`.
    ///
    /// # Errors
    /// `missing` (field `map`) where there is no `=`, no such field, or no header behind it.
    pub fn rename(&mut self, pair: &str) -> Result<(), Refusal> {
        let bad = || Refusal::of(Code::Missing, "map", pair);
        let (field, header) = pair.split_once('=').ok_or_else(bad)?;
        let field = field.parse().map_err(|_| bad())?;
        let header = header.trim().trim_matches('"').trim();
        if header.is_empty() {
            return Err(bad());
        }
        self.columns.insert(field, header.to_owned());
        Ok(())
    }

    pub(crate) fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// The headers that mean `field`.
    pub(super) fn headers(&self, field: Field) -> Vec<&str> {
        match (self.columns.get(&field), field) {
            (Some(header), _) => vec![header.as_str()],
            (None, Field::Balance) => vec!["balance", "points"],
            (None, field) => vec![field.as_str()],
        }
    }
}

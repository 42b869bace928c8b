//! Bringing in a file of sales: what was found in it, how it will be recorded, and how far it has come.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Failure;

/// How a file is written. Every part can be corrected.
#[derive(Serialize, Deserialize, Type, Clone, PartialEq, Debug)]
pub struct FileMapping {
    /// The header of each field's column, by the field's name. An empty one says that the file has no such column.
    pub columns: BTreeMap<String, String>,
    /// What parts the cells: one character.
    pub delimiter: String,
    /// The letters.
    pub encoding: FileEncoding,
    /// The amounts.
    pub decimal: FileDecimal,
    /// The dates.
    pub dates: FileDates,
    /// The lists of items.
    pub items: FileItems,
    /// Which rows are sales; all of them where empty.
    pub only: Vec<FileOnly>,
    /// Which rows are further lines of the sale above them, in files with a line for each item.
    pub lines: Option<FileOnly>,
}

impl FileMapping {
    /// Our own form: comma, UTF-8, standard headers.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            columns: BTreeMap::new(),
            delimiter: ",".to_owned(),
            encoding: FileEncoding::Utf8,
            decimal: FileDecimal::Plain,
            dates: FileDates::YearFirst,
            items: FileItems::List,
            only: Vec::new(),
            lines: None,
        }
    }
}

/// The letters a file is written in.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum FileEncoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252.
    Windows1252,
}

/// How amounts are written.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum FileDecimal {
    /// `1234.50`
    Plain,
    /// `$1,234.50`
    Point,
    /// `1.234,50 €`
    Comma,
}

/// How dates are written.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "what comes first is what they tell apart")]
pub enum FileDates {
    /// `2026-11-20`
    YearFirst,
    /// `20/11/2026`
    DayFirst,
    /// `11/20/2026`
    MonthFirst,
}

/// How a cell lists items.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum FileItems {
    /// `Coffee x2; Bagel`
    List,
    /// `2 x Coffee, 1 x Bagel`
    CountFirst,
    /// `Coffee x 2, Bagel x 1`
    CountLast,
}

/// Only rows that say one of these values in this column are meant.
#[derive(Serialize, Deserialize, Type, Clone, PartialEq, Debug)]
pub struct FileOnly {
    /// The column's header.
    pub column: String,
    /// What it says.
    pub values: Vec<String>,
    /// The other way round.
    pub except: bool,
}

/// What to look at.
#[derive(Deserialize, Type, Clone)]
pub struct FileAsk {
    /// The file, as `file_begin` named it.
    pub file_id: String,
    /// The system that numbered its sales; None to go by what the file looks like.
    pub source: Option<String>,
    /// How to read it; None to go by what is remembered, or by what the file looks like.
    pub mapping: Option<FileMapping>,
}

/// What a file looks like, and its first rows as they would be recorded.
#[derive(Serialize, Type, Debug)]
pub struct FileLook {
    /// The system that numbers its sales.
    pub source: String,
    /// The program whose export it seems to be, such as `Square`.
    pub preset: Option<String>,
    /// It is read as files of this source were read before.
    pub remembered: bool,
    /// How it is read.
    pub mapping: FileMapping,
    /// The fields that a column can be chosen for, those that are needed first.
    pub fields: Vec<FileField>,
    /// Its headers.
    pub header: Vec<String>,
    /// Whether the order of day and month is beyond doubt.
    pub dates_sure: bool,
    /// Whether the decimal mark is beyond doubt.
    pub decimal_sure: bool,
    /// Columns that are not there, or there twice: it can't be read before they are chosen.
    pub missing: Vec<String>,
    /// Its first rows.
    pub rows: Vec<FileRow>,
}

/// A field, and whether a file must have it.
#[derive(Serialize, Type, Debug)]
pub struct FileField {
    /// Its name, such as `sale_id`.
    pub name: String,
    /// It must have a column, or be said to have none.
    pub needed: bool,
}

/// A row as it would be recorded, or why it would not.
#[derive(Serialize, Type, Debug)]
pub struct FileRow {
    /// The line of the file it starts at, from 1.
    pub line: i32,
    /// The sale's number.
    pub sale_id: String,
    /// When it was.
    pub at: String,
    /// The last four digits of the customer's number; empty for a walk-in.
    pub last4: String,
    /// What was paid, in minor units.
    pub total_minor: i32,
    /// What was sold.
    pub items: String,
    /// What is wrong with it; empty for a good row.
    pub errors: Vec<CellError>,
}

/// A cell that can't be taken.
#[derive(Serialize, Type, Clone, Debug)]
pub struct CellError {
    /// The line of the file its row starts at, from 1.
    pub line: i32,
    /// The column's header; empty where it is about the whole row.
    pub column: String,
    /// The closed code.
    pub code: String,
    /// The cell as it came.
    pub value: String,
}

/// A file to bring in.
#[derive(Deserialize, Type, Clone)]
pub struct FileRun {
    /// The file.
    pub file_id: String,
    /// The system that numbered its sales.
    pub source: String,
    /// How to read it; remembered for this source.
    pub mapping: FileMapping,
    /// Only say what would come of it.
    pub dry_run: bool,
}

/// How far it has come.
#[derive(Serialize, Type, Clone, Debug)]
pub struct FileProgress {
    /// Where it is.
    pub state: FileState,
    /// Nothing is changed: it is a rehearsal on a copy.
    pub dry_run: bool,
    /// How much of the file was read, 0 to 100.
    pub percent: i32,
    /// Rows read.
    pub rows: i32,
    /// Sales recorded.
    pub recorded: i32,
    /// Sales known before.
    pub duplicates: i32,
    /// Members enrolled.
    pub members_created: i32,
    /// Points added.
    pub points: i32,
    /// Rows refused.
    pub rejected_rows: i32,
    /// The first of the refused cells.
    pub rejected: Vec<CellError>,
    /// Where the refused rows are, to be put right.
    pub rejects_file: Option<String>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// Where an import is.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Nothing was asked for yet.
    Idle,
    /// Under way.
    Running,
    /// All of it was read.
    Done,
    /// Stopped: the same file again goes on from there.
    Stopped,
    /// It could not go on.
    Failed,
}

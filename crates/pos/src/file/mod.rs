//! Files of sales and of members, read row by row from any reader in constant memory.
//!
//! Here: finding the columns, reading the rows, saying what is wrong with a cell, and writing the rows that were
//! refused to a file that can be fixed and imported again. Not here: opening files, progress, recording
//! anything.

mod cells;
pub(crate) mod dates;
pub(crate) mod frame;
pub(crate) mod header;
pub(crate) mod items;
mod mapping;
mod members;
mod money;
mod rejects;
mod sales;

pub use header::{HeaderError, HeaderProblem};
pub use mapping::{Dates, Decimal, Encoding, Field, ItemsForm, Mapping, Only};
pub use members::{MemberRow, MembersReader};
pub use rejects::RejectsWriter;
pub use sales::{SaleRow, SalesReader};

pub use crate::context::Context;
use loyalty::Code;
use std::io;

/// The cells of a row as they came (after decoding to UTF-8), for writing it again.
pub type RawRecord = csv::ByteRecord;

/// One row of a file, good or not.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// The line of the file it starts at, from 1; the header is usually line 1.
    pub line: u64,
    /// What it says, or everything that is wrong with it: never empty.
    pub outcome: Result<T, Vec<RowError>>,
    /// Its cells as they came.
    pub raw: RawRecord,
    /// The lines behind it that belong to the same sale, in files with a line for each item; else empty.
    pub more: Vec<RawRecord>,
}

/// A cell that can't be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowError {
    /// The line of the file its row starts at, from 1.
    pub line: u64,
    /// The column's header as it stands in the file; empty where the error is about the whole row.
    pub column: String,
    /// Why.
    pub code: Code,
    /// The cell as it came, at most 200 characters, what is not UTF-8 replaced.
    pub value: String,
}

/// Why a file can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The reader failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The header does not name the columns that are needed.
    #[error(transparent)]
    Header(#[from] HeaderError),
}

//! How the files of a source are read: kept in the shop's file when an owner has looked at it once, and used again.

use ledger::{Store, Tx};
use loyalty::Code;
use pos::detect::{self, Certainty, Look};
use pos::file::{FileError, HeaderError, Mapping, SalesReader};

use crate::run::context;

/// Where the mapping comes from.
#[derive(Clone, PartialEq, Debug)]
pub enum Chosen {
    /// An owner looked at a file of this source before.
    Remembered(Mapping),
    /// The file itself leaves no question open.
    Seen(Mapping),
}

impl Chosen {
    /// The mapping.
    #[must_use]
    pub fn into_mapping(self) -> Mapping {
        match self {
            Self::Remembered(mapping) | Self::Seen(mapping) => mapping,
        }
    }
}

/// Why nobody but the owner can say how a file is to be read.
#[derive(Clone, Debug)]
pub enum Unsure {
    /// Nothing is remembered, and the file leaves questions open.
    Ask(Box<Look>),
    /// It has other columns than the files of this source had.
    Changed(HeaderError),
}

fn name(source: &str) -> String {
    format!("mapping:{source}")
}

/// What is remembered for a source; none where that can't be read any more.
///
/// # Errors
/// A storage error.
pub fn remembered(store: &Store, source: &str) -> ledger::Result<Option<Mapping>> {
    let text = store.setting(&name(source))?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Remembers how the files of a source are read, in place of what was remembered.
///
/// # Errors
/// A storage error.
pub fn remember(tx: &Tx<'_>, source: &str, mapping: &Mapping) -> ledger::Result<()> {
    let text = serde_json::to_string(mapping).map_err(|_| loyalty::Refusal::of(Code::Missing, "mapping", source))?;
    tx.set_setting(&name(source), &text)
}

/// How to read a file of `source` that starts with `sample`, where that is beyond doubt.
///
/// # Errors
/// Inside, [`Unsure`]; a storage error.
pub fn choose(store: &Store, source: &str, sample: &[u8]) -> ledger::Result<Result<Chosen, Unsure>> {
    let context = context(store);
    if let Some(mapping) = remembered(store, source)? {
        return Ok(match SalesReader::new(sample, &mapping, context) {
            Err(FileError::Header(e)) => Err(Unsure::Changed(e)),
            // Bytes in memory don't fail to be read.
            Ok(_) | Err(FileError::Io(_)) => Ok(Chosen::Remembered(mapping)),
        });
    }
    let look = detect::sales(sample, &context);
    let sure = look.missing.is_empty() && look.dates == Certainty::Seen && look.decimal == Certainty::Seen;
    Ok(if sure {
        Ok(Chosen::Seen(look.mapping))
    } else {
        Err(Unsure::Ask(Box::new(look)))
    })
}

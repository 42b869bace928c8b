//! How an import fails as a whole. A row that is refused is no failure: it is in the report.

use pos::file::{FileError, HeaderError};
use std::io;
use std::path::{Path, PathBuf};

/// A result of this crate.
pub type Result<T, E = ImportError> = std::result::Result<T, E>;

/// Why an import did not go on. What was recorded before stays, and the same file again goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store says no.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The file's first line does not name the columns.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The file can't be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file of refused rows, or a report, can't be written.
    #[error("{path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The refused rows were to go into the very file that is imported.
    #[error("the rows to fix can't go into the very file that is imported")]
    SameFile,
    /// Another process is importing the same file.
    #[error("another program is importing this very file")]
    Elsewhere,
}

impl ImportError {
    /// Reading `path` failed.
    pub(crate) fn read(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Read {
            path: path.to_owned(),
            source,
        }
    }

    /// Writing `path` failed.
    pub(crate) fn write(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |source| Self::Write {
            path: path.to_owned(),
            source,
        }
    }

    /// A file of rows can't be read.
    pub(crate) fn of_file(e: FileError, path: &Path) -> Self {
        match e {
            FileError::Header(e) => Self::Header(e),
            FileError::Io(e) => Self::read(path)(e),
        }
    }
}

//! What can go wrong: the programme says no ([`Refusal`]), a document has errors, or the machine fails
//! ([`StorageError`]). The one place where SQLite's words and codes become ours.

use loyalty::rules::RuleError;
use loyalty::{Code, Refusal};
use rusqlite::ffi;
use std::path::Path;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done. Nothing of it was.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A rule of the programme says no.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// A rules document has errors.
    #[error("the rules have {} errors", .0.len())]
    Rules(Vec<RuleError>),
    /// The machine says no.
    #[error("{0}")]
    Storage(#[from] StorageError),
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(code.into())
    }
}

/// What is wrong with the machine; each code has its own way on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StorageCode {
    /// No space left. Free some; nothing was lost.
    DiskFull,
    /// The folder or file can't be written.
    ReadOnly,
    /// Another Regulars has this folder open.
    InUse,
    /// Another program holds the file locked for longer than we wait.
    Busy,
    /// The file is damaged or is not a shop. Restore a backup.
    Damaged,
    /// A newer Regulars wrote it. Update this one.
    TooNew,
    /// Reading or writing failed.
    Io,
}

impl StorageCode {
    /// The code as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::ReadOnly => "read_only",
            Self::InUse => "in_use",
            Self::Busy => "busy",
            Self::Damaged => "damaged",
            Self::TooNew => "too_new",
            Self::Io => "io",
        }
    }

    /// What happened and what to do.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::DiskFull => "The disk is full. Nothing was changed. Free some space and try again.",
            Self::ReadOnly => "The shop's folder can't be written. Give this user the right to write there.",
            Self::InUse => "Another Regulars has this shop open. Use that one, or close it first.",
            Self::Busy => "Another program holds the shop's file. Close it and try again.",
            Self::Damaged => "The shop's file is damaged. Keep it, and restore the latest backup.",
            Self::TooNew => "A newer Regulars wrote this shop. Update this one and open it again.",
            Self::Io => "Reading or writing the shop's file failed. Check the disk.",
        }
    }
}

/// A failure of the machine.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} ({path}: {detail})", code.sentence())]
pub struct StorageError {
    /// The closed code.
    pub code: StorageCode,
    /// The file or folder it is about; may be empty.
    pub path: String,
    /// What the machine said.
    pub detail: String,
}

impl StorageError {
    /// A failure with `code` at `path`.
    #[must_use]
    pub fn new(code: StorageCode, path: &Path, detail: impl Into<String>) -> Self {
        Self {
            code,
            path: path.display().to_string(),
            detail: detail.into(),
        }
    }

    /// An error of the file system at `path`.
    #[must_use]
    pub fn of_io(error: &std::io::Error, path: &Path) -> Self {
        use std::io::ErrorKind as K;
        let code = match error.kind() {
            K::StorageFull | K::QuotaExceeded => StorageCode::DiskFull,
            K::PermissionDenied | K::ReadOnlyFilesystem => StorageCode::ReadOnly,
            _ => StorageCode::Io,
        };
        Self::new(code, path, error.to_string())
    }

    /// The same, with the path filled in where SQLite did not tell it.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Self {
        if self.path.is_empty() {
            self.path = path.display().to_string();
        }
        self
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match refusal_of_constraint(&error) {
            Some(code) => code.into(),
            None => StorageError {
                code: storage_code(&error),
                path: String::new(),
                detail: error.to_string(),
            }
            .into(),
        }
    }
}

/// Which refusal a broken constraint means: names of constraints and triggers, to codes, in this one helper.
fn refusal_of_constraint(error: &rusqlite::Error) -> Option<Code> {
    let rusqlite::Error::SqliteFailure(e, Some(said)) = error else {
        return None;
    };
    if e.code != rusqlite::ErrorCode::ConstraintViolation {
        return None;
    }
    [
        ("already_reversed", Code::AlreadyReversed),
        ("not_reversible", Code::NotReversible),
        ("sales.source, sales.sale_id", Code::SaleDiffers),
        ("refund_known", Code::SaleDiffers),
        ("members.phone", Code::PhoneTaken),
    ]
    .into_iter()
    .find_map(|(name, code)| said.contains(name).then_some(code))
}

fn storage_code(error: &rusqlite::Error) -> StorageCode {
    let rusqlite::Error::SqliteFailure(e, _) = error else {
        return StorageCode::Damaged;
    };
    match e.extended_code & 0xff {
        ffi::SQLITE_FULL => StorageCode::DiskFull,
        ffi::SQLITE_READONLY | ffi::SQLITE_CANTOPEN | ffi::SQLITE_PERM | ffi::SQLITE_AUTH => StorageCode::ReadOnly,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => StorageCode::Busy,
        ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB | ffi::SQLITE_CONSTRAINT | ffi::SQLITE_MISMATCH => {
            StorageCode::Damaged
        }
        _ => StorageCode::Io,
    }
}

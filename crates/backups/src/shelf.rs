//! Where backups lie, whatever it is: what is there, one more, one back, one away; and why not, by closed codes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::folder::Folder;
use crate::keep::{Keep, Name};
use crate::s3::S3;

/// How far something is, in percent; whoever holds a copy of it sees it move.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<AtomicU8>);

impl Progress {
    /// So far.
    #[must_use]
    pub fn percent(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// It is so far now; 100 at the most.
    pub fn set(&self, percent: u8) {
        self.0.store(percent.min(100), Ordering::Relaxed);
    }

    /// It is at `done` of `all`, between two percents.
    pub fn between(&self, from: u8, to: u8, done: u64, all: u64) {
        let part = u64::from(to.saturating_sub(from)) * done.min(all) / all.max(1);
        self.set(from + u8::try_from(part).unwrap_or(0));
    }
}

/// Why a place for backups can't be used. A window has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShelfCode {
    /// There is no such folder: a disk that is not plugged in, a share that is not mounted.
    Missing,
    /// Nobody lets us write there.
    NotAllowed,
    /// No room.
    Full,
    /// There is no such backup.
    Gone,
    /// What was read back is not what was written.
    Changed,
    /// What was said of the storage can't be right.
    BadAddress,
    /// The storage can't be reached, or the line broke.
    Unreachable,
    /// Who the storage says it is, nobody vouches for.
    Certificate,
    /// The key's id or its secret is another one.
    WrongKey,
    /// This computer's clock is off.
    Clock,
    /// There is no such bucket.
    NoBucket,
    /// The bucket is in another region.
    Region,
    /// More than one file there may have.
    TooBig,
    /// The storage has trouble of its own.
    Busy,
    /// Anything else the machine said.
    Io,
}

impl ShelfCode {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Missing,
        Self::NotAllowed,
        Self::Full,
        Self::Gone,
        Self::Changed,
        Self::BadAddress,
        Self::Unreachable,
        Self::Certificate,
        Self::WrongKey,
        Self::Clock,
        Self::NoBucket,
        Self::Region,
        Self::TooBig,
        Self::Busy,
        Self::Io,
    ];

    /// As it is written.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotAllowed => "not_allowed",
            Self::Full => "full",
            Self::Gone => "gone",
            Self::Changed => "changed",
            Self::BadAddress => "bad_address",
            Self::Unreachable => "unreachable",
            Self::Certificate => "certificate",
            Self::WrongKey => "wrong_key",
            Self::Clock => "clock",
            Self::NoBucket => "no_bucket",
            Self::Region => "region",
            Self::TooBig => "too_big",
            Self::Busy => "busy",
            Self::Io => "io",
        }
    }

    /// What happened, and what to do.
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "there is no such folder. Plug the disk in, or name another folder.",
            Self::NotAllowed => "it can't be written. Allow this user to write there, or name another place.",
            Self::Full => "there is no room. Make some, or name another place.",
            Self::Gone => "there is no such backup. List those there are.",
            Self::Changed => "what was read back is not what was written. Check that disk or that service.",
            Self::BadAddress => "what was said of this storage can't be right. Correct it.",
            Self::Unreachable => "it can't be reached, or the line broke. Check the address and the network.",
            Self::Certificate => {
                "its certificate is not one that this computer trusts. Check the address; name a CA file."
            }
            Self::WrongKey => "it does not know this key. Check the key's id and its secret.",
            Self::Clock => "this computer's clock is off by more than it allows. Set the clock.",
            Self::NoBucket => "there is no such bucket. Make it, or name another one.",
            Self::Region => "the bucket is somewhere else. Name the region and the endpoint that its service shows.",
            Self::TooBig => "a file there may have 5 GiB at the most. Back up to a folder.",
            Self::Busy => "it has trouble of its own. It is tried again later.",
            Self::Io => "it can't be used. Check the disk and the cable.",
        }
    }
}

/// That a place for backups can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelfError {
    /// The closed code.
    pub code: ShelfCode,
    /// The place, as people write it.
    pub place: String,
    /// What the system said, for whoever helps; may be empty.
    pub detail: String,
}

impl ShelfError {
    /// Of one place.
    pub fn new(code: ShelfCode, place: impl fmt::Display, detail: impl fmt::Display) -> Self {
        Self {
            code,
            place: place.to_string(),
            detail: detail.to_string(),
        }
    }

    /// What the system said about a file or folder of it.
    pub fn of_io(error: &std::io::Error, path: &Path) -> Self {
        use std::io::ErrorKind as K;
        let code = match error.kind() {
            K::NotFound | K::NotADirectory => ShelfCode::Missing,
            K::PermissionDenied | K::ReadOnlyFilesystem => ShelfCode::NotAllowed,
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => ShelfCode::Full,
            _ => ShelfCode::Io,
        };
        Self::new(code, path.display(), error)
    }
}

impl fmt::Display for ShelfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.code.words())?;
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.detail)
        }
    }
}

impl std::error::Error for ShelfError {}

/// A place for backups.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// A folder, on any disk.
    Folder(Folder),
    /// S3-compatible storage. It blocks: on a thread of its own, never on one that serves.
    S3(Box<S3>),
}

impl Shelf {
    /// The backups of `what` there are, with their bytes, the oldest first. Whatever else lies there is not seen.
    ///
    /// # Errors
    /// Where the place can't be used.
    pub fn list(&self, what: &str) -> Result<Vec<(Name, u64)>, ShelfError> {
        match self {
            Self::Folder(folder) => folder.list(what),
            Self::S3(s3) => s3.list(what),
        }
    }

    /// Puts a sealed file there. It has its name only when all of it is there and was read back.
    ///
    /// # Errors
    /// Where the place can't be used. Nothing has the name then; what was there still is.
    pub fn put(&self, what: &str, name: &Name, sealed: &Path, progress: &Progress) -> Result<(), ShelfError> {
        match self {
            Self::Folder(folder) => folder.put(what, name, sealed, progress),
            Self::S3(s3) => s3.put(what, name, sealed, progress),
        }
    }

    /// Takes backups of `what` away that are not wanted any more; answers how many.
    ///
    /// # Errors
    /// Where the place can't be used.
    pub fn tidy(&self, what: &str, keep: Keep) -> Result<usize, ShelfError> {
        let names: Vec<Name> = self.list(what)?.into_iter().map(|(name, _)| name).collect();
        let outdated = keep.outdated(&names);
        for name in &outdated {
            match self {
                Self::Folder(folder) => folder.remove(&name.write(what))?,
                Self::S3(s3) => s3.remove(&name.write(what))?,
            }
        }
        Ok(outdated.len())
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.path.display()),
            Self::S3(s3) => write!(f, "{s3}"),
        }
    }
}

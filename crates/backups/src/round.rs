//! One backup from a plain copy to its place: sealed, opened again and compared, put there, read back; and only then are
//! those taken away that are not wanted any more.

use chrono::{DateTime, Utc};
use std::path::Path;

use crate::file::seal_file;
use crate::keep::{Keep, Name};
use crate::seal::{RANDOM_BYTES, SealError};
use crate::shelf::{Progress, Shelf, ShelfCode, ShelfError};

/// Why there is no backup. Those of before are there then, and nothing half made has a name.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The place, or the folder where it was made.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// The passphrase, or what was sealed does not open again.
    #[error(transparent)]
    Seal(SealError),
}

impl RoundError {
    /// The closed code: a [`ShelfCode`]'s, `passphrase`, or `not_whole`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Shelf(error) => error.code.key(),
            Self::Seal(SealError::Short) => "passphrase",
            Self::Seal(SealError::Io(_)) => ShelfCode::Io.key(),
            Self::Seal(SealError::Closed | SealError::NotSealed) => "not_whole",
        }
    }
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What it is called.
    pub file: String,
    /// Bytes of the sealed file.
    pub bytes: u64,
    /// Older ones that went.
    pub removed: usize,
    /// What could not be done afterwards: older ones that stayed. The backup is good.
    pub left: Option<ShelfError>,
}

/// What a backup is made with.
pub struct Round<'a> {
    /// Where it goes.
    pub shelf: &'a Shelf,
    /// What it is of: the first part of its name.
    pub what: &'a str,
    /// What kind of copy it is: `sqlite`, `pgdump`.
    pub kind: &'a str,
    /// When.
    pub at: DateTime<Utc>,
    /// The passphrase it is sealed with.
    pub passphrase: &'a str,
    /// Random bytes, never the same twice.
    pub random: [u8; RANDOM_BYTES],
    /// How many stay.
    pub keep: Keep,
    /// How far it is; from 40 percent on, which the copy took.
    pub progress: &'a Progress,
}

impl Round<'_> {
    /// Makes a backup of the plain copy at `copy`, which goes as soon as it is sealed: there need be room for two at a
    /// time only. `work` is a folder that nobody else may look into.
    ///
    /// # Errors
    /// See [`RoundError`].
    pub fn make(&self, copy: &Path, work: &Path) -> Result<Made, RoundError> {
        let of_work = |error: std::io::Error| RoundError::Shelf(ShelfError::of_io(&error, work));
        let sealed = work.join("sealed");
        seal_file(self.passphrase, &self.random, copy, &sealed).map_err(|error| match error {
            SealError::Io(error) => of_work(error),
            error => RoundError::Seal(error),
        })?;
        std::fs::remove_file(copy).map_err(of_work)?;
        self.progress.set(60);
        let name = Name {
            at: self.at,
            kind: self.kind.to_owned(),
        };
        let bytes = std::fs::metadata(&sealed).map_err(of_work)?.len();
        self.shelf.put(self.what, &name, &sealed, self.progress)?;
        self.progress.set(95);
        let tidied = self.shelf.tidy(self.what, self.keep);
        self.progress.set(100);
        Ok(Made {
            file: name.write(self.what),
            bytes,
            removed: *tidied.as_ref().unwrap_or(&0),
            left: tidied.err(),
        })
    }
}

//! One backup: copied, checked, sealed, opened again and compared, and only then under its name; and putting one back.

use backups::{Folder, Keep, Name, Progress, RANDOM_BYTES, Round, RoundError, SealError, Shelf, ShelfError};
use loyalty::UtcMs;
use serde::Serialize;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

use super::database::Place;
use crate::clock;
use crate::store::{Db, DbError};

/// What the relay's backups are called.
pub const WHAT: &str = "relay";
/// What the folders for plain copies are called.
const WORK: &str = ".relay-";

/// Why there is no backup, or why it was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Sealing and opening.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The place of the backups.
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    /// A file.
    #[error("{0} can't be used: {1}. Check its name, who may write there, and whether the disk is full.")]
    File(PathBuf, std::io::Error),
    /// The database has no file and is no server.
    #[error("This database can't be backed up: name a file (sqlite:FILE) or a server (postgres://...).")]
    Address,
    /// A program of PostgreSQL's is missing.
    #[error("{0} can't be started: {1}. Install PostgreSQL's client programs (Debian: postgresql-client).")]
    NoProgram(&'static str, std::io::Error),
    /// It said no.
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    /// The copy is not what it should be.
    #[error("The copy is not whole. Nothing was kept of it; the backups of before are there. Check the disk.")]
    NotWhole,
    /// Neither a folder nor storage was named.
    #[error("Say where the backups are: --folder FOLDER, or --s3 FILE for S3-compatible storage.")]
    Nowhere,
    /// There is a database already.
    #[error("There is a database at {0}. Move it away first: a backup never takes the place of one.")]
    Occupied(String),
    /// Another kind of database.
    #[error("{0} is a backup of another kind of database. Name a database of its kind with --database.")]
    OtherKind(PathBuf),
}

impl From<RoundError> for BackupError {
    fn from(error: RoundError) -> Self {
        match error {
            RoundError::Shelf(error) => Self::Shelf(error),
            RoundError::Seal(SealError::Closed | SealError::NotSealed) => Self::NotWhole,
            RoundError::Seal(error) => Self::Seal(error),
        }
    }
}

impl BackupError {
    /// The closed code, for the history.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Shelf(error) => error.code.key(),
            Self::Seal(_) => "passphrase",
            Self::NotWhole => "not_whole",
            Self::File(_, error) => ShelfError::of_io(error, Path::new("")).code.key(),
            _ => "database",
        }
    }
}

/// Where backups go, and with what they are sealed.
#[derive(Clone, Debug)]
pub struct Backups {
    /// The place.
    pub shelf: Shelf,
    /// The passphrase.
    pub passphrase: String,
    /// How many stay.
    pub keep: Keep,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its file, with its place.
    pub file: String,
    /// Bytes of the file.
    pub bytes: u64,
    /// Older ones that went.
    pub removed: usize,
}

impl Backups {
    /// In a folder, which is made where it is not there.
    #[must_use]
    pub fn in_folder(path: PathBuf, passphrase: String, keep: Keep) -> Self {
        let shelf = Shelf::Folder(Folder { path, mark: None });
        Self {
            shelf,
            passphrase,
            keep,
        }
    }

    /// The backups there are, the oldest first. It blocks.
    ///
    /// # Errors
    /// Where the place can't be used.
    pub fn list(&self) -> Result<Vec<(Name, u64)>, BackupError> {
        Ok(self.shelf.list(WHAT)?)
    }

    /// A folder for the plain copy, where nobody else may look, which goes whatever happens: beside the backups, or
    /// where the system keeps what is temporary.
    fn work(&self) -> Result<TempDir, BackupError> {
        match &self.shelf {
            Shelf::Folder(folder) => {
                let of_folder = |error| BackupError::File(folder.path.clone(), error);
                std::fs::create_dir_all(&folder.path).map_err(of_folder)?;
                clear_old_work(&folder.path);
                let made = tempfile::Builder::new().prefix(WORK).tempdir_in(&folder.path);
                made.map_err(of_folder)
            }
            Shelf::S3(_) => {
                let made = tempfile::Builder::new().prefix(WORK).tempdir();
                made.map_err(|error| BackupError::File(std::env::temp_dir(), error))
            }
        }
    }

    /// Makes a backup, and takes those away that are not wanted any more.
    ///
    /// # Errors
    /// See [`BackupError`]. The backups of before are there then, and nothing half made.
    pub async fn make(&self, db: &Db, url: &str, now: UtcMs) -> Result<Made, BackupError> {
        let place = Place::read(url)?;
        let work = self.work()?;
        let copy = work.path().join("copy");
        let backups = self.clone();
        if let Shelf::S3(_) = &self.shelf {
            // Before anything is copied: whether it is there, and lets us in.
            let looks = backups.clone();
            blocking(move || looks.list()).await?;
        }
        place.copy(db, &copy).await?;
        place.check(&copy).await?;
        let (kind, random) = (place.kind(), clock::random::<RANDOM_BYTES>());
        blocking(move || {
            let made = Round {
                shelf: &backups.shelf,
                what: WHAT,
                kind,
                at: now.utc(),
                passphrase: &backups.passphrase,
                random,
                keep: backups.keep,
                progress: &Progress::default(),
            }
            .make(&copy, work.path())?;
            if let Some(left) = &made.left {
                tracing::warn!(error = %left, "backup_old_ones_stay");
            }
            let place = backups.shelf.to_string();
            Ok(Made {
                file: format!("{}/{}", place.trim_end_matches('/'), made.file),
                bytes: made.bytes,
                removed: made.removed,
            })
        })
        .await
    }
}

/// What a process that was killed left plain beside the backups, of a day ago or before.
fn clear_old_work(folder: &Path) {
    const OLD: std::time::Duration = std::time::Duration::from_secs(86_400);
    let Ok(all) = std::fs::read_dir(folder) else { return };
    for entry in all.filter_map(Result::ok) {
        let ours = entry.file_name().to_string_lossy().starts_with(WORK);
        let age = entry.metadata().and_then(|it| it.modified()).ok();
        if ours && age.and_then(|at| at.elapsed().ok()).is_some_and(|age| age > OLD) {
            // What can't go now goes with the next one.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs what blocks for long.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| BackupError::Program("sealing", stopped.to_string()))?
}

/// Puts a backup in the place of a database that is not there, or an empty one.
///
/// # Errors
/// See [`BackupError`]. The database's place is as it was then.
pub async fn restore(backup: &Path, passphrase: &str, url: &str) -> Result<(), BackupError> {
    let place = Place::read(url)?;
    let name = backup.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if Name::read(WHAT, name).is_some_and(|name| name.kind != place.kind()) {
        return Err(BackupError::OtherKind(backup.to_owned()));
    }
    let at = |error| BackupError::File(backup.to_owned(), error);
    let work = tempfile::tempdir().map_err(at)?;
    let copy = work.path().join("copy");
    let (from, to, passphrase) = (backup.to_owned(), copy.clone(), passphrase.to_owned());
    blocking(move || {
        backups::file::open_file(&passphrase, &from, &to).map_err(|error| match error {
            SealError::Io(error) => BackupError::File(from.clone(), error),
            error => BackupError::Seal(error),
        })?;
        Ok(())
    })
    .await?;
    place.check(&copy).await?;
    place.put_back(&copy).await
}

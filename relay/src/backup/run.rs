//! One backup: copied, checked, sealed, opened again and compared, and only then under its name; and putting one back.

use backups::{Keep, Name, RANDOM_BYTES, SealError};
use loyalty::UtcMs;
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::database::Place;
use crate::clock;
use crate::store::{Db, DbError};

/// What the relay's backups are called.
pub const WHAT: &str = "relay";

/// Why there is no backup, or why it was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Sealing and opening.
    #[error(transparent)]
    Seal(#[from] SealError),
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
    /// There is a database already.
    #[error("There is a database at {0}. Move it away first: a backup never takes the place of one.")]
    Occupied(String),
    /// Another kind of database.
    #[error("{0} is a backup of another kind of database. Name a database of its kind with --database.")]
    OtherKind(PathBuf),
}

/// Where backups go, and with what they are sealed.
#[derive(Clone)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// The passphrase.
    pub passphrase: String,
    /// How many stay.
    pub keep: Keep,
}

/// A backup that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its file.
    pub file: PathBuf,
    /// Bytes of the file.
    pub bytes: u64,
    /// Older ones that went.
    pub removed: usize,
}

impl Folder {
    fn file<T>(&self, result: std::io::Result<T>) -> Result<T, BackupError> {
        result.map_err(|error| BackupError::File(self.path.clone(), error))
    }

    /// The backups there are, the oldest first.
    ///
    /// # Errors
    /// `File`.
    pub fn list(&self) -> Result<Vec<(Name, u64)>, BackupError> {
        let mut all = Vec::new();
        for entry in self.file(std::fs::read_dir(&self.path))? {
            let entry = self.file(entry)?;
            if let Some(name) = entry.file_name().to_str().and_then(|name| Name::read(WHAT, name)) {
                all.push((name, self.file(entry.metadata())?.len()));
            }
        }
        all.sort();
        Ok(all)
    }

    /// Makes a backup, and takes those away that are not wanted any more.
    ///
    /// # Errors
    /// See [`BackupError`]. The backups of before are there then, and nothing half made.
    pub async fn make(&self, db: &Db, url: &str, now: UtcMs) -> Result<Made, BackupError> {
        let place = Place::read(url)?;
        self.file(std::fs::create_dir_all(&self.path))?;
        // The plain copy is only ever here, where nobody else may look, and goes whatever happens.
        let work = tempfile::Builder::new().prefix(".relay-").tempdir_in(&self.path);
        let work = self.file(work)?;
        let (copy, sealed) = (work.path().join("copy"), work.path().join("sealed"));
        place.copy(db, &copy).await?;
        place.check(&copy).await?;
        let name = Name {
            at: now.utc(),
            kind: place.kind().to_owned(),
        };
        let target = self.path.join(name.write(WHAT));
        let (passphrase, random) = (self.passphrase.clone(), clock::random::<RANDOM_BYTES>());
        let from = sealed.clone();
        blocking(move || seal_and_compare(&passphrase, &random, &copy, &from)).await?;
        self.file(std::fs::rename(&sealed, &target))?;
        self.file(File::open(&self.path).and_then(|folder| folder.sync_all()))?;
        let names: Vec<Name> = self.list()?.into_iter().map(|(name, _)| name).collect();
        let outdated = self.keep.outdated(&names);
        for name in &outdated {
            self.file(std::fs::remove_file(self.path.join(name.write(WHAT))))?;
        }
        let bytes = self.file(std::fs::metadata(&target))?.len();
        Ok(Made {
            file: target,
            bytes,
            removed: outdated.len(),
        })
    }
}

/// Runs what blocks for long.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| BackupError::Program("sealing", stopped.to_string()))?
}

fn seal_and_compare(passphrase: &str, random: &[u8; RANDOM_BYTES], copy: &Path, to: &Path) -> Result<(), BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File(path.clone(), error)
    };
    let from = BufReader::new(File::open(copy).map_err(at(copy))?);
    let mut file = BufWriter::new(File::create_new(to).map_err(at(to))?);
    let written = backups::seal(passphrase, random, from, &mut file)?;
    file.flush().map_err(at(to))?;
    file.get_ref().sync_all().map_err(at(to))?;
    // What counts is what can be read back.
    let read = backups::open(
        passphrase,
        BufReader::new(File::open(to).map_err(at(to))?),
        std::io::sink(),
    )?;
    if read == written {
        Ok(())
    } else {
        Err(BackupError::NotWhole)
    }
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
        let at = |error| BackupError::File(from.clone(), error);
        let sealed = BufReader::new(File::open(&from).map_err(at)?);
        backups::open(&passphrase, sealed, BufWriter::new(File::create_new(&to).map_err(at)?))?;
        Ok(())
    })
    .await?;
    place.check(&copy).await?;
    place.put_back(&copy).await
}

//! The operator's commands about backups.

use backups::s3::Account;
use backups::{Keep, S3, Shelf};
use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::nightly;
use super::run::{BackupError, Backups, blocking, restore};
use crate::clock;
use crate::commands::{self, CommandError};

/// Where backups are, by every command about them.
#[derive(Args, Debug)]
pub struct Whereabouts {
    /// The folder of the backups
    #[arg(
        long,
        env = "REGULARS_RELAY_BACKUP_FOLDER",
        value_name = "FOLDER",
        required_unless_present = "s3"
    )]
    pub folder: Option<PathBuf>,
    /// A file that says where in S3-compatible storage they are, and with which key
    #[arg(
        long,
        env = "REGULARS_RELAY_BACKUP_S3",
        value_name = "FILE",
        conflicts_with = "folder"
    )]
    pub s3: Option<PathBuf>,
    /// A file with the passphrase they are sealed with
    #[arg(long, env = "REGULARS_RELAY_BACKUP_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: PathBuf,
    /// How many are kept, as days, weeks and months
    #[arg(
        long,
        env = "REGULARS_RELAY_BACKUP_KEEP",
        value_name = "N,N,N",
        default_value = "7,4,6"
    )]
    pub keep: Keep,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be done about backups.
#[derive(Subcommand, Debug)]
pub enum BackupCommand {
    /// Makes one now, while relays work, and reads it back before it counts
    Now(Whereabouts),
    /// Shows those there are, and how the last ones went
    List(Whereabouts),
    /// Puts one in the place of a database that is not there yet, or is empty; then tells the tills
    Restore {
        /// The backup: a file, or s3://BUCKET/PREFIX/NAME
        file: PathBuf,
        /// A file that says where in S3-compatible storage it is, and with which key
        #[arg(long, env = "REGULARS_RELAY_BACKUP_S3", value_name = "FILE")]
        s3: Option<PathBuf>,
        /// A file with the passphrase it was sealed with
        #[arg(long, env = "REGULARS_RELAY_BACKUP_PASSPHRASE_FILE", value_name = "FILE")]
        passphrase_file: PathBuf,
    },
}

/// Reads a passphrase.
///
/// # Errors
/// `File`.
pub fn passphrase(file: &Path) -> Result<String, BackupError> {
    let text = std::fs::read_to_string(file).map_err(|error| BackupError::File(file.to_owned(), error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The storage that a file of settings names.
///
/// # Errors
/// `File`, `Shelf`.
pub fn storage(file: &Path) -> Result<S3, BackupError> {
    let text = std::fs::read_to_string(file).map_err(|error| BackupError::File(file.to_owned(), error))?;
    Ok(S3::new(Account::read(&text)?)?)
}

/// The backups in a folder or in storage.
///
/// # Errors
/// `File`, `Shelf`; `Nowhere` where neither is named.
pub fn backups_in(
    folder: Option<&Path>,
    s3: Option<&Path>,
    passphrase_file: &Path,
    keep: Keep,
) -> Result<Backups, BackupError> {
    let passphrase = passphrase(passphrase_file)?;
    match (folder, s3) {
        (_, Some(file)) => Ok(Backups {
            shelf: Shelf::S3(Box::new(storage(file)?)),
            passphrase,
            keep,
        }),
        (Some(folder), None) => Ok(Backups::in_folder(folder.to_owned(), passphrase, keep)),
        (None, None) => Err(BackupError::Nowhere),
    }
}

fn named(at: &Whereabouts) -> Result<Backups, BackupError> {
    backups_in(at.folder.as_deref(), at.s3.as_deref(), &at.passphrase_file, at.keep)
}

/// A backup as a file: the one that was named, or what the storage has under that name.
async fn fetched(file: PathBuf, s3: Option<PathBuf>, work: &Path) -> Result<PathBuf, BackupError> {
    let named = file.to_string_lossy().into_owned();
    let Some(place) = named.strip_prefix("s3://") else {
        return Ok(file);
    };
    let s3 = storage(&s3.ok_or(BackupError::Nowhere)?)?;
    let name = s3.name_of(place)?;
    let to = work.join(&name);
    let there = to.clone();
    blocking(move || Ok(s3.get(&name, &there)?)).await?;
    Ok(to)
}

/// Does a command: what to print.
///
/// # Errors
/// See [`BackupError`].
pub async fn run(url: &str, command: BackupCommand) -> Result<String, CommandError> {
    match command {
        BackupCommand::Now(at) => {
            let (backups, db) = (named(&at)?, commands::open(url).await?);
            let made = nightly::make(&backups, &db, url, clock::now()).await;
            db.close().await;
            let made = made?;
            if at.json {
                return Ok(json!(made).to_string());
            }
            Ok(format!(
                "Backed up to {} ({} bytes), read back and compared. {} older ones went.",
                made.file, made.bytes, made.removed
            ))
        }
        BackupCommand::List(at) => {
            let backups = named(&at)?;
            let all = blocking(move || listed(&backups, at.json)).await;
            all.map_err(Into::into)
        }
        BackupCommand::Restore {
            file,
            s3,
            passphrase_file,
        } => {
            let work = tempfile::tempdir().map_err(|error| BackupError::File(file.clone(), error))?;
            let here = fetched(file.clone(), s3, work.path()).await?;
            restore(&here, &passphrase(&passphrase_file)?, url).await?;
            let db = commands::open(url).await?;
            let said = commands::restored(&db).await;
            db.close().await;
            Ok(format!("Restored from {}. {}", file.display(), said?))
        }
    }
}

fn listed(backups: &Backups, as_json: bool) -> Result<String, BackupError> {
    let (all, notes) = (backups.list()?, nightly::notes(backups));
    let name = |name: &::backups::Name| name.write(super::run::WHAT);
    if as_json {
        let all: Vec<_> = all
            .iter()
            .map(|(one, bytes)| json!({"file": name(one), "bytes": bytes}))
            .collect();
        return Ok(json!({"backups": all, "history": notes}).to_string());
    }
    let mut text = String::new();
    for (one, bytes) in &all {
        // Writing to a text can't fail.
        let _ = writeln!(text, "{}  {bytes} bytes", name(one));
    }
    for note in notes.iter().filter(|note| !note.made) {
        let _ = writeln!(text, "{}  NOT MADE: {}", note.at, note.why);
    }
    let _ = write!(text, "{} backups in {}", all.len(), backups.shelf);
    Ok(text)
}

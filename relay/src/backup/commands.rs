//! The operator's commands about backups.

use clap::{Args, Subcommand};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::nightly;
use super::run::{BackupError, Folder, restore};
use crate::clock;
use crate::commands::{self, CommandError};

/// Where backups are, by every command about them.
#[derive(Args, Debug)]
pub struct Whereabouts {
    /// The folder of the backups
    #[arg(long, env = "REGULARS_RELAY_BACKUP_FOLDER", value_name = "FOLDER")]
    pub folder: PathBuf,
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
    pub keep: backups::Keep,
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
        /// The backup
        file: PathBuf,
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

fn folder(at: &Whereabouts) -> Result<Folder, BackupError> {
    Ok(Folder {
        path: at.folder.clone(),
        passphrase: passphrase(&at.passphrase_file)?,
        keep: at.keep,
    })
}

/// Does a command: what to print.
///
/// # Errors
/// See [`BackupError`].
pub async fn run(url: &str, command: BackupCommand) -> Result<String, CommandError> {
    match command {
        BackupCommand::Now(at) => {
            let (folder, db) = (folder(&at)?, commands::open(url).await?);
            let made = nightly::make(&folder, &db, url, clock::now()).await;
            db.close().await;
            let made = made?;
            if at.json {
                return Ok(json!(made).to_string());
            }
            Ok(format!(
                "Backed up to {} ({} bytes), read back and compared. {} older ones went.",
                made.file.display(),
                made.bytes,
                made.removed
            ))
        }
        BackupCommand::List(at) => listed(&folder(&at)?, at.json).map_err(Into::into),
        BackupCommand::Restore { file, passphrase_file } => {
            restore(&file, &passphrase(&passphrase_file)?, url).await?;
            let db = commands::open(url).await?;
            let said = commands::restored(&db).await;
            db.close().await;
            Ok(format!("Restored from {}. {}", file.display(), said?))
        }
    }
}

fn listed(folder: &Folder, as_json: bool) -> Result<String, BackupError> {
    let (all, notes) = (folder.list()?, nightly::notes(folder));
    let name = |name: &backups::Name| name.write(super::run::WHAT);
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
    let _ = write!(text, "{} backups in {}", all.len(), folder.path.display());
    Ok(text)
}

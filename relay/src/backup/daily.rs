//! The settings of the daily backup: where it goes, with which passphrase, when, and how many stay.

use backups::Keep;
use chrono::NaiveTime;
use serde::Serialize;
use std::path::PathBuf;

use super::commands::backups_in;
use super::run::{BackupError, Backups};
use crate::settings::SettingsError;

/// What was said of it.
pub struct Wanted {
    /// A folder.
    pub folder: Option<PathBuf>,
    /// A file about storage.
    pub s3: Option<PathBuf>,
    /// The file with the passphrase.
    pub passphrase_file: Option<PathBuf>,
    /// `HH:MM` by UTC.
    pub at: Option<String>,
    /// Days, weeks, months.
    pub keep: Option<String>,
}

/// How a backup is made each day.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DailyBackup {
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    s3: Option<PathBuf>,
    passphrase_file: PathBuf,
    #[serde(serialize_with = "as_text")]
    at: NaiveTime,
    #[serde(serialize_with = "as_text")]
    keep: Keep,
}

fn as_text<S: serde::Serializer>(what: &impl std::fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(what)
}

impl DailyBackup {
    /// Checks what was said; none where nothing was.
    ///
    /// # Errors
    /// `BackupTwice`, `Passphrase`, `BackupAt`, `BackupKeep`.
    pub fn settle(wanted: Wanted) -> Result<Option<Self>, SettingsError> {
        if wanted.folder.is_none() && wanted.s3.is_none() {
            return Ok(None);
        }
        if wanted.folder.is_some() && wanted.s3.is_some() {
            return Err(SettingsError::BackupTwice);
        }
        let at = wanted.at.unwrap_or_else(|| "03:00".to_owned());
        let at = NaiveTime::parse_from_str(&at, "%H:%M").map_err(|_| SettingsError::BackupAt(at))?;
        let keep = wanted.keep.map(|keep| keep.parse().map_err(SettingsError::BackupKeep));
        Ok(Some(Self {
            folder: wanted.folder,
            s3: wanted.s3,
            passphrase_file: wanted.passphrase_file.ok_or(SettingsError::Passphrase)?,
            at,
            keep: keep.transpose()?.unwrap_or_default(),
        }))
    }

    /// Where it goes, and when it is made; its passphrase or its key may not be readable.
    pub fn opened(&self) -> (Result<Backups, BackupError>, NaiveTime) {
        let (folder, s3) = (self.folder.as_deref(), self.s3.as_deref());
        (backups_in(folder, s3, &self.passphrase_file, self.keep), self.at)
    }
}

//! `secrets.json`: the note where a folder's secrets are, and the secrets themselves where there is no keyring.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::SecretsError;

/// What the file says.
#[derive(Serialize, Deserialize)]
#[serde(tag = "where", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kept {
    /// In the OS keyring, under this folder's id. `file` keeps what was written while the file was forced.
    Keyring {
        id: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        file: BTreeMap<String, String>,
    },
    /// Right here, in base64.
    File { file: BTreeMap<String, String> },
}

impl Kept {
    fn values(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Keyring { file, .. } | Self::File { file } => file,
        }
    }
}

/// The file of one data folder.
#[derive(Debug)]
pub struct SecretsFile {
    dir: PathBuf,
    path: PathBuf,
}

impl SecretsFile {
    /// The file of `data_dir`, whether it is there or not.
    pub fn at(data_dir: &Path) -> Self {
        Self {
            dir: data_dir.to_owned(),
            path: data_dir.join("secrets.json"),
        }
    }

    /// What it says; `None` where there is no file yet.
    pub fn read(&self) -> Result<Option<Kept>, SecretsError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.failed(e)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|e| self.damaged(e.to_string()))
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretsError> {
        let Some(mut kept) = self.read()? else { return Ok(None) };
        let decode = |text: &String| STANDARD.decode(text).map_err(|e| self.damaged(e.to_string()));
        kept.values().get(name).map(decode).transpose()
    }

    /// Keeps `value` as `name`.
    pub fn set(&self, name: &str, value: &[u8]) -> Result<(), SecretsError> {
        self.change(|kept| {
            kept.values().insert(name.to_owned(), STANDARD.encode(value));
        })
    }

    /// Forgets `name`.
    pub fn delete(&self, name: &str) -> Result<(), SecretsError> {
        if self.read()?.is_none() {
            return Ok(());
        }
        self.change(|kept| {
            kept.values().remove(name);
        })
    }

    /// Notes that the secrets are in the keyring, under `id`.
    pub fn note_keyring(&self, id: &str) -> Result<(), SecretsError> {
        if let Some(Kept::Keyring { id: noted, .. }) = self.read()?
            && noted == id
        {
            return Ok(());
        }
        self.change(|kept| {
            let file = std::mem::take(kept.values());
            *kept = Kept::Keyring {
                id: id.to_owned(),
                file,
            };
        })
    }

    /// Reads, changes and writes while no other process does the same.
    fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), SecretsError> {
        fs::create_dir_all(&self.dir).map_err(|e| self.failed(e))?;
        let turn = File::create(self.dir.join("secrets.lock")).map_err(|e| self.failed(e))?;
        turn.lock().map_err(|e| self.failed(e))?;
        let mut kept = self.read()?.unwrap_or(Kept::File { file: BTreeMap::new() });
        change(&mut kept);
        let text = serde_json::to_vec_pretty(&kept).map_err(|e| self.damaged(e.to_string()))?;
        self.replace(&text).map_err(|e| self.failed(e))
        // Dropping `turn` lets the next one in.
    }

    /// Puts `text` in the file's place: whole and on the disk, or not at all. A temporary file has mode 0600.
    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let mut temp = tempfile::NamedTempFile::new_in(&self.dir)?;
        temp.write_all(text)?;
        temp.as_file().sync_all()?;
        temp.persist(&self.path)?;
        #[cfg(unix)]
        File::open(&self.dir)?.sync_all()?;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> SecretsError {
        SecretsError::File {
            path: self.path.clone(),
            source,
        }
    }

    fn damaged(&self, detail: String) -> SecretsError {
        SecretsError::Damaged {
            path: self.path.clone(),
            detail,
        }
    }
}

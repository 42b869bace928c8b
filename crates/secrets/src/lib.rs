//! Small secrets of one data folder: kept in the OS keyring, or in a file of mode 0600 where there is no keyring.
//!
//! Here: where a folder's secrets live, and reading and writing them. Not here: what they mean, and making them.
//!
//! `secrets.json` in the data folder remembers which of the two was chosen when the first secret was written. It is
//! never chosen again: a keyring that is merely locked or slow today must not look like an empty one, because a new
//! PIN pepper in its place would lock everybody out. A folder that moves keeps its secrets, and a copied folder sees
//! the same ones, because the keyring's entries carry the id in that file, not the folder's path.

mod file;
mod ring;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use file::Kept;

/// The environment variable that forces the file, by the value `file`: for machines without a desktop, and for tests.
pub const SWITCH: &str = "REGULARS_SECRETS";

/// How long a keyring that was never used here may take to prove itself.
const PROBE: Duration = Duration::from_secs(3);
/// How long a keyring that holds this folder's secrets may take: somebody may be typing its password.
const ANSWER: Duration = Duration::from_secs(30);

/// Why a secret could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// This folder's secrets are in the OS keyring, and that does not answer now.
    #[error("the system's keyring does not answer: {0}")]
    Keyring(String),
    /// The file can't be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there and is not one of ours.
    #[error("{path} is damaged: {detail}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
}

/// The secrets of one data folder.
#[derive(Debug)]
pub struct Secrets {
    service: String,
    file: file::SecretsFile,
    place: Place,
}

/// Where they are. `Keyring` carries the id of the folder in the keyring's entries.
#[derive(Debug)]
enum Place {
    Keyring(String),
    File,
}

impl Secrets {
    /// Finds where the secrets of `data_dir` live, choosing the OS keyring for a folder that has none yet, if it
    /// answers within 3 s. `service` is the name they have in the keyring, such as `org.regulars.till`.
    ///
    /// # Errors
    /// `File` or `Damaged` where `secrets.json` can't be read. That a keyring in use is locked shows at the first
    /// [`Secrets::get`], not here.
    pub fn open(service: &str, data_dir: &Path) -> Result<Self, SecretsError> {
        Self::open_as(service, data_dir, std::env::var(SWITCH).is_ok_and(|v| v == "file"))
    }

    /// The secrets of `data_dir` in its file, without asking for a keyring: what [`SWITCH`] does for a whole process.
    ///
    /// # Errors
    /// As [`Secrets::open`].
    pub fn open_file(service: &str, data_dir: &Path) -> Result<Self, SecretsError> {
        Self::open_as(service, data_dir, true)
    }

    fn open_as(service: &str, data_dir: &Path, only_file: bool) -> Result<Self, SecretsError> {
        let file = file::SecretsFile::at(data_dir);
        let place = match file.read()? {
            Some(Kept::Keyring { id, .. }) if !only_file => Place::Keyring(id),
            Some(_) => Place::File,
            None if only_file => Place::File,
            None => fresh_id()
                .filter(|id| ring::works(service, id, PROBE))
                .map_or(Place::File, Place::Keyring),
        };
        Ok(Self {
            service: service.to_owned(),
            file,
            place,
        })
    }

    /// Whether they are in the OS keyring. Where not, anybody who can read this user's files can read them: say so.
    #[must_use]
    pub fn in_keyring(&self) -> bool {
        matches!(self.place, Place::Keyring(_))
    }

    /// The secret called `name`, or `None` where there is none.
    ///
    /// # Errors
    /// As in [`SecretsError`]; a keyring that waits for its password longer than 30 s counts as not answering.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretsError> {
        match &self.place {
            Place::Keyring(id) => ring::get(&self.service, id, name, ANSWER),
            Place::File => self.file.get(name),
        }
    }

    /// Keeps `value` as `name`, in place of what it was. In the file it is on the disk when this returns.
    ///
    /// # Errors
    /// As in [`SecretsError`]. What was there before is then still there.
    pub fn set(&self, name: &str, value: &[u8]) -> Result<(), SecretsError> {
        match &self.place {
            Place::Keyring(id) => {
                // First the note where to look, so that no crash leaves a secret that nobody would find again.
                self.file.note_keyring(id)?;
                ring::set(&self.service, id, name, value, ANSWER)
            }
            Place::File => self.file.set(name, value),
        }
    }

    /// Forgets `name`. Nothing happens where it is not there.
    ///
    /// # Errors
    /// As in [`SecretsError`].
    pub fn delete(&self, name: &str) -> Result<(), SecretsError> {
        match &self.place {
            Place::Keyring(id) => ring::delete(&self.service, id, name, ANSWER),
            Place::File => self.file.delete(name),
        }
    }
}

/// A new folder's id in the keyring: 128 random bits in hex. `None` where the machine has no randomness to give.
fn fresh_id() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests;

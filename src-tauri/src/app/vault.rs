//! The shop's secrets on this machine. Most of it is the one that PINs are mixed with: found in the keyring (or the
//! file) when it is first needed, and made when a shop gets its first owner. Where they are kept is in `secrets`; what
//! they do is in `ledger::Pepper` and `intake`.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ledger::{Ids, Pepper};
use secrets::{Secrets, SecretsError};

use crate::views::{Failure, StorageCode, StorageProblem};

/// The name our secrets have in the keyring.
const SERVICE: &str = "org.regulars.till";
const PEPPER: &str = "pin-pepper";

/// The secrets of this data folder, opened when first needed: a keyring may take a while to answer.
pub struct Vault {
    folder: PathBuf,
    only_file: bool,
    open: Mutex<Option<(Secrets, Option<Pepper>)>>,
}

impl Vault {
    /// The secrets of `folder`. `only_file` keeps away from the keyring, for tests.
    pub fn new(folder: PathBuf, only_file: bool) -> Self {
        Self {
            folder,
            only_file,
            open: Mutex::new(None),
        }
    }

    /// Whether they are in the OS keyring; false while that can't be told.
    pub fn in_keyring(&self) -> bool {
        self.with(|secrets, _| Ok(secrets.in_keyring())).unwrap_or(false)
    }

    /// The pepper of the PINs there are.
    ///
    /// # Errors
    /// `secrets` where it can't be read or is gone.
    pub fn pepper(&self) -> Result<Pepper, Failure> {
        self.with(|secrets, kept| match read(secrets, kept)? {
            Some(pepper) => Ok(pepper),
            None => Err("this folder has PINs, but not the secret they are mixed with".to_owned()),
        })
    }

    /// The pepper for the first PIN: the one that is there, or a new one.
    ///
    /// # Errors
    /// `secrets` where it can't be read or kept.
    pub fn first_pepper(&self, ids: &dyn Ids) -> Result<Pepper, Failure> {
        self.with(|secrets, kept| {
            if let Some(pepper) = read(secrets, kept)? {
                return Ok(pepper);
            }
            let mut secret = [0; 32];
            secret[..16].copy_from_slice(&ids.random());
            secret[16..].copy_from_slice(&ids.random());
            secrets.set(PEPPER, &secret).map_err(|e| e.to_string())?;
            Ok(kept.insert(Pepper::new(secret)).clone())
        })
    }

    /// The same secrets once more, for who works beside the windows.
    ///
    /// # Errors
    /// `secrets` where they can't be read.
    pub fn another(&self) -> Result<Secrets, Failure> {
        self.open().map_err(|e| self.failed(e.to_string()))
    }

    /// A secret kept under `name`, if there is one.
    ///
    /// # Errors
    /// `secrets` where it can't be read.
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        self.with(|secrets, _| secrets.get(name).map_err(|e| e.to_string()))
    }

    /// Keeps a secret under `name`, in place of what was there.
    ///
    /// # Errors
    /// `secrets` where it can't be kept.
    pub fn keep(&self, name: &str, value: &[u8]) -> Result<(), Failure> {
        self.with(|secrets, _| secrets.set(name, value).map_err(|e| e.to_string()))
    }

    /// For what is kept under `name` and is not what was put there.
    pub fn damaged(&self, name: &str) -> Failure {
        self.failed(format!("what is kept as {name} can't be read"))
    }

    fn with<T>(&self, work: impl FnOnce(&Secrets, &mut Option<Pepper>) -> Result<T, String>) -> Result<T, Failure> {
        let mut open = self.lock();
        if open.is_none() {
            let opened = self.open().map_err(|e| self.failed(e.to_string()))?;
            *open = Some((opened, None));
        }
        match open.as_mut() {
            Some((secrets, kept)) => work(secrets, kept).map_err(|detail| self.failed(detail)),
            None => Err(self.failed("not open".to_owned())),
        }
    }

    fn open(&self) -> Result<Secrets, SecretsError> {
        if self.only_file {
            Secrets::open_file(SERVICE, &self.folder)
        } else {
            Secrets::open(SERVICE, &self.folder)
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Secrets, Option<Pepper>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, detail: String) -> Failure {
        Failure::Storage {
            problem: StorageProblem {
                code: StorageCode::Secrets,
                path: self.folder.display().to_string(),
                detail,
            },
        }
    }
}

/// The pepper, from memory or from where it is kept.
fn read(secrets: &Secrets, kept: &mut Option<Pepper>) -> Result<Option<Pepper>, String> {
    if kept.is_none() {
        let found = secrets.get(PEPPER).map_err(|e| e.to_string())?;
        let secret = found.map(<[u8; 32]>::try_from).transpose();
        *kept = secret
            .map_err(|_| "the secret has another length".to_owned())?
            .map(Pepper::new);
    }
    Ok(kept.clone())
}

//! How far an import has come, kept in the shop's file by the very transaction that applies the rows.
//!
//! Its name is the hash of the file and of how it is read, so that another file, or the same one read otherwise, is
//! another import. The rows that the store refused are kept in pieces of their own, one a transaction, so that a
//! checkpoint does not grow with them.

use ledger::{Store, Tx};
use loyalty::Code;
use pos::file::{Mapping, RowError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{ImportError, Result};
use crate::run::Tally;

/// The setting that holds the checkpoint of this import.
pub fn key(file: &Path, kind: &str, mapping: &Mapping) -> Result<String> {
    let mut hash = Sha256::new();
    let mapping = write(mapping)?;
    hash.update(format!("{kind}\n{mapping}\n"));
    let mut opened = File::open(file).map_err(ImportError::read(file))?;
    io::copy(&mut opened, &mut hash).map_err(ImportError::read(file))?;
    let digest: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("import:{digest}"))
}

/// A row that the store refused: its number among the rows, and why.
#[derive(Clone, Serialize, Deserialize)]
struct Refused {
    row: u64,
    line: u64,
    column: String,
    code: Code,
    value: String,
}

/// What stands in the setting.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Kept {
    tally: Tally,
    /// How many transactions had rows that the store refused.
    pieces: u64,
}

/// An import's progress.
pub struct Checkpoint {
    key: String,
    /// The setting as this process read or wrote it last.
    newest: Option<String>,
    pieces: u64,
    refused: HashMap<u64, RowError>,
    /// What has been done.
    pub tally: Tally,
}

impl Checkpoint {
    /// Where an earlier run was, or the start.
    pub fn load(store: &Store, key: &str) -> Result<Self> {
        let key = key.to_owned();
        Ok(store.write(move |tx| {
            let newest = tx.setting(&key)?;
            let kept: Kept = newest.as_deref().map(read).transpose()?.unwrap_or_default();
            let mut refused = HashMap::new();
            for piece in 1..=kept.pieces {
                let rows: Vec<Refused> = tx
                    .setting(&format!("{key}:{piece}"))?
                    .as_deref()
                    .map(read)
                    .transpose()?
                    .unwrap_or_default();
                refused.extend(rows.into_iter().map(|r| (r.row, r.into())));
            }
            Ok(Self {
                key,
                newest,
                pieces: kept.pieces,
                refused,
                tally: kept.tally,
            })
        })?)
    }

    /// Why a row was refused by an earlier run, if it was.
    pub fn refused(&self, row: u64) -> Option<RowError> {
        self.refused.get(&row).cloned()
    }

    /// Whether nobody else has moved it on: two processes importing one file would each count half.
    pub fn is_newest(&self, tx: &Tx<'_>) -> ledger::Result<bool> {
        Ok(tx.setting(&self.key)? == self.newest)
    }

    /// Keeps it, with the rows refused in this transaction.
    pub fn save(&mut self, tx: &Tx<'_>, refused: Vec<(u64, RowError)>) -> ledger::Result<()> {
        if !refused.is_empty() {
            self.pieces += 1;
            let rows: Vec<Refused> = refused.into_iter().map(Refused::from).collect();
            tx.set_setting(&format!("{}:{}", self.key, self.pieces), &write(&rows)?)?;
        }
        let kept = write(&Kept {
            tally: self.tally,
            pieces: self.pieces,
        })?;
        tx.set_setting(&self.key, &kept)?;
        self.newest = Some(kept);
        Ok(())
    }
}

/// Forgets a checkpoint with all its pieces.
pub fn forget(tx: &Tx<'_>, key: &str) -> ledger::Result<()> {
    let kept: Kept = tx.setting(key)?.as_deref().map(read).transpose()?.unwrap_or_default();
    for piece in 1..=kept.pieces {
        tx.forget_setting(&format!("{key}:{piece}"))?;
    }
    tx.forget_setting(key)
}

fn read<T: serde::de::DeserializeOwned>(text: &str) -> ledger::Result<T> {
    serde_json::from_str(text).map_err(|e| unreadable(&e).into())
}

fn write(value: &impl Serialize) -> ledger::Result<String> {
    serde_json::to_string(value).map_err(|e| unreadable(&e).into())
}

fn unreadable(e: &serde_json::Error) -> ledger::StorageError {
    ledger::StorageError {
        code: ledger::StorageCode::Damaged,
        path: String::new(),
        detail: format!("the checkpoint of an import can't be read: {e}"),
    }
}

impl From<(u64, RowError)> for Refused {
    fn from((row, e): (u64, RowError)) -> Self {
        Self {
            row,
            line: e.line,
            column: e.column,
            code: e.code,
            value: e.value,
        }
    }
}

impl From<Refused> for RowError {
    fn from(r: Refused) -> Self {
        Self {
            line: r.line,
            column: r.column,
            code: r.code,
            value: r.value,
        }
    }
}

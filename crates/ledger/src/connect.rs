//! Opening the shop's file: one writer's connection, several readers', each with the same safe pragmas.

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::error::{Result, StorageCode, StorageError};

/// The shop's file in its folder.
#[must_use]
pub fn file(dir: &Path) -> PathBuf {
    dir.join("regulars.db")
}

/// Where backups made on our own go.
#[must_use]
pub fn backups(dir: &Path) -> PathBuf {
    dir.join("backups")
}

/// The WAL-reset bug loses commits up to 3.51.2, and FTS5 has a CVE before 3.53.2.
const SQLITE_VERSION_MIN: i32 = 3_053_002;

/// How long a statement waits for another process's lock, where nothing else is said.
pub const BUSY: Duration = Duration::from_secs(10);

/// A connection that writes, and waits up to `busy` for another process.
///
/// # Errors
/// A storage error with the path.
pub fn writer(path: &Path, busy: Duration) -> Result<Connection> {
    open(
        path,
        busy,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )
}

/// A connection that only reads.
///
/// # Errors
/// A storage error with the path.
pub fn reader(path: &Path, busy: Duration) -> Result<Connection> {
    let conn = open(path, busy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

/// Looks into a file before it is known to be ours: nothing of it is changed, not even its journal mode.
///
/// # Errors
/// Those of `f`, and a storage error.
pub fn look<T>(path: &Path, busy: Duration, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(busy)?;
    f(&conn)
}

/// Makes names in a folder durable, where the system can.
///
/// # Errors
/// Those of the file system.
pub fn sync_dir(dir: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

fn open(path: &Path, busy: Duration, flags: OpenFlags) -> Result<Connection> {
    let linked = rusqlite::version_number();
    if linked < SQLITE_VERSION_MIN {
        let said = format!(
            "SQLite {} has known bugs that lose data; this app needs 3.53.2",
            rusqlite::version()
        );
        return Err(StorageError::new(StorageCode::Io, path, said).into());
    }
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(busy)?;
    conn.set_prepared_statement_cache_capacity(128);
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "wal", |r| r.get(0))?;
    if mode != "wal" {
        return Err(StorageError::new(
            StorageCode::Io,
            path,
            format!("the disk allows no write-ahead log (journal mode {mode})"),
        )
        .into());
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    // Without it INSERT OR REPLACE deletes a row past the triggers that make the log append-only.
    conn.pragma_update(None, "recursive_triggers", true)?;
    conn.pragma_update(None, "cache_size", -16_000)?;
    // Without it a statement that a partial index might serve is planned anew whenever another value is bound to it: that
    // was half the time of an import.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Savepoints keep the pages they may have to put back: in memory, not in a file that each row writes to.
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    if cfg!(target_os = "macos") {
        conn.pragma_update(None, "fullfsync", true)?;
    }
    Ok(conn)
}

/// Readers, opened as they are needed and kept.
pub struct Readers {
    path: PathBuf,
    busy: Duration,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// None yet.
    #[must_use]
    pub fn new(path: PathBuf, busy: Duration) -> Self {
        Self {
            path,
            busy,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs `f` in one read transaction: all it sees is of one moment.
    ///
    /// # Errors
    /// Those of `f`, and a storage error.
    pub fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let kept = self
            .idle
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .pop();
        let mut conn = kept.map_or_else(|| reader(&self.path, self.busy), Ok)?;
        let tx = conn.transaction()?;
        let done = f(&tx);
        drop(tx);
        self.idle
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(conn);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_safe() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(dir.path());
        for conn in [writer(&path, BUSY).unwrap(), reader(&path, BUSY).unwrap()] {
            let number = |name: &str| conn.pragma_query_value(None, name, |r| r.get::<_, i64>(0)).unwrap();
            let said = ["synchronous", "foreign_keys", "trusted_schema", "recursive_triggers"].map(number);
            assert_eq!(said, [2, 1, 0, 1]);
            let mode: String = conn.pragma_query_value(None, "journal_mode", |r| r.get(0)).unwrap();
            assert_eq!(mode, "wal");
        }
    }
}

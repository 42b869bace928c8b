//! SQLite's single writer, shared by two connections of this process: the pool's and the clicks'. They take turns here,
//! in the order in which they asked, and not at SQLite's lock, where whoever waits sleeps and asks again.

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use super::db::{DbError, Result, WAIT};

/// Whose turn it is to write into a file.
#[derive(Clone)]
pub struct Turns {
    file: PathBuf,
    turn: Arc<Mutex<()>>,
}

impl Turns {
    /// Nobody's yet.
    pub(super) fn new(file: &Path) -> Self {
        let (file, turn) = (file.to_owned(), Arc::default());
        Self { file, turn }
    }

    /// Waits for the turn; it is over when the answer is dropped.
    ///
    /// # Errors
    /// [`DbError::Away`] where it does not come.
    pub(super) async fn take(&self) -> Result<OwnedMutexGuard<()>> {
        let turn = tokio::time::timeout(WAIT, self.turn.clone().lock_owned()).await;
        turn.map_err(|_| DbError::Away(sqlx::Error::PoolTimedOut))
    }

    /// The same for a thread of its own, which may be held up.
    pub(super) fn take_here(&self) -> MutexGuard<'_, ()> {
        self.turn.blocking_lock()
    }

    /// A connection to the file beside the pool's, which promises the same.
    pub(super) fn open(&self) -> rusqlite::Result<Connection> {
        let conn = Connection::open(&self.file)?;
        conn.busy_timeout(WAIT)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;",
        )?;
        Ok(conn)
    }
}

//! Whose turn it is to write, between processes on one file.
//!
//! SQLite has no queue: whoever finds the file locked looks again a little later, and a process that writes one
//! transaction after the other can keep all others out for as long as it likes. So whoever waits says so, by a shared OS
//! lock on `waiting.lock` (let go by the system when a process ends, however), and whoever has many transactions to
//! write lets those who wait go first between two of them. Not here: SQLite's own locks, which decide who writes.

use rusqlite::{Connection, ErrorCode};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::private;

/// The longest pause between two looks of somebody who waits. Each pause is another, so that two who wait don't keep
/// looking at the same moments.
const LOOK_MAX_MS: u64 = 8;
/// Between two looks whether anybody still waits.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The lock file of one shop, and how long anybody waits.
#[derive(Clone)]
pub struct Turn {
    path: PathBuf,
    busy: Duration,
}

impl Turn {
    /// Of the shop in this folder, where `busy` is how long a writer waits before the answer is `busy`.
    pub fn new(dir: &Path, busy: Duration) -> Self {
        Self {
            path: dir.join("waiting.lock"),
            busy,
        }
    }

    /// `BEGIN IMMEDIATE`, as soon as no other process writes.
    pub fn begin(&self, conn: &Connection) -> rusqlite::Result<()> {
        // SQLite would look at ever longer intervals, up to 100 ms: too seldom to meet the moment between two
        // transactions.
        conn.busy_timeout(Duration::ZERO)?;
        let begun = self.begin_by_looking(conn);
        conn.busy_timeout(self.busy)?;
        begun
    }

    fn begin_by_looking(&self, conn: &Connection) -> rusqlite::Result<()> {
        let mut begun = conn.execute_batch("BEGIN IMMEDIATE");
        if !is_busy(&begun) {
            return begun;
        }
        // Where the file can't be made the wait is as long as luck has it, and the writing itself will say why.
        let waiting = self.file().and_then(|file| file.lock_shared().map(|()| file));
        let began = Instant::now();
        let mut looks = u64::from(std::process::id());
        while is_busy(&begun) && began.elapsed() < self.busy {
            looks = looks.wrapping_add(1);
            std::thread::sleep(Duration::from_millis(1 + mixed(looks) % LOOK_MAX_MS));
            begun = conn.execute_batch("BEGIN IMMEDIATE");
        }
        drop(waiting);
        begun
    }

    /// Lets those go first who wait to write: comes back when nobody does, and at once where nobody does. Nobody waits
    /// for longer than `busy`, so this doesn't, either.
    pub fn let_others(&self) {
        let Ok(file) = self.file() else { return };
        let began = Instant::now();
        while file.try_lock().is_err() && began.elapsed() < self.busy {
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn file(&self) -> std::io::Result<File> {
        private::creating().open(&self.path)
    }
}

fn is_busy(done: &rusqlite::Result<()>) -> bool {
    done.as_ref()
        .is_err_and(|e| e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
}

/// SplitMix64's last step: neighbours come out far apart.
fn mixed(n: u64) -> u64 {
    let z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_differ_and_stay_short() {
        let pauses: std::collections::BTreeSet<u64> = (0..100).map(|n| mixed(n) % LOOK_MAX_MS).collect();
        assert_eq!(pauses.len(), usize::try_from(LOOK_MAX_MS).unwrap());
    }

    #[test]
    fn nobody_waits_for_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let turn = Turn::new(dir.path(), Duration::from_secs(600));
        turn.let_others();
        turn.let_others();
    }
}

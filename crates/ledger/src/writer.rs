//! The one writer of a process: a thread that commits what callers hand it, several at once when several wait.
//!
//! Each job after the first runs in a savepoint of its own, so that a refused one takes nothing with it; a caller hears
//! of success only after the commit is on the disk. Other processes are ordered by SQLite's own lock (`BEGIN IMMEDIATE`),
//! and by turns (see `turn`).

use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use crate::error::{Error, Result, StorageCode, StorageError};
use crate::turn::Turn;
use crate::tx::{Scope, Tx};

/// At most so many jobs share one commit, so that the first never waits long.
const BATCH_MAX: usize = 256;

/// Tells a caller how its job ended, once that is certain.
type Reply = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

/// A caller's job: it is run, or told that it can't be.
trait Job: Send {
    /// Answers whether its changes stay (or what failed), and its reply.
    fn run(self: Box<Self>, tx: &Tx<'_>) -> (Result<(), Option<StorageError>>, Reply);
    fn fail(self: Box<Self>, failed: StorageError);
}

struct Work<F, T> {
    f: F,
    answer: Sender<Result<T>>,
}

impl<T: Send + 'static, F: FnOnce(&Tx<'_>) -> Result<T> + Send> Job for Work<F, T> {
    fn run(self: Box<Self>, tx: &Tx<'_>) -> (Result<(), Option<StorageError>>, Reply) {
        let Self { f, answer } = *self;
        // A bug in one job must not take the till's only writer with it.
        let done = catch_unwind(AssertUnwindSafe(|| f(tx))).unwrap_or_else(|_| Err(given_up()));
        let kept = match &done {
            Ok(_) => Ok(()),
            Err(Error::Storage(failed)) => Err(Some(failed.clone())),
            Err(_) => Err(None),
        };
        let reply: Reply = Box::new(move |committed| {
            // A caller that is gone needs no answer.
            let _ = answer.send(committed.map_err(Error::from).and(done));
        });
        (kept, reply)
    }

    fn fail(self: Box<Self>, failed: StorageError) {
        let _ = self.answer.send(Err(failed.into()));
    }
}

/// The handle to the writer's thread. Dropping it waits for what is under way.
pub struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on a connection.
    ///
    /// # Errors
    /// Where the machine has no thread left.
    pub fn start(conn: Connection, scope: Scope, turn: Turn) -> std::io::Result<Self> {
        let (jobs, inbox) = channel();
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || run(&conn, &scope, &turn, &inbox))?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs `f` in a transaction and waits until it is durable.
    ///
    /// # Errors
    /// Those of `f` (nothing of it stays), and a storage error (nothing of it stays, either).
    pub fn write<T: Send + 'static>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, wait) = channel();
        let job: Box<dyn Job> = Box::new(Work { f, answer });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        match (sent, wait.recv()) {
            (true, Ok(done)) => done,
            _ => Err(gone()),
        }
    }
}

fn given_up() -> Error {
    StorageError {
        code: StorageCode::Io,
        path: String::new(),
        detail: "a bug in this app; nothing was changed".into(),
    }
    .into()
}

fn gone() -> Error {
    StorageError {
        code: StorageCode::Io,
        path: String::new(),
        detail: "the writer has stopped".into(),
    }
    .into()
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(conn: &Connection, scope: &Scope, turn: &Turn, inbox: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = inbox.recv() {
        batch(conn, scope, turn, first, inbox);
    }
}

/// One transaction with the first job and whoever waits behind it; then the replies.
fn batch(conn: &Connection, scope: &Scope, turn: &Turn, first: Box<dyn Job>, inbox: &Receiver<Box<dyn Job>>) {
    if let Err(e) = turn.begin(conn) {
        return first.fail(storage(e));
    }
    // The first needs no savepoint (which keeps a copy of every page): where it fails there is nothing else to keep.
    let (kept, reply) = first.run(&Tx::new(conn, scope));
    if kept.is_err() || conn.is_autocommit() {
        let lost = if conn.is_autocommit() {
            Err(rolled_back(kept))
        } else {
            conn.execute_batch("ROLLBACK").map_err(storage)
        };
        return reply(lost);
    }
    let mut replies = vec![reply];
    let mut next = inbox.try_recv().ok();
    let mut lost = None;
    while let Some(job) = next.take() {
        match in_savepoint(conn, scope, job) {
            Ok(reply) => replies.push(reply),
            Err((failed, reply)) => {
                replies.extend(reply);
                lost = Some(failed);
                break;
            }
        }
        if replies.len() < BATCH_MAX {
            next = inbox.try_recv().ok();
        }
    }
    let committed = lost.map_or_else(|| conn.execute_batch("COMMIT").map_err(storage), Err);
    if committed.is_err() && !conn.is_autocommit() {
        // If even this fails there is no transaction left to roll back.
        let _ = conn.execute_batch("ROLLBACK");
    }
    for reply in replies {
        reply(committed.clone());
    }
}

/// Runs one job; an error here means that the whole transaction is lost.
fn in_savepoint(conn: &Connection, scope: &Scope, job: Box<dyn Job>) -> Result<Reply, (StorageError, Option<Reply>)> {
    if let Err(e) = conn.execute_batch("SAVEPOINT job") {
        let failed = storage(e);
        job.fail(failed.clone());
        return Err((failed, None));
    }
    let (kept, reply) = job.run(&Tx::new(conn, scope));
    if conn.is_autocommit() {
        return Err((rolled_back(kept), Some(reply)));
    }
    let end = if kept.is_ok() {
        "RELEASE job"
    } else {
        "ROLLBACK TO job; RELEASE job"
    };
    match conn.execute_batch(end) {
        Ok(()) => Ok(reply),
        Err(e) => Err((storage(e), Some(reply))),
    }
}

/// SQLite rolled all back by itself: a full disk, an I/O error.
fn rolled_back(kept: Result<(), Option<StorageError>>) -> StorageError {
    kept.err().flatten().unwrap_or(StorageError {
        code: StorageCode::Io,
        path: String::new(),
        detail: "the transaction was rolled back".to_owned(),
    })
}

fn storage(e: rusqlite::Error) -> StorageError {
    match Error::from(e) {
        Error::Storage(failed) => failed,
        other => StorageError {
            code: StorageCode::Damaged,
            path: String::new(),
            detail: other.to_string(),
        },
    }
}

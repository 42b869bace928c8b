//! Clicks on their way to the database: those that come while one group is being written are the next group. Whoever
//! clicked is answered once their group is on disk.

use metrics::Counter;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::clock;
use crate::serve::numbers;
use crate::store::clicks::Click;
use crate::store::db::Result;
use crate::store::groups::{FileGroups, ServerGroups};
use crate::store::{Db, DbError};

/// Most in one group: as many values as one statement takes.
const GROUP_MAX: usize = 1000;
/// Most that wait.
const WAITING_MAX: usize = 20_000;

struct Waiting {
    click: Click,
    written: oneshot::Sender<bool>,
}

/// Takes clicks.
pub struct Writer {
    /// None once it ends.
    queue: Option<mpsc::Sender<Waiting>>,
    /// What writes into a file.
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts it; it ends when this is dropped.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let mut thread = None;
        match db {
            Db::Sqlite { turns, .. } => {
                let groups = FileGroups::new(turns.clone());
                let named = std::thread::Builder::new().name("clicks".into());
                // Where the system has no thread to give, clicks are answered as if the database were away.
                thread = named.spawn(move || write_here(groups, waiting)).ok();
            }
            Db::Postgres(pool) => {
                let waiting = Arc::new(Mutex::new(waiting));
                for _ in 0..ServerGroups::AT_ONCE {
                    tokio::spawn(write(ServerGroups::new(pool.clone()), waiting.clone()));
                }
            }
        }
        let queue = Some(queue);
        Self { queue, thread }
    }

    /// Writes a click. Answers, once that is certain, whether it is on disk.
    pub async fn write(&self, click: Click) -> bool {
        let (written, answer) = oneshot::channel();
        let Some(queue) = &self.queue else { return false };
        let sent = queue.send(Waiting { click, written }).await;
        sent.is_ok() && answer.await.unwrap_or(false)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // What waits is written, and the file is closed.
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

/// Writes into a file, on a thread of its own: all that came while the last group was being written, at once.
fn write_here(mut groups: FileGroups, mut waiting: mpsc::Receiver<Waiting>) {
    let written: Counter = metrics::counter!(numbers::CLICK_GROUPS);
    let mut group = Vec::new();
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        name(&mut group);
        let done = groups.write(group.iter().map(|waiting| &waiting.click));
        written.increment(1);
        answer(&mut group, &done);
    }
}

async fn write(groups: ServerGroups, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    let written: Counter = metrics::counter!(numbers::CLICK_GROUPS);
    let mut group = Vec::new();
    while gather(&waiting, &mut group).await > 0 {
        name(&mut group);
        let done = groups.write(group.iter().map(|waiting| &waiting.click)).await;
        written.increment(1);
        answer(&mut group, &done);
    }
}

/// The next group: what waits, and what other requests that are ready to run add to it. Answers how many.
async fn gather(waiting: &Mutex<mpsc::Receiver<Waiting>>, group: &mut Vec<Waiting>) -> usize {
    let mut waiting = waiting.lock().await;
    if waiting.recv_many(group, GROUP_MAX).await == 0 {
        return 0;
    }
    // The first click wakes this at once, before the requests that came with it: they go first.
    for _ in 0..2 {
        tokio::task::yield_now().await;
        while group.len() < GROUP_MAX
            && let Ok(more) = waiting.try_recv()
        {
            group.push(more);
        }
    }
    group.len()
}

/// Gives each click of a group its id: one number is drawn for all of them, and each has its place in it.
fn name(group: &mut [Waiting]) {
    let drawn = u64::from_be_bytes(clock::random());
    for (waiting, place) in group.iter_mut().zip(0_u64..) {
        waiting.click.id = id(waiting.click.at.0, drawn.wrapping_add(place));
    }
}

fn answer(group: &mut Vec<Waiting>, done: &Result<()>) {
    if let Err(error) = done {
        // The error's own words can hold values.
        tracing::warn!(away = matches!(error, DbError::Away(_)), "clicks_not_written");
    }
    for waiting in group.drain(..) {
        // Whoever has gone does not need to know.
        let _ = waiting.written.send(done.is_ok());
    }
}

/// An id of its time (UUIDv7).
fn id(at_ms: i64, number: u64) -> uuid::Uuid {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(at_ms.max(0).unsigned_abs(), &random).into_uuid()
}

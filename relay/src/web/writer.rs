//! Clicks on their way to the database: those that come while one group is being written are the next group. Whoever
//! clicked is answered once their group is on disk.

use metrics::Counter;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::clock;
use crate::serve::numbers;
use crate::store::clicks::{Click, Inserts};
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
    queue: mpsc::Sender<Waiting>,
}

impl Writer {
    /// Starts it; it ends when this is dropped.
    #[must_use]
    pub fn start(db: &Db) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..Inserts::at_once(db) {
            tokio::spawn(write(Inserts::new(db.clone()), waiting.clone()));
        }
        Self { queue }
    }

    /// Writes a click. Answers, once that is certain, whether it is on disk.
    pub async fn write(&self, click: Click) -> bool {
        let (written, answer) = oneshot::channel();
        let sent = self.queue.send(Waiting { click, written }).await;
        sent.is_ok() && answer.await.unwrap_or(false)
    }
}

async fn write(inserts: Inserts, waiting: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    let groups: Counter = metrics::counter!(numbers::CLICK_GROUPS);
    let mut group = Vec::with_capacity(GROUP_MAX);
    while gather(&waiting, &mut group).await > 0 {
        let written = inserts.write(group.iter().map(|waiting| &waiting.click)).await;
        groups.increment(1);
        if let Err(error) = &written {
            // The error's own words can hold values.
            tracing::warn!(away = matches!(error, DbError::Away(_)), "clicks_not_written");
        }
        for waiting in group.drain(..) {
            // Whoever has gone does not need to know.
            let _ = waiting.written.send(written.is_ok());
        }
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
    // One number drawn for all of them; each has its place in it.
    let drawn = u64::from_be_bytes(clock::random());
    for (waiting, place) in group.iter_mut().zip(0_u64..) {
        waiting.click.id = id(waiting.click.at.0, drawn.wrapping_add(place));
    }
    group.len()
}

/// An id of its time (UUIDv7).
fn id(at_ms: i64, number: u64) -> uuid::Uuid {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(at_ms.max(0).unsigned_abs(), &random).into_uuid()
}

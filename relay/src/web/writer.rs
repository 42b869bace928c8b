//! Clicks on their way to the database: those that come while one group is being written are the next group. Whoever
//! clicked is answered once their group is on disk.

use tokio::sync::{mpsc, oneshot};

use crate::store::Db;
use crate::store::clicks::{self, Click};

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
    pub fn start(db: Db) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(db, waiting));
        Self { queue }
    }

    /// Writes a click. Answers, once that is certain, whether it is on disk.
    pub async fn write(&self, click: Click) -> bool {
        let (written, answer) = oneshot::channel();
        let sent = self.queue.send(Waiting { click, written }).await;
        sent.is_ok() && answer.await.unwrap_or(false)
    }
}

async fn write(db: Db, mut waiting: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
        let written = clicks::insert(&db, group.iter().map(|waiting| &waiting.click)).await;
        if let Err(error) = &written {
            // The error's own words can hold values.
            tracing::warn!(
                away = matches!(error, crate::store::DbError::Away(_)),
                "clicks_not_written"
            );
        }
        for waiting in group.drain(..) {
            // Whoever has gone does not need to know.
            let _ = waiting.written.send(written.is_ok());
        }
    }
}

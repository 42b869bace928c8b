//! The workers that look at documents when they are due. Any relay's may do it; time is handed in.

use loyalty::UtcMs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use super::fetch::Outside;
use super::kept;
use super::look::{self, Looked};
use crate::clock;
use crate::mail::seal::Key;
use crate::serve::app::App;
use crate::serve::live::Live;
use crate::store::db::{Db, Result};

/// Workers of one relay: servers that hang keep one each.
const WORKERS: usize = 4;
/// How often a worker that found nothing looks again.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks at documents until the relay stops.
pub async fn run(app: Arc<App>, stopped: watch::Receiver<bool>) {
    let key = Arc::new(Key::read(app.settings.key_file.as_deref()).ok());
    let workers = (0..WORKERS).map(|_| tokio::spawn(keep_looking(app.clone(), key.clone(), stopped.clone())));
    for worker in workers.collect::<Vec<_>>() {
        // One that panicked has nothing left to finish.
        let _ = worker.await;
    }
}

async fn keep_looking(app: Arc<App>, key: Arc<Option<Key>>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let key = key.as_ref().as_ref();
        let found = tokio::select! {
            // A look that is broken off has changed nothing.
            _ = stopped.wait_for(|stop| *stop) => return,
            found = one(&app.db, &app.outside, key, &app.live, clock::now()) => found,
        };
        let found = found.unwrap_or_else(|error| {
            tracing::warn!(%error, "document_not_looked_at");
            false
        });
        if !found {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// Looks at the document that is due and has waited longest. Answers whether there was one.
///
/// # Errors
/// Where the database is away.
pub async fn one(db: &Db, outside: &Outside, key: Option<&Key>, live: &Live, now: UtcMs) -> Result<bool> {
    let Some(claimed) = kept::claim_due(db, now).await? else {
        return Ok(false);
    };
    let (shop, what) = (claimed.shop, claimed.what.key());
    match look::look(db, outside, key, &claimed, now).await? {
        Looked::Published { version, shop_seq } => {
            tracing::info!(shop = %shop, what, version, "document_published");
            if let Some(seq) = shop_seq {
                live.tell(shop, seq);
            }
        }
        Looked::Not(problem) => tracing::info!(shop = %shop, what, code = problem.code, "document_not_taken"),
        Looked::Same | Looked::Passed => {}
    }
    Ok(true)
}

//! What is done with clicks from time to time: days that are over are added up, old clicks and old keys go.

use loyalty::UtcMs;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

use crate::clock;
use crate::serve::app::App;
use crate::store::clicks;
use crate::store::db::{Db, Result};

/// How often is looked whether a day is over.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Until the relay stops.
pub async fn keep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(LOOK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        if let Err(error) = tidy(&app.db, clock::now()).await {
            tracing::warn!(%error, "clicks_not_added_up");
        }
    }
}

/// Does what is due at `now`.
///
/// # Errors
/// Where the database is away.
pub async fn tidy(db: &Db, now: UtcMs) -> Result<()> {
    clicks::forget_keys(db, now.0.div_euclid(UtcMs::DAY_MS)).await?;
    for (shop, zone, counted_to) in clicks::shops(db).await? {
        clicks::tidy(db, shop, zone, counted_to, now).await?;
    }
    Ok(())
}

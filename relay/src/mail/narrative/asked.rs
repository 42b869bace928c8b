//! Which of several relays asks a shop's model about a month: one, for as long as an answer may take. Where it dies
//! meanwhile the next one asks.

use loyalty::{ShopId, UtcMs};

use super::{PATIENCE, TRIES};
use crate::args;
use crate::mail::jobs::Job;
use crate::store::db::{Db, Result};

/// Beyond its tries, what the figures and the database may take.
const SLACK_MS: i64 = 30_000;

/// How long asking is left to one relay, in milliseconds.
#[must_use]
pub fn lease_ms() -> i64 {
    i64::try_from(PATIENCE.as_millis()).unwrap_or(SLACK_MS) * i64::from(TRIES) + SLACK_MS
}

/// Takes it on to ask for a moment of the calendar. Answers whether it is this relay's to do: not where another one is at it,
/// or where that moment's run is over. A shop without a model needs nobody to ask.
///
/// # Errors
/// Where the database is away.
pub async fn claim(db: &Db, shop: ShopId, planned: UtcMs, now: UtcMs) -> Result<bool> {
    if super::get(db, shop).await?.is_none() {
        return Ok(true);
    }
    let mut tx = db.begin().await?;
    let sql = "INSERT INTO narrative_asked (shop_id, planned_at, until) VALUES ($1, $2, $3)
               ON CONFLICT (shop_id, planned_at) DO UPDATE SET until = excluded.until WHERE narrative_asked.until <= $4";
    let taken = tx
        .run(sql, args![&shop.0, planned.0, now.0 + lease_ms(), now.0])
        .await?;
    // Whoever had it may have ended since somebody looked.
    let over = "SELECT 1 FROM mail_runs WHERE shop_id = $1 AND job = $2 AND planned_at = $3";
    let over = tx.first(over, args![&shop.0, Job::Summary.key(), planned.0]).await?;
    if taken == 0 || over.is_some() {
        return Ok(false);
    }
    let old = "DELETE FROM narrative_asked WHERE shop_id = $1 AND planned_at < $2";
    tx.run(old, args![&shop.0, planned.0]).await?;
    tx.commit().await?;
    Ok(true)
}

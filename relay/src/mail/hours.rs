//! How many mails a shop may send in an hour, counted in the database for all relays.

use loyalty::{ShopId, UtcMs};

use crate::args;
use crate::store::db::{Result, Tx};

/// An hour.
const HOUR_MS: i64 = 60 * 60_000;

/// When the next hour begins, in milliseconds.
#[must_use]
pub fn next(now: UtcMs) -> i64 {
    (now.0.div_euclid(HOUR_MS) + 1) * HOUR_MS
}

/// Takes up to `wanted` from what a shop may send in this hour. Answers how many there were.
///
/// # Errors
/// Where the database is away.
pub async fn take(tx: &mut Tx, shop: ShopId, wanted: i64, now: UtcMs) -> Result<i64> {
    let hour = now.0.div_euclid(HOUR_MS);
    tx.run(
        "INSERT INTO mail_hours (shop_id, hour, taken) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        args![&shop.0, hour],
    )
    .await?;
    let sql = format!(
        "SELECT h.taken, s.per_hour FROM mail_hours h JOIN mail_shops s ON s.shop_id = h.shop_id
         WHERE h.shop_id = $1 AND h.hour = $2{}",
        if matches!(tx, Tx::Postgres(_)) {
            " FOR UPDATE OF h"
        } else {
            ""
        }
    );
    let Some(row) = tx.first(&sql, args![&shop.0, hour]).await? else {
        return Ok(0);
    };
    let free = (row.int(1)? - row.int(0)?).clamp(0, wanted);
    tx.run(
        "UPDATE mail_hours SET taken = taken + $3 WHERE shop_id = $1 AND hour = $2",
        args![&shop.0, hour, free],
    )
    .await?;
    tx.run(
        "DELETE FROM mail_hours WHERE shop_id = $1 AND hour < $2",
        args![&shop.0, hour - 48],
    )
    .await?;
    Ok(free)
}

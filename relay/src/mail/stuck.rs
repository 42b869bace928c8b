//! What should have gone and has not: since when, for the numbers and for the owner; and putting off what a server that
//! is away keeps waiting, so that the others' mail goes.

use loyalty::{ShopId, UtcMs};

use super::queue::{PAUSES_MIN, TRIED_MS};
use crate::args;
use crate::store::db::{Db, Result, Tx};

/// A minute.
const MINUTE_MS: i64 = 60_000;

/// How long a mail is put off after so many attempts, in SQL.
fn pause() -> String {
    by_attempts(|at| PAUSES_MIN[at.min(PAUSES_MIN.len() - 1)])
}

/// How long all of its pauses were, in SQL.
fn paused() -> String {
    by_attempts(|at| PAUSES_MIN[..at.min(PAUSES_MIN.len())].iter().sum())
}

fn by_attempts(minutes: impl Fn(usize) -> i64) -> String {
    let last = PAUSES_MIN.len();
    let each = (0..last).map(|at| format!(" WHEN {at} THEN {}", minutes(at) * MINUTE_MS));
    format!(
        "CASE attempts{} ELSE {} END",
        each.collect::<String>(),
        minutes(last) * MINUTE_MS
    )
}

/// Since when a queued mail should have gone, in SQL. A mail that failed is put off again and again, and waits all the
/// while; one that waits for the morning or for the next hour is as it should be.
fn since() -> String {
    format!(
        "due_at - CASE WHEN coalesce(why, '') IN ('quiet', 'rate') THEN 0 ELSE {} END",
        paused()
    )
}

/// How many mails should have gone by `by` and have not, of one shop or of all, and since when the oldest of them.
///
/// # Errors
/// Where the database is away.
pub async fn waiting(db: &Db, shop: Option<ShopId>, by: UtcMs) -> Result<(i64, Option<UtcMs>)> {
    let since = since();
    let sql = format!(
        "SELECT count(*), min({since}) FROM mails WHERE state = 'queued' AND {since} <= $1 AND ($2 = 0 OR shop_id = $3)"
    );
    let id = shop.map(|shop| shop.0).unwrap_or_default();
    let row = db.first(&sql, args![by.0, i64::from(shop.is_some()), &id]).await?;
    row.map_or(Ok((0, None)), |row| Ok((row.int(0)?, row.opt_int(1)?.map(UtcMs))))
}

/// Puts off all of a shop's mail whose time has come and that nobody is at work on, as if its server had been asked for
/// each: it is away for all of them. What was tried for long enough has failed. Answers how many were put off.
///
/// # Errors
/// Where the database is away.
pub async fn put_off(db: &Db, shop: ShopId, now: UtcMs) -> Result<u64> {
    let mut tx = db.begin().await?;
    let skip = match tx {
        Tx::Sqlite(..) => "",
        Tx::Postgres(_) => " FOR UPDATE SKIP LOCKED",
    };
    let due = format!(
        "SELECT mail_id FROM mails WHERE shop_id = $1 AND state = 'queued' AND due_at <= $2 AND lease_until <= $2{skip}"
    );
    let over = format!(
        "UPDATE mails SET state = 'failed', why = 'line', ended_at = $2, lease_until = 0
         WHERE shop_id = $1 AND created_at < $3 AND mail_id IN ({due})"
    );
    tx.run(&over, args![&shop.0, now.0, now.0 - TRIED_MS]).await?;
    let later = format!(
        "UPDATE mails SET due_at = $2 + {}, attempts = attempts + 1, why = 'line' WHERE shop_id = $1 AND mail_id IN ({due})",
        pause()
    );
    let done = tx.run(&later, args![&shop.0, now.0]).await?;
    tx.commit().await?;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_are_those_of_the_queue() {
        let (one, all) = (pause(), paused());
        assert!(
            one.starts_with("CASE attempts WHEN 0 THEN 60000 WHEN 1 THEN 300000 "),
            "{one}"
        );
        assert!(one.ends_with("ELSE 21600000 END"), "{one}");
        assert!(
            all.starts_with("CASE attempts WHEN 0 THEN 0 WHEN 1 THEN 60000 WHEN 2 THEN 360000 "),
            "{all}"
        );
    }
}

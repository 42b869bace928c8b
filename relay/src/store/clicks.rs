//! Clicks: counted, added up once their day is over, and gone after ninety days.

use loyalty::time::ShopZone;
use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use sync::wire::{CLICK_DAYS_MAX, ClickDay};
use uuid::Uuid;

use super::db::{Db, DbError, Result, Row};
use super::links;
use crate::args;

/// How long each click is kept by itself.
const KEPT_DAYS: i64 = 90;
/// How long after a day's end its clicks may still come in.
const LATE_MS: i64 = 60 * 60 * 1000;

/// A click.
#[derive(Clone, Debug)]
pub struct Click {
    /// Its own id, of its time; given when it is written.
    pub id: Uuid,
    /// When.
    pub at: UtcMs,
    /// The shop's day then.
    pub day: i64,
    /// Whose link.
    pub shop: ShopId,
    /// Which; empty for a code that nobody has.
    pub code: String,
    /// Who, for the rest of the day.
    pub visitor: [u8; 16],
    /// On what.
    pub device: &'static str,
    /// From which host's page.
    pub referrer: String,
    /// From which country.
    pub country: String,
    /// Whether a person's.
    pub counted: bool,
}

/// How often links were used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// By people.
    pub clicks: i64,
    /// By people, when one's clicks on a code with less than an hour between them are one.
    pub unique: i64,
    /// By programs: previews, crawlers, what browsers fetch ahead.
    pub bots: i64,
}

/// A shop's clicks, each told whether it is its visitor's first in an hour. Days that are added up are not among them.
const RAW: &str = "SELECT code, day, counted,
        CASE WHEN counted = 1 AND (before IS NULL OR at_ms - before >= 3600000) THEN 1 ELSE 0 END AS first
     FROM (SELECT code, day, counted, at_ms,
                  lag(at_ms) OVER (PARTITION BY day, code, visitor, counted ORDER BY at_ms, click_id) AS before
           FROM clicks WHERE shop_id = $1 AND day >= (SELECT counted_to FROM webs WHERE shop_id = $1)) AS each_click";

/// How often each of a shop's codes was used, ever; under an empty code, codes that nobody has.
///
/// # Errors
/// Where the database is away.
pub async fn by_code(db: &Db, shop: ShopId) -> Result<Vec<(String, Counts)>> {
    let sql = format!(
        "SELECT code, CAST(sum(clicks) AS BIGINT), CAST(sum(uniques) AS BIGINT), CAST(sum(bots) AS BIGINT) FROM
         (SELECT code, clicks, uniques, bots FROM click_days WHERE shop_id = $1
          UNION ALL SELECT code, counted, first, 1 - counted FROM ({RAW}) AS raw) AS every_day
         GROUP BY code ORDER BY code"
    );
    counted(&db.all(&sql, args![&shop.0]).await?)
}

/// The same, of the codes from `first` to `last` by the alphabet.
///
/// # Errors
/// Where the database is away.
pub async fn between(db: &Db, shop: ShopId, first: &str, last: &str) -> Result<Vec<(String, Counts)>> {
    let sql = format!(
        "SELECT code, CAST(sum(clicks) AS BIGINT), CAST(sum(uniques) AS BIGINT), CAST(sum(bots) AS BIGINT) FROM
         (SELECT code, clicks, uniques, bots FROM click_days WHERE shop_id = $1 AND code >= $2 AND code <= $3
          UNION ALL SELECT code, counted, first, 1 - counted FROM ({RAW}) AS raw WHERE code >= $2 AND code <= $3) AS every_day
         GROUP BY code ORDER BY code"
    );
    counted(&db.all(&sql, args![&shop.0, first, last]).await?)
}

fn counted(rows: &[Row]) -> Result<Vec<(String, Counts)>> {
    let counts = rows.iter().map(|row| {
        let (clicks, unique, bots) = (row.int(1)?, row.int(2)?, row.int(3)?);
        Ok((row.text(0)?, Counts { clicks, unique, bots }))
    });
    counts.collect()
}

/// How often each of a shop's codes was used, by day, from `since` on; the newest days first where there are too many.
///
/// # Errors
/// Where the database is away.
pub async fn by_day(db: &Db, shop: ShopId, since: Option<chrono::NaiveDate>) -> Result<Vec<ClickDay>> {
    let first = chrono::NaiveDate::default();
    let since = since.map_or(0, |day| day.signed_duration_since(first).num_days());
    let sql = format!(
        "SELECT code, day, CAST(sum(clicks) AS BIGINT), CAST(sum(uniques) AS BIGINT), CAST(sum(bots) AS BIGINT) FROM
         (SELECT code, day, clicks, uniques, bots FROM click_days WHERE shop_id = $1 AND day >= $2
          UNION ALL SELECT code, day, counted, first, 1 - counted FROM ({RAW}) AS raw WHERE day >= $2) AS every_day
         WHERE code <> '' GROUP BY code, day ORDER BY day DESC, code LIMIT $3"
    );
    let most = i64::try_from(CLICK_DAYS_MAX).unwrap_or(i64::MAX);
    let rows = db.all(&sql, args![&shop.0, since, most]).await?;
    let days = rows.iter().map(|row| {
        let day = chrono::Days::new(u64::try_from(row.int(1)?).unwrap_or_default());
        Ok(ClickDay {
            code: row.text(0)?,
            day: first.checked_add_days(day).unwrap_or(first).to_string(),
            clicks: row.int(2)?,
            unique: row.int(3)?,
            bots: row.int(4)?,
        })
    });
    days.collect()
}

/// Adds up a shop's days that are over, and forgets its old clicks. Several relays may do it at once: one does.
///
/// # Errors
/// Where the database is away.
pub async fn tidy(db: &Db, shop: ShopId, zone: ShopZone, counted_to: i64, now: UtcMs) -> Result<()> {
    let over = links::day(zone, UtcMs(now.0 - LATE_MS));
    if counted_to >= over {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    let sql = format!(
        "INSERT INTO click_days (shop_id, code, day, clicks, uniques, bots)
         SELECT $1, code, day, sum(counted), sum(first), sum(1 - counted) FROM ({RAW}) AS raw WHERE day < $2
         GROUP BY code, day ON CONFLICT DO NOTHING"
    );
    tx.run(&sql, args![&shop.0, over]).await?;
    let sql = "UPDATE webs SET counted_to = $2 WHERE shop_id = $1 AND counted_to = $3";
    if tx.run(sql, args![&shop.0, over, counted_to]).await? == 1 {
        let sql = "DELETE FROM clicks WHERE shop_id = $1 AND day < $2";
        tx.run(sql, args![&shop.0, over - KEPT_DAYS]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Shops with a web side: their zones, and up to which day their clicks are added up.
///
/// # Errors
/// Where the database is away.
pub async fn shops(db: &Db) -> Result<Vec<(ShopId, ShopZone, i64)>> {
    let sql = "SELECT w.shop_id, s.timezone, w.counted_to FROM webs w JOIN shops s ON s.shop_id = w.shop_id";
    let rows = db.all(sql, &[]).await?;
    let shops = rows.iter().map(|row| {
        let zone = row.text(1)?;
        let zone = zone
            .parse()
            .map_err(|_| DbError::Broken(format!("the zone {zone} is not known")))?;
        Ok((ShopId(row.id(0)?), zone, row.int(2)?))
    });
    shops.collect()
}

/// The key of a day's visitors, the same for every relay: `new` where there is none yet.
///
/// # Errors
/// Where the database is away.
pub async fn day_key(db: &Db, day: i64, new: &[u8; 32]) -> Result<[u8; 32]> {
    let sql = "INSERT INTO visitor_keys (day, hmac_key) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    db.run(sql, args![day, new]).await?;
    let row = db
        .first("SELECT hmac_key FROM visitor_keys WHERE day = $1", args![day])
        .await?;
    row.ok_or_else(|| DbError::Broken("the day's key is not there".into()))?
        .array(0)
}

/// Destroys the keys of days that are over: nobody can tell any more whose the hashes were.
///
/// # Errors
/// Where the database is away.
pub async fn forget_keys(db: &Db, today: i64) -> Result<u64> {
    db.run("DELETE FROM visitor_keys WHERE day < $1", args![today]).await
}

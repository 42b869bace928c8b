//! The voices that owners published, version by version; the newest is in force.

use ::mail::Voice;
use loyalty::{ShopId, UtcMs};

use crate::args;
use crate::store::db::{Db, DbError, Result, Tx};

/// A shop's voice; the built-in one where nothing was published.
///
/// # Errors
/// Where the database is away.
pub async fn current(db: &Db, shop: ShopId) -> Result<Voice> {
    let Some((_, text)) = newest(db, shop).await? else {
        return Ok(Voice::default());
    };
    // It was read before it was published.
    Voice::read(&text).map_err(|problems| {
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        DbError::Broken(format!("the published voice can't be read: {}", said.join(" ")))
    })
}

/// The newest version, if there is any: its number and its text.
///
/// # Errors
/// Where the database is away.
pub async fn newest(db: &Db, shop: ShopId) -> Result<Option<(i64, String)>> {
    let sql = "SELECT version, text FROM mail_voices WHERE shop_id = $1 ORDER BY version DESC LIMIT 1";
    let row = db.first(sql, args![&shop.0]).await?;
    row.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
}

/// The same within a transaction.
///
/// # Errors
/// Where the database is away.
pub async fn newest_within(tx: &mut Tx, shop: ShopId) -> Result<Option<(i64, String)>> {
    let sql = "SELECT version, text FROM mail_voices WHERE shop_id = $1 ORDER BY version DESC LIMIT 1";
    let row = tx.first(sql, args![&shop.0]).await?;
    row.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
}

/// A version that was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// From 1.
    pub version: i64,
    /// When.
    pub at: UtcMs,
    /// All of it.
    pub text: String,
    /// By whom, as the log says it; none: by the owner.
    pub by: Option<String>,
}

/// The newest versions, the newest first.
///
/// # Errors
/// Where the database is away.
pub async fn versions(db: &Db, shop: ShopId, max: i64) -> Result<Vec<Published>> {
    let sql = "SELECT version, published_at, text, by_whom FROM mail_voices WHERE shop_id = $1
               ORDER BY version DESC LIMIT $2";
    let rows = db.all(sql, args![&shop.0, max]).await?;
    rows.iter()
        .map(|row| {
            Ok(Published {
                version: row.int(0)?,
                at: UtcMs(row.int(1)?),
                text: row.text(2)?,
                by: row.opt_text(3)?,
            })
        })
        .collect()
}

/// A version's text.
///
/// # Errors
/// Where the database is away.
pub async fn version(db: &Db, shop: ShopId, version: i64) -> Result<Option<String>> {
    let sql = "SELECT text FROM mail_voices WHERE shop_id = $1 AND version = $2";
    let row = db.first(sql, args![&shop.0, version]).await?;
    row.map(|row| row.text(0)).transpose()
}

/// Publishes a voice that was read without a problem, as the next version. The same text as the newest changes nothing.
///
/// # Errors
/// Where the database is away, or two publish at once.
pub async fn publish(db: &Db, shop: ShopId, text: &str, now: UtcMs) -> Result<i64> {
    let mut tx = db.begin().await?;
    let version = publish_within(&mut tx, shop, text, None, now).await?;
    tx.commit().await?;
    Ok(version)
}

/// The same within a transaction, by somebody else than the owner.
///
/// # Errors
/// As there.
pub async fn publish_within(tx: &mut Tx, shop: ShopId, text: &str, by: Option<&str>, now: UtcMs) -> Result<i64> {
    let before = newest_within(tx, shop).await?;
    if let Some((version, _)) = before.as_ref().filter(|(_, before)| before == text) {
        return Ok(*version);
    }
    let next = before.map_or(1, |(version, _)| version + 1);
    let sql = "INSERT INTO mail_voices (shop_id, version, text, published_at, by_whom) VALUES ($1, $2, $3, $4, $5)";
    tx.run(sql, args![&shop.0, next, text, now.0, by]).await?;
    Ok(next)
}

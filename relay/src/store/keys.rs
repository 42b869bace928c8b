//! Keys for programs: which shop each is for, and whether it may add. What is handed out is in `token`.

use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use uuid::Uuid;

use super::db::{Db, Result};
use super::tills::Closed;
use crate::args;
use crate::token::Credential;

/// When a key was last used is noted once in so long.
const NOTE_EVERY_MS: i64 = 60 * 1000;

/// A key, without what opens anything.
#[derive(Debug, Serialize)]
pub struct Key {
    /// Its id.
    pub key_id: Uuid,
    /// Who has it, in the operator's words.
    pub name: String,
    /// Whether it may add codes.
    pub may_write: bool,
    /// Since when.
    pub created_at: UtcMs,
    /// When it was last used, to the minute.
    pub last_used_at: Option<UtcMs>,
    /// Until when, where it was taken back.
    pub revoked_at: Option<UtcMs>,
}

/// Makes a key; what is answered is shown once.
///
/// # Errors
/// Where the database is away.
pub async fn add(db: &Db, shop: ShopId, name: &str, may_write: bool, now: UtcMs) -> Result<Credential> {
    let key = Credential::new(shop, crate::clock::uuid(now));
    let sql =
        "INSERT INTO api_keys (shop_id, key_id, name, key_hash, may_write, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let (hash, may_write) = (key.hash(), i64::from(may_write));
    db.run(sql, args![&shop.0, &key.till, name, &hash, may_write, now.0])
        .await?;
    Ok(key)
}

/// A shop's keys, the oldest first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<Key>> {
    let sql = "SELECT key_id, name, may_write, created_at, last_used_at, revoked_at FROM api_keys
               WHERE shop_id = $1 ORDER BY created_at, key_id";
    let rows = db.all(sql, args![&shop.0]).await?;
    let keys = rows.iter().map(|row| {
        Ok(Key {
            key_id: row.id(0)?,
            name: row.text(1)?,
            may_write: row.int(2)? != 0,
            created_at: UtcMs(row.int(3)?),
            last_used_at: row.opt_int(4)?.map(UtcMs),
            revoked_at: row.opt_int(5)?.map(UtcMs),
        })
    });
    keys.collect()
}

/// Takes a key back; twice is once. Whether there is such a key.
///
/// # Errors
/// Where the database is away.
pub async fn revoke(db: &Db, shop: ShopId, key: Uuid, now: UtcMs) -> Result<bool> {
    let sql = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, $3) WHERE shop_id = $1 AND key_id = $2";
    Ok(db.run(sql, args![&shop.0, &key, now.0]).await? == 1)
}

/// Whether a key opens its shop; and whether it may add codes. Notes that it was used.
///
/// # Errors
/// Where the database is away.
pub async fn check(db: &Db, key: &Credential, now: UtcMs) -> Result<std::result::Result<bool, Closed>> {
    let sql =
        "SELECT k.key_hash, k.revoked_at, s.status, k.may_write, k.last_used_at FROM api_keys k JOIN shops s ON s.shop_id = k.shop_id
         WHERE k.shop_id = $1 AND k.key_id = $2";
    let Some(row) = db.first(sql, args![&key.shop.0, &key.till]).await? else {
        return Ok(Err(Closed::Unknown));
    };
    if !key.fits(&row.array(0)?) {
        return Ok(Err(Closed::Unknown));
    }
    if row.opt_int(1)?.is_some() {
        return Ok(Err(Closed::Revoked));
    }
    if row.text(2)? != "active" {
        return Ok(Err(Closed::Suspended));
    }
    if row.opt_int(4)?.is_none_or(|last| last <= now.0 - NOTE_EVERY_MS) {
        let sql = "UPDATE api_keys SET last_used_at = $3 WHERE shop_id = $1 AND key_id = $2";
        db.run(sql, args![&key.shop.0, &key.till, now.0]).await?;
    }
    Ok(Ok(row.int(3)? != 0))
}

//! A shop's tills: joined, seen, renamed, revoked; and whether a credential is one of theirs.

use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use uuid::Uuid;

use super::db::{Db, Result, Row, Tx};
use crate::args;
use crate::token::Credential;

/// A till as it stands in the list.
#[derive(Clone, Debug, Serialize)]
pub struct Till {
    /// Its id.
    pub till: Uuid,
    /// What the shop calls it.
    pub name: String,
    /// When it joined.
    pub paired_at: UtcMs,
    /// When its credential was taken away, if it was.
    pub revoked_at: Option<UtcMs>,
    /// When it was last heard of.
    pub seen_at: UtcMs,
    /// The app's version it last told.
    pub version: String,
    /// Operations that it last said it had still to send.
    pub pending: i64,
}

const COLUMNS: &str = "till_id, name, paired_at, revoked_at, seen_at, version, pending";

impl Till {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            till: row.id(0)?,
            name: row.text(1)?,
            paired_at: UtcMs(row.int(2)?),
            revoked_at: row.opt_int(3)?.map(UtcMs),
            seen_at: UtcMs(row.int(4)?),
            version: row.text(5)?,
            pending: row.int(6)?,
        })
    }
}

/// What a till tells about itself with each contact.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The app's version.
    pub version: &'a str,
    /// The protocol it speaks.
    pub protocol: i64,
    /// Operations it has still to send.
    pub pending: i64,
}

/// Adds a till.
///
/// # Errors
/// Where the database is away, or refuses: the shop has a till of this id.
pub async fn add(tx: &mut Tx, credential: &Credential, name: &str, told: Told<'_>, now: UtcMs) -> Result<()> {
    tx.run(
        "INSERT INTO tills (shop_id, till_id, name, credential, paired_at, seen_at, version, protocol, pending)
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8)",
        args![
            &credential.shop.0,
            &credential.till,
            name,
            &credential.hash(),
            now.0,
            told.version,
            told.protocol,
            told.pending
        ],
    )
    .await
    .map(drop)
}

/// Why a credential does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed {
    /// No till has it.
    Unknown,
    /// The till was revoked.
    Revoked,
    /// The shop is suspended.
    Suspended,
}

/// Looks whether a credential is good now.
///
/// # Errors
/// Where the database is away.
pub async fn check(db: &Db, credential: &Credential) -> Result<Result<(), Closed>> {
    let row = db
        .first(
            "SELECT t.credential, t.revoked_at, s.status FROM tills t JOIN shops s ON s.shop_id = t.shop_id
             WHERE t.shop_id = $1 AND t.till_id = $2",
            args![&credential.shop.0, &credential.till],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Err(Closed::Unknown));
    };
    Ok(if !credential.fits(&row.array(0)?) {
        Err(Closed::Unknown)
    } else if row.opt_int(1)?.is_some() {
        Err(Closed::Revoked)
    } else if row.text(2)? != "active" {
        Err(Closed::Suspended)
    } else {
        Ok(())
    })
}

/// A shop's tills, the oldest first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<Till>> {
    let sql = format!("SELECT {COLUMNS} FROM tills WHERE shop_id = $1 ORDER BY paired_at, till_id");
    db.all(&sql, args![&shop.0]).await?.iter().map(Till::of).collect()
}

/// Gives a till another name. Answers whether there is such a till.
///
/// # Errors
/// Where the database is away.
pub async fn rename(db: &Db, shop: ShopId, till: Uuid, name: &str) -> Result<bool> {
    let sql = "UPDATE tills SET name = $3 WHERE shop_id = $1 AND till_id = $2";
    Ok(db.run(sql, args![&shop.0, &till, name]).await? == 1)
}

/// Takes a till's credential away, for good. Answers whether there is such a till; revoking twice is once.
///
/// # Errors
/// Where the database is away.
pub async fn revoke(db: &Db, shop: ShopId, till: Uuid, now: UtcMs) -> Result<bool> {
    let sql = "UPDATE tills SET revoked_at = coalesce(revoked_at, $3) WHERE shop_id = $1 AND till_id = $2";
    Ok(db.run(sql, args![&shop.0, &till, now.0]).await? == 1)
}

/// Notes that a till was heard of, and what it told; at most every `every_ms`, unless what it told has changed.
///
/// # Errors
/// Where the database is away.
pub async fn seen(db: &Db, shop: ShopId, till: Uuid, told: Told<'_>, now: UtcMs, every_ms: i64) -> Result<()> {
    // Looking first keeps a quiet till from asking for the one writer of an SQLite file.
    let due = "SELECT 1 FROM tills WHERE shop_id = $1 AND till_id = $2
               AND (seen_at < $3 OR version <> $4 OR protocol <> $5 OR pending <> $6)";
    let looked = args![
        &shop.0,
        &till,
        now.0 - every_ms,
        told.version,
        told.protocol,
        told.pending
    ];
    if db.first(due, looked).await?.is_some() {
        db.run(
            "UPDATE tills SET seen_at = $3, version = $4, protocol = $5, pending = $6 WHERE shop_id = $1 AND till_id = $2",
            args![&shop.0, &till, now.0, told.version, told.protocol, told.pending],
        )
        .await?;
    }
    Ok(())
}

//! A shop's tills: joined, seen, renamed, revoked; and whether a credential is one of theirs.

use loyalty::{Origin, Points, ShopId, UtcMs};
use sync::wire::TillSeen;
use uuid::Uuid;

use super::db::{Db, Result, Row, Tx};
use crate::args;
use crate::token::Credential;

/// What a till tells about itself with each contact.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The app's version.
    pub version: &'a str,
    /// Operations it has still to send.
    pub pending: i64,
    /// Points that it may spend.
    pub held_points: Points,
    /// How far its clock is ahead of ours.
    pub skew_ms: i64,
    /// The relay's incarnation that it has told everything to; 1 where it names none.
    pub incarnation: i64,
}

/// Clocks that differ by less are the same: the network takes its time.
const SKEW_MS: i64 = 2000;

/// Adds a till.
///
/// # Errors
/// Where the database is away, or refuses: the shop has a till of this id or origin.
pub async fn add(
    tx: &mut Tx,
    credential: &Credential,
    origin: Origin,
    name: &str,
    version: &str,
    now: UtcMs,
) -> Result<()> {
    tx.run(
        "INSERT INTO tills (shop_id, till_id, origin, name, credential, paired_at, version, pending, held_points, skew_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
        args![&credential.shop.0, &credential.till, &origin.0, name, &credential.hash(), now.0, version],
    )
    .await
    .map(drop)
}

/// Gives a till that was never heard of another credential in place of its first, whose answer was lost. Answers its
/// origin; none where it was heard of since.
///
/// # Errors
/// Where the database is away.
pub async fn replace_credential(tx: &mut Tx, credential: &Credential) -> Result<Option<Origin>> {
    let row = tx
        .first(
            "UPDATE tills SET credential = $3 WHERE shop_id = $1 AND till_id = $2 AND seen_at IS NULL AND revoked_at IS NULL
             RETURNING origin",
            args![&credential.shop.0, &credential.till, &credential.hash()],
        )
        .await?;
    row.map(|row| row.id(0).map(Origin)).transpose()
}

/// Takes away a till of this origin that was never heard of: its first pairing's answer was lost, and it pairs anew.
///
/// # Errors
/// Where the database is away.
pub async fn forget_unseen(tx: &mut Tx, shop: ShopId, origin: Origin) -> Result<()> {
    let sql = "DELETE FROM tills WHERE shop_id = $1 AND origin = $2 AND seen_at IS NULL AND revoked_at IS NULL";
    tx.run(sql, args![&shop.0, &origin.0]).await.map(drop)
}

/// Whether any till of the shop was ever heard of.
///
/// # Errors
/// Where the database is away.
pub async fn any_seen(tx: &mut Tx, shop: ShopId) -> Result<bool> {
    let sql = "SELECT 1 FROM tills WHERE shop_id = $1 AND seen_at IS NOT NULL LIMIT 1";
    Ok(tx.first(sql, args![&shop.0]).await?.is_some())
}

/// Whether the shop has one till and no more.
///
/// # Errors
/// Where the database is away.
pub async fn only(tx: &mut Tx, shop: ShopId) -> Result<bool> {
    let row = tx
        .first("SELECT count(*) FROM tills WHERE shop_id = $1", args![&shop.0])
        .await?;
    Ok(row.map(|row| row.int(0)).transpose()? == Some(1))
}

/// Whether a till of the shop appends, or last appended, under this id.
///
/// # Errors
/// Where the database is away.
pub async fn has_origin(tx: &mut Tx, shop: ShopId, origin: Origin) -> Result<bool> {
    let sql = "SELECT 1 FROM tills WHERE shop_id = $1 AND origin = $2";
    Ok(tx.first(sql, args![&shop.0, &origin.0]).await?.is_some())
}

/// Under which ids the shop's tills append.
///
/// # Errors
/// Where the database is away.
pub async fn origins(tx: &mut Tx, shop: ShopId) -> Result<Vec<Origin>> {
    let rows = tx
        .all("SELECT origin FROM tills WHERE shop_id = $1", args![&shop.0])
        .await?;
    rows.iter().map(|row| row.id(0).map(Origin)).collect()
}

/// A till's state as its requests need it.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Under which id it appends.
    pub origin: Origin,
    /// Whether it was removed.
    pub revoked: bool,
}

/// A till, read in the transaction that appends for it.
///
/// # Errors
/// Where the database is away.
pub async fn standing(tx: &mut Tx, shop: ShopId, till: Uuid) -> Result<Option<Standing>> {
    let sql = "SELECT origin, revoked_at FROM tills WHERE shop_id = $1 AND till_id = $2";
    let row = tx.first(sql, args![&shop.0, &till]).await?;
    row.map(|row| {
        Ok(Standing {
            origin: Origin(row.id(0)?),
            revoked: row.opt_int(1)?.is_some(),
        })
    })
    .transpose()
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

/// Looks whether a credential is good now. Answers the till's origin.
///
/// # Errors
/// Where the database is away.
pub async fn check(db: &Db, credential: &Credential) -> Result<Result<Origin, Closed>> {
    let row = db
        .first(
            "SELECT t.credential, t.revoked_at, s.status, t.origin FROM tills t JOIN shops s ON s.shop_id = t.shop_id
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
        Ok(Origin(row.id(3)?))
    })
}

/// Whether a till was removed; true also where it is not there.
///
/// # Errors
/// Where the database is away.
pub async fn is_revoked(db: &Db, shop: ShopId, till: Uuid) -> Result<bool> {
    let sql = "SELECT 1 FROM tills WHERE shop_id = $1 AND till_id = $2 AND revoked_at IS NULL";
    Ok(db.first(sql, args![&shop.0, &till]).await?.is_none())
}

/// A shop's tills, the oldest first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<TillSeen>> {
    let sql = "SELECT origin, name, seen_at, version, pending, held_points, skew_ms, revoked_at
               FROM tills WHERE shop_id = $1 ORDER BY paired_at, till_id";
    db.all(sql, args![&shop.0]).await?.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<TillSeen> {
    Ok(TillSeen {
        till: Origin(row.id(0)?),
        name: row.text(1)?,
        seen_at: row.opt_int(2)?.map(UtcMs),
        app_version: row.text(3)?,
        pending: row.int(4)?,
        held_points: row.int(5)?,
        skew_ms: row.int(6)?,
        revoked: row.opt_int(7)?.is_some(),
    })
}

/// A till's live connection is good until then; none where it ended. What another connection of the till said since
/// stays: `was` is what this one said last.
///
/// # Errors
/// Where the database is away.
pub async fn live(db: &Db, shop: ShopId, till: Uuid, was: Option<UtcMs>, until: Option<UtcMs>) -> Result<()> {
    let (was, until) = (was.map(|at| at.0), until.map(|at| at.0));
    let sql = "UPDATE tills SET live_until = $4 WHERE shop_id = $1 AND till_id = $2
               AND ($4 IS NOT NULL OR live_until = $3)";
    db.run(sql, args![&shop.0, &till, was, until]).await.map(drop)
}

/// Gives a till another name. Answers whether there is such a till.
///
/// # Errors
/// Where the database is away.
pub async fn rename(db: &Db, shop: ShopId, till: Origin, name: &str) -> Result<bool> {
    let sql = "UPDATE tills SET name = $3 WHERE shop_id = $1 AND origin = $2";
    Ok(db.run(sql, args![&shop.0, &till.0, name]).await? == 1)
}

/// Takes a till's credential away, for good. Answers whether there is such a till; revoking twice is once.
///
/// # Errors
/// Where the database is away.
pub async fn revoke(tx: &mut Tx, shop: ShopId, till: Origin, now: UtcMs) -> Result<bool> {
    let sql = "UPDATE tills SET revoked_at = coalesce(revoked_at, $3) WHERE shop_id = $1 AND origin = $2";
    Ok(tx.run(sql, args![&shop.0, &till.0, now.0]).await? == 1)
}

/// A lost till's disk is back: its credential is good again, to send what the relay has not heard. Answers whether there
/// is such a till that is lost.
///
/// # Errors
/// Where the database is away.
pub async fn find(db: &Db, shop: ShopId, till: Origin) -> Result<bool> {
    let sql = "UPDATE tills SET revoked_at = NULL WHERE shop_id = $1 AND origin = $2
               AND EXISTS (SELECT 1 FROM lost l WHERE l.shop_id = $1 AND l.till = $2)";
    Ok(db.run(sql, args![&shop.0, &till.0]).await? == 1)
}

/// A till goes on under another origin.
///
/// # Errors
/// Where the database is away.
pub async fn move_on(tx: &mut Tx, shop: ShopId, till: Uuid, origin: Origin) -> Result<()> {
    let sql = "UPDATE tills SET origin = $3 WHERE shop_id = $1 AND till_id = $2";
    tx.run(sql, args![&shop.0, &till, &origin.0]).await.map(drop)
}

/// Notes what a till told, in the transaction that appends for it.
///
/// # Errors
/// Where the database is away.
pub async fn seen_with(tx: &mut Tx, shop: ShopId, till: Uuid, told: Told<'_>, now: UtcMs) -> Result<()> {
    tx.run(SEEN, &seen_args(&shop, &till, &told, now)).await.map(drop)
}

const SEEN: &str = "UPDATE tills SET seen_at = $3, version = $4, pending = $5, held_points = $6, skew_ms = $7,
                           presented = $8
                    WHERE shop_id = $1 AND till_id = $2";

fn seen_args<'a>(shop: &'a ShopId, till: &'a Uuid, told: &Told<'a>, now: UtcMs) -> [super::db::Arg<'a>; 8] {
    let skew = if told.skew_ms.abs() < SKEW_MS { 0 } else { told.skew_ms };
    [
        (&shop.0).into(),
        till.into(),
        now.0.into(),
        told.version.into(),
        told.pending.into(),
        told.held_points.into(),
        skew.into(),
        told.incarnation.into(),
    ]
}

/// Notes that a till was heard of, and what it told; at most every `every_ms`, unless what it told has changed.
///
/// # Errors
/// Where the database is away.
pub async fn seen(db: &Db, shop: ShopId, till: Uuid, told: Told<'_>, now: UtcMs, every_ms: i64) -> Result<()> {
    // Looking first keeps a quiet till from asking for the one writer of an SQLite file.
    let due = "SELECT 1 FROM tills WHERE shop_id = $1 AND till_id = $2
               AND (seen_at IS NULL OR seen_at < $3 OR version <> $4 OR pending <> $5 OR held_points <> $6
                    OR coalesce(presented, 0) <> $7)";
    let looked = args![
        &shop.0,
        &till,
        now.0 - every_ms,
        told.version,
        told.pending,
        told.held_points,
        told.incarnation
    ];
    if db.first(due, looked).await?.is_some() {
        db.run(SEEN, &seen_args(&shop, &till, &told, now)).await?;
    }
    Ok(())
}

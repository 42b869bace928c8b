//! Single-use codes: pairing codes of a shop and invites. Stored hashed, used by deleting them.

use loyalty::{ShopId, UtcMs};

use super::db::{Db, Result, Tx};
use crate::{args, token};

/// How long a pairing code is good.
pub const PAIRING_MS: i64 = 10 * 60 * 1000;
/// How long an invite is good.
pub const INVITE_MS: i64 = 7 * UtcMs::DAY_MS;

const PAIR: &str = "pair";
const INVITE: &str = "invite";

/// Makes a pairing code for a shop and answers it; it can't be asked for again.
///
/// # Errors
/// Where the database is away, or the shop is not there.
pub async fn new_pairing(tx: &mut Tx, shop: ShopId, now: UtcMs) -> Result<String> {
    forget_expired(tx, now).await?;
    let code = token::pairing_code();
    keep(tx, PAIR, &code, Some(shop), now, PAIRING_MS).await?;
    Ok(code)
}

/// Makes an invite and answers it.
///
/// # Errors
/// Where the database is away.
pub async fn new_invite(db: &Db, now: UtcMs) -> Result<String> {
    let mut tx = db.begin().await?;
    forget_expired(&mut tx, now).await?;
    let code = token::invite();
    keep(&mut tx, INVITE, &code, None, now, INVITE_MS).await?;
    tx.commit().await?;
    Ok(code)
}

async fn keep(tx: &mut Tx, purpose: &str, code: &str, shop: Option<ShopId>, now: UtcMs, good_ms: i64) -> Result<()> {
    tx.run(
        "INSERT INTO codes (code_hash, purpose, shop_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        args![
            &token::code_hash(purpose, code),
            purpose,
            shop.as_ref().map(|shop| &shop.0),
            now.0,
            now.0 + good_ms
        ],
    )
    .await
    .map(drop)
}

/// Uses a pairing code up: answers its shop, once. Two requests can't both have it.
///
/// # Errors
/// Where the database is away.
pub async fn use_pairing(tx: &mut Tx, code: &str, now: UtcMs) -> Result<Option<ShopId>> {
    let row = tx
        .first(
            "DELETE FROM codes WHERE code_hash = $1 AND purpose = 'pair' AND expires_at > $2 RETURNING shop_id",
            args![&token::code_hash(PAIR, code), now.0],
        )
        .await?;
    row.map(|row| row.id(0).map(ShopId)).transpose()
}

/// Uses an invite up: answers whether it was good.
///
/// # Errors
/// Where the database is away.
pub async fn use_invite(tx: &mut Tx, code: &str, now: UtcMs) -> Result<bool> {
    let used = tx
        .run(
            "DELETE FROM codes WHERE code_hash = $1 AND purpose = 'invite' AND expires_at > $2",
            args![&token::code_hash(INVITE, code), now.0],
        )
        .await?;
    Ok(used == 1)
}

async fn forget_expired(tx: &mut Tx, now: UtcMs) -> Result<()> {
    tx.run("DELETE FROM codes WHERE expires_at <= $1", args![now.0])
        .await
        .map(drop)
}

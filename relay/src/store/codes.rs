//! Single-use codes: pairing codes of a shop and invites, kept as hashes. What a code looks like is in `sync`.

use loyalty::{ShopId, UtcMs};
use sync::bytes::Hash;
use sync::pairing::{CODE_MINUTES, PairCode};
use uuid::Uuid;

use super::db::{Db, Result, Tx};
use crate::{args, clock, token};

/// How long a pairing code is good.
pub const PAIRING_MS: i64 = CODE_MINUTES * 60 * 1000;
/// How long an invite is good.
pub const INVITE_MS: i64 = 7 * UtcMs::DAY_MS;
/// How long a used code is kept, so that the attempt which used it can be repeated.
const KEPT_MS: i64 = 60 * 60 * 1000;

/// Makes a pairing code for a shop and answers it; it can't be asked for again.
///
/// # Errors
/// Where the database is away.
pub async fn new_pairing(tx: &mut Tx, shop: ShopId, now: UtcMs) -> Result<PairCode> {
    let code = PairCode::from_random(clock::random());
    // It is slow on purpose.
    let slow = code.clone();
    let derived = tokio::task::spawn_blocking(move || slow.derive().proof_digest()).await;
    let digest = derived.map_err(|error| super::DbError::Broken(error.to_string()))?;
    add_pairing(tx, shop, &digest, None, now).await?;
    Ok(code)
}

/// Makes a code known by the digest of its proof. Answers until when it works.
///
/// # Errors
/// Where the database is away, or refuses: the code is known already.
pub async fn add_pairing(tx: &mut Tx, shop: ShopId, digest: &Hash, sealed: Option<&[u8]>, now: UtcMs) -> Result<UtcMs> {
    forget_expired(tx, now).await?;
    let expires = now.0 + PAIRING_MS;
    let sealed = super::db::Arg::Bytes(sealed);
    tx.run(
        "INSERT INTO codes (code_hash, purpose, shop_id, sealed, expires_at) VALUES ($1, 'pair', $2, $3, $4)",
        &[(&digest.0).into(), (&shop.0).into(), sealed, expires.into()],
    )
    .await?;
    Ok(UtcMs(expires))
}

/// What a proof opens.
#[derive(Debug)]
pub struct Opened {
    /// Which shop.
    pub shop: ShopId,
    /// What the till that made the code sealed for the new one.
    pub sealed: Option<Vec<u8>>,
    /// The till that this same attempt made before.
    pub again: Option<Uuid>,
}

/// Uses a code up for an attempt, which makes `till`. None where no code has this proof, or it was used by another
/// attempt or is too old. Two attempts can't both have it.
///
/// # Errors
/// Where the database is away.
pub async fn use_pairing(
    tx: &mut Tx,
    digest: &Hash,
    attempt: &Uuid,
    till: &Uuid,
    now: UtcMs,
) -> Result<Option<Opened>> {
    let used = tx
        .first(
            "UPDATE codes SET attempt = $2, till_id = $3
             WHERE code_hash = $1 AND purpose = 'pair' AND attempt IS NULL AND expires_at > $4
             RETURNING shop_id, sealed",
            args![&digest.0, attempt, till, now.0],
        )
        .await?;
    if let Some(row) = used {
        let (shop, sealed) = (ShopId(row.id(0)?), row.opt_bytes(1)?);
        return Ok(Some(Opened {
            shop,
            sealed,
            again: None,
        }));
    }
    let again = tx
        .first(
            "SELECT shop_id, sealed, till_id FROM codes WHERE code_hash = $1 AND purpose = 'pair' AND attempt = $2",
            args![&digest.0, attempt],
        )
        .await?;
    let Some(row) = again else { return Ok(None) };
    let (shop, sealed, again) = (ShopId(row.id(0)?), row.opt_bytes(1)?, row.opt_id(2)?);
    Ok(Some(Opened { shop, sealed, again }))
}

/// Makes an invite and answers it.
///
/// # Errors
/// Where the database is away.
pub async fn new_invite(db: &Db, now: UtcMs) -> Result<String> {
    let mut tx = db.begin().await?;
    forget_expired(&mut tx, now).await?;
    let invite = token::invite();
    tx.run(
        "INSERT INTO codes (code_hash, purpose, expires_at) VALUES ($1, 'invite', $2)",
        args![&token::invite_hash(&invite), now.0 + INVITE_MS],
    )
    .await?;
    tx.commit().await?;
    Ok(invite)
}

/// Uses an invite up: answers whether it was good.
///
/// # Errors
/// Where the database is away.
pub async fn use_invite(tx: &mut Tx, invite: &str, now: UtcMs) -> Result<bool> {
    let used = tx
        .run(
            "DELETE FROM codes WHERE code_hash = $1 AND purpose = 'invite' AND expires_at > $2",
            args![&token::invite_hash(invite), now.0],
        )
        .await?;
    Ok(used == 1)
}

async fn forget_expired(tx: &mut Tx, now: UtcMs) -> Result<()> {
    tx.run("DELETE FROM codes WHERE expires_at <= $1", args![now.0 - KEPT_MS])
        .await
        .map(drop)
}

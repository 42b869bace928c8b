//! Who may get mail at which address: somebody agreed and nobody on the card has withdrawn since (the log says so, as it
//! does at every till), the address was confirmed by the link that was sent there, and nothing ended with it.

use loyalty::op::Body;
use loyalty::{MemberId, OpId, Origin, ShopId, UtcMs};
use std::collections::BTreeSet;
use uuid::Uuid;

use crate::args;
use crate::store::db::{DbError, Result, Tx};

/// Soft bounces after which nothing goes to an address.
const SOFT_MAX: i64 = 5;
/// How long a soft bounce counts with the next.
const SOFT_MS: i64 = 90 * UtcMs::DAY_MS;

/// Notes what an operation says of consent.
///
/// # Errors
/// Where the database is away.
pub async fn note(tx: &mut Tx, shop: ShopId, op: OpId, body: &Body) -> Result<()> {
    let (member, given, covers) = match body {
        Body::ConsentGiven { member, covers } => (member, 1, covers.as_ref()),
        Body::ConsentWithdrawn { member } => (member, 0, None),
        _ => return Ok(()),
    };
    let covers = covers.map(serde_json::to_string).transpose();
    let covers = covers.map_err(|error| DbError::Broken(error.to_string()))?;
    tx.run(
        "INSERT INTO consents (shop_id, op_id, member_id, origin, origin_seq, given, covers)
         SELECT shop_id, op_id, $3, origin, origin_seq, $4, $5 FROM ops WHERE shop_id = $1 AND op_id = $2
         ON CONFLICT DO NOTHING",
        args![&shop.0, &op.0, &member.0, i64::from(given), covers.as_deref()],
    )
    .await
    .map(drop)
}

/// What the log says of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Whether mail may go out, by the log.
    pub stands: bool,
    /// All withdrawals that are known.
    pub withdrawals: Vec<Uuid>,
}

/// One operation's word.
#[derive(Clone, Debug)]
struct Word {
    op: Uuid,
    origin: Uuid,
    seq: i64,
    given: bool,
    covers: Option<BTreeSet<Uuid>>,
}

impl Word {
    /// Whether this giving overrules that withdrawal.
    fn overrules(&self, withdrawal: &Self) -> bool {
        match &self.covers {
            Some(covers) => covers.contains(&withdrawal.op),
            None => self.origin == withdrawal.origin && self.seq > withdrawal.seq,
        }
    }
}

fn fold(words: &[Word]) -> Consent {
    let (given, withdrawn): (Vec<&Word>, Vec<&Word>) = words.iter().partition(|word| word.given);
    let is_covered = |withdrawal: &&&Word| given.iter().any(|word| word.overrules(withdrawal));
    Consent {
        stands: !given.is_empty() && withdrawn.iter().filter(is_covered).count() == withdrawn.len(),
        withdrawals: withdrawn.iter().map(|word| word.op).collect(),
    }
}

/// What the log says of a card.
///
/// # Errors
/// Where the database is away.
pub async fn of(tx: &mut Tx, shop: ShopId, card: &[MemberId]) -> Result<Consent> {
    let mut words = Vec::new();
    for member in card {
        let sql = "SELECT op_id, origin, origin_seq, given, covers FROM consents WHERE shop_id = $1 AND member_id = $2";
        for row in tx.all(sql, args![&shop.0, &member.0]).await? {
            let covers = row.opt_text(4)?.map(|text| serde_json::from_str(&text));
            words.push(Word {
                op: row.id(0)?,
                origin: Origin(row.id(1)?).0,
                seq: row.int(2)?,
                given: row.int(3)? != 0,
                covers: covers.transpose().map_err(|error| DbError::Broken(error.to_string()))?,
            });
        }
    }
    Ok(fold(&words))
}

/// Whether somebody on the card confirmed this address.
///
/// # Errors
/// Where the database is away.
pub async fn is_confirmed(tx: &mut Tx, shop: ShopId, card: &[MemberId], address: &[u8; 32]) -> Result<bool> {
    for member in card {
        let sql = "SELECT 1 FROM mail_confirmed WHERE shop_id = $1 AND member_id = $2 AND address = $3";
        if tx.first(sql, args![&shop.0, &member.0, address]).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that a member confirmed an address. Answers whether that is new.
///
/// # Errors
/// Where the database is away.
pub async fn confirm(tx: &mut Tx, shop: ShopId, member: MemberId, address: &[u8; 32], now: UtcMs) -> Result<bool> {
    let sql = "INSERT INTO mail_confirmed (shop_id, member_id, address, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(tx.run(sql, args![&shop.0, &member.0, address, now.0]).await? == 1)
}

/// Why nothing goes to an address any more, if so.
///
/// # Errors
/// Where the database is away.
pub async fn suppressed(tx: &mut Tx, shop: ShopId, address: &[u8; 32]) -> Result<Option<String>> {
    let sql = "SELECT why FROM mail_suppressed WHERE shop_id = $1 AND address = $2";
    let row = tx.first(sql, args![&shop.0, address]).await?;
    Ok(row.map(|row| row.opt_text(0)).transpose()?.flatten())
}

/// Nothing goes to an address any more: a hard bounce, or a complaint.
///
/// # Errors
/// Where the database is away.
pub async fn suppress(tx: &mut Tx, shop: ShopId, address: &[u8; 32], why: &str, now: UtcMs) -> Result<()> {
    let sql = "INSERT INTO mail_suppressed (shop_id, address, soft, why, at_ms) VALUES ($1, $2, 0, $3, $4)
               ON CONFLICT (shop_id, address) DO UPDATE SET why = coalesce(mail_suppressed.why, excluded.why)";
    tx.run(sql, args![&shop.0, address, why, now.0]).await.map(drop)
}

/// A soft bounce; after five in a row, each within ninety days of the one before, nothing goes there any more. Answers
/// whether that is so.
///
/// # Errors
/// Where the database is away.
pub async fn soft(tx: &mut Tx, shop: ShopId, address: &[u8; 32], now: UtcMs) -> Result<bool> {
    let sql = "INSERT INTO mail_suppressed (shop_id, address, soft, at_ms) VALUES ($1, $2, 1, $3)
               ON CONFLICT (shop_id, address) DO UPDATE SET at_ms = excluded.at_ms,
                   soft = CASE WHEN mail_suppressed.at_ms < $4 THEN 1 ELSE mail_suppressed.soft + 1 END";
    tx.run(sql, args![&shop.0, address, now.0, now.0 - SOFT_MS]).await?;
    let sql = "UPDATE mail_suppressed SET why = 'soft_bounces' WHERE shop_id = $1 AND address = $2 AND soft >= $3
               AND why IS NULL";
    tx.run(sql, args![&shop.0, address, SOFT_MAX]).await?;
    Ok(suppressed(tx, shop, address).await?.is_some())
}

/// A mail arrived there: soft bounces are counted anew.
///
/// # Errors
/// Where the database is away.
pub async fn arrived(tx: &mut Tx, shop: ShopId, address: &[u8; 32]) -> Result<()> {
    let sql = "UPDATE mail_suppressed SET soft = 0 WHERE shop_id = $1 AND address = $2 AND why IS NULL AND soft > 0";
    tx.run(sql, args![&shop.0, address]).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(op: u128, origin: u128, seq: i64, given: bool, covers: Option<&[u128]>) -> Word {
        Word {
            op: Uuid::from_u128(op),
            origin: Uuid::from_u128(origin),
            seq,
            given,
            covers: covers.map(|all| all.iter().map(|id| Uuid::from_u128(*id)).collect()),
        }
    }

    #[test]
    fn withdrawal_wins_unless_a_later_yes_knew_of_it() {
        let yes = |covers| word(1, 1, 1, true, covers);
        let no = word(2, 2, 1, false, None);
        assert!(!fold(&[]).stands);
        assert!(fold(&[yes(Some(&[]))]).stands);
        assert!(!fold(&[yes(Some(&[])), no.clone()]).stands);
        assert!(!fold(&[no.clone(), yes(Some(&[]))]).stands);
        assert!(fold(&[no.clone(), yes(Some(&[2]))]).stands);
        // Of the first version: what the same origin withdrew before.
        assert!(fold(&[word(3, 1, 1, false, None), word(4, 1, 2, true, None)]).stands);
        assert!(!fold(&[word(3, 1, 2, false, None), word(4, 1, 1, true, None)]).stands);
        assert!(!fold(&[word(3, 2, 1, false, None), word(4, 1, 2, true, None)]).stands);
    }
}

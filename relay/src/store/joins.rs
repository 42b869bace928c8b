//! Members who join on the web, and through whom each member came. What a member is is in `loyalty`; the operations are
//! appended by `append`.

use loyalty::op::{Body, Private};
use loyalty::{MemberCode, MemberId, OpId, ShopId, UtcMs};
use uuid::Uuid;

use super::bulk;
use super::db::{Arg, Db, DbError, Result, Tx};
use crate::args;

/// Finds a shop by its id or by a code of its own. Suspended ones have no pages.
///
/// # Errors
/// Where the database is away.
pub async fn shop_named(db: &Db, name: &str) -> Result<Option<ShopId>> {
    let row = match name.parse::<Uuid>() {
        Ok(id) => {
            db.first(
                "SELECT shop_id FROM shops WHERE shop_id = $1 AND status = 'active'",
                args![&id],
            )
            .await?
        }
        Err(_) => {
            let sql =
                "SELECT s.shop_id FROM code_owners o JOIN shops s ON s.shop_id = o.shop_id AND s.status = 'active'
                       WHERE o.code = $1";
            db.first(sql, args![name]).await?
        }
    };
    row.map(|row| row.id(0).map(ShopId)).transpose()
}

/// Whether somebody has this phone: the newest word about it, of a member who is not erased.
///
/// # Errors
/// Where the database is away.
pub async fn has_phone(tx: &mut Tx, shop: ShopId, phone: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM members WHERE shop_id = $1 AND phone = $2 AND erased = 0 LIMIT 1";
    Ok(tx.first(sql, args![&shop.0, phone]).await?.is_some())
}

/// Whose a code is, in a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// The code, as it is stored.
    pub code: String,
    /// The member whose it is; none for a vendor's.
    pub member: Option<MemberId>,
}

/// Finds a code of a shop.
///
/// # Errors
/// Where the database is away.
pub async fn referrer(tx: &mut Tx, shop: ShopId, code: &str) -> Result<Option<Referrer>> {
    let sql = "SELECT code, member_id FROM referral_codes WHERE shop_id = $1 AND code = $2";
    let row = tx.first(sql, args![&shop.0, code]).await?;
    row.map(|row| {
        Ok(Referrer {
            code: row.text(0)?,
            member: row.opt_id(1)?.map(MemberId),
        })
    })
    .transpose()
}

/// The email addresses that a member ever gave and that were not erased.
///
/// # Errors
/// Where the database is away.
pub async fn emails(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<Vec<String>> {
    let rows = tx
        .all(
            "SELECT data FROM private WHERE shop_id = $1 AND member_id = $2",
            args![&shop.0, &member.0],
        )
        .await?;
    let mut emails = Vec::new();
    for row in rows {
        let private: Private =
            serde_json::from_str(&row.text(0)?).map_err(|error| DbError::Broken(error.to_string()))?;
        emails.extend(private.email.filter(|email| !email.is_empty()));
    }
    Ok(emails)
}

/// Whether a member joined on the web as this visitor. Visitors are known for a day.
///
/// # Errors
/// Where the database is away.
pub async fn joined_as(tx: &mut Tx, shop: ShopId, member: MemberId, visitor: &[u8; 16]) -> Result<bool> {
    let sql = "SELECT 1 FROM joins WHERE shop_id = $1 AND member_id = $2 AND visitor = $3";
    Ok(tx.first(sql, args![&shop.0, &member.0, visitor]).await?.is_some())
}

/// Somebody who joined on the web.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Who.
    pub member: MemberId,
    /// The code on their card.
    pub code: String,
    /// When.
    pub at: UtcMs,
}

const JOINED: &str = "SELECT member_id, code, joined_at FROM joins WHERE shop_id = $1 AND join_id = $2";

/// Who joined on a page.
///
/// # Errors
/// Where the database is away.
pub async fn joined(db: &Db, shop: ShopId, page: Uuid) -> Result<Option<Joined>> {
    let row = db.first(JOINED, args![&shop.0, &page]).await?;
    row.map(|row| {
        Ok(Joined {
            member: MemberId(row.id(0)?),
            code: row.text(1)?,
            at: UtcMs(row.int(2)?),
        })
    })
    .transpose()
}

/// The same within a transaction: whether anybody did.
///
/// # Errors
/// Where the database is away.
pub async fn is_used(tx: &mut Tx, shop: ShopId, page: Uuid) -> Result<bool> {
    Ok(tx.first(JOINED, args![&shop.0, &page]).await?.is_some())
}

/// Notes who joined on a page.
///
/// # Errors
/// Where the database is away.
pub async fn note(tx: &mut Tx, shop: ShopId, page: Uuid, joined: &Joined, visitor: &[u8; 16]) -> Result<()> {
    tx.run(
        "INSERT INTO joins (shop_id, join_id, member_id, code, visitor, joined_at) VALUES ($1, $2, $3, $4, $5, $6)",
        args![&shop.0, &page, &joined.member.0, &joined.code, visitor, joined.at.0],
    )
    .await
    .map(drop)
}

/// Notes why somebody was not taken for brought by a code.
///
/// # Errors
/// Where the database is away.
pub async fn refuse(tx: &mut Tx, shop: ShopId, id: Uuid, code: &str, why: &str, now: UtcMs) -> Result<()> {
    tx.run(
        "INSERT INTO referral_refusals (shop_id, refusal_id, code, why, at_ms) VALUES ($1, $2, $3, $4, $5)",
        args![&shop.0, &id, code, why, now.0],
    )
    .await
    .map(drop)
}

/// What operations say about codes and referrals, as they find their place in shop order: a new member has a code that
/// is a link, too, and was brought by somebody at most once.
///
/// # Errors
/// Where the database is away.
pub async fn take(tx: &mut Tx, shop: ShopId, ops: &[(OpId, UtcMs, &Body)]) -> Result<()> {
    // Only what is a member's code: a till can't take another's link away with a name that it makes up.
    let members = ops.iter().filter_map(|(_, at, body)| match body {
        Body::MemberEnrolled { member, code } => {
            let code = MemberCode::read(code)?.as_str().to_ascii_lowercase();
            Some((member, code, *at))
        }
        _ => None,
    });
    let members: Vec<_> = members.collect();
    let rows = members
        .iter()
        .map(|(_, code, _)| -> [Arg<'_>; 2] { [code.into(), (&shop.0).into()] });
    bulk::insert(
        tx,
        "INSERT INTO code_owners (code, shop_id)",
        rows,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    let rows = members.iter().map(|(member, code, at)| -> [Arg<'_>; 6] {
        [
            (&shop.0).into(),
            code.into(),
            "member".into(),
            (&member.0).into(),
            "".into(),
            at.0.into(),
        ]
    });
    let into = "INSERT INTO referral_codes (shop_id, code, kind, member_id, campaign, created_at)";
    bulk::insert(tx, into, rows, "ON CONFLICT DO NOTHING").await?;
    let brought = ops.iter().filter_map(|(_, at, body)| match body {
        Body::ReferralJoined {
            member, code, referrer, ..
        } if !code.is_empty() => Some((member, code, referrer, *at)),
        _ => None,
    });
    let rows = brought.map(|(member, code, referrer, at)| -> [Arg<'_>; 5] {
        let referrer = referrer.as_ref().map(|referrer| &referrer.0);
        [
            (&shop.0).into(),
            (&member.0).into(),
            code.into(),
            referrer.into(),
            at.0.into(),
        ]
    });
    let into = "INSERT INTO referrals (shop_id, member_id, code, referrer_id, joined_at)";
    bulk::insert(tx, into, rows, "ON CONFLICT DO NOTHING").await
}

/// How many members each of a shop's codes brought.
///
/// # Errors
/// Where the database is away.
pub async fn by_code(db: &Db, shop: ShopId) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT code, count(*) FROM referrals WHERE shop_id = $1 GROUP BY code ORDER BY code";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Why people who came through codes were not taken for brought by them: the code, why, how often.
///
/// # Errors
/// Where the database is away.
pub async fn refusals(db: &Db, shop: ShopId) -> Result<Vec<(String, String, i64)>> {
    let sql =
        "SELECT code, why, count(*) FROM referral_refusals WHERE shop_id = $1 GROUP BY code, why ORDER BY code, why";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))
        .collect()
}

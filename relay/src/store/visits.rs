//! Who may look at a member's page: members found by phone or address, what is mailed to them, and what their browser
//! has afterwards. Only hashes are kept of both.

use ::mail::Kind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use loyalty::op::Private;
use loyalty::{MemberId, ShopId, UtcMs};
use sha2::{Digest, Sha256};

use super::db::{Db, DbError, Result, Tx};
use crate::mail::token::hidden;
use crate::{args, clock};

/// How long a mailed link is good.
pub const LINK_MS: i64 = 20 * 60 * 1000;
/// How long a browser may look.
pub const VISIT_MS: i64 = 60 * 60 * 1000;
/// Operations in one transaction.
const PAGE: i64 = 200;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It stands in a mail, and works once.
    Link,
    /// A browser has it, and works until its time is over.
    Visit,
}

impl What {
    fn text(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Visit => "visit",
        }
    }

    fn lasts_ms(self) -> i64 {
        match self {
            Self::Link => LINK_MS,
            Self::Visit => VISIT_MS,
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    let head = Sha256::new().chain_update("regulars-member-1");
    head.chain_update(token).finalize().into()
}

/// A new token of 256 random bits for a member; only its hash is kept.
///
/// # Errors
/// Where the database is away.
pub async fn begin(tx: &mut Tx, shop: ShopId, member: MemberId, what: What, now: UtcMs) -> Result<String> {
    tx.run("DELETE FROM member_tokens WHERE expires_at <= $1", args![now.0])
        .await?;
    let token = URL_SAFE_NO_PAD.encode(clock::random::<32>());
    let sql =
        "INSERT INTO member_tokens (shop_id, token_hash, what, member_id, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let (hash, expires) = (hash(&token), now.0 + what.lasts_ms());
    tx.run(sql, args![&shop.0, &hash, what.text(), &member.0, expires])
        .await?;
    Ok(token)
}

/// Links to their own page that a member is mailed in an hour, at most.
pub const MAILED_MAX: i64 = 5;

/// How many a member was mailed in the last hour.
///
/// # Errors
/// Where the database is away.
pub async fn mailed(tx: &mut Tx, shop: ShopId, member: MemberId, now: UtcMs) -> Result<i64> {
    let sql = "SELECT count(*) FROM mails WHERE shop_id = $1 AND member_id = $2 AND kind = $3 AND created_at > $4";
    let hour = 60 * 60 * 1000;
    let row = tx
        .first(sql, args![&shop.0, &member.0, Kind::SignIn.key(), now.0 - hour])
        .await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// Whose link this is, if it is good; it is still good afterwards.
///
/// # Errors
/// Where the database is away.
pub async fn whose(db: &Db, shop: ShopId, token: &str, what: What, now: UtcMs) -> Result<Option<MemberId>> {
    let sql =
        "SELECT member_id FROM member_tokens WHERE shop_id = $1 AND token_hash = $2 AND what = $3 AND expires_at > $4";
    let row = db.first(sql, args![&shop.0, &hash(token), what.text(), now.0]).await?;
    row.map(|row| row.id(0).map(MemberId)).transpose()
}

/// Uses a link up; of two who try at once one has it. Other links of the member's go with it.
///
/// # Errors
/// Where the database is away.
pub async fn use_up(tx: &mut Tx, shop: ShopId, token: &str, now: UtcMs) -> Result<Option<MemberId>> {
    let sql = "DELETE FROM member_tokens WHERE shop_id = $1 AND token_hash = $2 AND what = 'link' AND expires_at > $3
               RETURNING member_id";
    let row = tx.first(sql, args![&shop.0, &hash(token), now.0]).await?;
    let Some(member) = row.map(|row| row.id(0).map(MemberId)).transpose()? else {
        return Ok(None);
    };
    let sql = "DELETE FROM member_tokens WHERE shop_id = $1 AND member_id = $2 AND what = 'link'";
    tx.run(sql, args![&shop.0, &member.0]).await?;
    Ok(Some(member))
}

/// Ends a visit.
///
/// # Errors
/// Where the database is away.
pub async fn end(db: &Db, shop: ShopId, token: &str) -> Result<()> {
    let sql = "DELETE FROM member_tokens WHERE shop_id = $1 AND token_hash = $2";
    db.run(sql, args![&shop.0, &hash(token)]).await.map(drop)
}

/// Ends all of a member's.
///
/// # Errors
/// Where the database is away.
pub async fn end_all(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<()> {
    let sql = "DELETE FROM member_tokens WHERE shop_id = $1 AND member_id = $2";
    tx.run(sql, args![&shop.0, &member.0]).await.map(drop)
}

/// Members who have or had a phone, those who show first.
///
/// # Errors
/// Where the database is away.
pub async fn with_phone(db: &Db, shop: ShopId, phone: &str) -> Result<Vec<MemberId>> {
    let sql =
        "SELECT member_id FROM members WHERE shop_id = $1 AND phone = $2 AND erased = 0 ORDER BY member_id LIMIT 5";
    let rows = db.all(sql, args![&shop.0, phone]).await?;
    rows.iter().map(|row| row.id(0).map(MemberId)).collect()
}

/// Members who have or had an address.
///
/// # Errors
/// Where the database is away.
pub async fn with_address(db: &Db, shop: ShopId, key: &[u8; 32], address: &str) -> Result<Vec<MemberId>> {
    catch_up(db, shop, key).await?;
    let sql = "SELECT member_id FROM member_addresses WHERE shop_id = $1 AND address = $2 ORDER BY member_id LIMIT 5";
    let rows = db.all(sql, args![&shop.0, &hidden(key, address)]).await?;
    rows.iter().map(|row| row.id(0).map(MemberId)).collect()
}

/// Brings the table of addresses up to date with what is beside the log.
async fn catch_up(db: &Db, shop: ShopId, key: &[u8; 32]) -> Result<()> {
    let behind = "SELECT 1 FROM webs w JOIN shops s ON s.shop_id = w.shop_id WHERE w.shop_id = $1 AND w.addresses_to < s.shop_seq";
    while db.first(behind, args![&shop.0]).await?.is_some() {
        let mut tx = db.begin().await?;
        take_page(&mut tx, shop, key).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn take_page(tx: &mut Tx, shop: ShopId, key: &[u8; 32]) -> Result<()> {
    let sql = format!("SELECT addresses_to FROM webs WHERE shop_id = $1 {}", tx.for_update());
    let missing = || DbError::Broken("the shop has no web side".into());
    let from = tx.first(&sql, args![&shop.0]).await?.ok_or_else(missing)?.int(0)?;
    let sql = "SELECT shop_seq FROM shops WHERE shop_id = $1";
    let to = tx.first(sql, args![&shop.0]).await?.ok_or_else(missing)?.int(0)?;
    let upto = to.min(from + PAGE);
    let sql = "SELECT p.member_id, p.data FROM ops o JOIN private p ON p.shop_id = o.shop_id AND p.op_id = o.op_id
               WHERE o.shop_id = $1 AND o.shop_seq > $2 AND o.shop_seq <= $3 AND p.member_id IS NOT NULL";
    for row in tx.all(sql, args![&shop.0, from, upto]).await? {
        let private: Private = serde_json::from_str(&row.text(1)?).unwrap_or_default();
        let Some(email) = private.email.filter(|email| !email.is_empty()) else {
            continue;
        };
        let sql =
            "INSERT INTO member_addresses (shop_id, address, member_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let member = row.id(0)?;
        tx.run(sql, args![&shop.0, &hidden(key, &email), &member]).await?;
    }
    let sql = "UPDATE webs SET addresses_to = $2 WHERE shop_id = $1";
    tx.run(sql, args![&shop.0, upto]).await.map(drop)
}

/// What came of a member's link: counts, and nobody's data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// Friends who joined.
    pub joined: i64,
    /// Points that they brought.
    pub points: i64,
    /// Points that wait.
    pub waiting: i64,
}

/// What came of a member's friends, over all cards that show as one.
///
/// # Errors
/// Where the database is away.
pub async fn brought(db: &Db, shop: ShopId, card: &[MemberId]) -> Result<Brought> {
    super::referrals::catch_up(db, shop).await?;
    let mut sum = Brought::default();
    for member in card {
        let sql = "SELECT count(*) FROM referral_codes c JOIN referrals r ON r.shop_id = c.shop_id AND r.code = c.code
                   WHERE c.shop_id = $1 AND c.member_id = $2";
        if let Some(row) = db.first(sql, args![&shop.0, &member.0]).await? {
            sum.joined += row.int(0)?;
        }
        let (points, waiting) = super::referred::points_of(db, shop, *member).await?;
        (sum.points, sum.waiting) = (sum.points + points, sum.waiting + waiting);
    }
    Ok(sum)
}

//! A shop's links: its settings for the web, the hosts they may lead to, its codes, and whose a code is on this relay.

use loyalty::time::ShopZone;
use loyalty::{MemberId, ShopId, UtcMs};
use serde::Serialize;

use super::bulk;
use super::db::{Arg, Db, DbError, Result, Row, Tx};
use crate::args;

/// What is added to landing pages where the shop says nothing.
const UTM: &str = "utm_source={code}&utm_medium=referral&utm_campaign={campaign}";

/// What a shop says of its web side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Its own page.
    pub site: Option<String>,
    /// Where its links may lead.
    pub hosts: Vec<String>,
    /// What is added to a landing page's address.
    pub utm: String,
    /// Whether the last link counts and not the first.
    pub last_touch: bool,
    /// How long a link is remembered; 0: not at all.
    pub cookie_days: i64,
    /// What its pages speak, `en` or `es`; none: as the browser asks.
    pub language: Option<String>,
    /// Their colour, `#1c4f43`; none: as usual.
    pub colour: Option<String>,
}

/// The number of a shop's day, from 1970-01-01.
#[must_use]
pub fn day(zone: ShopZone, at: UtcMs) -> i64 {
    zone.day(at)
        .signed_duration_since(chrono::NaiveDate::default())
        .num_days()
}

/// Gives a new shop its web side, as is usual.
///
/// # Errors
/// Where the database is away.
pub async fn begin(tx: &mut Tx, shop: ShopId) -> Result<()> {
    tx.run(
        "INSERT INTO webs (shop_id, utm, touch, cookie_days, counted_to) VALUES ($1, $2, 'first', 30, 0)",
        args![&shop.0, UTM],
    )
    .await
    .map(drop)
}

fn touch(site: &Site) -> &'static str {
    if site.last_touch { "last" } else { "first" }
}

const SITE: &str = "SELECT site, utm, touch, cookie_days, language, colour FROM webs WHERE shop_id = $1";
const HOSTS: &str = "SELECT host FROM web_hosts WHERE shop_id = $1 ORDER BY host";

/// What a shop says of its web side; none where there is no such shop.
///
/// # Errors
/// Where the database is away.
pub async fn site(db: &Db, shop: ShopId) -> Result<Option<Site>> {
    let Some(row) = db.first(SITE, args![&shop.0]).await? else {
        return Ok(None);
    };
    said(&row, &db.all(HOSTS, args![&shop.0]).await?).map(Some)
}

/// The same within a transaction.
///
/// # Errors
/// Where the database is away.
pub async fn site_within(tx: &mut Tx, shop: ShopId) -> Result<Option<Site>> {
    let Some(row) = tx.first(SITE, args![&shop.0]).await? else {
        return Ok(None);
    };
    said(&row, &tx.all(HOSTS, args![&shop.0]).await?).map(Some)
}

fn said(row: &Row, hosts: &[Row]) -> Result<Site> {
    Ok(Site {
        site: row.opt_text(0)?,
        hosts: hosts.iter().map(|row| row.text(0)).collect::<Result<_>>()?,
        utm: row.text(1)?,
        last_touch: row.text(2)? == "last",
        cookie_days: row.int(3)?,
        language: row.opt_text(4)?,
        colour: row.opt_text(5)?,
    })
}

/// Changes it.
///
/// # Errors
/// Where the database is away.
pub async fn set_site(tx: &mut Tx, shop: ShopId, site: &Site) -> Result<()> {
    tx.run(
        "UPDATE webs SET site = $2, utm = $3, touch = $4, cookie_days = $5, language = $6, colour = $7 WHERE shop_id = $1",
        args![&shop.0, site.site.as_deref(), &site.utm, touch(site), site.cookie_days,
            site.language.as_deref(),
            site.colour.as_deref()],
    )
    .await?;
    tx.run("DELETE FROM web_hosts WHERE shop_id = $1", args![&shop.0])
        .await?;
    let rows = site
        .hosts
        .iter()
        .map(|host| -> [Arg<'_>; 2] { [(&shop.0).into(), host.into()] });
    bulk::insert(
        tx,
        "INSERT INTO web_hosts (shop_id, host)",
        rows,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    changed(tx).await
}

/// A code as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// `solare`.
    pub code: String,
    /// `vendor` or `member`.
    pub kind: String,
    /// Whose, for a member's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// For the shop's statistics; may be empty.
    pub campaign: String,
    /// Where it leads; none: to the shop's page.
    pub landing: Option<String>,
    /// The landing page's host.
    #[serde(skip)]
    pub host: Option<String>,
    /// Since when.
    pub created_at: UtcMs,
}

/// Adds a code. Answers whether it was free on this relay.
///
/// # Errors
/// Where the database is away.
pub async fn add(tx: &mut Tx, shop: ShopId, code: &Code) -> Result<bool> {
    let owner = "INSERT INTO code_owners (code, shop_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    if tx.run(owner, args![&code.code, &shop.0]).await? == 0 {
        return Ok(false);
    }
    tx.run(
        "INSERT INTO referral_codes (shop_id, code, kind, member_id, campaign, landing, host, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![
            &shop.0,
            &code.code,
            &code.kind,
            code.member.as_ref().map(|member| &member.0),
            &code.campaign,
            code.landing.as_deref(),
            code.host.as_deref(),
            code.created_at.0
        ],
    )
    .await?;
    Ok(true)
}

/// Those of these codes that nobody on this relay has.
///
/// # Errors
/// Where the database is away.
pub async fn free(tx: &mut Tx, codes: Vec<String>) -> Result<Vec<String>> {
    let mut free = Vec::new();
    for code in codes {
        let taken = tx
            .first("SELECT 1 FROM code_owners WHERE code = $1", args![&code])
            .await?;
        if taken.is_none() {
            free.push(code);
        }
    }
    Ok(free)
}

/// A shop's codes, the oldest first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<Code>> {
    let sql = "SELECT code, kind, member_id, campaign, landing, host, created_at FROM referral_codes
               WHERE shop_id = $1 ORDER BY created_at, code";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter().map(read).collect()
}

/// The shop's links that are nobody's of the members.
///
/// # Errors
/// Where the database is away.
pub async fn vendors(db: &Db, shop: ShopId) -> Result<Vec<Code>> {
    let sql = "SELECT code, kind, member_id, campaign, landing, host, created_at FROM referral_codes
               WHERE shop_id = $1 AND kind = 'vendor' ORDER BY created_at, code";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Code> {
    Ok(Code {
        code: row.text(0)?,
        kind: row.text(1)?,
        member: row.opt_id(2)?.map(MemberId),
        campaign: row.text(3)?,
        landing: row.opt_text(4)?,
        host: row.opt_text(5)?,
        created_at: UtcMs(row.int(6)?),
    })
}

/// What is needed to follow a link.
#[derive(Clone, Debug)]
pub struct Target {
    /// Whose it is.
    pub shop: ShopId,
    /// Where it leads: the code's page where its host is still listed, else the shop's.
    pub page: Option<String>,
    /// Whether it is a member's: it leads to where their friend joins.
    pub is_member: bool,
    /// The code's campaign.
    pub campaign: String,
    /// What is added.
    pub utm: String,
    /// Whether the last link counts.
    pub last_touch: bool,
    /// How long a link is remembered.
    pub cookie_days: i64,
    /// The shop's time zone.
    pub zone: ShopZone,
}

/// How a code is found: by its own key, then by the shop's.
pub const FIND: &str =
    "SELECT o.shop_id, CASE WHEN h.host IS NULL THEN w.site ELSE c.landing END, c.campaign, w.utm, w.touch,
            w.cookie_days, s.timezone, c.kind
     FROM code_owners o
     JOIN referral_codes c ON c.shop_id = o.shop_id AND c.code = o.code
     JOIN webs w ON w.shop_id = o.shop_id
     JOIN shops s ON s.shop_id = o.shop_id AND s.status = 'active'
     LEFT JOIN web_hosts h ON h.shop_id = c.shop_id AND h.host = c.host
     WHERE o.code = $1";

/// Finds a code; none where nobody has it, or its shop is suspended.
///
/// # Errors
/// Where the database is away.
pub async fn find(db: &Db, code: &str) -> Result<Option<Target>> {
    db.first(FIND, args![code]).await?.as_ref().map(target).transpose()
}

/// Where a shop's page is; none where the shop has no web side, or is suspended.
///
/// # Errors
/// Where the database is away.
pub async fn home(db: &Db, shop: ShopId) -> Result<Option<Target>> {
    let sql = "SELECT w.shop_id, w.site, '', w.utm, w.touch, w.cookie_days, s.timezone, 'home'
               FROM webs w JOIN shops s ON s.shop_id = w.shop_id AND s.status = 'active' WHERE w.shop_id = $1";
    db.first(sql, args![&shop.0]).await?.as_ref().map(target).transpose()
}

fn target(row: &Row) -> Result<Target> {
    let zone = row.text(6)?;
    Ok(Target {
        shop: ShopId(row.id(0)?),
        page: row.opt_text(1)?,
        is_member: row.text(7)? == "member",
        campaign: row.text(2)?,
        utm: row.text(3)?,
        last_touch: row.text(4)? == "last",
        cookie_days: row.int(5)?,
        zone: zone
            .parse()
            .map_err(|_| DbError::Broken(format!("the zone {zone} is not known")))?,
    })
}

/// The shop that a host names: the only one that has listed it.
///
/// # Errors
/// Where the database is away.
pub async fn shop_of_host(db: &Db, host: &str) -> Result<Option<ShopId>> {
    let rows = db
        .all("SELECT shop_id FROM web_hosts WHERE host = $1 LIMIT 2", args![host])
        .await?;
    match rows.as_slice() {
        [only] => Ok(Some(ShopId(only.id(0)?))),
        _ => Ok(None),
    }
}

/// Counts up when a link may lead elsewhere than before.
///
/// # Errors
/// Where the database is away.
pub async fn version(db: &Db) -> Result<i64> {
    let row = db.first("SELECT version FROM web_changes WHERE one = 1", &[]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// In the transaction that changes where a link leads: every relay looks again.
///
/// # Errors
/// Where the database is away.
pub async fn changed(tx: &mut Tx) -> Result<()> {
    tx.run("UPDATE web_changes SET version = version + 1 WHERE one = 1", &[])
        .await
        .map(drop)
}

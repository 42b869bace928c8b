//! Shops: made, listed, suspended, resumed, told that they were restored; and the row that is the lock of a log.

use loyalty::hlc::Hlc;
use loyalty::time::ShopZone;
use loyalty::{Currency, Origin, Refusal, Region, ShopId, UtcMs};
use serde::Serialize;
use sync::wire::ShopFacts;

use super::db::{Db, Result, Row, Tx};
use crate::{args, clock, names};

/// What was said of a shop, read: a name that can be shown, a currency, a region, a time zone.
///
/// # Errors
/// What of it can't be.
pub fn facts(said: &ShopFacts) -> Result<ShopFacts, Refusal> {
    let currency: Currency = said.currency.parse()?;
    let region: Region = said.region.parse()?;
    let zone: ShopZone = said.timezone.parse()?;
    Ok(ShopFacts {
        name: names::checked(&said.name).ok_or(loyalty::Code::BadName)?,
        currency: currency.letters().to_owned(),
        region: region.letters().to_owned(),
        timezone: zone.name().to_owned(),
    })
}

/// A shop as the relay knows it.
#[derive(Clone, Debug, Serialize)]
pub struct Shop {
    /// The relay's key for it.
    pub shop_id: ShopId,
    /// What its operations carry.
    pub log_id: ShopId,
    /// Its settings.
    #[serde(flatten)]
    pub facts: ShopFacts,
    /// Whether its tills are let in.
    pub active: bool,
    /// When it was made.
    pub created_at: UtcMs,
    /// The newest operation's place in its log.
    pub shop_seq: i64,
    /// Counts up when the database was restored.
    pub incarnation: i64,
    /// Up to where cursors of earlier incarnations hold.
    #[serde(skip)]
    pub known_seq: i64,
    /// Under which id the relay appends.
    #[serde(skip)]
    pub relay: Origin,
    /// The latest clock seen.
    #[serde(skip)]
    pub clock: Hlc,
}

const COLUMNS: &str = "shop_id, log_id, name, currency, region, timezone, status, created_at, shop_seq, incarnation,
                       known_seq, relay_origin, clock";

impl Shop {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            shop_id: ShopId(row.id(0)?),
            log_id: ShopId(row.id(1)?),
            facts: ShopFacts {
                name: row.text(2)?,
                currency: row.text(3)?,
                region: row.text(4)?,
                timezone: row.text(5)?,
            },
            active: row.text(6)? == "active",
            created_at: UtcMs(row.int(7)?),
            shop_seq: row.int(8)?,
            incarnation: row.int(9)?,
            known_seq: row.int(10)?,
            relay: Origin(row.id(11)?),
            clock: Hlc(row.int(12)?),
        })
    }

    /// How far a cursor of `incarnation` holds.
    #[must_use]
    pub fn cursor(&self, cursor: i64, incarnation: Option<i64>) -> i64 {
        match incarnation {
            Some(theirs) if theirs != self.incarnation => cursor.min(self.known_seq),
            _ => cursor,
        }
    }
}

/// Makes a shop. Its facts are checked.
///
/// # Errors
/// Where the database is away.
pub async fn create(tx: &mut Tx, facts: &ShopFacts, now: UtcMs) -> Result<ShopId> {
    let (shop, relay) = (clock::uuid(now), clock::uuid(now));
    tx.run(
        "INSERT INTO shops (shop_id, log_id, name, currency, region, timezone, status, created_at, relay_origin, shop_seq,
                            clock, incarnation, known_seq)
         VALUES ($1, $1, $2, $3, $4, $5, 'active', $6, $7, 0, 0, 1, 0)",
        args![&shop, &facts.name, &facts.currency, &facts.region, &facts.timezone, now.0, &relay],
    )
    .await?;
    super::log::new_origin(tx, ShopId(shop), Origin(relay)).await?;
    super::links::begin(tx, ShopId(shop)).await?;
    Ok(ShopId(shop))
}

/// One shop.
///
/// # Errors
/// Where the database is away.
pub async fn get(db: &Db, shop: ShopId) -> Result<Option<Shop>> {
    let sql = format!("SELECT {COLUMNS} FROM shops WHERE shop_id = $1");
    db.first(&sql, args![&shop.0]).await?.as_ref().map(Shop::of).transpose()
}

/// One shop, which from here to the transaction's end nobody else changes or appends to.
///
/// # Errors
/// Where the database is away or too busy.
pub async fn lock(tx: &mut Tx, shop: ShopId) -> Result<Option<Shop>> {
    let sql = format!("SELECT {COLUMNS} FROM shops WHERE shop_id = $1{}", tx.for_update());
    tx.first(&sql, args![&shop.0]).await?.as_ref().map(Shop::of).transpose()
}

/// All of them, by name.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db) -> Result<Vec<Shop>> {
    let sql = format!("SELECT {COLUMNS} FROM shops ORDER BY name, shop_id");
    db.all(&sql, &[]).await?.iter().map(Shop::of).collect()
}

/// Lets a shop's tills in, or no longer. Answers whether there is such a shop.
///
/// # Errors
/// Where the database is away.
pub async fn set_active(db: &Db, shop: ShopId, active: bool) -> Result<bool> {
    let status = if active { "active" } else { "suspended" };
    let sql = "UPDATE shops SET status = $2 WHERE shop_id = $1";
    Ok(db.run(sql, args![&shop.0, status]).await? == 1)
}

/// An empty shop takes over the log that a till brings along.
///
/// # Errors
/// Where the database is away.
pub async fn take_over(tx: &mut Tx, shop: ShopId, log: ShopId, facts: &ShopFacts) -> Result<()> {
    tx.run(
        "UPDATE shops SET log_id = $2, name = $3, currency = $4, region = $5, timezone = $6
         WHERE shop_id = $1 AND shop_seq = 0",
        args![
            &shop.0,
            &log.0,
            &facts.name,
            &facts.currency,
            &facts.region,
            &facts.timezone
        ],
    )
    .await
    .map(drop)
}

/// Notes that the database was restored from a backup: places in shop order beyond the newest one known here may be
/// given to other operations than before, so cursors from before hold up to here. The relay goes on under another
/// origin, because tills may have operations of the old one that are forgotten here. All shops, or one; answers how many.
///
/// # Errors
/// Where the database is away.
pub async fn restored(db: &Db, shop: Option<ShopId>, now: UtcMs) -> Result<usize> {
    let shops = match shop {
        Some(shop) => vec![shop],
        None => list(db).await?.into_iter().map(|shop| shop.shop_id).collect(),
    };
    for shop in &shops {
        let mut tx = db.begin().await?;
        if let Some(locked) = lock(&mut tx, *shop).await? {
            let relay = Origin(clock::uuid(now));
            super::log::close(&mut tx, *shop, locked.relay, now).await?;
            super::log::new_origin(&mut tx, *shop, relay).await?;
            // After several restores, what every till can rely on is the least of them.
            let known_seq = if locked.incarnation == 1 {
                locked.shop_seq
            } else {
                locked.known_seq.min(locked.shop_seq)
            };
            tx.run(
                "UPDATE shops SET known_seq = $2, incarnation = incarnation + 1, relay_origin = $3 WHERE shop_id = $1",
                args![&shop.0, known_seq, &relay.0],
            )
            .await?;
        }
        tx.commit().await?;
    }
    Ok(shops.len())
}

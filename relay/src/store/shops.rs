//! Shops: made, listed, suspended, resumed.

use loyalty::time::ShopZone;
use loyalty::{Currency, Region, ShopId, UtcMs};
use serde::Serialize;

use super::db::{Db, Result, Row, Tx};
use crate::{args, clock};

/// A shop's settings, which never change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// As customers know it.
    pub name: String,
    /// ISO 4217.
    pub currency: Currency,
    /// ISO 3166.
    pub region: Region,
    /// IANA.
    pub timezone: ShopZone,
}

/// A shop as it stands in the list.
#[derive(Clone, Debug, Serialize)]
pub struct Shop {
    /// Its id.
    pub shop_id: ShopId,
    /// Its name.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166.
    pub region: String,
    /// IANA.
    pub timezone: String,
    /// Whether its tills are let in.
    pub active: bool,
    /// When it was made.
    pub created_at: UtcMs,
    /// How many operations its log has.
    pub shop_seq: i64,
}

const COLUMNS: &str = "shop_id, name, currency, region, timezone, status, created_at, shop_seq";

impl Shop {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            shop_id: ShopId(row.id(0)?),
            name: row.text(1)?,
            currency: row.text(2)?,
            region: row.text(3)?,
            timezone: row.text(4)?,
            active: row.text(5)? == "active",
            created_at: UtcMs(row.int(6)?),
            shop_seq: row.int(7)?,
        })
    }
}

/// Makes a shop.
///
/// # Errors
/// Where the database is away.
pub async fn create(tx: &mut Tx, settings: &Settings, now: UtcMs) -> Result<ShopId> {
    let (shop, origin) = (clock::uuid(now), clock::uuid(now));
    tx.run(
        "INSERT INTO shops (shop_id, name, currency, region, timezone, status, created_at, shop_seq, relay_origin)
         VALUES ($1, $2, $3, $4, $5, 'active', $6, 0, $7)",
        args![
            &shop,
            &settings.name,
            settings.currency.letters(),
            settings.region.letters(),
            settings.timezone.name(),
            now.0,
            &origin
        ],
    )
    .await?;
    Ok(ShopId(shop))
}

/// One shop.
///
/// # Errors
/// Where the database is away.
pub async fn get(db: &Db, shop: ShopId) -> Result<Option<Shop>> {
    let row = db
        .first(
            &format!("SELECT {COLUMNS} FROM shops WHERE shop_id = $1"),
            args![&shop.0],
        )
        .await?;
    row.as_ref().map(Shop::of).transpose()
}

/// All of them, by name.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db) -> Result<Vec<Shop>> {
    let rows = db
        .all(&format!("SELECT {COLUMNS} FROM shops ORDER BY name, shop_id"), &[])
        .await?;
    rows.iter().map(Shop::of).collect()
}

/// Lets a shop's tills in, or no longer. Answers whether there is such a shop.
///
/// # Errors
/// Where the database is away.
pub async fn set_active(db: &Db, shop: ShopId, active: bool) -> Result<bool> {
    let status = if active { "active" } else { "suspended" };
    Ok(db
        .run(
            "UPDATE shops SET status = $2 WHERE shop_id = $1",
            args![&shop.0, status],
        )
        .await?
        == 1)
}

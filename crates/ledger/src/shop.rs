//! The shop and this till, as the file knows them.

use loyalty::{Currency, Origin, Region, ShopId, ShopZone};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::tx::Tx;

/// The shop's settings; they do not change while it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Shop {
    /// The shop.
    pub shop_id: ShopId,
    /// This till: the origin of what it appends, the holder of its rights.
    pub till_id: Origin,
    /// What the till is called.
    pub till_name: String,
    /// What the shop is called.
    pub name: String,
    /// Its only currency.
    pub currency: Currency,
    /// How its phone numbers are written.
    pub region: Region,
    /// Where its days begin.
    pub zone: ShopZone,
}

impl Shop {
    /// The shop of a file; none before it was opened.
    pub(crate) fn load(conn: &Connection) -> Result<Option<Self>> {
        let sql = "SELECT shop_id, till_id, till_name, name, currency, region, timezone FROM shop";
        let row = conn
            .query_row(sql, [], |r| {
                Ok((
                    r.get(0)?,
                    r.get(1)?,
                    r.get(2)?,
                    r.get(3)?,
                    r.get::<_, String>(4)?,
                    r.get::<_, String>(5)?,
                    r.get::<_, String>(6)?,
                ))
            })
            .optional()?;
        row.map(|(shop, till, till_name, name, currency, region, zone)| {
            Ok(Self {
                shop_id: ShopId(shop),
                till_id: Origin(till),
                till_name,
                name,
                currency: currency.parse()?,
                region: region.parse()?,
                zone: zone.parse()?,
            })
        })
        .transpose()
    }

    pub(crate) fn save(&self, conn: &Connection) -> Result<()> {
        conn.execute(
            "INSERT INTO shop (one, shop_id, till_id, till_name, name, currency, digits, region, timezone) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                self.shop_id.0,
                self.till_id.0,
                self.till_name,
                self.name,
                self.currency.letters(),
                self.currency.exponent(),
                self.region.letters(),
                self.zone.name()
            ],
        )?;
        conn.execute(
            "INSERT INTO origins (origin, seq, head) VALUES (?1, 0, zeroblob(32))",
            params![self.till_id.0],
        )?;
        Ok(())
    }
}

/// A setting of this machine.
pub(crate) fn setting(conn: &Connection, name: &str) -> Result<Option<String>> {
    let sql = "SELECT value FROM settings WHERE name = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([name], |r| r.get(0)).optional()?)
}

pub(crate) fn set_setting(conn: &Connection, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    conn.prepare_cached(sql)?.execute([name, value])?;
    Ok(())
}

impl Tx<'_> {
    /// A setting of this machine.
    ///
    /// # Errors
    /// A storage error.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        setting(self.conn, name)
    }

    /// Changes a setting of this machine together with what else this transaction does.
    ///
    /// # Errors
    /// A storage error.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        set_setting(self.conn, name, value)
    }

    /// Forgets a setting of this machine. Nothing happens where there is none.
    ///
    /// # Errors
    /// A storage error.
    pub fn forget_setting(&self, name: &str) -> Result<()> {
        self.conn
            .prepare_cached("DELETE FROM settings WHERE name = ?1")?
            .execute([name])?;
        Ok(())
    }
}

//! A shop's mails as an operator is shown them: what waits, what went wrong, what came back, and how many of each.

use loyalty::{MemberId, ShopId, UtcMs};
use serde::Serialize;
use uuid::Uuid;

use super::documented::KIND;
use crate::args;
use crate::store::db::{Db, Result};

/// A mail as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its id.
    pub mail_id: Uuid,
    /// Which.
    pub kind: String,
    /// The member.
    pub member: Option<MemberId>,
    /// Where it stands.
    pub state: String,
    /// Not before.
    pub due_at: UtcMs,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it ended so, or was put off.
    pub why: Option<String>,
}

/// What of a shop's has not ended, and what went wrong since: the next to go first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId, max: i64) -> Result<Vec<Listed>> {
    let open = "state IN ('queued', 'sending', 'unknown', 'failed') AND returned IS NULL ORDER BY due_at";
    listed(db, shop, open, max).await
}

/// What of a shop's came back or was complained of: the last first.
///
/// # Errors
/// Where the database is away.
pub async fn returned(db: &Db, shop: ShopId, max: i64) -> Result<Vec<Listed>> {
    listed(db, shop, "returned IS NOT NULL ORDER BY ended_at DESC", max).await
}

/// What a mail's state is called: what became of it after the server took it goes first.
const STATE: &str =
    "CASE returned WHEN 'complained' THEN 'complained' WHEN 'bounced' THEN 'bounced' WHEN 'soft' THEN 'bounced_softly'
                     ELSE state END";

async fn listed(db: &Db, shop: ShopId, which: &str, max: i64) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT mail_id, {KIND}, member_id, {STATE}, due_at, attempts, why FROM mails WHERE shop_id = $1 AND {which} LIMIT $2"
    );
    let rows = db.all(&sql, args![&shop.0, max]).await?;
    rows.iter()
        .map(|row| {
            Ok(Listed {
                mail_id: row.id(0)?,
                kind: row.text(1)?,
                member: row.opt_id(2)?.map(MemberId),
                state: row.text(3)?,
                due_at: UtcMs(row.int(4)?),
                attempts: row.int(5)?,
                why: row.opt_text(6)?,
            })
        })
        .collect()
}

/// How many mails of a shop are in each state.
///
/// # Errors
/// Where the database is away.
pub async fn counts(db: &Db, shop: ShopId) -> Result<Vec<(String, i64)>> {
    let sql = format!("SELECT {STATE}, count(*) FROM mails WHERE shop_id = $1 GROUP BY 1 ORDER BY 1");
    let rows = db.all(&sql, args![&shop.0]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

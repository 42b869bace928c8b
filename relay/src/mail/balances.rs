//! The evening's mail: everybody whose points changed is told how many they have. Queued page by page, each in a transaction
//! of its own, so that nobody waits for all of it; whoever goes on where another stopped finds what is left.

use ::mail::Kind;
use loyalty::{MemberId, ShopId, UtcMs};
use uuid::Uuid;

use super::jobs::TOLD_MS;
use super::queue::{self, New};
use crate::args;
use crate::store::bulk;
use crate::store::db::{Db, Result, Row, Tx};
use crate::store::shops;

/// Members of one transaction.
const PAGE: i64 = 500;

fn event(planned: UtcMs) -> String {
    format!("balance:{}", planned.0)
}

/// Queues a mail for everybody whose points changed up to the planned moment and in the last 36 hours, but for those who
/// were told since that they earned a reward, and those whom the owner does not want to be told this time. Points that
/// changed after that moment are told the next time: so it comes to the same whoever does it, and however late.
///
/// # Errors
/// Where the database is away. What was queued by then stays so.
pub async fn queue(db: &Db, shop: ShopId, planned: UtcMs, now: UtcMs) -> Result<()> {
    while page(db, shop, planned, now).await? == PAGE {}
    Ok(())
}

/// One page. Answers how many members it had.
async fn page(db: &Db, shop: ShopId, planned: UtcMs, now: UtcMs) -> Result<i64> {
    let mut tx = db.begin().await?;
    // What tells of a change holds this lock, too, and so does another relay at the same page.
    if shops::lock(&mut tx, shop).await?.is_none() {
        return Ok(0);
    }
    let sql = "SELECT member_id, at_ms FROM mail_changed WHERE shop_id = $1 AND at_ms BETWEEN $2 AND $3
               ORDER BY member_id LIMIT $4";
    let some = tx.all(sql, args![&shop.0, -planned.0, planned.0, PAGE]).await?;
    let read = |row: &Row| Ok((MemberId(row.id(0)?), row.int(1)?));
    let some = some.iter().map(read).collect::<Result<Vec<_>>>()?;
    let ids: Vec<Uuid> = some.iter().map(|(member, _)| member.0).collect();
    let since = now.0 - TOLD_MS;
    let told = told(&mut tx, shop, &ids, since).await?;
    let wanted = some.iter().filter(|(member, at)| *at > since && !told.contains(member));
    let mails: Vec<New> = wanted
        .map(|(member, _)| New::to(*member, Kind::Balance, event(planned), now))
        .collect();
    queue::add_all(&mut tx, shop, &mails, now).await?;
    let done = "DELETE FROM mail_changed WHERE shop_id = $1 AND member_id IN";
    bulk::run(&mut tx, done, args![&shop.0], &ids).await?;
    tx.commit().await?;
    Ok(i64::try_from(some.len()).unwrap_or(PAGE))
}

/// Of these members, those who were told since that they earned a reward.
async fn told(tx: &mut Tx, shop: ShopId, ids: &[Uuid], since: i64) -> Result<Vec<MemberId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = ids.iter().map(Into::into).collect();
    let sql = "SELECT member_id, created_at FROM mails WHERE shop_id = $1 AND kind = 'reward_earned' AND member_id IN";
    let rows = bulk::select(tx, sql, (&shop.0).into(), &keys).await?;
    let mut told = Vec::new();
    for row in rows {
        if row.int(1)? > since {
            told.push(MemberId(row.id(0)?));
        }
    }
    Ok(told)
}

/// How many mails a run made.
///
/// # Errors
/// Where the database is away.
pub async fn made(tx: &mut Tx, shop: ShopId, planned: UtcMs) -> Result<i64> {
    let sql = "SELECT count(*) FROM mails WHERE shop_id = $1 AND event = $2";
    let row = tx.first(sql, args![&shop.0, &event(planned)]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

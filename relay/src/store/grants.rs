//! Granting what the relay holds, by operations of its own: to a till that asks, and to the till of a member's last
//! visit. All under the shop's lock, and never more than there is.

use loyalty::op::Body;
use loyalty::{MemberId, Origin, Points, ShopId, UtcMs};
use sync::wire::{ACQUIRE_WAIT_MS, Elsewhere};
use uuid::Uuid;

use super::append::{self, Appended};
use super::bulk;
use super::db::{Arg, Db, Result, Tx};
use super::shops::Shop;
use crate::args;

/// Members whose points go home at once.
const HOME_MAX: i64 = 500;
/// How long what was asked for is remembered, so that the same again changes nothing.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// Everybody who shows on the same card as a member.
///
/// # Errors
/// Where the database is away.
pub async fn card(tx: &mut Tx, shop: ShopId, member: MemberId) -> Result<Vec<MemberId>> {
    let sql = "WITH RECURSIVE up (id, into_id) AS (
                   SELECT member_id, merged_into FROM members WHERE shop_id = $1 AND member_id = $2
                   UNION SELECT m.member_id, m.merged_into FROM up JOIN members m ON m.shop_id = $1 AND m.member_id = up.into_id),
               down (id) AS (
                   SELECT id FROM up WHERE into_id IS NULL
                   UNION SELECT m.member_id FROM down JOIN members m ON m.shop_id = $1 AND m.merged_into = down.id)
               SELECT id FROM down";
    let rows = tx.all(sql, args![&shop.0, &member.0]).await?;
    let mut all: Vec<MemberId> = rows.iter().map(|row| row.id(0).map(MemberId)).collect::<Result<_>>()?;
    if all.is_empty() {
        all.push(member);
    }
    Ok(all)
}

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    /// Granted on this request, now and before.
    pub granted: Points,
    /// Granted just now.
    pub now: Points,
    /// What the till holds with it.
    pub held: Points,
    /// Who holds more.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether any of those is connected, so that it can be asked to give back.
    pub can_recall: bool,
    /// Until when other tills are asked.
    pub until: UtcMs,
    /// What was appended.
    pub done: Appended,
}

/// Grants all that the relay holds of a card to a till, unless the request is over: then its first answer stands.
///
/// # Errors
/// Where the database is away.
pub async fn grant(
    tx: &mut Tx,
    shop: &mut Shop,
    request: Uuid,
    origin: Origin,
    member: MemberId,
    now: UtcMs,
) -> Result<Asked> {
    let mut asked = Asked::default();
    let sql = "SELECT granted, until_ms, origin, member_id FROM acquires WHERE shop_id = $1 AND request = $2";
    let before = tx.first(sql, args![&shop.shop_id.0, &request]).await?;
    let open = match &before {
        None => {
            asked.until = UtcMs(now.0 + i64::try_from(ACQUIRE_WAIT_MS).unwrap_or(0));
            remember(tx, shop.shop_id, request, origin, member, now, asked.until).await?;
            true
        }
        Some(row) => {
            (asked.granted, asked.until) = (row.int(0)?, UtcMs(row.int(1)?));
            let same = row.id(2)? == origin.0 && row.id(3)? == member.0;
            same && now < asked.until
        }
    };
    let card = card(tx, shop.shop_id, member).await?;
    if open && !is_frozen(tx, shop).await? {
        let bodies = held_by_relay(tx, shop.shop_id, &card).await?;
        let bodies = bodies
            .into_iter()
            .map(|(member, points)| (points, grant_of(member, origin, points)));
        let (points, bodies): (Vec<Points>, Vec<Body>) = bodies.unzip();
        asked.now = points.iter().sum();
        asked.granted += asked.now;
        if asked.now > 0 {
            asked.done = append::own(tx, shop, bodies, now).await?;
            let sql = "UPDATE acquires SET granted = $3 WHERE shop_id = $1 AND request = $2";
            tx.run(sql, args![&shop.shop_id.0, &request, asked.granted]).await?;
        }
    }
    look(tx, shop.shop_id, origin, &card, now, &mut asked).await?;
    Ok(asked)
}

fn grant_of(member: MemberId, to: Origin, points: Points) -> Body {
    Body::RightsGranted { member, to, points }
}

/// Notes that a till asked: the redeeming till becomes the member's home, and other tills are asked until then.
async fn remember(
    tx: &mut Tx,
    shop: ShopId,
    request: Uuid,
    origin: Origin,
    member: MemberId,
    now: UtcMs,
    until: UtcMs,
) -> Result<()> {
    tx.run(
        "DELETE FROM acquires WHERE shop_id = $1 AND until_ms < $2",
        args![&shop.0, now.0 - REMEMBERED_MS],
    )
    .await?;
    tx.run(
        "INSERT INTO acquires (shop_id, request, member_id, origin, granted, at_ms, until_ms) VALUES ($1, $2, $3, $4, 0, $5, $6)",
        args![&shop.0, &request, &member.0, &origin.0, now.0, until.0],
    )
    .await?;
    tx.run(
        "INSERT INTO homes (shop_id, member_id, till, owed) VALUES ($1, $2, $3, 0)
         ON CONFLICT (shop_id, member_id) DO UPDATE SET till = excluded.till",
        args![&shop.0, &member.0, &origin.0],
    )
    .await
    .map(drop)
}

/// After a restore the relay grants nothing until every till has shown what it forgot: it may have granted it before.
///
/// # Errors
/// Where the database is away.
pub async fn is_frozen(tx: &mut Tx, shop: &Shop) -> Result<bool> {
    let sql = "SELECT 1 FROM tills WHERE shop_id = $1 AND revoked_at IS NULL AND seen_at IS NOT NULL
               AND coalesce(presented, 1) < $2 LIMIT 1";
    Ok(tx.first(sql, args![&shop.shop_id.0, shop.incarnation]).await?.is_some())
}

async fn held_by_relay(tx: &mut Tx, shop: ShopId, card: &[MemberId]) -> Result<Vec<(MemberId, Points)>> {
    let ids: Vec<Arg<'_>> = card.iter().map(|id| (&id.0).into()).collect();
    let sql = "SELECT member_id, points, holder FROM rights WHERE shop_id = $1 AND points > 0 AND member_id IN";
    let rows = bulk::select(tx, sql, (&shop.0).into(), &ids).await?;
    let mut held = Vec::new();
    for row in rows {
        if row.id(2)? == Origin::RELAY.0 {
            held.push((MemberId(row.id(0)?), row.int(1)?));
        }
    }
    Ok(held)
}

/// What the till holds, and who else holds any.
async fn look(
    tx: &mut Tx,
    shop: ShopId,
    origin: Origin,
    card: &[MemberId],
    now: UtcMs,
    asked: &mut Asked,
) -> Result<()> {
    let ids: Vec<Arg<'_>> = card.iter().map(|id| (&id.0).into()).collect();
    let sql = "SELECT r.holder, t.name, r.points, t.seen_at, t.live_until, t.revoked_at,
                      (SELECT count(*) FROM lost l WHERE l.shop_id = r.shop_id AND l.till = r.holder)
               FROM rights r LEFT JOIN tills t ON t.shop_id = r.shop_id AND t.origin = r.holder
               WHERE r.shop_id = $1 AND r.points > 0 AND r.member_id IN";
    for row in bulk::select(tx, sql, (&shop.0).into(), &ids).await? {
        let (till, points) = (Origin(row.id(0)?), row.int(2)?);
        if till == origin {
            asked.held += points;
        } else if till != Origin::RELAY {
            let there = row.opt_int(4)?.is_some_and(|until| until > now.0) && row.opt_int(5)?.is_none();
            asked.can_recall |= there;
            match asked.elsewhere.iter_mut().find(|other| other.till == till) {
                Some(other) => other.points += points,
                None => asked.elsewhere.push(Elsewhere {
                    till,
                    name: row.opt_text(1)?.unwrap_or_default(),
                    points,
                    seen_at: row.opt_int(3)?.map(UtcMs),
                    lost: row.int(6)? > 0,
                }),
            }
        }
    }
    asked.elsewhere.sort_by_key(|other| -other.points);
    Ok(())
}

const OWED: &str = "FROM homes h JOIN shops s ON s.shop_id = h.shop_id WHERE h.shop_id = $1 AND h.owed = 1
                    AND (h.till = $2 OR (h.till IS NULL AND s.opens_first = $2))";

/// Whether points that the relay made wait for members whose home a till is.
///
/// # Errors
/// Where the database is away.
pub async fn is_owed(db: &Db, shop: ShopId, till: Origin) -> Result<bool> {
    let sql = format!("SELECT 1 {OWED} LIMIT 1");
    Ok(db.first(&sql, args![&shop.0, &till.0]).await?.is_some())
}

/// Grants them.
///
/// # Errors
/// Where the database is away.
pub async fn home(tx: &mut Tx, shop: &mut Shop, till: Origin, now: UtcMs) -> Result<Appended> {
    if is_frozen(tx, shop).await? {
        return Ok(Appended::default());
    }
    let sql = format!("SELECT h.member_id {OWED} ORDER BY h.member_id LIMIT {HOME_MAX}");
    let rows = tx.all(&sql, args![&shop.shop_id.0, &till.0]).await?;
    let members: Vec<MemberId> = rows.iter().map(|row| row.id(0).map(MemberId)).collect::<Result<_>>()?;
    let held = held_by_relay(tx, shop.shop_id, &members).await?;
    let bodies = held
        .into_iter()
        .map(|(member, points)| grant_of(member, till, points))
        .collect();
    let ids: Vec<Arg<'_>> = members.iter().map(|id| (&id.0).into()).collect();
    let sql = "UPDATE homes SET owed = 0 WHERE shop_id = $1 AND member_id IN";
    bulk::select(tx, sql, (&shop.shop_id.0).into(), &ids).await?;
    append::own(tx, shop, bodies, now).await
}

/// What other tills need of a till now: the requests, and whose points.
///
/// # Errors
/// Where the database is away.
pub async fn recalls(db: &Db, shop: ShopId, till: Origin, now: UtcMs) -> Result<Vec<(Uuid, MemberId)>> {
    let sql = "SELECT request, member_id FROM acquires WHERE shop_id = $1 AND until_ms > $2 AND origin <> $3 ORDER BY until_ms";
    let rows = db.all(sql, args![&shop.0, now.0, &till.0]).await?;
    rows.iter().map(|row| Ok((row.id(0)?, MemberId(row.id(1)?)))).collect()
}

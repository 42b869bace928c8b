//! Lost tills, on the owner's word: what they held goes into suspense, is released, or is freed when the disk is back;
//! and what they spent a second time is settled. All by operations of the relay's own, under the shop's lock.

use loyalty::op::{Body, By};
use loyalty::state::loss;
use loyalty::{EntryId, MemberId, Origin, Points, ShopId, UtcMs};

use super::append::{self, Appended};
use super::bulk;
use super::db::{Arg, Result, Tx};
use super::grants::card;
use super::rights;
use super::shops::Shop;
use crate::{args, clock};

/// Whether a till is lost.
///
/// # Errors
/// Where the database is away.
pub async fn is_lost(tx: &mut Tx, shop: ShopId, till: Origin) -> Result<bool> {
    Ok(rights::lost(tx, shop).await?.contains(&till))
}

/// A till is lost, once. Answers the points that are in suspense with that.
///
/// # Errors
/// Where the database is away.
pub async fn lose(tx: &mut Tx, shop: &mut Shop, till: Origin, by: By, now: UtcMs) -> Result<(Appended, Points)> {
    if is_lost(tx, shop.shop_id, till).await? {
        return Ok((Appended::default(), 0));
    }
    let points = suspended(tx, shop.shop_id, till, None)
        .await?
        .iter()
        .map(|(_, points)| points)
        .sum();
    let done = append::own_by(tx, shop, vec![Body::TillLost { till }], by, now).await?;
    Ok((done, points))
}

/// What a till holds, of all members or of one card.
async fn suspended(tx: &mut Tx, shop: ShopId, till: Origin, of: Option<MemberId>) -> Result<Vec<(MemberId, Points)>> {
    let of = match of {
        Some(member) => Some(card(tx, shop, member).await?),
        None => None,
    };
    let sql =
        "SELECT member_id, points FROM rights WHERE shop_id = $1 AND holder = $2 AND points > 0 ORDER BY member_id";
    let rows = tx.all(sql, args![&shop.0, &till.0]).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let member = MemberId(row.id(0)?);
        if of.as_ref().is_none_or(|card| card.contains(&member)) {
            all.push((member, row.int(1)?));
        }
    }
    Ok(all)
}

/// What a lost till held is the relay's again. Answers how many points; none where the till is not lost.
///
/// # Errors
/// Where the database is away.
pub async fn release(
    tx: &mut Tx,
    shop: &mut Shop,
    till: Origin,
    of: Option<MemberId>,
    by: By,
    now: UtcMs,
) -> Result<(Appended, Points)> {
    if !is_lost(tx, shop.shop_id, till).await? {
        return Ok((Appended::default(), 0));
    }
    let held = suspended(tx, shop.shop_id, till, of).await?;
    let points = held.iter().map(|(_, points)| points).sum();
    let bodies = held
        .into_iter()
        .map(|(member, points)| Body::SuspenseReleased { till, member, points });
    let done = append::own_by(tx, shop, bodies.collect(), by, now).await?;
    Ok((done, points))
}

/// What a lost till spent of a card's points a second time is given by the shop, or owed by the member. Answers how
/// many points.
///
/// # Errors
/// Where the database is away.
pub async fn settle(
    tx: &mut Tx,
    shop: &mut Shop,
    (till, member): (Origin, MemberId),
    forgive: bool,
    by: By,
    now: UtcMs,
) -> Result<(Appended, Points)> {
    let card = card(tx, shop.shop_id, member).await?;
    let ids: Vec<Arg<'_>> = card.iter().map(|id| (&id.0).into()).collect();
    let sql = "SELECT member_id, net, released, till FROM suspense WHERE shop_id = $1 AND net < 0 AND member_id IN";
    let (mut bodies, mut all) = (Vec::new(), 0);
    for row in bulk::select(tx, sql, (&shop.shop_id.0).into(), &ids).await? {
        let points = loss(row.int(1)?, row.int(2)?);
        if points > 0 && row.id(3)? == till.0 {
            all += points;
            bodies.push(Body::LossSettled {
                till,
                member: MemberId(row.id(0)?),
                points,
                forgiven: forgive.then(|| EntryId(clock::uuid(now))),
            });
        }
    }
    Ok((append::own_by(tx, shop, bodies, by, now).await?, all))
}

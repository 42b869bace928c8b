//! What operations give reason to write for, as they find their place in shop order: queued in the same transaction, so a
//! mail is wanted if and only if what it tells happened.

use ::mail::Kind;
use loyalty::effect::{Effect, effects};
use loyalty::op::Body;
use loyalty::{MemberId, OpId, Points, UtcMs};
use std::collections::{BTreeMap, BTreeSet};
use sync::page::Checked;

use super::queue::{self, New, Said};
use super::settings::{self, MailShop};
use super::token::hidden;
use super::{consent, jobs, people};
use crate::store::db::Result;
use crate::store::db::Tx;
use crate::store::shops::Shop;

/// A till that was away for longer tells news that are none.
const FRESH_MS: i64 = UtcMs::DAY_MS;
/// An address is asked at most once in so many days, whoever types it.
const ASKED_DAYS: i64 = 30;

/// Notes consent, and queues what is to be written.
///
/// # Errors
/// Where the database is away.
pub async fn take(tx: &mut Tx, shop: &Shop, ops: &[Checked], now: UtcMs) -> Result<()> {
    let says = |body: &Body| matches!(body, Body::ConsentGiven { .. } | Body::ConsentWithdrawn { .. });
    for checked in ops.iter().filter(|checked| says(&checked.body)) {
        consent::note(tx, shop.shop_id, checked.op.op_id, &checked.body).await?;
    }
    let Some(settings) = settings::get_within(tx, shop.shop_id).await? else {
        return Ok(());
    };
    let after = settings.since.0.max(now.0 - FRESH_MS);
    let fresh: Vec<&Checked> = ops.iter().filter(|checked| checked.op.at.0 >= after).collect();
    for checked in &fresh {
        match &checked.body {
            Body::ConsentGiven { member, .. } | Body::MemberChanged { member, .. } => {
                ask(tx, &settings, *member, now).await?;
            }
            Body::ReferralJoined {
                referrer: Some(referrer),
                ..
            } => {
                let event = checked.op.op_id.to_string();
                let new = New::to(*referrer, Kind::ReferralJoined, event, now);
                queue::add(tx, shop.shop_id, &new, now).await?;
            }
            _ => {}
        }
    }
    earned(tx, shop, &fresh, now).await
}

/// Asks somebody who agreed whether that address is theirs, unless it was asked or confirmed.
async fn ask(tx: &mut Tx, settings: &MailShop, member: MemberId, now: UtcMs) -> Result<()> {
    let shop = settings.shop;
    let person = people::person(tx, shop, member).await?;
    let consent = consent::of(tx, shop, &person.card).await?;
    if person.email.is_empty() || person.erased || !consent.stands {
        return Ok(());
    }
    let address = hidden(&settings.link_key, &person.email);
    if consent::is_confirmed(tx, shop, &person.card, &address).await? {
        return Ok(());
    }
    let period = now.0.div_euclid(ASKED_DAYS * UtcMs::DAY_MS);
    let mut new = New::to(member, Kind::Confirm, format!("asked:{period}"), now);
    new.recipient = address.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    new.said = Said {
        covers: Some(consent.withdrawals),
        ..Said::default()
    };
    queue::add(tx, shop, &new, now).await.map(drop)
}

/// Whose points changed; and whoever has enough for a reward now and had not before: the dearest that came within reach.
async fn earned(tx: &mut Tx, shop: &Shop, fresh: &[&Checked], now: UtcMs) -> Result<()> {
    let mut gained: BTreeMap<MemberId, (Points, OpId)> = BTreeMap::new();
    for checked in fresh {
        for effect in effects(&checked.op, &checked.body) {
            if let Effect::Entry(line) = effect {
                let sum = gained.entry(line.member).or_insert((0, checked.op.op_id));
                *sum = (sum.0.saturating_add(line.points), checked.op.op_id);
            }
        }
    }
    let mut told = BTreeSet::new();
    for (member, (points, _)) in &gained {
        let card = people::card(tx, shop.shop_id, *member).await?;
        // Two cards of one person are told of once.
        if *points != 0 && told.insert(card[0]) {
            jobs::changed(tx, shop.shop_id, card[0], now).await?;
        }
    }
    gained.retain(|_, (points, _)| *points > 0);
    if gained.is_empty() {
        return Ok(());
    }
    let rewards = people::rewards(tx, shop.shop_id, &shop.facts.currency).await?;
    for (member, (points, op)) in gained {
        let after = people::person(tx, shop.shop_id, member).await?.balance;
        let before = after.saturating_sub(points);
        let reached = rewards.iter().rfind(|(_, cost)| before < *cost && *cost <= after);
        if let Some((reward, cost)) = reached {
            let mut new = New::to(member, Kind::RewardEarned, op.to_string(), now);
            new.said.reward = Some((reward.clone(), *cost));
            queue::add(tx, shop.shop_id, &new, now).await?;
        }
    }
    Ok(())
}

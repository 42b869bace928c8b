//! What must hold once everything works again and everybody has heard of everything.

use loyalty::book::Book;
use loyalty::effect::Effect;
use loyalty::op::{Body, Private};
use loyalty::{MemberId, Origin, effect};
use relay::store::{Db, log, shops};
use std::collections::{BTreeMap, HashMap};
use sync::wire::ShopOp;
use uuid::Uuid;

use crate::machine::runtime;
use crate::net;
use crate::till::Checked;
use crate::world::World;

/// How many operations the shop's log has.
#[must_use]
pub fn log_length(world: &World) -> i64 {
    let db = net::with(|net| net.relay.db().cloned());
    let shop = db.and_then(|db| runtime().block_on(shops::get(&db, world.template.shop)).ok().flatten());
    shop.map_or(0, |shop| shop.shop_seq)
}

/// Checks all of it. `salt` picks the till whose file is folded anew.
///
/// # Errors
/// What must not be.
pub fn check(world: &World, salt: u64) -> Checked<()> {
    let db = net::with(|net| net.relay.db().cloned()).ok_or("the relay is down at the end")?;
    let all = whole_log(world, &db)?;
    for till in &world.tills {
        let name = format!("at the end, till {}", till.n + 1);
        let (store, eye) = till.on().ok_or_else(|| format!("{name} is off"))?;
        if let Some(what) = eye.wrong().map_err(|e| e.to_string())? {
            return Err(format!("{name}: {what}"));
        }
        if till.n == usize::try_from(salt % world.tills.len() as u64).unwrap_or(0) {
            let verified = store.verify().map_err(|e| format!("{name}: {e}"))?;
            if !verified.ok {
                return Err(format!("{name} is not what its log makes: {:?}", verified.problem));
            }
            if let Some(of) = eye.twice().map_err(|e| e.to_string())? {
                return Err(format!("{name}: stands twice: {of}"));
            }
        }
    }
    acknowledged(world, &all)?;
    let book = folded(&all)?;
    one_state(world, &book)?;
    relay_rights(&book)?;
    granted_once(&all)?;
    nobody_below(&all)
}

fn whole_log(world: &World, db: &Db) -> Checked<Vec<ShopOp>> {
    let nobody = Origin(Uuid::nil());
    let mut all = Vec::new();
    let read = runtime().block_on(async {
        let upto = shops::get(db, world.template.shop)
            .await?
            .map_or(0, |shop| shop.shop_seq);
        let mut after = 0;
        while after < upto {
            let page = log::read(db, world.template.shop, nobody, after, upto, None).await?;
            all.extend(page.ops);
            after = page.cursor;
        }
        Ok::<_, relay::store::DbError>(())
    });
    read.map_err(|e| format!("the relay's log can't be read: {e}"))?;
    Ok(all)
}

/// Everything that a till said it has done is in the shop's log and in every till's, with the points that it said.
fn acknowledged(world: &World, all: &[ShopOp]) -> Checked<()> {
    let places: HashMap<_, _> = all
        .iter()
        .map(|o| (o.op.op_id, (*o.op.origin.0.as_bytes(), o.op.origin_seq)))
        .collect();
    let other = world
        .tills
        .last()
        .and_then(|till| till.on())
        .ok_or("the last till is off")?
        .1;
    for till in &world.tills {
        for done in &till.acknowledged {
            let what = || {
                format!(
                    "what till {} acknowledged in #{:04}: {:?}",
                    till.n + 1,
                    done.step,
                    done.job
                )
            };
            if places.get(&done.op) != Some(&done.place) {
                return Err(format!("at the end the shop's log has nothing of {}", what()));
            }
            if let Some((entry, points)) = done.done.line
                && other.points_of(entry).map_err(|e| e.to_string())? != Some(points)
            {
                return Err(format!("at the end another till has other points of {}", what()));
            }
        }
    }
    Ok(())
}

fn folded(all: &[ShopOp]) -> Checked<Book> {
    let mut book = Book::new();
    for o in all {
        let (op, body, private) = read(o)?;
        book.apply(&op, &private, &effect::effects(&op, &body))
            .map_err(|e| format!("at the end the log can't be folded at {}: {body:?}: {e}", o.shop_seq))?;
    }
    Ok(book)
}

fn read(o: &ShopOp) -> Checked<(loyalty::op::Operation, loyalty::op::Body, Private)> {
    let op =
        o.op.operation(loyalty::ShopId(Uuid::nil()))
            .ok_or("an operation by nobody")?;
    let body = serde_json::from_str(&op.body_json).map_err(|e| e.to_string())?;
    let private = o.op.private.as_ref().map(|p| serde_json::from_str(&p.data));
    Ok((
        op,
        body,
        private.transpose().map_err(|e| e.to_string())?.unwrap_or_default(),
    ))
}

/// Every till has the state that the book folds from the shop's order.
fn one_state(world: &World, book: &Book) -> Checked<()> {
    let expected = book.state_hash();
    for till in &world.tills {
        let (store, _) = till.on().ok_or("a till is off")?;
        if store.state_hash().map_err(|e| e.to_string())? != expected {
            let differs = store.state_differs(book).map_err(|e| e.to_string())?;
            return Err(format!(
                "at the end till {} has another state than the log: {differs:?}",
                till.n + 1
            ));
        }
    }
    Ok(())
}

/// The relay's own sums of who holds what are the book's.
fn relay_rights(book: &Book) -> Checked<()> {
    let mut ours: BTreeMap<([u8; 16], [u8; 16]), i64> = BTreeMap::new();
    for ((member, holder), points) in book.rights.iter().filter(|(_, points)| **points != 0) {
        *ours.entry((*member.0.as_bytes(), *holder.0.as_bytes())).or_default() += points;
    }
    let theirs: Result<BTreeMap<_, _>, rusqlite::Error> = net::with(|net| {
        let eye = net.relay.eye.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
        let mut rows = eye.prepare("SELECT member_id, holder, points FROM rights WHERE points <> 0")?;
        rows.query_map([], |r| Ok(((r.get(0)?, r.get(1)?), r.get(2)?)))?
            .collect()
    });
    let theirs = theirs.map_err(|e| e.to_string())?;
    if ours == theirs {
        return Ok(());
    }
    let differs = ours.iter().find(|(key, points)| theirs.get(*key) != Some(points));
    let differs = differs.or_else(|| theirs.iter().find(|(key, _)| !ours.contains_key(*key)));
    Err(format!(
        "at the end the relay says otherwise who holds what: {differs:?}"
    ))
}

/// What the relay granted it held just then: what came back to it, once.
fn granted_once(all: &[ShopOp]) -> Checked<()> {
    let mut held: BTreeMap<MemberId, i64> = BTreeMap::new();
    for o in all {
        let (op, body, _) = read(o)?;
        for effect in effect::effects(&op, &body) {
            match effect {
                Effect::Rights {
                    member, holder, points, ..
                } if holder == Origin::RELAY => {
                    *held.entry(member).or_default() += points;
                }
                Effect::Released { member, points, .. } => *held.entry(member).or_default() += points,
                Effect::Sent {
                    member,
                    from,
                    to,
                    points,
                    ..
                } => {
                    let there = held.entry(member).or_default();
                    if from == Origin::RELAY && *there < points {
                        return Err(format!(
                            "at the end the relay has granted {points} of {there} points that it held"
                        ));
                    }
                    *there +=
                        if to == Origin::RELAY { points } else { 0 } - if from == Origin::RELAY { points } else { 0 };
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Points that were redeemed were earned: whoever is below zero had earnings taken back, and is no further below than
/// that. Counted from the log alone, by a rule that knows nothing of rights.
fn nobody_below(all: &[ShopOp]) -> Checked<()> {
    // Of each member: the sum of all lines, and of those that took something back.
    let mut sums: BTreeMap<MemberId, (i64, i64)> = BTreeMap::new();
    for o in all {
        let (op, body, _) = read(o)?;
        if let Body::SuspenseReleased { member, points, .. } = &body {
            sums.entry(*member).or_default().1 += points;
        }
        for effect in effect::effects(&op, &body) {
            if let Effect::Entry(line) = effect {
                let sum = sums.entry(line.member).or_default();
                sum.0 += line.points;
                let takes_back = line.points < 0 && line.kind != loyalty::op::Kind::Redeem;
                sum.1 += if takes_back { -line.points } else { 0 };
            }
        }
    }
    match sums.iter().find(|(_, (sum, taken))| sum + taken < 0) {
        None => Ok(()),
        Some((member, (sum, taken))) => Err(format!(
            "at the end {member} has {sum} points, and {taken} were taken back"
        )),
    }
}

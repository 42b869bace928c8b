//! Rights as SQL: what a holder has, changing hands, lost tills, suspense. One statement each, conditional where the
//! effect is. What an operation does is decided in `loyalty::effect`.

use loyalty::op::Operation;
use loyalty::{AwayRules, Code, Hlc, MemberId, Origin, Points, Refusal};
use rusqlite::params;

use crate::derive::CARD;
use crate::error::Result;
use crate::tx::{Tx, damaged};

/// What must be there before it is taken.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Covered {
    /// The holder's own points: what holds at the origin holds wherever its log is folded.
    Here,
    /// Those, all that the holder has of the member's card, and the points in all as they are known here: what was taken
    /// back must not be spent.
    HereAndInAll,
}

/// One statement: it adds, or takes what is there to take, or changes nothing.
pub(crate) fn change(
    tx: &Tx<'_>,
    member: MemberId,
    holder: Origin,
    points: Points,
    covered: Option<Covered>,
) -> Result<()> {
    if is_lost(tx, holder)? {
        return suspend(tx, member, holder, points);
    }
    let Some(covered) = covered else {
        tx.conn
            .prepare_cached(
                "INSERT INTO rights (member_id, holder, points) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET points = points + excluded.points",
            )?
            .execute(params![member.0, holder.0, points])?;
        return Ok(());
    };
    let changed = tx
        .conn
        .prepare_cached(&format!(
            "UPDATE rights SET points = points + ?3 WHERE member_id = ?1 AND holder = ?2 AND points + ?3 >= 0
               AND (NOT ?4 OR (SELECT min(sum(r.points), sum(r.points) FILTER (WHERE r.holder = ?2))
                               FROM rights r WHERE r.member_id IN ({CARD})) + ?3 >= 0)"
        ))?
        .execute(params![member.0, holder.0, points, covered == Covered::HereAndInAll])?;
    if changed == 1 {
        return Ok(());
    }
    if holder != tx.shop().till_id {
        return Err(damaged("another till's log spends points that it did not have").into());
    }
    let there = tx.spendable(member)?;
    Err(Refusal::of(Code::NotEnoughPoints, "points", &there.to_string())
        .with(-(there + points))
        .into())
}

fn is_lost(tx: &Tx<'_>, holder: Origin) -> Result<bool> {
    let sql = "SELECT 1 FROM lost WHERE till = ?1";
    Ok(tx.conn.prepare_cached(sql)?.exists([holder.0])?)
}

/// What the log of a lost till says is held against its suspense, however little that is.
fn suspend(tx: &Tx<'_>, member: MemberId, till: Origin, points: Points) -> Result<()> {
    tx.conn
        .prepare_cached(
            "INSERT INTO suspense (member_id, till, net, released) VALUES (?1, ?2, ?3, 0)
             ON CONFLICT DO UPDATE SET net = net + excluded.net",
        )?
        .execute(params![member.0, till.0, points])?;
    show(tx, member, till)
}

/// What of suspense belongs to the balance stands among the rights.
fn show(tx: &Tx<'_>, member: MemberId, till: Origin) -> Result<()> {
    tx.conn
        .prepare_cached(
            "INSERT INTO rights (member_id, holder, points)
             SELECT member_id, till, net + loss FROM suspense WHERE member_id = ?1 AND till = ?2
             ON CONFLICT DO UPDATE SET points = excluded.points",
        )?
        .execute(params![member.0, till.0])?;
    Ok(())
}

/// A till is lost, once.
pub(crate) fn lose(tx: &Tx<'_>, till: Origin) -> Result<()> {
    let new = tx
        .conn
        .prepare_cached("INSERT INTO lost (till) VALUES (?1) ON CONFLICT DO NOTHING")?
        .execute([till.0])?;
    if new == 1 {
        tx.conn
            .prepare_cached(
                "INSERT INTO suspense (member_id, till, net, released) SELECT member_id, holder, points, 0 FROM rights WHERE holder = ?1",
            )?
            .execute([till.0])?;
    }
    Ok(())
}

/// Rights in suspense are the relay's.
pub(crate) fn release(tx: &Tx<'_>, member: MemberId, till: Origin, points: Points) -> Result<()> {
    tx.conn
        .prepare_cached(
            "INSERT INTO suspense (member_id, till, net, released) VALUES (?1, ?2, -?3, ?3)
             ON CONFLICT DO UPDATE SET net = net - ?3, released = released + ?3",
        )?
        .execute(params![member.0, till.0, points])?;
    show(tx, member, till)?;
    change(tx, member, Origin::RELAY, points, None)
}

/// All rights and stamps of one holder are another's. The rights of a lost till stay in suspense. What it owed is the
/// relay's, and the stamps it owed stay with it: the new one may have spent what it earned before it heard of them.
pub(crate) fn renew(tx: &Tx<'_>, was: Origin, now: Origin) -> Result<()> {
    if !is_lost(tx, was)? {
        tx.conn
            .prepare_cached(
                "INSERT INTO rights (member_id, holder, points)
                 SELECT member_id, CASE WHEN points < 0 THEN ?3 ELSE ?2 END, points FROM rights WHERE holder = ?1
                 ON CONFLICT DO UPDATE SET points = points + excluded.points",
            )?
            .execute(params![was.0, now.0, Origin::RELAY.0])?;
        tx.conn
            .prepare_cached("DELETE FROM rights WHERE holder = ?1")?
            .execute([was.0])?;
    }
    tx.conn
        .prepare_cached(
            "INSERT INTO stamps (member_id, card, holder, stamps)
             SELECT member_id, card, ?2, stamps FROM stamps WHERE holder = ?1 AND stamps > 0
             ON CONFLICT DO UPDATE SET stamps = stamps + excluded.stamps",
        )?
        .execute(params![was.0, now.0])?;
    tx.conn
        .prepare_cached("DELETE FROM stamps WHERE holder = ?1 AND stamps > 0")?
        .execute([was.0])?;
    Ok(())
}

/// How tills go on without the relay, unless somebody has said otherwise later.
pub(crate) fn away(tx: &Tx<'_>, op: &Operation, rules: &AwayRules, clock: Hlc) -> Result<()> {
    let rules = serde_json::to_string(rules).map_err(|e| damaged(&e.to_string()))?;
    tx.conn
        .prepare_cached(
            "INSERT INTO away_rules (one, clock, op_id, rules) VALUES (1, ?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET clock = excluded.clock, op_id = excluded.op_id, rules = excluded.rules
             WHERE (excluded.clock, excluded.op_id) > (clock, op_id)",
        )?
        .execute(params![clock.0, op.op_id.0, rules])?;
    Ok(())
}

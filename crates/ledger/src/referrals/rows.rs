//! What operations say of referrals, as rows: one statement each. What follows from them is in the views
//! `referral_list` and `reward_list`, what this till does about it in `work`.

use loyalty::op::Operation;
use loyalty::referral::{Qualified, Reviewed, RewardKey, Rewarded, Side};
use loyalty::{Code, MemberId, OpId};
use rusqlite::{Row, params};

use crate::error::Result;
use crate::tx::{Tx, damaged};

/// Somebody came through a code.
pub(crate) fn joined(
    tx: &Tx<'_>,
    op: &Operation,
    (friend, code, referrer): (MemberId, &str, Option<MemberId>),
    doubts: &[String],
) -> Result<()> {
    let doubts = serde_json::to_string(doubts).map_err(|e| damaged(&e.to_string()))?;
    let sql =
        "INSERT INTO referrals (op_id, friend, code, referrer, at_ms, day, doubts) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (referrer, day) = (referrer.map(|r| r.0), tx.shop().zone.day(op.at).to_string());
    let row = params![op.op_id.0, friend.0, code, referrer, op.at.0, day, doubts];
    tx.conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// A reward waits. This till lets one of a key wait once; another that was apart may have, too.
pub(crate) fn qualified(tx: &Tx<'_>, op: &Operation, q: &Qualified) -> Result<()> {
    let body = serde_json::to_string(q).map_err(|e| damaged(&e.to_string()))?;
    let (source, sale_id) = q.sale.as_ref().map(|k| (&k.source, &k.sale_id)).unzip();
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO referral_rewards (op_id, friend, side, step, round, member_id, points, due_at, source, sale_id, least_minor,
                                           doubted, at_ms, body)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
             WHERE NOT ?15 OR NOT EXISTS (SELECT 1 FROM referral_rewards
                 WHERE friend = ?2 AND side = ?3 AND step = ?4 AND round = ?5 AND settled = 0)",
        )?
        .execute(params![
            op.op_id.0,
            q.key.friend.0,
            q.key.side.as_str(),
            q.key.step,
            q.key.round,
            q.member.0,
            q.points,
            q.due_at.0,
            source,
            sale_id,
            q.least_minor,
            !q.doubts.is_empty(),
            op.at.0,
            body,
            tx.is_own(op)
        ])?;
    once(inserted)
}

/// A reward is granted; its line is there. This till grants one of a key once.
pub(crate) fn rewarded(tx: &Tx<'_>, op: &Operation, r: &Rewarded) -> Result<()> {
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO referral_grants (entry_id, friend, side, step, round, member_id) SELECT ?1, ?2, ?3, ?4, ?5, ?6
             WHERE NOT ?7 OR NOT EXISTS (SELECT 1 FROM referral_grants WHERE friend = ?2 AND side = ?3 AND step = ?4 AND round = ?5)",
        )?
        .execute(params![
            r.entry.0,
            r.key.friend.0,
            r.key.side.as_str(),
            r.key.step,
            r.key.round,
            r.member.0,
            tx.is_own(op)
        ])?;
    once(inserted)
}

/// Of what there is once, one row was written.
fn once(inserted: usize) -> Result<()> {
    if inserted == 1 {
        Ok(())
    } else {
        Err(Code::AlreadyGranted.into())
    }
}

/// Somebody looked at a reward; the last word stands.
pub(crate) fn reviewed(tx: &Tx<'_>, op: &Operation, r: &Reviewed) -> Result<()> {
    let sql = "INSERT INTO referral_looks (reward, allowed, clock, op_id) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET allowed = excluded.allowed, clock = excluded.clock, op_id = excluded.op_id
               WHERE (excluded.clock, excluded.op_id) > (clock, op_id)";
    let row = params![r.reward.0, r.allowed, r.clock.0, op.op_id.0];
    tx.conn.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Another was first.
pub(crate) fn settle(tx: &Tx<'_>, second: OpId) -> Result<()> {
    for table in ["referrals", "referral_rewards"] {
        let sql = format!("UPDATE {table} SET settled = 1 WHERE op_id = ?1");
        tx.conn.prepare_cached(&sql)?.execute([second.0])?;
    }
    Ok(())
}

/// The key in four columns from `at` on: friend, side, step, round.
pub(crate) fn key(r: &Row<'_>, at: usize) -> rusqlite::Result<RewardKey> {
    Ok(RewardKey {
        friend: MemberId(r.get(at)?),
        side: Side::read(r.get_ref(at + 1)?.as_str()?).unwrap_or(Side::Friend),
        step: r.get(at + 2)?,
        round: r.get(at + 3)?,
    })
}

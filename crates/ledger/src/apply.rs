//! Effects as SQL: one statement each, conditional where the effect is. What an operation does is decided in
//! `loyalty::effect`, not here.

use loyalty::effect::{Effect, Entry, SaleRow};
use loyalty::op::{Body, Operation, Private, SaleKey};
use loyalty::{Code, MemberId, Origin, Points, Refusal, UtcMs};
use rusqlite::params;

use crate::error::Result;
use crate::tx::{Tx, damaged};

/// Carries out one effect of `op`.
pub(crate) fn apply(tx: &Tx<'_>, op: &Operation, private: &Private, effect: &Effect) -> Result<()> {
    let conn = tx.conn;
    match effect {
        // The row is written when the file is made: a till knows its shop before its first operation.
        Effect::Shop { opened: Body::ShopOpened { .. } } => Ok(()),
        Effect::Shop { .. } => Err(damaged("a shop was opened by something else").into()),
        Effect::Rules { version, text, .. } => rules(tx, op, *version, text),
        Effect::Staff { staff, role, active, .. } => {
            conn.prepare_cached(
                "INSERT INTO staff (staff_id, name, role, pin_hash, active) VALUES (?1, coalesce(?2, ''), ?3, coalesce(?4, ''), ?5)
                 ON CONFLICT DO UPDATE SET name = coalesce(?2, name), role = ?3, pin_hash = coalesce(?4, pin_hash), active = ?5",
            )?
            .execute(params![staff.0, private.name, role.as_str(), private.pin_hash, active])?;
            Ok(())
        }
        Effect::NewMember { member, code } => {
            conn.prepare_cached(
                "INSERT INTO members (member_id, code, phone, name, email, enrolled_at, birthday)
                 VALUES (?1, ?2, ?3, coalesce(?4, ''), coalesce(?5, ''), ?6, coalesce(?7, ''))",
            )?
            .execute(params![member.0, code, private.phone, private.name, private.email, op.at.0, private.birthday])?;
            Ok(())
        }
        Effect::Member { member, .. } => one(
            *member,
            conn.prepare_cached(
                "UPDATE members SET phone = coalesce(?2, phone), name = coalesce(?3, name), email = coalesce(?4, email),
                     birthday = coalesce(?5, birthday) WHERE member_id = ?1",
            )?
            .execute(params![member.0, private.phone, private.name, private.email, private.birthday])?,
        ),
        Effect::Given { member, .. } => consent(tx, *member, true),
        Effect::Withdrawn { member } => consent(tx, *member, false),
        Effect::Merge { .. } | Effect::Erase { .. } | Effect::Settle { .. } | Effect::Renew { .. } => {
            Err(damaged("this version writes no such operation").into())
        }
        Effect::Sale(row) => sale(tx, op, row),
        Effect::SaleReversed(key) => {
            let changed = conn
                .prepare_cached("UPDATE sales SET reversed = 1 WHERE source = ?1 AND sale_id = ?2 AND reversed = 0")?
                .execute(params![key.source, key.sale_id])?;
            if changed == 1 { Ok(()) } else { Err(Code::AlreadyReversed.into()) }
        }
        Effect::Decision { key, entry, .. } => {
            let decision = if entry.is_some() { "approved" } else { "rejected" };
            let changed = conn
                .prepare_cached(
                    "UPDATE sales SET decision = ?3, entry_id = ?4
                     WHERE source = ?1 AND sale_id = ?2 AND move = 'hold' AND decision IS NULL AND reversed = 0",
                )?
                .execute(params![key.source, key.sale_id, decision, entry.map(|e| e.0)])?;
            if changed == 1 { Ok(()) } else { Err(Code::AlreadyDecided.into()) }
        }
        Effect::Refund { key, refund_id, amount_minor, points, whole, .. } => {
            refund(tx, op, key, refund_id, *amount_minor, *points, *whole)
        }
        Effect::Entry(entry) => line(tx, op, entry),
        Effect::Rights { member, holder, points, covered } => rights(tx, *member, *holder, *points, *covered),
        Effect::Stamps { member, card, holder, count, covered } => stamps(tx, *member, card, *holder, *count, *covered),
        Effect::Birthday { member, year, entry } => {
            let inserted = conn
                .prepare_cached("INSERT INTO birthdays (member_id, year, entry_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![member.0, year, entry.0])?;
            if inserted == 1 { Ok(()) } else { Err(Code::AlreadyGranted.into()) }
        }
        Effect::BonusTakenBack { entry } => {
            // A bonus that was no birthday's has no row here.
            conn.prepare_cached("DELETE FROM birthdays WHERE entry_id = ?1")?.execute([entry.0])?;
            Ok(())
        }
        Effect::Visit { member, at, count } => visit(tx, *member, *at, *count),
    }
}

/// One statement, as for points: it adds, or takes what is there to take, or changes nothing.
fn stamps(tx: &Tx<'_>, member: MemberId, card: &str, holder: Origin, count: i64, covered: bool) -> Result<()> {
    if !covered {
        tx.conn
            .prepare_cached(
                "INSERT INTO stamps (member_id, card, holder, stamps) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET stamps = stamps + excluded.stamps",
            )?
            .execute(params![member.0, card, holder.0, count])?;
        return Ok(());
    }
    let changed = tx
        .conn
        .prepare_cached(
            "UPDATE stamps SET stamps = stamps + ?4
             WHERE member_id = ?1 AND card = ?2 AND holder = ?3 AND stamps + ?4 >= 0",
        )?
        .execute(params![member.0, card, holder.0, count])?;
    if changed == 1 {
        return Ok(());
    }
    let there = crate::stamps::there(tx.conn, member, card)?;
    Err(Refusal::of(Code::NotEnoughStamps, "stamps", &there.to_string())
        .with(-(there + count))
        .into())
}

fn consent(tx: &Tx<'_>, member: MemberId, given: bool) -> Result<()> {
    let sql = "UPDATE members SET email_consent = ?2 WHERE member_id = ?1";
    one(member, tx.conn.prepare_cached(sql)?.execute(params![member.0, given])?)
}

fn one(member: MemberId, changed: usize) -> Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Refusal::of(Code::UnknownMember, "member_id", &member.to_string()).into())
    }
}

/// One statement: it adds, or takes what is there to take, or changes nothing.
fn rights(tx: &Tx<'_>, member: MemberId, holder: Origin, points: Points, covered: bool) -> Result<()> {
    if !covered {
        tx.conn
            .prepare_cached(
                "INSERT INTO rights (member_id, holder, points) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET points = points + excluded.points",
            )?
            .execute(params![member.0, holder.0, points])?;
        return Ok(());
    }
    let changed = tx
        .conn
        .prepare_cached(
            "UPDATE rights SET points = points + ?3 WHERE member_id = ?1 AND holder = ?2 AND points + ?3 >= 0",
        )?
        .execute(params![member.0, holder.0, points])?;
    if changed == 1 {
        return Ok(());
    }
    let there = tx.balance(member)?;
    Err(Refusal::of(Code::NotEnoughPoints, "points", &there.to_string())
        .with(-(there + points))
        .into())
}

fn line(tx: &Tx<'_>, op: &Operation, e: &Entry) -> Result<()> {
    let reasons = serde_json::to_string(&e.reasons).map_err(|e| damaged(&e.to_string()))?;
    let day = tx.shop().zone.day(e.at).to_string();
    let (source, sale_id) = e.sale.as_ref().map(|k| (&k.source, &k.sale_id)).unzip();
    tx.conn
        .prepare_cached(
            "INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, rules_version, reasons, reverses,
                                 source, sale_id, total_minor, reward)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            e.entry.0,
            op.op_id.0,
            e.member.0,
            e.kind.as_str(),
            e.points,
            e.at.0,
            day,
            e.by.to_string(),
            e.rules_version,
            reasons,
            e.reverses.map(|r| r.0),
            source,
            sale_id,
            e.total_minor,
            e.reward
        ])?;
    Ok(())
}

fn sale(tx: &Tx<'_>, op: &Operation, s: &SaleRow) -> Result<()> {
    let items = serde_json::to_string(&s.items).map_err(|e| damaged(&e.to_string()))?;
    let day = tx.shop().zone.day(s.occurred_at).to_string();
    let move_ = serde_json::to_value(s.move_).map_err(|e| damaged(&e.to_string()))?;
    tx.conn
        .prepare_cached(
            "INSERT INTO sales (source, sale_id, op_id, member_id, entry_id, total_minor, items, occurred_at, day, move, points,
                                tax_minor, tip_minor)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            s.key.source,
            s.key.sale_id,
            op.op_id.0,
            s.member.map(|m| m.0),
            s.entry.map(|e| e.0),
            s.total_minor,
            items,
            s.occurred_at.0,
            day,
            move_.as_str(),
            s.points,
            s.tax_minor,
            s.tip_minor
        ])?;
    Ok(())
}

/// The sale has that much less left, if it has that much; and the refund is known.
fn refund(
    tx: &Tx<'_>,
    op: &Operation,
    key: &SaleKey,
    refund_id: &str,
    amount_minor: i64,
    points: Points,
    whole: bool,
) -> Result<()> {
    let changed = tx
        .conn
        .prepare_cached(
            "UPDATE sales SET refunded_minor = refunded_minor + ?3, reversed = ?4
             WHERE source = ?1 AND sale_id = ?2 AND reversed = 0
               AND (CASE WHEN ?4 THEN refunded_minor + ?3 = total_minor ELSE refunded_minor + ?3 < total_minor END)",
        )?
        .execute(params![key.source, key.sale_id, amount_minor, whole])?;
    if changed != 1 {
        return Err(Code::RefundTooLarge.into());
    }
    tx.conn
        .prepare_cached(
            "INSERT INTO refunds (source, refund_id, sale_id, op_id, amount_minor, points) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![key.source, refund_id, key.sale_id, op.op_id.0, amount_minor, points])?;
    Ok(())
}

/// A visit more moves the last visit on; one less finds the last that is left.
fn visit(tx: &Tx<'_>, member: MemberId, at: UtcMs, count: i64) -> Result<()> {
    let last = if count > 0 {
        "max(coalesce(last_visit_at, ?3), ?3)"
    } else {
        "(SELECT max(occurred_at) FROM sales s WHERE s.member_id = ?1 AND s.reversed = 0 AND s.entry_id IS NOT NULL AND ?3 NOT NULL)"
    };
    let sql = format!("UPDATE members SET visits = visits + ?2, last_visit_at = {last} WHERE member_id = ?1");
    one(
        member,
        tx.conn.prepare_cached(&sql)?.execute(params![member.0, count, at.0])?,
    )
}

/// Rules in force from now on: the version must be the next, and its rewards stand beside it for the reports.
fn rules(tx: &Tx<'_>, op: &Operation, version: i64, text: &str) -> Result<()> {
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO rules (version, text, op_id, at_ms, by)
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?1 = (SELECT coalesce(max(version), 0) + 1 FROM rules)",
        )?
        .execute(params![version, text, op.op_id.0, op.at.0, op.by.to_string()])?;
    if inserted != 1 {
        return Err(Code::BadRules.into());
    }
    let parsed = crate::rulebook::parse(text, tx.shop().currency)?;
    for (position, reward) in parsed.rewards().iter().enumerate() {
        tx.conn
            .prepare_cached(
                "INSERT INTO rewards (version, position, name, points, cost_minor) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                version,
                position,
                reward.name,
                reward.points,
                reward.cost.map(|c| c.minor)
            ])?;
    }
    Ok(())
}

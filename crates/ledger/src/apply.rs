//! Effects as SQL: one statement each, conditional where the effect is. What this till does must be possible; what
//! another did, was. What an operation does is decided in `loyalty::effect`, what follows from several of them in
//! `derive`, what is known of people in `people`.

use loyalty::effect::{Effect, Entry, SaleRow};
use loyalty::op::{Body, Operation, Private, SaleKey};
use loyalty::{Code, EntryId, Hlc, MemberId, Origin, Points, Refusal};
use rusqlite::params;

use crate::derive;
use crate::error::Result;
use crate::lapsing;
use crate::people;
use crate::referrals::rows as referrals;
use crate::rights::{self, Covered};
use crate::tx::{Tx, damaged};

/// Carries out one effect of `op`.
pub(crate) fn apply(tx: &Tx<'_>, op: &Operation, private: &Private, effect: &Effect) -> Result<()> {
    let conn = tx.conn;
    match effect {
        // The row is written when the file is made: a till knows its shop before its first operation.
        Effect::Shop {
            opened: Body::ShopOpened { .. },
        } => Ok(()),
        Effect::Shop { .. } => Err(damaged("a shop was opened by something else").into()),
        Effect::Rules { version, text, clock } => rules(tx, op, *version, text, *clock),
        Effect::Staff {
            staff,
            role,
            active,
            clock,
        } => people::staff(tx, op, private, *staff, (*role, *active), *clock),
        Effect::NewMember { member, code } => people::enrol(tx, op, private, *member, code),
        Effect::Member { member, clock } => people::change(tx, op, private, *member, *clock),
        Effect::Given { member, covers } => people::given(tx, op, *member, covers.as_deref()),
        Effect::Withdrawn { member } => people::withdrawn(tx, op, *member),
        Effect::Merge { member, into, clock } => people::merge(tx, op, *member, *into, *clock),
        Effect::Erase { member } => people::erase(tx, *member),
        Effect::Sale(row) => sale(tx, op, row),
        Effect::SaleReversed(key) => {
            let gone = "SELECT EXISTS (SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND standing = 1 AND reversed = 1)";
            if tx.is_own(op)
                && conn
                    .prepare_cached(gone)?
                    .query_row([&key.source, &key.sale_id], |r| r.get(0))?
            {
                return Err(Code::AlreadyReversed.into());
            }
            derive::sales_of(tx, &key.source, &key.sale_id)
        }
        Effect::Decision { key, entry } => decision(tx, op, key, *entry),
        Effect::Refund {
            key,
            refund_id,
            amount_minor,
            points,
            whole,
        } => refund(tx, op, key, refund_id, *amount_minor, *points, *whole),
        Effect::Entry(entry) => line(tx, op, entry),
        Effect::Rights {
            member,
            holder,
            points,
            covered,
        } => {
            let checked = if tx.is_own(op) {
                Covered::HereAndInAll
            } else {
                Covered::Here
            };
            rights::change(tx, *member, *holder, *points, covered.then_some(checked))
        }
        Effect::Stamps {
            member,
            card,
            holder,
            count,
            covered,
        } => stamps(tx, op, (*member, card, *holder), *count, *covered),
        Effect::Birthday { member, year, entry } => birthday(tx, op, *member, *year, *entry),
        Effect::Referred {
            friend,
            code,
            referrer,
            doubts,
        } => referrals::joined(tx, op, (*friend, code, *referrer), doubts),
        Effect::Qualified(qualified) => referrals::qualified(tx, op, qualified),
        Effect::Rewarded(rewarded) => referrals::rewarded(tx, op, rewarded),
        Effect::Reviewed(reviewed) => referrals::reviewed(tx, op, reviewed),
        Effect::LapsingChosen(chosen) => lapsing::chosen(tx, op, chosen),
        Effect::LapsingSet { usual, clock } => lapsing::set(tx, op, *usual, *clock),
        Effect::LapsingActed(acted) => lapsing::acted(tx, op, acted),
        Effect::BonusTakenBack { entry } => {
            // A bonus that was no birthday's has no row here.
            conn.prepare_cached("DELETE FROM birthdays WHERE entry_id = ?1")?
                .execute([entry.0])?;
            Ok(())
        }
        Effect::Settle { what, second } => derive::settle(tx, *what, *second),
        Effect::Sent {
            member,
            from,
            to,
            points,
            held,
        } => {
            rights::change(tx, *member, *from, -points, held.then_some(Covered::Here))?;
            rights::change(tx, *member, *to, *points, None)
        }
        Effect::Lost { till } => rights::lose(tx, *till),
        Effect::Released { member, till, points } => rights::release(tx, *member, *till, *points),
        Effect::Away { rules, clock } => rights::away(tx, op, rules, *clock),
        Effect::Renew { was, now } => rights::renew(tx, *was, *now),
    }
}

/// This till grants a birthday once; another that was apart may have, too.
fn birthday(tx: &Tx<'_>, op: &Operation, member: MemberId, year: i32, entry: EntryId) -> Result<()> {
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO birthdays (member_id, year, entry_id) SELECT ?1, ?2, ?3
             WHERE NOT ?4 OR NOT EXISTS (SELECT 1 FROM birthdays WHERE member_id = ?1 AND year = ?2)",
        )?
        .execute(params![member.0, year, entry.0, tx.is_own(op)])?;
    if inserted == 1 {
        Ok(())
    } else {
        Err(Code::AlreadyGranted.into())
    }
}

/// One statement, as for points: it adds, or takes what is there to take, or changes nothing.
fn stamps(
    tx: &Tx<'_>,
    op: &Operation,
    (member, card, holder): (MemberId, &str, Origin),
    count: i64,
    covered: bool,
) -> Result<()> {
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
    if !tx.is_own(op) {
        return Err(damaged("another till's log uses stamps that it did not have").into());
    }
    let there = crate::stamps::there(tx.conn, member, card)?;
    Err(Refusal::of(Code::NotEnoughStamps, "stamps", &there.to_string())
        .with(-(there + count))
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
    // At this till a number comes once, which the table itself refuses.
    let known = "SELECT EXISTS (SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2)";
    let twice = !tx.is_own(op)
        && tx
            .conn
            .prepare_cached(known)?
            .query_row([&s.key.source, &s.key.sale_id], |r| r.get(0))?;
    let move_ = serde_json::to_value(s.move_).map_err(|e| damaged(&e.to_string()))?;
    tx.conn
        .prepare_cached(
            "INSERT INTO sales (source, sale_id, op_id, member_id, own_entry_id, entry_id, total_minor, items, occurred_at, day,
                                move, points, tax_minor, tip_minor, standing)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
            s.tip_minor,
            !twice
        ])?;
    match s.member.filter(|_| s.entry.is_some()) {
        _ if twice => derive::sales_of(tx, &s.key.source, &s.key.sale_id),
        Some(member) => derive::visit(tx, member, s.occurred_at),
        None => Ok(()),
    }
}

/// This till decides only what waits; what another decided is kept, and the relay says which stands.
fn decision(tx: &Tx<'_>, op: &Operation, key: &SaleKey, entry: Option<EntryId>) -> Result<()> {
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO decisions (op_id, source, sale_id, entry_id) SELECT ?1, ?2, ?3, ?4
             WHERE NOT ?5 OR EXISTS (SELECT 1 FROM sales WHERE source = ?2 AND sale_id = ?3 AND standing = 1
                                        AND move = 'hold' AND decision IS NULL AND reversed = 0)",
        )?
        .execute(params![
            op.op_id.0,
            key.source,
            key.sale_id,
            entry.map(|e| e.0),
            tx.is_own(op)
        ])?;
    if inserted != 1 {
        return Err(Code::AlreadyDecided.into());
    }
    derive::sales_of(tx, &key.source, &key.sale_id)
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
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO refunds (source, refund_id, sale_id, op_id, amount_minor, points, whole) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
             WHERE NOT ?8 OR EXISTS (
                 SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?3 AND standing = 1 AND reversed = 0
                    AND CASE WHEN ?7 THEN refunded_minor + ?5 = total_minor ELSE refunded_minor + ?5 < total_minor END)",
        )?
        .execute(params![
            key.source,
            refund_id,
            key.sale_id,
            op.op_id.0,
            amount_minor,
            points,
            whole,
            tx.is_own(op)
        ])?;
    if inserted != 1 {
        return Err(Code::RefundTooLarge.into());
    }
    derive::sales_of(tx, &key.source, &key.sale_id)
}

/// Rules, with their rewards and stamp cards beside them for the reports. This till's own have the next version.
fn rules(tx: &Tx<'_>, op: &Operation, version: i64, text: &str, clock: Hlc) -> Result<()> {
    let inserted = tx
        .conn
        .prepare_cached(
            "INSERT INTO rules (version, clock, text, op_id, at_ms, by)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT ?7 OR ?1 = (SELECT coalesce(max(version), 0) + 1 FROM rules)",
        )?
        .execute(params![
            version,
            clock.0,
            text,
            op.op_id.0,
            op.at.0,
            op.by.to_string(),
            tx.is_own(op)
        ])?;
    if inserted != 1 {
        return Err(Code::BadRules.into());
    }
    let parsed = match crate::rulebook::parse(text, tx.shop().currency) {
        // Another till's app may be newer than this one: its rules are kept, and those before them go on here.
        Err(_) if !tx.is_own(op) => return Ok(()),
        parsed => parsed?,
    };
    crate::rulebook::write_down(tx.conn, op.op_id.0, &parsed)
}

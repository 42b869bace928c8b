//! One effect against the row it made, at its operation: lines, sales, rules. What later operations change is compared
//! after the last, as rows of the state.

use loyalty::EntryId;
use loyalty::effect::{Effect, Entry, SaleRow};
use loyalty::op::{Operation, SaleKey};
use loyalty::rules::Rules;
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::rulebook;
use crate::shop::Shop;

/// Whether the row that `effect` made is as it says; what is wrong otherwise.
pub(super) fn differs(conn: &Connection, shop: &Shop, op: &Operation, effect: &Effect) -> Result<Option<&'static str>> {
    let (agrees, what) = match effect {
        Effect::Entry(entry) => (
            line(conn, shop, op, entry)?,
            "its ledger line is not what the operation says",
        ),
        Effect::Sale(row) => (sale(conn, shop, op, row)?, "its sale is not what the operation says"),
        Effect::Rules { version, text, .. } => (
            rules(conn, shop, op, *version, text)?,
            "its rules are not what the operation says",
        ),
        Effect::Decision { key, entry, .. } => (
            decision(conn, op, key, *entry)?,
            "its decision is not what the operation says",
        ),
        Effect::Refund {
            key,
            refund_id,
            amount_minor,
            points,
            whole,
        } => {
            let sql = "SELECT 1 FROM refunds WHERE source = ?1 AND refund_id = ?2 AND sale_id = ?3 AND op_id = ?4 AND amount_minor = ?5
                       AND points = ?6 AND whole = ?7";
            let row = params![
                key.source,
                refund_id,
                key.sale_id,
                op.op_id.0,
                amount_minor,
                points,
                whole
            ];
            (
                conn.prepare_cached(sql)?.exists(row)?,
                "its refund is not what the operation says",
            )
        }
        _ => return Ok(None),
    };
    Ok((!agrees).then_some(what))
}

fn line(conn: &Connection, shop: &Shop, op: &Operation, e: &Entry) -> Result<bool> {
    let sql = "SELECT 1 FROM ledger WHERE entry_id = ?1 AND op_id = ?2 AND member_id = ?3 AND kind = ?4 AND points = ?5 AND at_ms = ?6
               AND day = ?7 AND by = ?8 AND rules_version IS ?9 AND reasons = ?10 AND reverses IS ?11 AND source IS ?12
               AND sale_id IS ?13 AND total_minor IS ?14 AND reward IS ?15";
    let reasons = serde_json::to_string(&e.reasons).unwrap_or_default();
    let (source, sale_id) = e.sale.as_ref().map(|k| (&k.source, &k.sale_id)).unzip();
    Ok(conn.prepare_cached(sql)?.exists(params![
        e.entry.0,
        op.op_id.0,
        e.member.0,
        e.kind.as_str(),
        e.points,
        e.at.0,
        shop.zone.day(e.at).to_string(),
        e.by.to_string(),
        e.rules_version,
        reasons,
        e.reverses.map(|r| r.0),
        source,
        sale_id,
        e.total_minor,
        e.reward
    ])?)
}

fn sale(conn: &Connection, shop: &Shop, op: &Operation, s: &SaleRow) -> Result<bool> {
    let sql =
        "SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND op_id = ?3 AND member_id IS ?4 AND own_entry_id IS ?5
               AND total_minor = ?6 AND items = ?7 AND occurred_at = ?8 AND day = ?9 AND move = ?10 AND points = ?11
               AND tax_minor = ?12 AND tip_minor = ?13";
    let items = serde_json::to_string(&s.items).unwrap_or_default();
    let move_ = serde_json::to_value(s.move_).unwrap_or_default();
    Ok(conn.prepare_cached(sql)?.exists(params![
        s.key.source,
        s.key.sale_id,
        op.op_id.0,
        s.member.map(|m| m.0),
        s.entry.map(|e| e.0),
        s.total_minor,
        items,
        s.occurred_at.0,
        shop.zone.day(s.occurred_at).to_string(),
        move_.as_str(),
        s.points,
        s.tax_minor,
        s.tip_minor
    ])?)
}

fn decision(conn: &Connection, op: &Operation, key: &SaleKey, entry: Option<EntryId>) -> Result<bool> {
    let sql = "SELECT 1 FROM decisions WHERE source = ?1 AND sale_id = ?2 AND op_id = ?3 AND entry_id IS ?4";
    let row = params![key.source, key.sale_id, op.op_id.0, entry.map(|e| e.0)];
    Ok(conn.prepare_cached(sql)?.exists(row)?)
}

fn rules(conn: &Connection, shop: &Shop, op: &Operation, version: i64, text: &str) -> Result<bool> {
    let kept: Option<String> = conn
        .query_row(
            "SELECT text FROM rules WHERE version = ?1 AND op_id = ?2",
            params![version, op.op_id.0],
            |r| r.get(0),
        )
        .optional()?;
    // What this app can't read has no rewards here.
    let parsed = rulebook::parse(text, shop.currency);
    let sql = "SELECT name, points, cost_minor FROM rewards WHERE op_id = ?1 ORDER BY position";
    let mut rows = conn.prepare(sql)?;
    let rewards: Vec<(String, i64, Option<i64>)> = rows
        .query_map([op.op_id.0], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let expected = parsed
        .iter()
        .flat_map(|rules| rules.rewards())
        .map(|r| (r.name.clone(), r.points, r.cost.map(|c| c.minor)));
    let sql = "SELECT card, name, stamps, cost_minor FROM cards WHERE op_id = ?1 ORDER BY position";
    let mut rows = conn.prepare(sql)?;
    let cards: Vec<(String, String, i64, Option<i64>)> = rows
        .query_map([op.op_id.0], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let offered = parsed
        .iter()
        .flat_map(Rules::stamp_cards)
        .map(|c| (c.key(), c.gives(), c.buy, c.cost_minor));
    Ok(kept.as_deref() == Some(text) && expected.eq(rewards) && offered.eq(cards))
}

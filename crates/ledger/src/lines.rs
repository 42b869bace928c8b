//! Reading the ledger's lines: a member's, a day's, all of them.

use loyalty::op::Kind;
use loyalty::{EntryId, MemberId, Points, UtcMs};
use rusqlite::{Connection, Row, ToSql};

use crate::derive::CARD;
use crate::error::Result;

/// One line of the ledger with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The line.
    pub entry: EntryId,
    /// Whose.
    pub member: MemberId,
    /// Their name; may be empty.
    pub member_name: String,
    /// Their number, where they still have one.
    pub phone: Option<String>,
    /// What kind.
    pub kind: Kind,
    /// For a reversal: what kind of line it took back.
    pub reverses_kind: Option<Kind>,
    /// For a reversal: which.
    pub reverses: Option<EntryId>,
    /// Signed.
    pub points: Points,
    /// When.
    pub at: UtcMs,
    /// On whose word, as kept.
    pub by: String,
    /// The same for people: a staff member's name, else as kept.
    pub by_name: String,
    /// The manager who allowed it with their PIN, by name, where that was wanted.
    pub approved_by: Option<String>,
    /// Paid, in minor units.
    pub total_minor: Option<i64>,
    /// The system that numbered the sale.
    pub source: Option<String>,
    /// Its number there.
    pub sale_id: Option<String>,
    /// The reward; for a reversal, that of the line it took back.
    pub reward: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// The rules it follows.
    pub rules_version: Option<i64>,
    /// Taken back by a later line.
    pub reversed: bool,
}

const SELECT: &str = "SELECT l.entry_id, m.member_id, m.name, coalesce(m.phone, m.phone_also), l.kind, t.kind, l.reverses, l.points, l.at_ms, l.by,
    coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(l.by, '-')), l.by), coalesce(l.total_minor, t.total_minor),
    l.source, l.sale_id, coalesce(l.reward, t.reward), l.reasons, l.rules_version,
    EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id),
    CASE WHEN l.kind = 'redeem' THEN (SELECT coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(o.body ->> '$.approved_by', '-')),
        o.body ->> '$.approved_by') FROM ops o WHERE o.op_id = l.op_id) END
    FROM ledger l JOIN members k USING (member_id) JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id) LEFT JOIN ledger t ON t.entry_id = l.reverses ";

fn read(r: &Row<'_>) -> rusqlite::Result<Line> {
    let kind = |column: usize, text: String| {
        let unknown = || rusqlite::Error::InvalidColumnType(column, text.clone(), rusqlite::types::Type::Text);
        Kind::read(&text).ok_or_else(unknown)
    };
    Ok(Line {
        entry: EntryId(r.get(0)?),
        member: MemberId(r.get(1)?),
        member_name: r.get(2)?,
        phone: r.get(3)?,
        kind: kind(4, r.get(4)?)?,
        reverses_kind: r.get::<_, Option<String>>(5)?.map(|k| kind(5, k)).transpose()?,
        reverses: r.get::<_, Option<_>>(6)?.map(EntryId),
        points: r.get(7)?,
        at: UtcMs(r.get(8)?),
        by: r.get(9)?,
        by_name: r.get(10)?,
        total_minor: r.get(11)?,
        source: r.get(12)?,
        sale_id: r.get(13)?,
        reward: r.get(14)?,
        reasons: serde_json::from_str(&r.get::<_, String>(15)?).unwrap_or_default(),
        rules_version: r.get(16)?,
        reversed: r.get(17)?,
        approved_by: r.get(18)?,
    })
}

fn collect(conn: &Connection, rest: &str, params: &[&dyn ToSql]) -> Result<Vec<Line>> {
    let mut rows = conn.prepare_cached(&format!("{SELECT}{rest}"))?;
    Ok(rows.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
}

/// One line.
pub(crate) fn one(conn: &Connection, entry: EntryId) -> Result<Option<Line>> {
    Ok(collect(conn, "WHERE l.entry_id = ?1", &[&entry.0])?.pop())
}

/// A member's newest lines, newest first.
pub(crate) fn of_member(conn: &Connection, member: MemberId, at_most: usize) -> Result<Vec<Line>> {
    collect(
        conn,
        &format!("WHERE l.member_id IN ({CARD}) ORDER BY l.at_ms DESC, l.line DESC LIMIT ?2"),
        &[&member.0, &at_most],
    )
}

/// A day's lines (`2026-11-20`, the shop's calendar), newest first.
pub(crate) fn of_day(conn: &Connection, day: &str) -> Result<Vec<Line>> {
    collect(
        conn,
        "WHERE l.day = ?1 ORDER BY l.at_ms DESC, l.line DESC LIMIT 1000",
        &[&day],
    )
}

/// Hands every line to `f`, in the order they were written.
pub(crate) fn each(conn: &Connection, mut f: impl FnMut(Line) -> Result<()>) -> Result<()> {
    let mut rows = conn.prepare_cached(&format!("{SELECT} ORDER BY l.line"))?;
    for line in rows.query_map([], read)? {
        f(line?)?;
    }
    Ok(())
}

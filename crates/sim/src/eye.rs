//! Looks into a till's file from outside, past the store's own code, and says what must hold there at any moment. What
//! must hold once all have heard of all is in `ending`.

use loyalty::{EntryId, MemberId, OpId, Points};
use rusqlite::{Connection, OptionalExtension, Params};
use std::path::Path;

/// A connection of its own to a till's file.
pub struct Eye(Connection);

/// The members who show on the same card as `?1`.
const CARD: &str = "SELECT member_id FROM members WHERE coalesce(merged_into, member_id) =
    coalesce((SELECT merged_into FROM members WHERE member_id = ?1), ?1)";

impl Eye {
    /// Opens it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let conn = Connection::open(path)?;
        conn.set_prepared_statement_cache_capacity(64);
        conn.pragma_update(None, "query_only", true)?;
        Ok(Self(conn))
    }

    /// One number.
    ///
    /// # Errors
    /// SQLite's.
    pub fn number(&self, sql: &str, params: impl Params) -> rusqlite::Result<i64> {
        self.0.prepare_cached(sql)?.query_row(params, |r| r.get(0))
    }

    /// The number of an operation in its origin's log, with the origin.
    ///
    /// # Errors
    /// SQLite's.
    pub fn logged(&self, op: OpId) -> rusqlite::Result<Option<([u8; 16], i64)>> {
        let mut found = self
            .0
            .prepare_cached("SELECT origin, origin_seq FROM ops WHERE op_id = ?1")?;
        found.query_row([op.0], |r| Ok((r.get(0)?, r.get(1)?))).optional()
    }

    /// A line's points.
    ///
    /// # Errors
    /// SQLite's.
    pub fn points_of(&self, entry: EntryId) -> rusqlite::Result<Option<Points>> {
        let mut found = self.0.prepare_cached("SELECT points FROM ledger WHERE entry_id = ?1")?;
        found.query_row([entry.0], |r| r.get(0)).optional()
    }

    /// What this till holds of a member's points, and what there is in all.
    ///
    /// # Errors
    /// SQLite's.
    pub fn held(&self, member: MemberId) -> rusqlite::Result<(Points, Points)> {
        let sql = format!(
            "SELECT coalesce(sum(points) FILTER (WHERE holder = (SELECT till_id FROM shop)), 0), coalesce(sum(points), 0)
             FROM rights WHERE member_id IN ({CARD})"
        );
        self.0
            .prepare_cached(&sql)?
            .query_row([member.0], |r| Ok((r.get(0)?, r.get(1)?)))
    }

    /// How often this till's own log has a sale.
    ///
    /// # Errors
    /// SQLite's.
    pub fn times_sold(&self, source: &str, sale_id: &str) -> rusqlite::Result<i64> {
        let sql = "SELECT count(*) FROM sales s JOIN ops o USING (op_id)
                   WHERE s.source = ?1 AND s.sale_id = ?2 AND o.origin = (SELECT till_id FROM shop)";
        self.number(sql, [source, sale_id])
    }

    /// Whether several tills did the same with a sale, or its member was erased: what a till said may not stand.
    ///
    /// # Errors
    /// SQLite's.
    pub fn contested(&self, source: &str, sale_id: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT (SELECT count(*) FROM sales WHERE source = ?1 AND sale_id = ?2) > 1
                   OR (SELECT count(*) - count(DISTINCT refund_id) FROM refunds WHERE source = ?1 AND sale_id = ?2) > 0
                   OR EXISTS (SELECT 1 FROM sales s JOIN members m USING (member_id)
                              WHERE s.source = ?1 AND s.sale_id = ?2 AND m.erased = 1)";
        self.number(sql, [source, sale_id]).map(|found| found != 0)
    }

    /// Members, oldest first.
    ///
    /// # Errors
    /// SQLite's.
    pub fn members(&self) -> rusqlite::Result<Vec<MemberId>> {
        let sql = "SELECT member_id FROM members WHERE merged_into IS NULL ORDER BY member_id";
        let mut rows = self.0.prepare_cached(sql)?;
        rows.query_map([], |r| Ok(MemberId(r.get(0)?)))?.collect()
    }

    /// The newest lines.
    ///
    /// # Errors
    /// SQLite's.
    pub fn lines(&self) -> rusqlite::Result<Vec<EntryId>> {
        let mut rows = self
            .0
            .prepare_cached("SELECT entry_id FROM ledger ORDER BY line DESC LIMIT 24")?;
        rows.query_map([], |r| Ok(EntryId(r.get(0)?)))?.collect()
    }

    /// The first thing that does not hold in this file, and must hold at any moment.
    ///
    /// # Errors
    /// SQLite's.
    pub fn wrong(&self) -> rusqlite::Result<Option<String>> {
        for (what, sql) in [
            (
                "points of the ledger that nobody holds",
                "SELECT (SELECT coalesce(sum(points), 0) FROM ledger)
                 <> (SELECT coalesce(sum(points), 0) FROM rights) - (SELECT coalesce(sum(loss), 0) FROM suspense)",
            ),
            (
                "a line reversed twice by one till",
                "SELECT EXISTS (SELECT 1 FROM ledger l JOIN ops o USING (op_id) WHERE l.reverses IS NOT NULL
                 GROUP BY l.reverses, o.origin HAVING count(*) > 1)",
            ),
            (
                "a sale twice in one till's log",
                "SELECT EXISTS (SELECT 1 FROM sales s JOIN ops o USING (op_id) GROUP BY s.source, s.sale_id, o.origin
                 HAVING count(*) > 1)",
            ),
            (
                "a log with a gap",
                "SELECT EXISTS (SELECT 1 FROM ops GROUP BY origin HAVING max(origin_seq) <> count(*))",
            ),
        ] {
            if self.number(sql, [])? != 0 {
                return Ok(Some(what.to_owned()));
            }
        }
        Ok(None)
    }

    /// The first thing that happened twice in the shop and stands twice, once the relay has heard of all.
    ///
    /// # Errors
    /// SQLite's.
    pub fn twice(&self) -> rusqlite::Result<Option<&'static str>> {
        for (of, by) in [
            ("sales WHERE settled = 0", "source, sale_id"),
            ("decisions WHERE settled = 0", "source, sale_id"),
            ("refunds WHERE settled = 0", "source, refund_id"),
            ("taken_back", "entry_id"),
            (
                "ledger l JOIN sales s USING (source, sale_id) WHERE l.kind = 'earn' AND s.standing = 1
                 AND NOT EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = l.entry_id)",
                "source, sale_id",
            ),
        ] {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {of} GROUP BY {by} HAVING count(*) > 1)");
            if self.number(&sql, [])? != 0 {
                return Ok(Some(of));
            }
        }
        Ok(None)
    }
}

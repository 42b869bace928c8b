//! Points that run out of time, as the rules say: all at once after a time without a visit, or each lot some time after
//! it was earned, the oldest first.
//!
//! A till lets only what it may spend itself expire. Of lots, what is left of the old ones is what was ever earned by
//! then, less all that was ever spent: spending takes the oldest first.

use loyalty::op::{Body, By, Kind, Private};
use loyalty::rules::{Expiry, Since};
use loyalty::standing::before;
use loyalty::{EntryId, MemberId, Points, UtcMs};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::tx::Tx;

/// At most so many members in one transaction, so that the counter never waits long.
pub const EXPIRY_BATCH: usize = 200;

/// Who has points here that have run out, and how many.
fn due(conn: &Connection, expiry: Expiry, cutoff: UtcMs) -> Result<Vec<(MemberId, Points)>> {
    let sql = match expiry.since {
        Since::LastVisit => {
            "SELECT m.member_id, r.points FROM members m JOIN rights r ON r.member_id = m.member_id
             WHERE r.holder = (SELECT till_id FROM shop) AND r.points > 0
               AND max(coalesce(m.last_visit_at, 0), m.enrolled_at) <= ?1
               AND NOT EXISTS (SELECT 1 FROM members g WHERE g.last_visit_at > ?1 AND (g.merged_into = m.member_id
                   OR g.member_id = m.merged_into OR g.merged_into = m.merged_into)) LIMIT ?2"
        }
        Since::Earned => {
            "WITH moves AS (
                 SELECT l.member_id, l.points, coalesce(t.kind, l.kind) AS kind, coalesce(t.at_ms, l.at_ms) AS at_ms,
                        coalesce(t.points, l.points) AS first
                 FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses),
             old AS (
                 SELECT member_id,
                        sum(CASE WHEN first > 0 AND at_ms <= ?1 THEN points ELSE 0 END)
                        + sum(CASE WHEN first <= 0 THEN points ELSE 0 END) AS points
                 FROM moves GROUP BY member_id)
             SELECT old.member_id, min(old.points, r.points) FROM old JOIN rights r USING (member_id)
             WHERE r.holder = (SELECT till_id FROM shop) AND old.points > 0 AND r.points > 0 LIMIT ?2"
        }
    };
    let mut rows = conn.prepare_cached(sql)?;
    let found = rows.query_map(params![cutoff.0, EXPIRY_BATCH], |r| {
        Ok((MemberId(r.get(0)?), r.get(1)?))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

impl Tx<'_> {
    /// Lets points expire that have run out, of at most [`EXPIRY_BATCH`] members; answers of how many. Fewer than that
    /// means that all is done.
    ///
    /// # Errors
    /// A storage error.
    pub fn expire_some(&self) -> Result<usize> {
        let published = self.rules()?;
        let Some(expiry) = published.rules.expiry() else {
            return Ok(0);
        };
        let cutoff = before(self.shop().zone, self.now(), expiry.after);
        let due = due(self.conn, expiry, cutoff)?;
        let by = By::Job("expiry".into());
        for (member, points) in &due {
            let why = match expiry.since {
                Since::LastVisit => "no visit since",
                Since::Earned => "earned by",
            };
            let reason = format!("{points} points expired: {why} {}", self.shop().zone.day(cutoff));
            let (entry, kind, points) = (EntryId(self.uuid()), Kind::Expire, -points);
            let body = Body::PointsMoved {
                entry,
                member: *member,
                kind,
                points,
                reason,
            };
            self.append(self.new_op(), &by, &body, &Private::default())?;
        }
        Ok(due.len())
    }
}

//! What became of held sales: how many wait, and the latest decisions. Deciding is in `review`.

use loyalty::op::Body;
use loyalty::{EntryId, MemberId, Points, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::error::Result;
use crate::store::Store;
use crate::tx::{damaged, read_body};

/// How many of the newest operations are looked through for decisions: some years of a busy till, and a fraction of a
/// second.
const LOOK_BACK: i64 = 250_000;

/// A held sale that was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The system that numbered the sale.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
    /// Whose it is.
    pub member: MemberId,
    /// Their name; may be empty.
    pub member_name: String,
    /// Their number, where they still have one.
    pub phone: Option<String>,
    /// What was paid, in minor units.
    pub total_minor: i64,
    /// Points given: 0 for a rejected one.
    pub points: Points,
    /// The computation, why it was held, and at the end the decision.
    pub reasons: Vec<String>,
    /// When the sale happened.
    pub occurred_at: UtcMs,
    /// When it was decided.
    pub at: UtcMs,
    /// Who decided it: a staff member's name, else as kept.
    pub by_name: String,
    /// Its line in the ledger; none where it was rejected.
    pub entry: Option<EntryId>,
    /// Whether that line was taken back since.
    pub taken_back: bool,
}

impl Store {
    /// How many held sales wait for a decision.
    ///
    /// # Errors
    /// A storage error.
    pub fn held_count(&self) -> Result<i64> {
        let sql =
            "SELECT count(*) FROM sales WHERE move = 'hold' AND decision IS NULL AND reversed = 0 AND standing = 1";
        self.read(|c| Ok(c.prepare_cached(sql)?.query_row([], |r| r.get(0))?))
    }

    /// The latest decisions, newest first.
    ///
    /// # Errors
    /// A storage error.
    pub fn decided(&self, at_most: usize) -> Result<Vec<Decided>> {
        self.read(|c| latest(c, at_most))
    }
}

fn latest(conn: &Connection, at_most: usize) -> Result<Vec<Decided>> {
    // The tag is the first thing in an operation's JSON, so that nothing has to be parsed to pass over the others.
    let sql = r#"SELECT o.at_ms, coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(o.by, '-')), o.by), o.body
        FROM ops o WHERE o.op > (SELECT coalesce(max(op), 0) FROM ops) - ?1
        AND substr(o.body, 1, 22) = '{"body":"sale_decided"' ORDER BY o.op DESC LIMIT ?2"#;
    let mut rows = conn.prepare_cached(sql)?;
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
    let found = rows.query_map(params![LOOK_BACK, limit], |r| {
        Ok((UtcMs(r.get(0)?), r.get(1)?, r.get(2)?))
    })?;
    found
        .map(|row| {
            let (at, by_name, body): (UtcMs, String, String) = row?;
            one(conn, at, by_name, &body)
        })
        .collect()
}

fn one(conn: &Connection, at: UtcMs, by_name: String, body: &str) -> Result<Decided> {
    let Body::SaleDecided {
        source,
        sale_id,
        member,
        entry,
        total_minor,
        occurred_at,
        points,
        reasons,
        ..
    } = read_body(body)?
    else {
        return Err(damaged("an operation is not what it is tagged as").into());
    };
    let sql =
        "SELECT m.name, m.phone FROM members k JOIN members m ON m.member_id = coalesce(k.merged_into, k.member_id)
               WHERE k.member_id = ?1";
    let person = conn
        .prepare_cached(sql)?
        .query_row([member.0], |r| Ok((r.get(0)?, r.get(1)?)));
    let (member_name, phone): (String, Option<String>) = person.optional()?.unwrap_or_default();
    let sql = "SELECT EXISTS (SELECT 1 FROM taken_back WHERE entry_id = ?1)";
    let back = |entry: EntryId| -> Result<bool> {
        let entry: Uuid = entry.0;
        Ok(conn.prepare_cached(sql)?.query_row([entry], |r| r.get(0))?)
    };
    Ok(Decided {
        source,
        sale_id,
        member,
        member_name,
        phone,
        total_minor,
        points,
        reasons,
        occurred_at,
        at,
        by_name,
        entry,
        taken_back: entry.map(back).transpose()?.unwrap_or(false),
    })
}

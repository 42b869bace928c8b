//! The rules' versions: who put which in force and when, what changed, and going back to one.

use loyalty::op::By;
use loyalty::{Code, OpId, Refusal, UtcMs};
use rusqlite::{Connection, OptionalExtension};
use similar::{ChangeTag, TextDiff};

use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;

/// A version of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesVersion {
    /// Counts from 1.
    pub version: i64,
    /// When it was put in force.
    pub at: UtcMs,
    /// On whose word, as kept.
    pub by: String,
    /// The same for people: a staff member's name, else as kept.
    pub by_name: String,
    /// The document.
    pub text: String,
}

/// A line of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffLine<'a> {
    /// In both.
    Same(&'a str),
    /// Only in the older one.
    Removed(&'a str),
    /// Only in the newer one.
    Added(&'a str),
}

impl RulesVersion {
    /// What changed from `older` to this one, line by line in the order of the documents.
    #[must_use]
    pub fn changes_since<'a>(&'a self, older: &'a Self) -> Vec<DiffLine<'a>> {
        let old: Vec<&str> = older.text.lines().collect();
        let new: Vec<&str> = self.text.lines().collect();
        let diff = TextDiff::from_slices(&old, &new);
        diff.iter_all_changes()
            .map(|change| match change.tag() {
                ChangeTag::Equal => DiffLine::Same(change.value()),
                ChangeTag::Delete => DiffLine::Removed(change.value()),
                ChangeTag::Insert => DiffLine::Added(change.value()),
            })
            .collect()
    }
}

fn all(conn: &Connection) -> Result<Vec<RulesVersion>> {
    let sql = "SELECT r.version, r.at_ms, r.by,
                      coalesce((SELECT s.name FROM staff s WHERE s.staff_id = unhex(r.by, '-')), r.by), r.text
               FROM rules r ORDER BY r.version, r.clock, r.op_id";
    let mut rows = conn.prepare_cached(sql)?;
    let found = rows.query_map([], |r| {
        Ok(RulesVersion {
            version: r.get(0)?,
            at: UtcMs(r.get(1)?),
            by: r.get(2)?,
            by_name: r.get(3)?,
            text: r.get(4)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

impl Tx<'_> {
    /// Puts the text of an older version in force again, as a new version, and answers that. Nothing changes where it
    /// says what is in force already.
    ///
    /// # Errors
    /// `missing` where there is no such version; [`crate::Error::Rules`]; a storage error.
    pub fn roll_back_rules(&self, op: OpId, by: &By, version: i64) -> Result<i64> {
        let text: Option<String> = self
            .conn
            .prepare_cached("SELECT text FROM rules WHERE version = ?1 ORDER BY clock DESC, op_id DESC LIMIT 1")?
            .query_row([version], |r| r.get(0))
            .optional()?;
        let text = text.ok_or_else(|| Refusal::of(Code::Missing, "version", &version.to_string()))?;
        self.publish_rules(op, by, &text)
    }
}

impl Store {
    /// Every version of the rules, the first one first.
    ///
    /// # Errors
    /// A storage error.
    pub fn rules_history(&self) -> Result<Vec<RulesVersion>> {
        self.read(all)
    }

    /// See [`Tx::roll_back_rules`].
    ///
    /// # Errors
    /// As there.
    pub fn roll_back_rules(&self, op: OpId, by: By, version: i64) -> Result<i64> {
        self.write(move |tx| tx.roll_back_rules(op, &by, version))
    }
}

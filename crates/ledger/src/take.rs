//! What several tills need of a transaction: stamping what this till does, and taking what others did. How it comes over
//! the network is not here.

use loyalty::book::Book;
use loyalty::op::{Body, Operation, Private};
use loyalty::{Hlc, MemberId, OpId, Origin, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};
use std::borrow::Cow;
use std::collections::HashMap;

use crate::derive::CARD;
use crate::error::Result;
use crate::shop::{set_setting, setting};
use crate::store::Store;
use crate::tx::{Tx, damaged};

/// An operation of another origin, checked: its chain continues what this file has of that origin, its hash fits.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// It.
    pub op: Operation,
    /// What was done.
    pub body: Body,
    /// Its personal data; empty where there is none or it was erased.
    pub private: Private,
    /// The same as it is hashed, with its salt.
    pub kept: Option<([u8; 16], String)>,
}

/// The end of an origin's log: its last number and hash.
pub type Head = (i64, [u8; 32]);

const CLOCK: &str = "clock";

impl Tx<'_> {
    fn clock_seen(&self) -> Result<Hlc> {
        let kept = setting(self.conn, CLOCK)?;
        Ok(Hlc(kept.and_then(|text| text.parse().ok()).unwrap_or_default()))
    }

    fn saw_clock(&self, clock: Hlc) -> Result<()> {
        set_setting(self.conn, CLOCK, &clock.0.to_string())
    }

    /// An operation of this till's with what only the store knows: the clock, the withdrawals that a giving overrules.
    pub(crate) fn complete<'b>(&self, body: &'b Body) -> Result<Cow<'b, Body>> {
        if body.clock().is_some() {
            let now = Hlc::next(self.clock_seen()?, self.now());
            self.saw_clock(now)?;
            return Ok(Cow::Owned(body.clone().at_clock(now)));
        }
        let Body::ConsentGiven { member, covers: None } = body else {
            return Ok(Cow::Borrowed(body));
        };
        let covers = Some(self.withdrawals(*member)?);
        Ok(Cow::Owned(Body::ConsentGiven {
            member: *member,
            covers,
        }))
    }

    fn withdrawals(&self, member: MemberId) -> Result<Vec<OpId>> {
        let sql = format!("SELECT op_id FROM withdrawals WHERE covered = 0 AND member_id IN ({CARD}) ORDER BY op_id");
        let mut rows = self.conn.prepare_cached(&sql)?;
        Ok(rows
            .query_map([member.0], |r| Ok(OpId(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?)
    }

    /// Takes operations of other origins, in shop order. Those that are here already are passed over. Answers how many
    /// were new.
    ///
    /// # Errors
    /// `damaged` where an operation does not continue what is here, or does what its own origin could not; a storage
    /// error. None was taken then.
    pub fn take(&self, foreign: &[Foreign]) -> Result<usize> {
        let mut new = 0;
        for f in foreign {
            let sql = "INSERT INTO origins (origin, seq, head) VALUES (?1, 0, zeroblob(32)) ON CONFLICT DO NOTHING";
            self.conn.prepare_cached(sql)?.execute([f.op.origin.0])?;
            if self.is_own(&f.op) || f.op.origin_seq <= self.head(f.op.origin)?.0 {
                continue;
            }
            if let Some(clock) = f.body.clock().filter(|clock| !clock.is_none())
                && clock > self.clock_seen()?
            {
                self.saw_clock(clock)?;
            }
            self.carry_out(&f.op, &f.body, &f.private, f.kept.as_ref())
                .map_err(|e| match e {
                    crate::Error::Refused(r) => {
                        damaged(&format!("operation {} of {}: {r}", f.op.origin_seq, f.op.origin)).into()
                    }
                    e => e,
                })?;
            new += 1;
        }
        Ok(new)
    }

    pub(crate) fn head(&self, origin: Origin) -> Result<Head> {
        let sql = "SELECT seq, head FROM origins WHERE origin = ?1";
        let found = self
            .conn
            .prepare_cached(sql)?
            .query_row([origin.0], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(found.unwrap_or_default())
    }
}

/// An operation with its private data as it is stored.
pub type Stored = (Operation, Option<([u8; 16], String)>);

/// Most operations that go together although fewer were asked for: as many as a page may have.
const TOGETHER_MAX: usize = 1000;

/// The number of an origin's last operation that erases somebody; 0 where none does.
fn last_erasure(conn: &Connection, origin: Origin) -> Result<i64> {
    let sql = "SELECT coalesce(max(origin_seq), 0) FROM ops WHERE origin = ?1 AND body ->> 'body' = 'member_erased'";
    Ok(conn.prepare_cached(sql)?.query_row([origin.0], |r| r.get(0))?)
}

impl Store {
    /// The ends of all origins' logs here.
    ///
    /// # Errors
    /// A storage error.
    pub fn heads(&self) -> Result<Vec<(Origin, Head)>> {
        self.read(|c| {
            let mut rows = c.prepare_cached("SELECT origin, seq, head FROM origins")?;
            let rows = rows.query_map([], |r| Ok((Origin(r.get(0)?), (r.get(1)?, r.get(2)?))))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// This till's operations after `seq`, in order: at most `ops_max`, and no more once they have `bytes_max` together
    /// (one at least).
    ///
    /// # Errors
    /// A storage error.
    pub fn outbox(&self, seq: i64, ops_max: usize, bytes_max: usize) -> Result<Vec<Stored>> {
        self.outbox_of(self.scope.shop.till_id, seq, ops_max, bytes_max)
    }

    /// The same of an origin that this till has left.
    ///
    /// Data that is gone because its person was erased goes together with what erased them, where [`TOGETHER_MAX`] and
    /// `bytes_max` allow it: else an older copy of this file could take its place between the two, and nobody would ever
    /// know why the data is missing.
    ///
    /// # Errors
    /// A storage error.
    pub fn outbox_of(&self, origin: Origin, seq: i64, ops_max: usize, bytes_max: usize) -> Result<Vec<Stored>> {
        self.read(|c| {
            let sql = "SELECT op_id, origin, origin_seq, at_ms, by, body, o.private, prev, hash, p.salt, p.data
                       FROM ops o LEFT JOIN private p USING (op_id)
                       WHERE origin = ?1 AND origin_seq > ?2 ORDER BY origin_seq LIMIT ?3";
            let mut rows = c.prepare_cached(sql)?;
            let mut rows = rows.query(params![origin.0, seq, ops_max.max(TOGETHER_MAX)])?;
            let (mut all, mut bytes) = (Vec::new(), 0);
            // Up to where this page has to go.
            let mut erased_by = None;
            while let Some(row) = rows.next()? {
                let seq: i64 = row.get(2)?;
                if all.len() >= ops_max && erased_by.is_none_or(|erasure| seq > erasure) {
                    break;
                }
                let (op, kept) = crate::verify::read_op(row, self.scope.shop.shop_id)?;
                bytes += op.body_json.len() + kept.as_ref().map_or(0, |(_, json)| json.len()) + 400;
                if bytes > bytes_max && !all.is_empty() {
                    break;
                }
                if op.private_digest.is_some() && kept.is_none() && erased_by.is_none() {
                    erased_by = Some(last_erasure(c, origin)?);
                }
                all.push((op, kept));
            }
            Ok(all)
        })
    }

    /// What is here beyond these ends, of any origin, in the order in which it came: at most `ops_max`, and no more once
    /// they have `bytes_max` together (one at least). What is here of an origin that is not named is all beyond.
    ///
    /// # Errors
    /// A storage error.
    pub fn beyond(&self, ends: &HashMap<Origin, i64>, ops_max: usize, bytes_max: usize) -> Result<Vec<Stored>> {
        let mut begins = None::<i64>;
        for (origin, (seq, _)) in self.heads()? {
            let end = ends.get(&origin).copied().unwrap_or(0);
            if seq > end {
                let sql = "SELECT op FROM ops WHERE origin = ?1 AND origin_seq = ?2";
                let at = self.read(|c| Ok(c.query_row(sql, params![origin.0, end + 1], |r| r.get(0)).optional()?))?;
                begins = [begins, at].into_iter().flatten().min();
            }
        }
        let Some(begins) = begins else { return Ok(Vec::new()) };
        self.read(|c| {
            let sql = "SELECT op_id, origin, origin_seq, at_ms, by, body, o.private, prev, hash, p.salt, p.data
                       FROM ops o LEFT JOIN private p USING (op_id) WHERE op >= ?1 ORDER BY op";
            let mut rows = c.prepare_cached(sql)?;
            let mut rows = rows.query([begins])?;
            let (mut all, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let (op, kept) = crate::verify::read_op(row, self.scope.shop.shop_id)?;
                if op.origin_seq <= ends.get(&op.origin).copied().unwrap_or(0) {
                    continue;
                }
                bytes += op.body_json.len() + kept.as_ref().map_or(0, |(_, json)| json.len()) + 400;
                if all.len() >= ops_max || (bytes > bytes_max && !all.is_empty()) {
                    break;
                }
                all.push((op, kept));
            }
            Ok(all)
        })
    }

    /// The number of this till's last operation.
    ///
    /// # Errors
    /// A storage error.
    pub fn own_seq(&self) -> Result<i64> {
        self.read(|c| {
            let sql = "SELECT seq FROM origins WHERE origin = ?1";
            Ok(c.prepare_cached(sql)?
                .query_row([self.scope.shop.till_id.0], |r| r.get(0))?)
        })
    }

    /// The end of this till's log.
    ///
    /// # Errors
    /// A storage error.
    pub fn own_head(&self) -> Result<Head> {
        self.read(|c| {
            let sql = "SELECT seq, head FROM origins WHERE origin = ?1";
            let own = [self.scope.shop.till_id.0];
            Ok(c.prepare_cached(sql)?.query_row(own, |r| Ok((r.get(0)?, r.get(1)?)))?)
        })
    }

    /// Whether an origin's log here has come to this operation: its number, and its hash where that is known.
    ///
    /// # Errors
    /// A storage error.
    pub fn has_come_to(&self, origin: Origin, seq: i64, hash: Option<[u8; 32]>) -> Result<bool> {
        self.read(|c| {
            let sql = "SELECT EXISTS (SELECT 1 FROM origins WHERE origin = ?1 AND seq >= ?2)
                       AND (?2 = 0 OR ?3 IS NULL OR EXISTS (
                           SELECT 1 FROM ops WHERE origin = ?1 AND origin_seq = ?2 AND hash = ?3))";
            Ok(c.prepare_cached(sql)?
                .query_row(params![origin.0, seq, hash], |r| r.get(0))?)
        })
    }

    /// The points that can be spent at this till, of all members together.
    ///
    /// # Errors
    /// A storage error.
    pub fn held_points(&self) -> Result<i64> {
        self.read(|c| {
            let sql = "SELECT coalesce(sum(points), 0) FROM rights WHERE holder = ?1 AND points > 0";
            Ok(c.prepare_cached(sql)?
                .query_row([self.scope.shop.till_id.0], |r| r.get(0))?)
        })
    }

    /// The hash of the whole folded state: the same on every till of the shop that has caught up.
    ///
    /// # Errors
    /// A storage error.
    pub fn state_hash(&self) -> Result<String> {
        self.read(crate::state::hash)
    }

    /// The first row in which the folded state of this file and a book differ, as text for a developer; none where they
    /// agree.
    ///
    /// # Errors
    /// A storage error.
    pub fn state_differs(&self, book: &Book) -> Result<Option<String>> {
        self.read(|c| crate::state::differs(c, book))
            .map(|found| found.map(|d| format!("{d:?}")))
    }

    /// Since when operations wait that the relay does not have: the time of the oldest.
    ///
    /// # Errors
    /// A storage error.
    pub fn waiting_since(&self, accepted: i64) -> Result<Option<UtcMs>> {
        self.read(|c| {
            let sql = "SELECT at_ms FROM ops WHERE origin = ?1 AND origin_seq = ?2";
            let row = params![self.scope.shop.till_id.0, accepted + 1];
            Ok(c.prepare_cached(sql)?
                .query_row(row, |r| Ok(UtcMs(r.get(0)?)))
                .optional()?)
        })
    }
}

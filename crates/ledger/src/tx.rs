//! A transaction: appending an operation together with all it does. What the operations are is in the modules beside
//! this one (`enrol`, `credit`, `redeem`, …); how effects become SQL is in `apply`.

use loyalty::op::{Body, By, Operation, Private};
use loyalty::{MemberId, OpId, Points, Refusal, UtcMs, chain, effect};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;
use uuid::Uuid;

use crate::apply;
use crate::clock::{Clock, Ids};
use crate::derive::CARD;
use crate::error::{Error, Result, StorageCode, StorageError};
use crate::rulebook::{Published, Rulebook};
use crate::shop::Shop;

/// What a transaction needs besides its connection.
#[derive(Clone)]
pub struct Scope {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn Ids>,
    /// The shop and this till.
    pub shop: Arc<Shop>,
    /// The rules in force, parsed once a version.
    pub rulebook: Arc<Rulebook>,
}

/// An open write transaction. What is done through it is durable when [`crate::Store::write`] returns.
pub struct Tx<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) scope: &'c Scope,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c Connection, scope: &'c Scope) -> Self {
        Self { conn, scope }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        self.scope.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.scope.ids.uuid(self.now())
    }

    /// A new operation id, for callers that never retry.
    #[must_use]
    pub fn new_op(&self) -> OpId {
        OpId(self.uuid())
    }

    /// The shop and this till.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        &self.scope.shop
    }

    /// The rules in force, also when another process has just published them.
    ///
    /// # Errors
    /// A storage error.
    pub fn rules(&self) -> Result<Arc<Published>> {
        self.scope.rulebook.current(self.conn)
    }

    /// Runs `f`; where it is refused, only what it did is undone.
    ///
    /// # Errors
    /// Those of `f`, and a storage error.
    pub fn attempt<T>(&self, f: impl FnOnce() -> Result<T>) -> Result<T> {
        self.conn.execute_batch("SAVEPOINT attempt")?;
        let done = f();
        if !self.conn.is_autocommit() {
            self.conn.execute_batch(if done.is_ok() {
                "RELEASE attempt"
            } else {
                "ROLLBACK TO attempt; RELEASE attempt"
            })?;
        }
        done
    }

    /// The body of an operation that was appended before under this id.
    pub(crate) fn earlier(&self, op: OpId) -> Result<Option<(Body, UtcMs)>> {
        let found = self
            .conn
            .prepare_cached("SELECT body, at_ms FROM ops WHERE op_id = ?1")?
            .query_row([op.0], |r| Ok((r.get::<_, String>(0)?, UtcMs(r.get(1)?))))
            .optional()?;
        found.map(|(json, at)| Ok((read_body(&json)?, at))).transpose()
    }

    /// A member's points.
    ///
    /// # Errors
    /// A storage error.
    pub fn balance(&self, member: MemberId) -> Result<Points> {
        balance(self.conn, member)
    }

    /// Whether this till appended it.
    pub(crate) fn is_own(&self, op: &Operation) -> bool {
        op.origin == self.shop().till_id
    }

    /// Who a member shows as.
    pub(crate) fn card(&self, member: MemberId) -> Result<MemberId> {
        card(self.conn, member)
    }

    /// Whether two show as one.
    pub(crate) fn is_same(&self, one: MemberId, other: MemberId) -> bool {
        one == other || matches!((self.card(one), self.card(other)), (Ok(a), Ok(b)) if a == b)
    }

    /// The points of a member that can be spent at this till: of all who show on the same card.
    pub(crate) fn spendable(&self, member: MemberId) -> Result<Points> {
        let sql = format!(
            "SELECT min(coalesce(sum(points) FILTER (WHERE holder = ?2), 0), coalesce(sum(points), 0)) FROM rights
             WHERE member_id IN ({CARD})"
        );
        Ok(self
            .conn
            .prepare_cached(&sql)?
            .query_row(params![member.0, self.shop().till_id.0], |r| r.get(0))?)
    }

    /// Appends an operation and carries out its effects.
    pub(crate) fn append(&self, op_id: OpId, by: &By, body: &Body, private: &Private) -> Result<Operation> {
        let shop = self.shop();
        let body = &self.complete(body)?;
        let body_json = serde_json::to_string(body).map_err(|e| bug("write an operation", &e))?;
        let kept = if private.is_empty() {
            None
        } else {
            let salt = self.scope.ids.random();
            let json = serde_json::to_string(private).map_err(|e| bug("write private data", &e))?;
            Some((salt, json))
        };
        let (seq, prev): (i64, [u8; 32]) = self
            .conn
            .prepare_cached(
                "SELECT seq, head FROM origins WHERE origin = (SELECT till_id FROM shop WHERE till_id = ?1)
                 AND NOT EXISTS (SELECT 1 FROM lost WHERE till = ?1)",
            )?
            .query_row([shop.till_id.0], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?
            .ok_or_else(went_on)?;
        let mut op = Operation {
            op_id,
            shop: shop.shop_id,
            origin: shop.till_id,
            origin_seq: seq + 1,
            at: self.now(),
            by: by.clone(),
            body_json,
            private_digest: kept.as_ref().map(|(salt, json)| chain::private_digest(salt, json)),
            prev,
            hash: [0; 32],
        };
        op.hash = chain::hash(&op);
        self.carry_out(&op, body, private, kept.as_ref())?;
        Ok(op)
    }

    /// Keeps an operation with its private data, and carries out its effects.
    pub(crate) fn carry_out(
        &self,
        op: &Operation,
        body: &Body,
        private: &Private,
        kept: Option<&([u8; 16], String)>,
    ) -> Result<()> {
        self.insert(op)?;
        if let Some((salt, json)) = kept {
            let subject = body.subject();
            // What comes late about somebody who was erased is not kept.
            self.conn
                .prepare_cached(
                    "INSERT INTO private (op_id, salt, data, subject) SELECT ?1, ?2, ?3, ?4
                     WHERE NOT EXISTS (SELECT 1 FROM members WHERE member_id = ?4 AND erased = 1)",
                )?
                .execute(params![op.op_id.0, salt, json, subject])?;
        }
        for effect in effect::effects(op, body) {
            apply::apply(self, op, private, &effect)?;
        }
        Ok(())
    }

    /// Moves the origin's head on, from exactly where the operation says it was, and keeps the operation.
    fn insert(&self, op: &Operation) -> Result<()> {
        let moved = self
            .conn
            .prepare_cached("UPDATE origins SET seq = ?2, head = ?3 WHERE origin = ?1 AND seq = ?2 - 1 AND head = ?4")?
            .execute(params![op.origin.0, op.origin_seq, op.hash, op.prev])?;
        if moved != 1 {
            return Err(damaged("the log does not continue where its head says").into());
        }
        self.conn
            .prepare_cached(
                "INSERT INTO ops (op_id, origin, origin_seq, at_ms, by, body, private, prev, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                op.op_id.0,
                op.origin.0,
                op.origin_seq,
                op.at.0,
                op.by.to_string(),
                op.body_json,
                op.private_digest,
                op.prev,
                op.hash
            ])?;
        Ok(())
    }
}

/// Who a member shows as.
pub(crate) fn card(conn: &Connection, member: MemberId) -> Result<MemberId> {
    let sql = "SELECT coalesce(merged_into, member_id) FROM members WHERE member_id = ?1";
    let found = conn
        .prepare_cached(sql)?
        .query_row([member.0], |r| r.get(0))
        .optional()?;
    Ok(MemberId(found.unwrap_or(member.0)))
}

/// A member's points: the sum of all rights to them, and to those of whoever shows on the same card.
pub(crate) fn balance(conn: &Connection, member: MemberId) -> Result<Points> {
    let sql = format!("SELECT coalesce(sum(points), 0) FROM rights WHERE member_id IN ({CARD})");
    Ok(conn.prepare_cached(&sql)?.query_row([member.0], |r| r.get(0))?)
}

/// Reads a stored body.
pub(crate) fn read_body(json: &str) -> Result<Body> {
    serde_json::from_str(json).map_err(|e| damaged(&format!("an operation can't be read: {e}")).into())
}

/// A file that is not as we wrote it.
pub(crate) fn damaged(detail: &str) -> StorageError {
    StorageError {
        code: StorageCode::Damaged,
        path: String::new(),
        detail: detail.to_owned(),
    }
}

/// For what is done under an origin that this file's till has left.
fn went_on() -> StorageError {
    StorageError {
        code: StorageCode::Busy,
        path: String::new(),
        detail: "this till goes on under a new number; open the file anew".to_owned(),
    }
}

fn bug(what: &str, e: &serde_json::Error) -> Error {
    damaged(&format!("could not {what}: {e}")).into()
}

/// For an operation id that came before with other content.
pub(crate) fn other_content() -> Error {
    Error::Refused(Refusal::of(loyalty::Code::SaleDiffers, "op_id", ""))
}

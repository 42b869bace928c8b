//! `ledger verify`: folds the operations again and compares every hash, line, balance, right, sale and person with the
//! file. One effect against its row is in `rows`.

mod rows;

use loyalty::book::Book;
use loyalty::effect;
use loyalty::op::{By, Operation, Private};
use loyalty::{MemberId, OpId, Origin, ShopId, UtcMs, chain};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

use crate::error::Result;
use crate::shop::Shop;
use crate::tx::read_body;

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Whether everything agrees.
    pub ok: bool,
    /// Operations read.
    pub operations: i64,
    /// Members they make.
    pub members: usize,
    /// Points they leave outstanding.
    pub points: i64,
    /// The hash of this till's last operation, in hex.
    pub head: String,
    /// The first thing that does not agree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// The first thing that does not agree.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Problem {
    /// The operation it was found at; none where it is about the file or the sums.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op_id: Option<OpId>,
    /// Its number in its origin's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_seq: Option<i64>,
    /// What is wrong, in plain words.
    pub what: String,
}

impl Problem {
    fn at(op: &Operation, what: impl Into<String>) -> Self {
        Self {
            op_id: Some(op.op_id),
            origin_seq: Some(op.origin_seq),
            what: what.into(),
        }
    }

    fn of(what: impl Into<String>) -> Self {
        Self {
            op_id: None,
            origin_seq: None,
            what: what.into(),
        }
    }
}

/// Folds and compares.
pub(crate) fn verify(conn: &Connection, shop: &Shop) -> Result<Verified> {
    let mut walk = Walk {
        conn,
        shop,
        without_data: Vec::new(),
        book: Book::new(),
        heads: HashMap::new(),
        operations: 0,
    };
    let mut problem = file_itself(conn)?;
    if problem.is_none() {
        problem = walk.all()?;
    }
    if problem.is_none() {
        problem = walk.sums()?;
    }
    let head = walk.heads.get(&shop.till_id).map_or([0; 32], |(_, head)| *head);
    Ok(Verified {
        ok: problem.is_none(),
        operations: walk.operations,
        members: walk.book.balances.len(),
        points: walk.book.outstanding(),
        head: head.iter().map(|b| format!("{b:02x}")).collect(),
        problem,
    })
}

fn file_itself(conn: &Connection) -> Result<Option<Problem>> {
    let said: String = conn.query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))?;
    if said != "ok" {
        return Ok(Some(Problem::of(format!("the file is damaged: {said}"))));
    }
    Ok(None)
}

/// Private data with its salt.
type Kept = ([u8; 16], String);

struct Walk<'c> {
    conn: &'c Connection,
    shop: &'c Shop,
    /// Operations whose personal data is not here, and whose it is.
    without_data: Vec<(OpId, i64, Option<Uuid>)>,
    book: Book,
    heads: HashMap<Origin, (i64, [u8; 32])>,
    operations: i64,
}

impl Walk<'_> {
    /// Every operation in the order they were applied here.
    fn all(&mut self) -> Result<Option<Problem>> {
        let sql = "SELECT op_id, origin, origin_seq, at_ms, by, body, o.private, prev, hash, p.salt, p.data
                   FROM ops o LEFT JOIN private p USING (op_id) ORDER BY op";
        let mut rows = self.conn.prepare(sql)?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (op, private) = read_op(row, self.shop.shop_id)?;
            self.operations += 1;
            if let Some(problem) = self.one(&op, private)? {
                return Ok(Some(problem));
            }
        }
        Ok(None)
    }

    fn one(&mut self, op: &Operation, private: Option<Kept>) -> Result<Option<Problem>> {
        let (seq, head) = self.heads.get(&op.origin).copied().unwrap_or((0, [0; 32]));
        let wrong = if op.origin_seq != seq + 1 {
            Some(format!("operation {} is missing", seq + 1))
        } else if op.prev != head || chain::hash(op) != op.hash {
            Some("the chain is broken: this operation is not as it was written".to_owned())
        } else if op.private_digest.is_none() && private.is_some() {
            Some("it has personal data that is not its own".to_owned())
        } else if private
            .as_ref()
            .is_some_and(|(salt, json)| Some(chain::private_digest(salt, json)) != op.private_digest)
        {
            Some("its personal data is not as it was written".to_owned())
        } else {
            None
        };
        if let Some(what) = wrong {
            return Ok(Some(Problem::at(op, what)));
        }
        self.heads.insert(op.origin, (op.origin_seq, op.hash));
        let Ok(body) = read_body(&op.body_json) else {
            return Ok(Some(Problem::at(op, "its body can't be read")));
        };
        if op.private_digest.is_some() && private.is_none() {
            // Only of somebody who was erased, perhaps later in the log.
            self.without_data.push((op.op_id, op.origin_seq, body.subject()));
        }
        let effects = effect::effects(op, &body);
        let private = match private.map(|(_, json)| serde_json::from_str::<Private>(&json)) {
            None => Private::default(),
            Some(Ok(private)) => private,
            Some(Err(_)) => return Ok(Some(Problem::at(op, "its personal data can't be read"))),
        };
        for effect in &effects {
            if let Some(what) = rows::differs(self.conn, self.shop, op, effect)? {
                return Ok(Some(Problem::at(op, what)));
            }
        }
        if let Err(refused) = self.book.apply(op, &private, &effects) {
            let what = format!("the log does what it must not: {}", refused.code);
            return Ok(Some(Problem::at(op, what)));
        }
        Ok(None)
    }

    /// After the last operation: every row that the log makes against the file.
    fn sums(&self) -> Result<Option<Problem>> {
        for (op_id, origin_seq, subject) in &self.without_data {
            if !subject.is_some_and(|who| self.book.is_erased(MemberId(who))) {
                return Ok(Some(Problem {
                    op_id: Some(*op_id),
                    origin_seq: Some(*origin_seq),
                    what: "its personal data is missing".into(),
                }));
            }
        }
        if let Some(found) = crate::state::differs(self.conn, &self.book)? {
            return Ok(Some(Problem::of(told(
                found.section,
                &found.here,
                found.makes.as_deref(),
            ))));
        }
        if let Some(problem) = self.balances()? {
            return Ok(Some(problem));
        }
        self.pointers()
    }

    /// What SQL alone can tell.
    fn pointers(&self) -> Result<Option<Problem>> {
        let orphan: Option<String> = self
            .conn
            .query_row("PRAGMA foreign_key_check", [], |r| r.get(0))
            .optional()?;
        if let Some(table) = orphan {
            return Ok(Some(Problem::of(format!("a row of {table} points at nothing"))));
        }
        for (sql, what) in [
            (
                "SELECT EXISTS (SELECT 1 FROM members m WHERE last_visit_at IS NOT (SELECT max(occurred_at) FROM sales s
                 WHERE s.member_id = m.member_id AND s.reversed = 0 AND s.entry_id IS NOT NULL))",
                "a member's last visit is not that of a sale",
            ),
            (
                "WITH given AS (SELECT source, sale_id, sum(amount_minor) AS minor FROM refunds WHERE settled = 0 GROUP BY source, sale_id HAVING minor <> 0),
                      kept AS (SELECT source, sale_id, refunded_minor FROM sales WHERE refunded_minor <> 0)
                 SELECT EXISTS (SELECT * FROM given EXCEPT SELECT * FROM kept) OR EXISTS (SELECT * FROM kept EXCEPT SELECT * FROM given)",
                "what was given back of a sale is not the sum of its refunds",
            ),
            (
                "SELECT EXISTS (SELECT 1 FROM members m WHERE spent_minor <> coalesce((SELECT sum(s.total_minor - s.refunded_minor)
                 FROM sales s WHERE s.member_id = m.member_id AND s.reversed = 0), 0))",
                "what a member has spent is not the sum of their sales",
            ),
            (
                "SELECT EXISTS (SELECT member FROM members EXCEPT SELECT id FROM member_words_docsize)
                     OR EXISTS (SELECT member FROM members EXCEPT SELECT id FROM member_digits_docsize)",
                "a member can't be found by searching",
            ),
        ] {
            if self.conn.query_row(sql, [], |r| r.get(0))? {
                return Ok(Some(Problem::of(what)));
            }
        }
        Ok(None)
    }

    /// A member's lines add up to what can be spent of theirs, less what the shop lost.
    fn balances(&self) -> Result<Option<Problem>> {
        let sql = "SELECT m.member_id, (SELECT coalesce(sum(points), 0) FROM ledger l WHERE l.member_id = m.member_id),
                          (SELECT coalesce(sum(points), 0) FROM rights r WHERE r.member_id = m.member_id)
                          - (SELECT coalesce(sum(loss), 0) FROM suspense s WHERE s.member_id = m.member_id) FROM members m";
        let mut rows = self.conn.prepare(sql)?;
        for row in rows.query_map([], |r| {
            Ok((MemberId(r.get(0)?), r.get::<_, i64>(1)?, r.get::<_, i64>(2)?))
        })? {
            let (id, points, rights) = row?;
            let folded = self.book.balances.get(&id).copied().unwrap_or_default();
            if points != rights || points != folded {
                let what =
                    format!("member {id} has lines of {points} points and {rights} to spend, the log makes {folded}");
                return Ok(Some(Problem::of(what)));
            }
        }
        Ok(None)
    }
}

/// What is wrong with a row, in words. Rows of people hold personal data: only whose they are is told.
fn told(section: &str, here: &str, makes: Option<&str>) -> String {
    let whose = || {
        let row = if here.is_empty() {
            makes.unwrap_or_default()
        } else {
            here
        };
        let id = |v: &serde_json::Value| {
            v.get(1)
                .map(|c| c.get("member").or_else(|| c.get(0)).unwrap_or(c).to_string())
        };
        serde_json::from_str(row).ok().as_ref().and_then(id).unwrap_or_default()
    };
    match section {
        "head" => "the head of an origin is not its last operation: the log's end is missing".to_owned(),
        "member" | "staff" => format!("what is known of {section} {} is not what the log says", whose()),
        "right" => format!(
            "what can be spent of member {}'s points is not what the log makes",
            whose()
        ),
        _ => format!(
            "the file's {section} {here} is not what the log makes: {}",
            makes.unwrap_or("nothing")
        ),
    }
}

pub(crate) fn read_op(r: &Row<'_>, shop: ShopId) -> Result<(Operation, Option<Kept>)> {
    let by: String = r.get(4)?;
    let op = Operation {
        op_id: OpId(r.get(0)?),
        shop,
        origin: Origin(r.get(1)?),
        origin_seq: r.get(2)?,
        at: UtcMs(r.get(3)?),
        by: by.parse().unwrap_or(By::Job(by)),
        body_json: r.get(5)?,
        private_digest: r.get(6)?,
        prev: r.get(7)?,
        hash: r.get(8)?,
    };
    let salt: Option<[u8; 16]> = r.get(9)?;
    Ok((op, salt.zip(r.get::<_, Option<String>>(10)?)))
}

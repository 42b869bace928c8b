//! Held sales: what waits, and deciding it, once.

use loyalty::op::{Body, By, Private, SaleKey};
use loyalty::{Code, EntryId, MemberId, OpId, Permission, Points, Refusal, UtcMs};
use rusqlite::{Connection, Row, params};

use crate::birthdays;
use crate::error::Result;
use crate::points::{ADJUST_MAX, Actor};
use crate::tx::{Tx, damaged, other_content, read_body};

/// A sale that waits for a decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The system that numbered it.
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
    /// Points it would bring, as computed when it came.
    pub points: Points,
    /// The computation, and why it is held.
    pub reasons: Vec<String>,
    /// When the sale happened.
    pub occurred_at: UtcMs,
    /// When it came in.
    pub held_at: UtcMs,
    /// On whose word it came in.
    pub by: String,
}

/// What to do with a held sale.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Credit exactly what was computed.
    Approve,
    /// Credit another number of points, for a reason.
    ApproveWith {
        /// Zero or above.
        points: Points,
        /// Why.
        reason: String,
    },
    /// Credit nothing, for a reason.
    Reject {
        /// Why.
        reason: String,
    },
}

const SELECT: &str = "SELECT s.source, s.sale_id, s.member_id, m.name, m.phone, s.total_minor, s.points, s.occurred_at,
    o.at_ms, o.by, o.body
    FROM sales s JOIN ops o USING (op_id) JOIN members m ON m.member_id = (SELECT coalesce(k.merged_into, k.member_id) FROM members k WHERE k.member_id = s.member_id)
    WHERE s.move = 'hold' AND s.decision IS NULL AND s.reversed = 0 AND s.standing = 1";

/// The held sales that wait, oldest first.
pub(crate) fn waiting(conn: &Connection) -> Result<Vec<Held>> {
    let mut rows = conn.prepare_cached(&format!("{SELECT} ORDER BY s.occurred_at, s.sale_id"))?;
    let rows = rows.query_map([], read)?;
    rows.map(|row| with_reasons(row?)).collect()
}

fn read(r: &Row<'_>) -> rusqlite::Result<(Held, String)> {
    let held = Held {
        source: r.get(0)?,
        sale_id: r.get(1)?,
        member: MemberId(r.get(2)?),
        member_name: r.get(3)?,
        phone: r.get(4)?,
        total_minor: r.get(5)?,
        points: r.get(6)?,
        reasons: Vec::new(),
        occurred_at: UtcMs(r.get(7)?),
        held_at: UtcMs(r.get(8)?),
        by: r.get(9)?,
    };
    Ok((held, r.get(10)?))
}

fn with_reasons((held, body): (Held, String)) -> Result<Held> {
    match read_body(&body)? {
        Body::SaleRecorded { reasons, .. } => Ok(Held { reasons, ..held }),
        _ => Err(damaged("a held sale's operation is not a sale").into()),
    }
}

impl Tx<'_> {
    /// Decides a held sale, once. Answers the new line, where there is one, and the member's points.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `unknown_sale`, `already_decided`, `bad_points`, `reason_missing`; a storage
    /// error.
    pub fn decide_held(
        &self,
        op: OpId,
        actor: &Actor,
        source: &str,
        sale_id: &str,
        decision: &Decision,
    ) -> Result<(Option<EntryId>, Points)> {
        match self.earlier(op)? {
            Some((
                Body::SaleDecided {
                    entry,
                    member,
                    sale_id: s,
                    ..
                },
                _,
            )) if s == sale_id => {
                return Ok((entry, self.balance(member)?));
            }
            Some(_) => return Err(other_content()),
            None => {}
        }
        actor.must(Permission::DecideHeld)?;
        let held = self.held(source, sale_id)?;
        let (approved, points, mut reasons) = match decision {
            Decision::Approve => (true, held.points, vec![format!("Approved: {} points", held.points)]),
            Decision::ApproveWith { points, reason } => {
                if !(0..=ADJUST_MAX).contains(points) {
                    return Err(Refusal::of(Code::BadPoints, "points", &points.to_string()).into());
                }
                let why = words(reason)?;
                (
                    true,
                    *points,
                    vec![format!(
                        "Approved with {points} points instead of {}: {why}",
                        held.points
                    )],
                )
            }
            Decision::Reject { reason } => (false, 0, vec![format!("Rejected: {}", words(reason)?)]),
        };
        let computed = held.reasons.iter().cloned();
        reasons.splice(0..0, computed);
        self.append_decision(op, &actor.by, &held, approved, points, reasons)
    }

    fn append_decision(
        &self,
        op: OpId,
        by: &By,
        held: &Held,
        approved: bool,
        points: Points,
        reasons: Vec<String>,
    ) -> Result<(Option<EntryId>, Points)> {
        let sql = "SELECT o.body FROM sales s JOIN ops o USING (op_id) WHERE s.source = ?1 AND s.sale_id = ?2 AND s.standing = 1";
        let body: String = self
            .conn
            .prepare_cached(sql)?
            .query_row([&held.source, &held.sale_id], |r| r.get(0))?;
        let Body::SaleRecorded {
            rules_version, stamps, ..
        } = read_body(&body)?
        else {
            return Err(damaged("a held sale's operation is not a sale").into());
        };
        if approved {
            self.visit_after_all(by, held)?;
        }
        let entry = approved.then(|| EntryId(self.uuid()));
        let body = Body::SaleDecided {
            source: held.source.clone(),
            sale_id: held.sale_id.clone(),
            member: held.member,
            entry,
            total_minor: held.total_minor,
            occurred_at: held.occurred_at,
            points,
            rules_version,
            reasons,
            stamps: if approved { stamps } else { Vec::new() },
        };
        self.append(op, by, &body, &Private::default())?;
        let balance = self.balance(held.member)?;
        self.referral_steps(held.member)?;
        Ok((entry, balance))
    }

    /// A held sale that is approved was a visit: it brings the birthday's bonus, by the rules in force.
    fn visit_after_all(&self, by: &By, held: &Held) -> Result<()> {
        let published = self.rules()?;
        let when = (held.occurred_at, self.now());
        if let Some(due) = birthdays::due(self.conn, &published.rules, self.shop(), held.member, when)? {
            let sale = SaleKey {
                source: held.source.clone(),
                sale_id: held.sale_id.clone(),
            };
            self.grant_birthday(by, held.member, &due, &sale, &published)?;
        }
        Ok(())
    }

    fn held(&self, source: &str, sale_id: &str) -> Result<Held> {
        let mut rows = self
            .conn
            .prepare_cached(&format!("{SELECT} AND s.source = ?1 AND s.sale_id = ?2"))?;
        if let Some(row) = rows.query_map(params![source, sale_id], read)?.next() {
            return with_reasons(row?);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND move = 'hold')";
        let decided: bool = self
            .conn
            .prepare_cached(sql)?
            .query_row([source, sale_id], |r| r.get(0))?;
        let code = if decided {
            Code::AlreadyDecided
        } else {
            Code::UnknownSale
        };
        Err(Refusal::of(code, "sale_id", sale_id).into())
    }
}

/// A reason somebody typed.
fn words(text: &str) -> Result<String> {
    let reason = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Refusal::of(Code::ReasonMissing, "reason", &reason).into());
    }
    Ok(reason)
}

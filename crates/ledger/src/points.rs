//! Reversing and adjusting: what moves points without a sale. Not here: redeeming (`redeem`).

use loyalty::op::{Body, By, Kind, Private, SaleKey};
use loyalty::{Code, EntryId, MemberId, OpId, Permission, Points, Refusal, Role};
use rusqlite::OptionalExtension;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::members::Key;
use crate::refunds;
use crate::tx::{Tx, damaged, other_content};

/// Points moved by hand, at most so many at once: more is a slip of the finger.
pub const ADJUST_MAX: Points = 1_000_000;

/// A new line in the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// The line.
    pub entry: EntryId,
    /// Whose.
    pub member: MemberId,
    /// Signed.
    pub points: Points,
    /// The member's points now.
    pub balance: Points,
    /// The reward it is about, by its exact name.
    pub reward: Option<String>,
}

/// Somebody who acts, and what they may do.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub by: By,
    /// Their role.
    pub role: Role,
}

impl Actor {
    /// # Errors
    /// `not_allowed`, with the role that is needed as its value.
    pub fn must(&self, permission: Permission) -> Result<()> {
        if permission.held_by(self.role) {
            return Ok(());
        }
        Err(Refusal::of(Code::NotAllowed, "role", permission.needs().as_str()).into())
    }
}

impl Tx<'_> {
    /// Takes a line back, whole and once.
    ///
    /// # Errors
    /// `unknown_entry`, `not_reversible`, `already_reversed`; `not_allowed` for another's line below a manager; a
    /// storage error.
    pub fn reverse(&self, op: OpId, actor: &Actor, entry: EntryId) -> Result<Moved> {
        match self.earlier(op)? {
            Some((
                Body::EntryReversed {
                    entry: new,
                    reverses,
                    member,
                    points,
                    ..
                },
                _,
            )) if reverses == entry => {
                return self.moved(new, member, points, None);
            }
            Some(_) => return Err(other_content()),
            None => {}
        }
        let line = self.line(entry)?;
        let needed = Permission::to_reverse(line.kind, line.by == actor.by.to_string())
            .ok_or_else(|| Refusal::of(Code::NotReversible, "entry_id", &entry.to_string()))?;
        actor.must(needed)?;
        let taken = "SELECT EXISTS (SELECT 1 FROM ledger WHERE reverses = ?1)";
        if self.conn.prepare_cached(taken)?.query_row([entry.0], |r| r.get(0))? {
            return Err(Refusal::of(Code::AlreadyReversed, "entry_id", &entry.to_string()).into());
        }
        if line.kind == Kind::Earn && line.sale.as_ref().map_or(Ok(false), |sale| self.is_refunded(sale))? {
            return Err(Refusal::of(Code::NotReversible, "entry_id", &entry.to_string()).into());
        }
        let new = EntryId(self.uuid());
        let (member, points) = (line.member, -line.points);
        // A reward given with a sale leaves the sale as it is.
        let sale = line.sale.filter(|_| line.kind == Kind::Earn);
        let body = Body::EntryReversed {
            entry: new,
            reverses: entry,
            of: line.kind,
            member,
            points,
            stamps: self.stamps_back(entry)?,
            sale: sale.clone(),
        };
        self.append(op, &actor.by, &body, &Private::default())?;
        if let Some(sale) = sale {
            self.take_bonuses_back(&actor.by, member, &sale)?;
            self.referral_steps_of(&sale)?;
        }
        self.moved(new, member, points, line.reward)
    }

    /// Adds or takes points by hand. What is taken must be there.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `bad_points`, `reason_missing`, `unknown_member`, `not_enough_points`; a
    /// storage error.
    pub fn adjust(&self, op: OpId, actor: &Actor, member: MemberId, points: Points, reason: &str) -> Result<Moved> {
        actor.must(Permission::Adjust)?;
        self.move_points(op, &actor.by, member, Kind::Adjust, points, reason)
    }

    /// Brings along points from a programme before this one.
    ///
    /// # Errors
    /// `bad_points` (also below zero), `unknown_member`; a storage error.
    pub fn open_balance(&self, op: OpId, by: &By, member: MemberId, points: Points) -> Result<Moved> {
        if points < 0 {
            return Err(Refusal::of(Code::BadPoints, "balance", &points.to_string()).into());
        }
        self.move_points(op, by, member, Kind::Opening, points, "Opening balance")
    }

    pub(crate) fn move_points(
        &self,
        op: OpId,
        by: &By,
        member: MemberId,
        kind: Kind,
        points: Points,
        reason: &str,
    ) -> Result<Moved> {
        match self.earlier(op)? {
            Some((
                Body::PointsMoved {
                    entry,
                    member: m,
                    points: p,
                    ..
                },
                _,
            )) if self.is_same(m, member) && p == points => {
                return self.moved(entry, m, p, None);
            }
            Some(_) => return Err(other_content()),
            None => {}
        }
        if points == 0 || points.abs() > ADJUST_MAX {
            return Err(Refusal::of(Code::BadPoints, "points", &points.to_string()).into());
        }
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        if reason.is_empty() || reason.chars().count() > 200 {
            return Err(Refusal::of(Code::ReasonMissing, "reason", &reason).into());
        }
        let member = self.member(Key::Id(member))?.member_id;
        let entry = EntryId(self.uuid());
        self.join_points(by, member, -points)?;
        self.append(
            op,
            by,
            &Body::PointsMoved {
                entry,
                member,
                kind,
                points,
                reason,
            },
            &Private::default(),
        )?;
        self.moved(entry, member, points, None)
    }

    /// Takes back the bonuses that came with a sale: who did not visit had no birthday visit.
    fn take_bonuses_back(&self, by: &By, member: MemberId, sale: &SaleKey) -> Result<()> {
        let actor = Actor {
            by: by.clone(),
            role: Role::Manager,
        };
        for with in refunds::given_with(self.conn, Some(member), sale, Kind::Bonus)? {
            self.reverse(self.new_op(), &actor, with.entry)?;
        }
        Ok(())
    }

    fn line(&self, entry: EntryId) -> Result<TheLine> {
        let sql = "SELECT member_id, kind, points, by, source, sale_id, reward FROM ledger WHERE entry_id = ?1";
        type Columns = (
            Uuid,
            String,
            Points,
            String,
            Option<String>,
            Option<String>,
            Option<String>,
        );
        let row: Option<Columns> = self
            .conn
            .prepare_cached(sql)?
            .query_row([entry.0], |r| {
                Ok((
                    r.get(0)?,
                    r.get(1)?,
                    r.get(2)?,
                    r.get(3)?,
                    r.get(4)?,
                    r.get(5)?,
                    r.get(6)?,
                ))
            })
            .optional()?;
        let (member, kind, points, by, source, sale_id, reward) =
            row.ok_or_else(|| Error::Refused(Refusal::of(Code::UnknownEntry, "entry_id", &entry.to_string())))?;
        let kind = Kind::read(&kind).ok_or_else(|| damaged("a ledger line of no known kind"))?;
        let sale = source.zip(sale_id).map(|(source, sale_id)| SaleKey { source, sale_id });
        Ok(TheLine {
            member: MemberId(member),
            kind,
            points,
            by,
            sale,
            reward,
        })
    }
}

/// What reversing needs to know of a line.
struct TheLine {
    member: MemberId,
    kind: Kind,
    points: Points,
    by: String,
    sale: Option<SaleKey>,
    reward: Option<String>,
}

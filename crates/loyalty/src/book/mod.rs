//! The obvious ledger: the fold of a shop's operations in plain maps, with the same effects as every store.
//!
//! It is what `ledger verify` compares a database with, and what tests run beside one. Slow and simple on purpose: it
//! keeps what the operations said, and works out what that comes to only when asked ([`Book::rows`]). So the order in
//! which operations of different origins come can't matter; what an origin does after itself, it checks.

mod lapses;
mod people;
mod referrals;
mod rights;
mod rows;
mod sales;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::away::AwayRules;
use crate::effect::Effect;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId, Origin, StaffId};
use crate::op::{Kind, Operation, Private, Twice};
use crate::{Code, Points, Refusal, UtcMs};

pub use sales::SaleKeyOrd;

/// A shop folded from its log.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// What each holder may spend of each member's points. What a lost till holds nobody may.
    pub rights: BTreeMap<(MemberId, Origin), Points>,
    /// What each holder may use of each member's stamp cards.
    pub stamps: BTreeMap<(MemberId, String, Origin), i64>,
    /// The bonus line of each birthday that has brought one: whose, and the year.
    pub birthdays: BTreeMap<EntryId, (MemberId, i32)>,
    /// The sum of each member's ledger lines; every member has one.
    pub balances: BTreeMap<MemberId, Points>,
    referrals: referrals::Referrals,
    lost: BTreeSet<Origin>,
    suspense: BTreeMap<(MemberId, Origin), rights::Suspense>,
    away: Option<(Hlc, OpId, AwayRules)>,
    lapses: lapses::Lapses,
    members: BTreeMap<MemberId, people::Person>,
    staff: BTreeMap<StaffId, people::Colleague>,
    /// Whose each withdrawal is.
    withdrawn_by: HashMap<OpId, MemberId>,
    entries: BTreeMap<EntryId, Line>,
    /// Lines that take back a line.
    reversals: HashMap<EntryId, Vec<(EntryId, Origin)>>,
    sales: BTreeMap<OpId, sales::Sale>,
    by_key: HashMap<SaleKeyOrd, BTreeSet<OpId>>,
    decisions: BTreeMap<OpId, sales::Decision>,
    refunds: BTreeMap<OpId, sales::Refund>,
    /// What each origin has done and may not do again.
    done: HashSet<(Origin, &'static str, SaleKeyOrd)>,
    rules: BTreeSet<(i64, Hlc, OpId)>,
    heads: BTreeMap<Origin, (i64, [u8; 32])>,
}

/// A line of the ledger.
#[derive(Clone, Debug)]
struct Line {
    member: MemberId,
    kind: Kind,
    points: Points,
    reverses: Option<EntryId>,
}

/// What of an operation its effects need.
struct Ctx<'a> {
    op: OpId,
    origin: Origin,
    at: UtcMs,
    private: &'a Private,
}

impl Book {
    /// An empty shop.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out an operation's effects. On a refusal the book is of no more use.
    ///
    /// # Errors
    /// What no origin may do after itself: `not_enough_points`, `already_reversed`, `already_decided`, `sale_differs`,
    /// `refund_too_large`, `bad_rules`; what nobody may: `unknown_member`, `unknown_entry`, `not_reversible`.
    pub fn apply(&mut self, op: &Operation, private: &Private, effects: &[Effect]) -> Result<(), Refusal> {
        self.heads.insert(op.origin, (op.origin_seq, op.hash));
        let ctx = Ctx {
            op: op.op_id,
            origin: op.origin,
            at: op.at,
            private,
        };
        effects.iter().try_for_each(|e| self.apply_one(&ctx, e))
    }

    fn apply_one(&mut self, ctx: &Ctx<'_>, effect: &Effect) -> Result<(), Refusal> {
        match effect {
            Effect::Shop { .. } => {}
            Effect::Rules { version, clock, .. } => {
                if *version < 1 {
                    return Err(Code::BadRules.into());
                }
                self.rules.insert((*version, *clock, ctx.op));
            }
            Effect::Staff {
                staff,
                role,
                active,
                clock,
            } => self.staff_is(ctx, *staff, (*role, *active), *clock),
            Effect::NewMember { member, code } => self.enrol(ctx, *member, code),
            Effect::Member { member, clock } => self.known(*member)?.change(ctx, *clock),
            Effect::Given { member, covers } => self.give(ctx, *member, covers.as_deref())?,
            Effect::Withdrawn { member } => self.withdraw(ctx, *member)?,
            Effect::Merge { member, into, clock } => self.known(*member)?.merge(ctx, *into, *clock),
            Effect::Erase { member } => self.known(*member)?.erase(),
            Effect::Sale(sale) => self.sale(ctx, sale)?,
            // Follows from the lines.
            Effect::SaleReversed(_) => {}
            Effect::Decision { key, entry } => self.decision(ctx, key, *entry)?,
            Effect::Refund {
                key,
                refund_id,
                amount_minor,
                whole,
                ..
            } => self.refund(ctx, key, refund_id, *amount_minor, *whole)?,
            Effect::Entry(line) => {
                let new = Line {
                    member: line.member,
                    kind: line.kind,
                    points: line.points,
                    reverses: line.reverses,
                };
                self.line(ctx, line.entry, new)?;
            }
            Effect::Rights {
                member,
                holder,
                points,
                covered,
            } => {
                self.known(*member)?;
                self.change_rights(*member, *holder, *points, *covered)?;
            }
            Effect::Sent {
                member,
                from,
                to,
                points,
                held,
            } => {
                self.known(*member)?;
                self.change_rights(*member, *from, -points, *held)?;
                self.change_rights(*member, *to, *points, false)?;
            }
            Effect::Lost { till } => self.lose(*till),
            Effect::Released { member, till, points } => {
                self.known(*member)?;
                self.release(*member, *till, *points);
            }
            Effect::Away { rules, clock } => {
                let said = (*clock, ctx.op);
                if self.away.is_none_or(|(clock, op, _)| (clock, op) < said) {
                    self.away = Some((said.0, said.1, *rules));
                }
            }
            Effect::Stamps {
                member,
                card,
                holder,
                count,
                covered,
            } => {
                self.known(*member)?;
                let stamps = self.stamps.entry((*member, card.clone(), *holder)).or_default();
                if *covered && *stamps + count < 0 {
                    return Err(Refusal::from(Code::NotEnoughStamps).with(-(*stamps + count)));
                }
                *stamps += count;
            }
            Effect::Birthday { member, year, entry } => {
                self.known(*member)?;
                self.birthdays.insert(*entry, (*member, *year));
            }
            Effect::Referred {
                friend,
                code,
                referrer,
                doubts,
            } => {
                self.known(*friend)?;
                self.referrals
                    .joined(ctx.op, (*friend, code.clone(), *referrer, doubts.clone()));
            }
            Effect::Qualified(qualified) => {
                self.known(qualified.key.friend)?;
                self.known(qualified.member)?;
                self.referrals.qualified(ctx.op, qualified);
            }
            Effect::Rewarded(rewarded) => self.referrals.rewarded(ctx.origin, rewarded)?,
            Effect::Reviewed(reviewed) => self.referrals.reviewed(ctx.op, reviewed),
            Effect::LapsingChosen(chosen) => {
                self.known(chosen.member)?;
                self.lapses.chosen(ctx.op, ctx.at, chosen);
            }
            Effect::LapsingSet { usual, clock } => self.lapses.set(ctx.op, *clock, *usual),
            Effect::LapsingActed(acted) => {
                self.known(acted.member)?;
                self.lapses.acted(ctx.op, ctx.at, acted);
            }
            Effect::BonusTakenBack { entry } => drop(self.birthdays.remove(entry)),
            Effect::Settle { what, second } => self.settle(*what, *second),
            Effect::Renew { was, now } => self.renew(*was, *now),
        }
        Ok(())
    }

    fn renew(&mut self, was: Origin, now: Origin) {
        if !self.lost.contains(&was) {
            for ((member, holder), points) in std::mem::take(&mut self.rights) {
                let heir = if points < 0 { Origin::RELAY } else { now };
                let holder = if holder == was { heir } else { holder };
                *self.rights.entry((member, holder)).or_default() += points;
            }
        }
        for ((member, card, holder), stamps) in std::mem::take(&mut self.stamps) {
            let holder = if holder == was && stamps > 0 { now } else { holder };
            *self.stamps.entry((member, card, holder)).or_default() += stamps;
        }
    }

    fn known(&mut self, member: MemberId) -> Result<&mut people::Person, Refusal> {
        self.members
            .get_mut(&member)
            .ok_or_else(|| Refusal::of(Code::UnknownMember, "member_id", &member.to_string()))
    }

    fn line(&mut self, ctx: &Ctx<'_>, entry: EntryId, line: Line) -> Result<(), Refusal> {
        self.known(line.member)?;
        if let Some(target) = line.reverses {
            let other = self.entries.get(&target).ok_or(Refusal::from(Code::UnknownEntry))?;
            if other.points != -line.points || other.member != line.member {
                return Err(Code::NotReversible.into());
            }
            let before = self.reversals.entry(target).or_default();
            if before.iter().any(|(_, origin)| *origin == ctx.origin) {
                return Err(Code::AlreadyReversed.into());
            }
            before.push((entry, ctx.origin));
        }
        *self.balances.entry(line.member).or_default() += line.points;
        self.entries.insert(entry, line);
        Ok(())
    }

    /// Whether a line was taken back, by a line that was not taken back itself.
    fn taken(&self, entry: EntryId) -> bool {
        self.reversals
            .get(&entry)
            .is_some_and(|by| by.iter().any(|(line, _)| !self.reversals.contains_key(line)))
    }

    fn settle(&mut self, what: Twice, second: OpId) {
        match what {
            Twice::Sale => drop(self.sales.get_mut(&second).map(|s| s.settled = true)),
            Twice::Decision => drop(self.decisions.get_mut(&second).map(|d| d.settled = true)),
            Twice::Refund => drop(self.refunds.get_mut(&second).map(|r| r.settled = true)),
            Twice::Referral | Twice::Qualified => self.referrals.settle(second),
            // Follows from the lines.
            Twice::Reversal | Twice::Birthday | Twice::Rewarded => {}
        }
    }

    /// The sum of all rights: what the shop owes in points.
    #[must_use]
    pub fn outstanding(&self) -> Points {
        self.rights.values().sum()
    }

    /// The ends of all origins' logs.
    #[must_use]
    pub fn heads(&self) -> &BTreeMap<Origin, (i64, [u8; 32])> {
        &self.heads
    }

    /// Whether a member's data was erased.
    #[must_use]
    pub fn is_erased(&self, member: MemberId) -> bool {
        self.members.get(&member).is_some_and(people::Person::is_erased)
    }
}

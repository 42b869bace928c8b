//! The obvious ledger: the fold of a shop's operations in plain maps, with the same effects as every store.
//!
//! It is what `ledger verify` compares a database with, and what tests run beside one. Slow and simple on purpose.

use std::collections::{BTreeMap, HashSet};

use crate::effect::Effect;
use crate::ids::{EntryId, MemberId, Origin, StaffId};
use crate::op::{Kind, SaleKey};
use crate::{Code, Points, Refusal};

/// A shop folded from its log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Book {
    /// What each holder may spend of each member's points.
    pub rights: BTreeMap<(MemberId, Origin), Points>,
    /// The sum of each member's ledger lines; every member has one.
    pub balances: BTreeMap<MemberId, Points>,
    /// Recorded sales of each member that were not taken back.
    pub visits: BTreeMap<MemberId, i64>,
    /// Every line: its kind and points.
    pub entries: BTreeMap<EntryId, (Kind, Points)>,
    /// Lines that were taken back.
    pub reversed: HashSet<EntryId>,
    /// Every sale, and whether it was taken back.
    pub sales: BTreeMap<SaleKeyOrd, bool>,
    /// The rules in force; 0 before the first.
    pub rules_version: i64,
    /// Staff, and whether they may sign in.
    pub staff: BTreeMap<StaffId, bool>,
}

/// A sale's key in an order: source, then number.
pub type SaleKeyOrd = (String, String);

impl Book {
    /// An empty shop.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out an operation's effects, all or none.
    ///
    /// # Errors
    /// The refusal a store must give too: `not_enough_points`, `already_reversed`, `sale_differs`, `unknown_member`,
    /// `unknown_entry`, `bad_rules` (a version that is not the next).
    pub fn apply(&mut self, effects: &[Effect]) -> Result<(), Refusal> {
        let mut next = self.clone();
        for effect in effects {
            next.apply_one(effect)?;
        }
        *self = next;
        Ok(())
    }

    /// As [`Book::apply`] without the copy: on a refusal the book is of no more use. For walking a whole log.
    ///
    /// # Errors
    /// As above.
    pub fn apply_in_place(&mut self, effects: &[Effect]) -> Result<(), Refusal> {
        effects.iter().try_for_each(|e| self.apply_one(e))
    }

    fn apply_one(&mut self, effect: &Effect) -> Result<(), Refusal> {
        let known = |m: &MemberId, b: &Self| b.balances.contains_key(m).then_some(()).ok_or(Refusal::from(Code::UnknownMember));
        match effect {
            Effect::Shop { .. } => {}
            Effect::Rules { version, .. } => {
                if *version != self.rules_version + 1 {
                    return Err(Code::BadRules.into());
                }
                self.rules_version = *version;
            }
            Effect::Staff { staff, active, .. } => {
                self.staff.insert(*staff, *active);
            }
            Effect::NewMember { member, .. } => {
                self.balances.entry(*member).or_default();
                self.visits.entry(*member).or_default();
            }
            Effect::Member { member } | Effect::Consent { member, .. } => known(member, self)?,
            Effect::Sale(sale) => {
                if self.sales.insert(ord(&sale.key), false).is_some() {
                    return Err(Code::SaleDiffers.into());
                }
            }
            Effect::SaleReversed(key) => match self.sales.get_mut(&ord(key)) {
                Some(reversed) if !*reversed => *reversed = true,
                _ => return Err(Code::AlreadyReversed.into()),
            },
            Effect::Entry(line) => {
                known(&line.member, self)?;
                if let Some(target) = line.reverses {
                    let (kind, points) = self.entries.get(&target).copied().ok_or(Refusal::from(Code::UnknownEntry))?;
                    if kind == Kind::Reverse || points != -line.points {
                        return Err(Code::NotReversible.into());
                    }
                    if !self.reversed.insert(target) {
                        return Err(Code::AlreadyReversed.into());
                    }
                }
                self.entries.insert(line.entry, (line.kind, line.points));
                *self.balances.entry(line.member).or_default() += line.points;
            }
            Effect::Rights { member, holder, points, covered } => {
                known(member, self)?;
                let rights = self.rights.entry((*member, *holder)).or_default();
                if *covered && *rights + points < 0 {
                    return Err(Refusal::from(Code::NotEnoughPoints).with(-(*rights + points)));
                }
                *rights += points;
            }
            Effect::Visit { member, count, .. } => {
                known(member, self)?;
                *self.visits.entry(*member).or_default() += count;
            }
        }
        Ok(())
    }

    /// The sum of all rights: what the shop owes in points.
    #[must_use]
    pub fn outstanding(&self) -> Points {
        self.rights.values().sum()
    }
}

fn ord(key: &SaleKey) -> SaleKeyOrd {
    (key.source.clone(), key.sale_id.clone())
}

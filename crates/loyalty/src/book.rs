//! The obvious ledger: the fold of a shop's operations in plain maps, with the same effects as every store.
//!
//! It is what `ledger verify` compares a database with, and what tests run beside one. Slow and simple on purpose.

use std::collections::{BTreeMap, HashSet};

use crate::effect::Effect;
use crate::ids::{EntryId, MemberId, Origin, StaffId};
use crate::op::{Kind, SaleKey};
use crate::rules::Move;
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
    /// Every sale.
    pub sales: BTreeMap<SaleKeyOrd, SaleState>,
    /// Every refund, by its own number.
    pub refunds: HashSet<SaleKeyOrd>,
    /// The rules in force; 0 before the first.
    pub rules_version: i64,
    /// What each holder may use of each member's stamp cards.
    pub stamps: BTreeMap<(MemberId, String, Origin), i64>,
    /// The bonus line of each birthday that has brought one: member and year.
    pub birthdays: BTreeMap<(MemberId, i32), EntryId>,
    /// Staff, and whether they may sign in.
    pub staff: BTreeMap<StaffId, bool>,
}

/// What has become of a sale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SaleState {
    /// What was paid, in minor units.
    pub total_minor: i64,
    /// What was given back.
    pub refunded_minor: i64,
    /// Whether it was held.
    pub held: bool,
    /// For a held one: whether it was approved, once decided.
    pub decided: Option<bool>,
    /// Whether it was taken back, by a reversal or by refunds of all of it.
    pub reversed: bool,
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
        let known = |m: &MemberId, b: &Self| {
            b.balances
                .contains_key(m)
                .then_some(())
                .ok_or(Refusal::from(Code::UnknownMember))
        };
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
            Effect::Member { member, .. }
            | Effect::Given { member, .. }
            | Effect::Withdrawn { member }
            | Effect::Merge { member, .. }
            | Effect::Erase { member } => known(member, self)?,
            Effect::Settle { .. } | Effect::Renew { .. } => {}
            Effect::Sale(sale) => {
                let held = sale.move_ == Move::Hold;
                let state = SaleState {
                    total_minor: sale.total_minor,
                    held,
                    ..SaleState::default()
                };
                if self.sales.insert(ord(&sale.key), state).is_some() {
                    return Err(Code::SaleDiffers.into());
                }
            }
            Effect::SaleReversed(key) => match self.sales.get_mut(&ord(key)) {
                Some(sale) if !sale.reversed => sale.reversed = true,
                _ => return Err(Code::AlreadyReversed.into()),
            },
            Effect::Decision { key, entry, .. } => match self.sales.get_mut(&ord(key)) {
                Some(sale) if sale.held && sale.decided.is_none() => sale.decided = Some(entry.is_some()),
                _ => return Err(Code::AlreadyDecided.into()),
            },
            Effect::Refund {
                key,
                refund_id,
                amount_minor,
                whole,
                ..
            } => {
                let sale = self.sales.get_mut(&ord(key)).ok_or(Refusal::from(Code::UnknownSale))?;
                let left = sale.total_minor - sale.refunded_minor - amount_minor;
                if sale.reversed || left < 0 || (left == 0) != *whole {
                    return Err(Code::RefundTooLarge.into());
                }
                (sale.refunded_minor, sale.reversed) = (sale.total_minor - left, *whole);
                if !self.refunds.insert((key.source.clone(), refund_id.clone())) {
                    return Err(Code::SaleDiffers.into());
                }
            }
            Effect::Entry(line) => {
                known(&line.member, self)?;
                if let Some(target) = line.reverses {
                    let (kind, points) = self
                        .entries
                        .get(&target)
                        .copied()
                        .ok_or(Refusal::from(Code::UnknownEntry))?;
                    if matches!(kind, Kind::Reverse | Kind::Refund) || points != -line.points {
                        return Err(Code::NotReversible.into());
                    }
                    if !self.reversed.insert(target) {
                        return Err(Code::AlreadyReversed.into());
                    }
                }
                self.entries.insert(line.entry, (line.kind, line.points));
                *self.balances.entry(line.member).or_default() += line.points;
            }
            Effect::Rights {
                member,
                holder,
                points,
                covered,
            } => {
                known(member, self)?;
                let rights = self.rights.entry((*member, *holder)).or_default();
                if *covered && *rights + points < 0 {
                    return Err(Refusal::from(Code::NotEnoughPoints).with(-(*rights + points)));
                }
                *rights += points;
            }
            Effect::Stamps {
                member,
                card,
                holder,
                count,
                covered,
            } => {
                known(member, self)?;
                let stamps = self.stamps.entry((*member, card.clone(), *holder)).or_default();
                if *covered && *stamps + count < 0 {
                    return Err(Refusal::from(Code::NotEnoughStamps).with(-(*stamps + count)));
                }
                *stamps += count;
            }
            Effect::Birthday { member, year, entry } => {
                known(member, self)?;
                if self.birthdays.insert((*member, *year), *entry).is_some() {
                    return Err(Code::AlreadyGranted.into());
                }
            }
            Effect::BonusTakenBack { entry } => self.birthdays.retain(|_, line| line != entry),
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

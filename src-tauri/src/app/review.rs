//! Held sales: what waits, deciding it at the till or in the owner's window, and what was decided.

use std::collections::HashMap;

use ledger::{Decision, Key, Store};
use loyalty::{EntryId, MemberId, Permission};

use super::desk::Signed;
use super::{Answer, App, id};
use crate::views::{Decide, DecidedNow, DecidedSale, HeldSale, Reverse, Verdict, small};

/// Decisions that the owner's window shows.
const DECIDED_MAX: usize = 100;

impl App {
    /// The held sales that wait, oldest first, for the till.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn held(&self) -> Answer<Vec<HeldSale>> {
        let (store, _) = self.acting(Permission::Serve)?;
        self.waiting(&store)
    }

    /// Decides a held sale at the till.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `unknown_sale`, `already_decided`, `bad_points`, `reason_missing`; `locked`; the
    /// machine's.
    pub fn decide(&self, decide: &Decide) -> Answer<DecidedNow> {
        let (store, signed) = self.acting(Permission::DecideHeld)?;
        self.decided_by(&store, &signed, decide)
    }

    /// The held sales that wait, oldest first, for the owner's window.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn review_held(&self) -> Answer<Vec<HeldSale>> {
        let (store, _) = self.owning()?;
        self.waiting(&store)
    }

    /// The latest decisions, newest first.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn review_decided(&self) -> Answer<Vec<DecidedSale>> {
        let (store, _) = self.owning()?;
        let decided = self.told(store.decided(DECIDED_MAX))?;
        let coded = |d: ledger::Decided| Ok(DecidedSale::of(self.code_of(&store, d.member)?, d));
        decided.into_iter().map(coded).collect()
    }

    /// Decides a held sale in the owner's window.
    ///
    /// # Errors
    /// As [`App::decide`].
    pub fn review_decide(&self, decide: &Decide) -> Answer<DecidedNow> {
        let (store, owner) = self.owning()?;
        self.decided_by(&store, &owner, decide)
    }

    /// Takes the line of an approved sale back, in the owner's window.
    ///
    /// # Errors
    /// `unknown_entry`, `not_reversible`, `already_reversed`; `locked`; the machine's.
    pub fn review_take_back(&self, reverse: &Reverse) -> Answer<()> {
        let (store, owner) = self.owning()?;
        let entry: EntryId = id("entry_id", &reverse.entry_id)?;
        self.written(store.reverse(id("op_id", &reverse.op_id)?, owner.actor(), entry))?;
        Ok(())
    }

    fn waiting(&self, store: &Store) -> Answer<Vec<HeldSale>> {
        let staff = self.told(store.staff())?;
        let names: HashMap<String, String> = staff.into_iter().map(|s| (s.staff_id.to_string(), s.name)).collect();
        let held = self.told(store.held())?;
        let named = |by: &str| names.get(by).cloned().unwrap_or_else(|| by.to_owned());
        let seen = |h: ledger::Held| Ok(HeldSale::of(self.code_of(store, h.member)?, named(&h.by), h));
        held.into_iter().map(seen).collect()
    }

    fn code_of(&self, store: &Store, member: MemberId) -> Answer<String> {
        let member = self.told(store.member(Key::Id(member)))?;
        Ok(member.map(|m| m.code).unwrap_or_default())
    }

    fn decided_by(&self, store: &Store, signed: &Signed, decide: &Decide) -> Answer<DecidedNow> {
        let op = id("op_id", &decide.op_id)?;
        let decision = match decide.verdict.clone() {
            Verdict::Approve => Decision::Approve,
            Verdict::ApproveWith { points, reason } => Decision::ApproveWith {
                points: i64::from(points),
                reason,
            },
            Verdict::Reject { reason } => Decision::Reject { reason },
        };
        let (source, sale_id) = (decide.source.clone(), decide.sale_id.clone());
        self.told(link::word_on_sale(store, &source, &sale_id, || self.hurried(store)))?;
        let (entry, balance) = self.written(store.decide_held(op, signed.actor(), source, sale_id, decision))?;
        Ok(DecidedNow {
            entry_id: entry.map(|entry| entry.to_string()),
            balance: small(balance),
        })
    }
}

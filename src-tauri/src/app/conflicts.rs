//! What tills did while they were apart, in the owner's window: what waits to be settled, settling it, undoing that.

use ledger::{About, Mark, Store, Verdict};
use link::TillsRequest;
use loyalty::{Code, MemberId, Phone, Refusal, UtcMs};

use super::{Answer, App, id};
use crate::views::{Conflict, ConflictSettle, ConflictSettled, ConflictVerdict, Conflicts, small};

/// Settled ones that the window shows.
const SETTLED_MAX: usize = 50;

impl App {
    /// What waits to be settled, and what was settled at this till.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn conflicts(&self) -> Answer<Conflicts> {
        let (store, _) = self.owning()?;
        let open = self.told(store.conflicts())?;
        let open = open.into_iter().map(|c| self.conflict_of(&store, c));
        let settled = self.told(store.settled_conflicts(SETTLED_MAX))?;
        let settled = settled
            .into_iter()
            .map(|(key, mark)| self.settled_of(&store, key, mark));
        Ok(Conflicts {
            open: open.collect::<Answer<_>>()?,
            settled: settled.collect::<Answer<_>>()?,
        })
    }

    /// Settles one: what a lost till spent is settled by the relay, all else here.
    ///
    /// # Errors
    /// `already_decided` where it does not wait any more, `reason_missing`; for a late spend as [`App::tills_add`];
    /// `locked`; the machine's.
    pub fn conflict_settle(&self, settle: &ConflictSettle) -> Answer<Conflicts> {
        let (store, owner) = self.owning()?;
        let conflict = self.told(store.conflict(&settle.key))?;
        let verdict = Verdict::from(settle.verdict);
        let wanted = matches!(verdict, Verdict::Forgiven | Verdict::Asked);
        if wanted && settle.note.trim().is_empty() {
            return Err(Refusal::of(Code::ReasonMissing, "note", "").into());
        }
        let decides = matches!(verdict, Verdict::Forgiven | Verdict::Owed);
        if let Some(till) = conflict.lost.filter(|_| decides) {
            let request = TillsRequest::SettleLoss {
                till,
                member: conflict.member,
                forgive: verdict == Verdict::Forgiven,
                by: owner.by().to_string(),
            };
            self.ask_relay(&store, &request)?;
        }
        let op = id("op_id", &settle.op_id)?;
        self.written(store.settle_conflict(op, owner.actor(), conflict, verdict, settle.note.clone()))?;
        self.conflicts()
    }

    /// Opens one again that was settled here; points that it gave are taken back.
    ///
    /// # Errors
    /// `already_decided` where it can't be undone; `locked`; the machine's.
    pub fn conflict_undo(&self, op_id: &str, key: &str) -> Answer<Conflicts> {
        let (store, owner) = self.owning()?;
        self.written(store.reopen_conflict(id("op_id", op_id)?, owner.actor(), key.to_owned()))?;
        self.conflicts()
    }

    fn conflict_of(&self, store: &Store, c: ledger::Conflict) -> Answer<Conflict> {
        let (member_code, member_name, member_last4) = self.person(store, c.member)?;
        let (note, note_by, note_at) = match c.asked {
            Some(mark) => (mark.note, self.name_of(store, &mark.by)?, Some(mark.at.rfc3339())),
            None => Default::default(),
        };
        let line = c.line.as_ref();
        let named = line.and_then(|line| line.reward.clone().or_else(|| line.sale_id.clone()));
        Ok(Conflict {
            key: c.key,
            about: c.about.into(),
            member_code,
            member_name,
            member_last4,
            points: small(c.points),
            cost_minor: self.cost_of(store, c.points.abs())?,
            balance: small(c.balance),
            till: c.till,
            by_name: line.map(|line| line.by_name.clone()).unwrap_or_default(),
            at: line.map(|line| line.at.rfc3339()),
            thing: named.unwrap_or_default(),
            first_till: c.first_till,
            first_at: c.first_at.map(UtcMs::rfc3339),
            note,
            note_by,
            note_at,
        })
    }

    fn settled_of(&self, store: &Store, key: String, mark: Mark) -> Answer<ConflictSettled> {
        let (member_code, member_name, member_last4) = self.person(store, mark.member)?;
        Ok(ConflictSettled {
            key,
            about: mark.about.into(),
            member_code,
            member_name,
            member_last4,
            points: small(mark.points),
            verdict: mark.verdict.into(),
            may_undo: mark.may_undo(),
            by_name: self.name_of(store, &mark.by)?,
            at: mark.at.rfc3339(),
            note: mark.note,
        })
    }

    /// Code, name, and the last four digits of the number; empty where somebody is gone.
    fn person(&self, store: &Store, member: MemberId) -> Answer<(String, String, String)> {
        let found = self.told(store.member(ledger::Key::Id(member)))?;
        Ok(found.map_or_else(Default::default, |m| {
            let last4 = m.phone.as_ref().map(Phone::last_four).unwrap_or_default().to_owned();
            (m.code, m.name, last4)
        }))
    }

    fn name_of(&self, store: &Store, by: &str) -> Answer<String> {
        let staff = self.told(store.staff())?;
        let found = staff.into_iter().find(|s| s.staff_id.to_string() == by);
        Ok(found.map_or_else(|| by.to_owned(), |s| s.name))
    }
}

impl From<About> for crate::views::ConflictAbout {
    fn from(about: About) -> Self {
        match about {
            About::LostSpend => Self::LostSpend,
            About::SaleTwice => Self::SaleTwice,
            About::ReversalTwice => Self::ReversalTwice,
            About::DecisionTwice => Self::DecisionTwice,
            About::RefundTwice => Self::RefundTwice,
            About::BirthdayTwice => Self::BirthdayTwice,
            About::BelowZero => Self::BelowZero,
        }
    }
}

impl From<Verdict> for ConflictVerdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Forgiven => Self::Forgiven,
            Verdict::Owed => Self::Owed,
            Verdict::Noted => Self::Noted,
            Verdict::Asked => Self::Asked,
        }
    }
}

impl From<ConflictVerdict> for Verdict {
    fn from(verdict: ConflictVerdict) -> Self {
        match verdict {
            ConflictVerdict::Forgiven => Self::Forgiven,
            ConflictVerdict::Owed => Self::Owed,
            ConflictVerdict::Noted => Self::Noted,
            ConflictVerdict::Asked => Self::Asked,
        }
    }
}

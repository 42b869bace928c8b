//! Giving money back for a sale at the till: shown first, then done, and never twice. The store decides.

use ledger::{Line, Store};
use loyalty::op::Kind;
use loyalty::{Code, EntryId, Money, OpId, Permission, Refusal};

use super::desk::Signed;
use super::{Answer, App, id};
use crate::views::{Refund, RefundAsk, RefundPreview, Refunded, small};

impl App {
    /// What giving money back would do now.
    ///
    /// # Errors
    /// `unknown_entry`, `not_reversible` for what is no sale, `already_reversed`, `bad_amount`, `refund_too_large` with
    /// what is left in minor units; `not_allowed`; `locked`; the machine's.
    pub fn refund_preview(&self, ask: &RefundAsk) -> Answer<RefundPreview> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let line = self.sold(&store, &signed, &ask.entry_id)?;
        let refund = |amount| as_refund(&line, "preview", amount);
        // All that is left, to show it; then what was asked for.
        let left = self.told(store.preview_refund(&refund(None)))?;
        let done = match amount(&store, ask.amount.as_deref())? {
            None => left.clone(),
            some => self.told(store.preview_refund(&refund(some)))?,
        };
        Ok(RefundPreview {
            amount_minor: small(done.amount_minor),
            left_minor: small(left.amount_minor),
            points: small(done.points),
            restored: done.restored,
            whole: done.whole,
            balance_after: small(done.balance),
        })
    }

    /// Gives money back: takes its points in proportion, and gives a reward back with the last of it.
    ///
    /// # Errors
    /// As [`App::refund_preview`].
    pub fn refund(&self, refund: &Refund) -> Answer<Refunded> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let op: OpId = id("op_id", &refund.op_id)?;
        let line = self.sold(&store, &signed, &refund.entry_id)?;
        let amount = amount(&store, Some(&refund.amount))?;
        let done = self.written(store.refund(op, signed.by(), as_refund(&line, &op.to_string(), amount)))?;
        let card = self.card(&store, &signed, line.member)?;
        Ok(Refunded {
            amount_minor: small(done.amount_minor),
            points: small(done.points),
            restored: done.restored,
            card,
        })
    }

    /// The line of a sale, for somebody who might take it back: money is given back by the same people.
    fn sold(&self, store: &Store, signed: &Signed, entry_id: &str) -> Answer<Line> {
        let entry: EntryId = id("entry_id", entry_id)?;
        let line = self.told(store.line(entry))?;
        let line = line.ok_or_else(|| Refusal::of(Code::UnknownEntry, "entry_id", entry_id))?;
        if line.kind != Kind::Earn || line.sale_id.is_none() {
            return Err(Refusal::of(Code::NotReversible, "entry_id", entry_id).into());
        }
        let own = line.by == signed.by().to_string();
        let needed = Permission::to_reverse(line.kind, own).unwrap_or(Permission::ReverseOthers);
        self.told(signed.actor().must(needed))?;
        Ok(line)
    }
}

fn amount(store: &Store, text: Option<&str>) -> Answer<Option<Money>> {
    let Some(text) = text else { return Ok(None) };
    Ok(Some(Money::parse_total(text, store.shop().currency)?))
}

fn as_refund(line: &Line, refund_id: &str, amount: Option<Money>) -> ledger::Refund {
    ledger::Refund {
        source: line.source.clone().unwrap_or_default(),
        sale_id: line.sale_id.clone().unwrap_or_default(),
        refund_id: refund_id.to_owned(),
        amount,
    }
}

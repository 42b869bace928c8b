//! Sales in the book: what was recorded, decided and given back, each by its operation, and what that comes to.

use std::collections::HashMap;

use super::{Book, Ctx};
use crate::effect::SaleRow;
use crate::ids::{EntryId, MemberId};
use crate::op::SaleKey;
use crate::rules::Move;
use crate::time::UtcMs;
use crate::{Code, Refusal, state};

/// A sale's key in an order: source, then number.
pub type SaleKeyOrd = (String, String);

#[derive(Clone, Debug)]
pub(super) struct Sale {
    pub key: SaleKeyOrd,
    pub member: Option<MemberId>,
    pub entry: Option<EntryId>,
    pub total_minor: i64,
    pub occurred_at: UtcMs,
    pub held: bool,
    pub settled: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub key: SaleKeyOrd,
    pub entry: Option<EntryId>,
    pub settled: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Refund {
    pub key: SaleKeyOrd,
    pub amount_minor: i64,
    pub whole: bool,
    pub settled: bool,
}

fn ord(key: &SaleKey) -> SaleKeyOrd {
    (key.source.clone(), key.sale_id.clone())
}

impl Book {
    pub(super) fn sale(&mut self, ctx: &Ctx<'_>, row: &SaleRow) -> Result<(), Refusal> {
        let key = ord(&row.key);
        if !self.done.insert((ctx.origin, "sale", key.clone())) {
            return Err(Code::SaleDiffers.into());
        }
        self.by_key.entry(key.clone()).or_default().insert(ctx.op);
        let sale = Sale {
            key,
            member: row.member,
            entry: row.entry,
            total_minor: row.total_minor,
            occurred_at: row.occurred_at,
            held: row.move_ == Move::Hold,
            settled: false,
        };
        self.sales.insert(ctx.op, sale);
        Ok(())
    }

    pub(super) fn decision(&mut self, ctx: &Ctx<'_>, key: &SaleKey, entry: Option<EntryId>) -> Result<(), Refusal> {
        let key = ord(key);
        if !self.done.insert((ctx.origin, "decision", key.clone())) {
            return Err(Code::AlreadyDecided.into());
        }
        let decision = Decision {
            key,
            entry,
            settled: false,
        };
        self.decisions.insert(ctx.op, decision);
        Ok(())
    }

    pub(super) fn refund(
        &mut self,
        ctx: &Ctx<'_>,
        key: &SaleKey,
        refund_id: &str,
        amount_minor: i64,
        whole: bool,
    ) -> Result<(), Refusal> {
        let key = ord(key);
        if !self
            .done
            .insert((ctx.origin, "refund", (key.0.clone(), refund_id.to_owned())))
        {
            return Err(Code::SaleDiffers.into());
        }
        let same = self.by_key.get(&key).into_iter().flatten();
        let total = same.filter_map(|op| self.sales.get(op)).map(|s| s.total_minor).max();
        if amount_minor > total.ok_or(Refusal::from(Code::UnknownSale))? {
            return Err(Code::RefundTooLarge.into());
        }
        let refund = Refund {
            key,
            amount_minor,
            whole,
            settled: false,
        };
        self.refunds.insert(ctx.op, refund);
        Ok(())
    }

    /// What has become of every sale. One of each number stands: of those that nobody has settled, the oldest operation.
    pub(super) fn sales_now(&self) -> Vec<state::Sale> {
        let mut decisions: HashMap<&SaleKeyOrd, &Decision> = HashMap::new();
        for decision in self.decisions.values().filter(|d| !d.settled) {
            decisions.entry(&decision.key).or_insert(decision);
        }
        let mut refunds: HashMap<&SaleKeyOrd, (i64, bool)> = HashMap::new();
        for refund in self.refunds.values().filter(|r| !r.settled) {
            let sum = refunds.entry(&refund.key).or_default();
            *sum = (sum.0 + refund.amount_minor, sum.1 | refund.whole);
        }
        let now = self.sales.iter().map(|(op, sale)| {
            let standing = self.by_key[&sale.key]
                .iter()
                .find(|op| self.sales.get(op).is_some_and(|s| !s.settled))
                == Some(op);
            let decision = decisions.get(&sale.key).filter(|_| standing && sale.held);
            let entry = decision.map_or(sale.entry, |d| d.entry);
            let given_back = refunds.get(&sale.key).filter(|_| standing);
            let nothing_left = given_back.is_some_and(|(minor, whole)| *whole || *minor >= sale.total_minor);
            state::Sale {
                op: *op,
                source: sale.key.0.clone(),
                sale_id: sale.key.1.clone(),
                standing,
                settled: sale.settled,
                refunded_minor: given_back.map_or(0, |(minor, _)| *minor),
                reversed: sale.settled || nothing_left || entry.is_some_and(|e| self.taken(e)),
                approved: decision.map(|d| d.entry.is_some()),
                entry,
            }
        });
        now.collect()
    }
}

//! What the rules need to know of a sale and its member, and what they make of it: recorded or only tried.

use loyalty::rules::{Decision, MemberFacts, Move, Rules, SaleFacts, Threshold};
use loyalty::standing::{Standing, looks_back_to};
use loyalty::{Birthday, Code, Item, MemberId, Money, Points, UtcMs};
use rusqlite::{Connection, params};

use crate::birthdays;
use crate::derive::CARD;
use crate::error::Result;
use crate::members::{self, Key};
use crate::sales::Preview;
use crate::shop::Shop;
use crate::store::Store;
use crate::tx::balance;

/// A sale to decide.
pub(crate) struct Sold<'a> {
    pub total: Money,
    pub tax_minor: i64,
    pub tip_minor: i64,
    pub items: &'a [Item],
    pub at: UtcMs,
    pub now: UtcMs,
}

/// A sale to try rules on.
#[derive(Clone, Debug)]
pub struct Try {
    /// Whose it would be; none for somebody who has just joined.
    pub member: Option<MemberId>,
    /// The tier they would be in, whatever their year says; none for the one they are in. A name the rules don't know
    /// is no tier.
    pub tier: Option<String>,
    /// What would be paid, tax and tip in it.
    pub total: Money,
    /// The tax in it, in minor units.
    pub tax_minor: i64,
    /// The tip in it, in minor units.
    pub tip_minor: i64,
    /// What would be sold.
    pub items: Vec<Item>,
    /// When; none for now.
    pub at: Option<UtcMs>,
}

/// Decides a sale on the clock that the rules name, else the shop's.
pub(crate) fn decide(rules: &Rules, shop: &Shop, sold: &Sold<'_>, facts: &MemberFacts) -> Decision {
    let zone = rules.time_zone().unwrap_or(shop.zone);
    let sale = SaleFacts {
        now: sold.now,
        tax_minor: sold.tax_minor,
        tip_minor: sold.tip_minor,
        ..SaleFacts::new(sold.total, sold.items, sold.at, zone.local(sold.at))
    };
    rules.decide(&sale, facts)
}

/// What `rules` need to know of the member just before `at`, and no more.
pub(crate) fn of_member(
    conn: &Connection,
    rules: &Rules,
    shop: &Shop,
    member: Option<MemberId>,
    at: UtcMs,
) -> Result<MemberFacts> {
    let Some(member) = member else {
        return Ok(MemberFacts::default());
    };
    let needs = rules.needs();
    let visits = conn
        .prepare_cached(&format!("SELECT sum(visits) FROM members WHERE member_id IN ({CARD})"))?
        .query_row([member.0], |r| r.get(0))?;
    let mut facts = MemberFacts {
        balance: balance(conn, member)?,
        visits,
        ..MemberFacts::default()
    };
    if needs.birthday {
        facts.birthday = birthdays::of(conn, member)?.map(Birthday::month_day);
    }
    if let Some(window_ms) = needs.sales_window_ms {
        let sql = format!(
            "SELECT occurred_at FROM sales WHERE member_id IN ({CARD}) AND reversed = 0 AND occurred_at > ?2 AND occurred_at <= ?3"
        );
        let mut rows = conn.prepare_cached(&sql)?;
        facts.recent_sales = rows
            .query_map(params![member.0, at.0 - window_ms, at.0], |r| Ok(UtcMs(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
    }
    if needs.year {
        let zone = rules.time_zone().unwrap_or(shop.zone);
        let mut standing = Standing::default();
        for (when, points, spent_minor) in gains(conn, member, looks_back_to(rules, zone, at), at)? {
            standing.gain(rules, when, points, spent_minor);
        }
        standing.tell(rules, zone, at, &mut facts);
    }
    Ok(facts)
}

/// What a member earned and spent after `from` and up to `to`, in the order of time. What was taken back or refunded
/// counts at the time of the sale it was taken from.
fn gains(conn: &Connection, member: MemberId, from: UtcMs, to: UtcMs) -> Result<Vec<(UtcMs, Points, i64)>> {
    let sql = format!(
        "SELECT at, points, spent FROM (
            SELECT coalesce(t.at_ms, s.occurred_at, l.at_ms) AS at, l.points AS points, 0 AS spent
            FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses
            LEFT JOIN sales s ON l.kind = 'refund' AND s.source = l.source AND s.sale_id = l.sale_id AND s.standing = 1
            WHERE l.member_id IN ({CARD}) AND l.at_ms > ?2 AND coalesce(t.kind, l.kind) IN ('earn', 'bonus', 'refund')
            UNION ALL
            SELECT occurred_at, 0, total_minor - refunded_minor FROM sales
            WHERE member_id IN ({CARD}) AND reversed = 0 AND entry_id IS NOT NULL AND occurred_at > ?2)
        WHERE at > ?2 AND at <= ?3 ORDER BY at"
    );
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map(params![member.0, from.0, to.0], |r| {
        Ok((UtcMs(r.get(0)?), r.get(1)?, r.get(2)?))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Makes the year's figures those that just reach a tier; a name the rules don't know is no tier.
fn put_in_tier(facts: &mut MemberFacts, rules: &Rules, name: &str) {
    let tier = rules
        .tiers()
        .find(|tier| tier.name.to_lowercase() == name.to_lowercase());
    (facts.earned_in_year, facts.spent_in_year_minor) = match tier.map(|tier| tier.at) {
        Some(Threshold::Points(points)) => (points, 0),
        Some(Threshold::Spend(minor)) => (0, minor),
        None => (0, 0),
    };
    facts.tier_kept = None;
}

impl Store {
    /// What a sale of `total` would bring a member now; `items` may be unknown.
    ///
    /// # Errors
    /// `unknown_member`; a storage error.
    pub fn preview(&self, member: MemberId, total: Money, items: Vec<Item>) -> Result<Preview> {
        let sale = Try {
            member: Some(member),
            tier: None,
            total,
            tax_minor: 0,
            tip_minor: 0,
            items,
            at: None,
        };
        self.try_sale(None, &sale)
    }

    /// What `rules` (none: those in force) would make of a sale. Nothing is recorded.
    ///
    /// # Errors
    /// `unknown_member`; a storage error.
    pub fn try_sale(&self, rules: Option<&Rules>, sale: &Try) -> Result<Preview> {
        let (shop, now) = (&self.scope.shop, self.now());
        self.read(|c| {
            if let Some(member) = sale.member
                && members::find(c, Key::Id(member))?.is_none()
            {
                return Err(Code::UnknownMember.into());
            }
            let in_force = self.scope.rulebook.current(c)?;
            let rules = rules.unwrap_or(&in_force.rules);
            let sold = Sold {
                total: sale.total,
                tax_minor: sale.tax_minor,
                tip_minor: sale.tip_minor,
                items: &sale.items,
                at: sale.at.unwrap_or(now),
                now,
            };
            let mut facts = of_member(c, rules, shop, sale.member, sold.at)?;
            if let Some(tier) = &sale.tier {
                put_in_tier(&mut facts, rules, tier);
            }
            let due = sale
                .member
                .map(|m| birthdays::due(c, rules, shop, m, (sold.at, now)))
                .transpose()?
                .flatten();
            facts.balance += due.as_ref().map_or(0, |due| due.points);
            let mut decision = decide(rules, shop, &sold, &facts);
            match due {
                Some(due) if birthdays::brings(decision.move_) => decision.reasons.push(due.coming()),
                Some(due) => facts.balance -= due.points,
                None => {}
            }
            let added = if decision.move_ == Move::Hold {
                0
            } else {
                decision.points
            };
            Ok(Preview {
                balance_after: facts.balance + added,
                decision,
            })
        })
    }
}

//! Crediting a sale: it is decided by the rules in force and recorded once, whatever happens to the answer.

use loyalty::op::{Body, By, Private};
use loyalty::rules::{Decision, MemberFacts, Move, Needs, SaleFacts};
use loyalty::{Code, EntryId, Item, MemberId, Money, OpId, Points, Refusal, Sale, UtcMs, Who, sale};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::{Error, Result};
use crate::members::{Key, NewMember};
use crate::rulebook::Published;
use crate::shop::Shop;
use crate::tx::{Tx, balance, damaged};

/// What became of a sale.
#[derive(Clone, Debug, PartialEq)]
pub struct Credited {
    /// Whose it is; none for a walk-in.
    pub member: Option<MemberId>,
    /// Whether this sale enrolled them.
    pub enrolled: bool,
    /// Its line in the ledger; none for a walk-in and while it is held.
    pub entry: Option<EntryId>,
    /// What was done.
    pub move_: Move,
    /// Points added (for a held sale: that would be).
    pub points: Points,
    /// Why.
    pub reasons: Vec<String>,
    /// The reward that came within reach.
    pub announces: Option<String>,
    /// The member's points now.
    pub balance: Points,
    /// Set where the sale was recorded before: when. Nothing was added.
    pub before: Option<UtcMs>,
    /// Whether that earlier credit has been taken back since.
    pub reversed: bool,
}

/// What a sale would bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The decision.
    pub decision: Decision,
    /// The member's points after it.
    pub balance_after: Points,
}

impl Tx<'_> {
    /// Credits a sale, enrolling whoever has an unknown number. The same sale again changes nothing and answers as
    /// the first time.
    ///
    /// # Errors
    /// `bad_sale_id`, `bad_currency`, `bad_amount`, `unknown_member`; `sale_differs` where the sale id came before
    /// with another total or member; a storage error.
    pub fn credit(&self, op: OpId, by: &By, sale: &Sale) -> Result<Credited> {
        check(sale, self.shop())?;
        if let Some((body, _)) = self.earlier(op)? {
            let same = matches!(&body, Body::SaleRecorded { source, sale_id, .. } if (source, sale_id) == (&sale.source, &sale.sale_id));
            if !same {
                return Err(crate::tx::other_content());
            }
            return self
                .replay(sale, &sale.source, &sale.sale_id)?
                .ok_or_else(|| damaged("an operation has no sale").into());
        }
        if let Some(before) = self.replay(sale, &sale.source, &sale.sale_id)? {
            return Ok(before);
        }
        let (member, enrolled) = self.whose(by, &sale.who)?;
        let published = self.rules()?;
        let facts = facts(self.conn, member, sale.occurred_at, published.rules.needs())?;
        let decision = decide(
            &published,
            self.shop(),
            sale.total,
            &sale.items,
            sale.occurred_at,
            self.now(),
            &facts,
        );
        let walk_in = member.is_none();
        let entry = (!walk_in && decision.move_ != Move::Hold).then(|| EntryId(self.uuid()));
        let (points, move_) = if walk_in {
            (0, Move::Skip)
        } else {
            (decision.points, decision.move_)
        };
        let reasons = if walk_in {
            vec!["Walk-in: counted, no points".to_owned()]
        } else {
            decision.reasons
        };
        let body = Body::SaleRecorded {
            source: sale.source.clone(),
            sale_id: sale.sale_id.clone(),
            member,
            entry,
            total_minor: sale.total.minor,
            items: sale.items.clone(),
            occurred_at: sale.occurred_at,
            move_,
            points,
            rules_version: published.version,
            reasons: reasons.clone(),
        };
        self.append(op, by, &body, &Private::default())?;
        let balance = member.map_or(Ok(0), |m| self.balance(m))?;
        let announces = decision.announces.filter(|_| !walk_in);
        Ok(Credited {
            member,
            enrolled,
            entry,
            move_,
            points,
            reasons,
            announces,
            balance,
            before: None,
            reversed: false,
        })
    }

    fn whose(&self, by: &By, who: &Who) -> Result<(Option<MemberId>, bool)> {
        Ok(match who {
            Who::WalkIn => (None, false),
            Who::Member(id) => (Some(self.member(Key::Id(*id))?.member_id), false),
            Who::Phone(phone) => {
                let (id, new) = self.enrol(self.new_op(), by, &NewMember::with_phone(phone.clone()))?;
                (Some(id), new)
            }
        })
    }

    /// The first outcome of a sale that is known, if it is the same sale.
    fn replay(&self, sale: &Sale, source: &str, sale_id: &str) -> Result<Option<Credited>> {
        let sql = "SELECT o.body, o.at_ms, s.reversed, m.phone FROM sales s JOIN ops o USING (op_id)
                   LEFT JOIN members m ON m.member_id = s.member_id WHERE s.source = ?1 AND s.sale_id = ?2";
        let row = self
            .conn
            .prepare_cached(sql)?
            .query_row([source, sale_id], |r| {
                Ok((
                    r.get::<_, String>(0)?,
                    r.get(1)?,
                    r.get(2)?,
                    r.get::<_, Option<String>>(3)?,
                ))
            })
            .optional()?;
        let Some((json, at, reversed, phone)) = row else {
            return Ok(None);
        };
        let body = crate::tx::read_body(&json)?;
        let Body::SaleRecorded {
            member,
            entry,
            total_minor,
            move_,
            points,
            reasons,
            ..
        } = body
        else {
            return Err(damaged("a sale's operation is not a sale").into());
        };
        let same_person = match (&sale.who, member) {
            (Who::WalkIn, _) | (_, None) => true,
            (Who::Member(id), Some(m)) => *id == m,
            (Who::Phone(p), Some(_)) => phone.as_deref() == Some(p.e164()),
        };
        if total_minor != sale.total.minor || !same_person {
            return Err(Error::Refused(Refusal::of(Code::SaleDiffers, "sale_id", sale_id)));
        }
        let balance = member.map_or(Ok(0), |m| self.balance(m))?;
        let before = Some(UtcMs(at));
        Ok(Some(Credited {
            member,
            enrolled: false,
            entry,
            move_,
            points,
            reasons,
            announces: None,
            balance,
            before,
            reversed,
        }))
    }
}

fn check(sale: &Sale, shop: &Shop) -> Result<()> {
    sale::check_sale_id(&sale.sale_id)?;
    sale::check_sale_id(&sale.source)?;
    if sale.total.currency != shop.currency {
        return Err(Refusal::of(Code::BadCurrency, "currency", sale.total.currency.letters()).into());
    }
    if !(0..=Money::MINOR_MAX).contains(&sale.total.minor) {
        return Err(Refusal::of(Code::BadAmount, "total", &sale.total.plain()).into());
    }
    Ok(())
}

/// What the rules in force make of a sale, without recording it.
pub(crate) fn preview(
    conn: &Connection,
    published: &Published,
    shop: &Shop,
    member: MemberId,
    total: Money,
    now: UtcMs,
) -> Result<Preview> {
    let facts = facts(conn, Some(member), now, published.rules.needs())?;
    let decision = decide(published, shop, total, &[], now, now, &facts);
    let added = if decision.move_ == Move::Hold {
        0
    } else {
        decision.points
    };
    Ok(Preview {
        balance_after: facts.balance + added,
        decision,
    })
}

fn decide(
    published: &Published,
    shop: &Shop,
    total: Money,
    items: &[Item],
    at: UtcMs,
    now: UtcMs,
    facts: &MemberFacts,
) -> Decision {
    published.rules.decide(
        &SaleFacts {
            now,
            ..SaleFacts::new(total, items, at, shop.zone.local(at))
        },
        facts,
    )
}

/// What the rules need to know of the member, and no more.
fn facts(conn: &Connection, member: Option<MemberId>, at: UtcMs, needs: Needs) -> Result<MemberFacts> {
    let Some(member) = member else {
        return Ok(MemberFacts::default());
    };
    let visits = conn
        .prepare_cached("SELECT visits FROM members WHERE member_id = ?1")?
        .query_row([member.0], |r| r.get(0))?;
    let mut facts = MemberFacts {
        balance: balance(conn, member)?,
        visits,
        ..MemberFacts::default()
    };
    if let Some(window_ms) = needs.sales_window_ms {
        let sql = "SELECT occurred_at FROM sales WHERE member_id = ?1 AND reversed = 0 AND occurred_at > ?2 AND occurred_at <= ?3";
        let mut rows = conn.prepare_cached(sql)?;
        facts.recent_sales = rows
            .query_map(params![member.0, at.0 - window_ms, at.0], |r| Ok(UtcMs(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
    }
    if needs.year {
        (facts.earned_in_year, facts.spent_in_year_minor) = year(conn, member, at)?;
    }
    Ok(facts)
}

/// Points earned and money spent in the 365 days before `at`, less what was taken back and refunded.
fn year(conn: &Connection, member: MemberId, at: UtcMs) -> Result<(Points, i64)> {
    let window = params![member.0, at.0 - 365 * UtcMs::DAY_MS, at.0];
    let sql = "SELECT coalesce(sum(l.points), 0) FROM ledger l LEFT JOIN ledger t ON t.entry_id = l.reverses
               WHERE l.member_id = ?1 AND coalesce(t.kind, l.kind) IN ('earn', 'bonus', 'refund')
                 AND coalesce(t.at_ms, l.at_ms) > ?2 AND coalesce(t.at_ms, l.at_ms) <= ?3";
    let earned = conn.prepare_cached(sql)?.query_row(window, |r| r.get(0))?;
    let sql = "SELECT coalesce(sum(total_minor - refunded_minor), 0) FROM sales
               WHERE member_id = ?1 AND reversed = 0 AND entry_id IS NOT NULL AND occurred_at > ?2 AND occurred_at <= ?3";
    let spent = conn.prepare_cached(sql)?.query_row(window, |r| r.get(0))?;
    Ok((earned, spent))
}

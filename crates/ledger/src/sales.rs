//! Crediting a sale: it is decided by the rules in force and recorded once, whatever happens to the answer.

use loyalty::op::{Body, By, Private, SaleKey};
use loyalty::rules::{Decision, Move};
use loyalty::{Code, EntryId, MemberId, Money, OpId, Points, Refusal, Sale, UtcMs, Who, sale};
use rusqlite::OptionalExtension;

use crate::birthdays;
use crate::error::{Error, Result};
use crate::facts;
use crate::members::{Key, NewMember};
use crate::shop::Shop;
use crate::tx::{Tx, damaged};

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
    /// The birthday bonus that this visit brought, a line of its own; 0 where it brought none.
    pub birthday_bonus: Points,
    /// Points for having been sent by a friend that this sale brought, lines of their own and not in `balance`.
    pub referral_points: Points,
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
        let (rules, shop) = (&published.rules, self.shop());
        let mut facts = facts::of_member(self.conn, rules, shop, member, sale.occurred_at)?;
        let due = match member {
            Some(m) => birthdays::due(self.conn, rules, shop, m, (sale.occurred_at, self.now()))?,
            None => None,
        };
        // A birthday's bonus is there when the sale is counted: it may bring a reward within reach.
        facts.balance += due.as_ref().map_or(0, |due| due.points);
        let sold = facts::Sold {
            total: sale.total,
            tax_minor: sale.tax_minor,
            tip_minor: sale.tip_minor,
            items: &sale.items,
            at: sale.occurred_at,
            now: self.now(),
        };
        let decision = facts::decide(rules, shop, &sold, &facts);
        let due = due.filter(|_| birthdays::brings(decision.move_));
        if let (Some(due), Some(member)) = (&due, member) {
            self.grant_birthday(by, member, due, &key_of(sale), &published)?;
        }
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
            tax_minor: sale.tax_minor,
            tip_minor: sale.tip_minor,
            items: sale.items.clone(),
            occurred_at: sale.occurred_at,
            move_,
            points,
            rules_version: published.version,
            reasons: reasons.clone(),
            stamps: match move_ {
                Move::Skip => Vec::new(),
                Move::Add | Move::AddReward | Move::Hold => rules.stamps(&sale.items),
            },
        };
        self.append(op, by, &body, &Private::default())?;
        let balance = member.map_or(Ok(0), |m| self.balance(m))?;
        let referral_points = member.map_or(Ok(0), |m| self.referral_steps(m))?;
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
            birthday_bonus: due.map_or(0, |due| due.points),
            referral_points,
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
        let sql =
            "SELECT o.body, o.at_ms, s.reversed, coalesce(m.phone, m.phone_also) FROM sales s JOIN ops o USING (op_id)
                   LEFT JOIN members m ON m.member_id = s.member_id
                   WHERE s.source = ?1 AND s.sale_id = ?2 AND s.standing = 1";
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
            (Who::Member(id), Some(m)) => self.is_same(*id, m),
            (Who::Phone(p), Some(m)) => {
                let theirs = crate::members::find(self.conn, Key::Phone(p))?;
                phone.as_deref() == Some(p.e164()) || theirs.is_some_and(|t| self.is_same(t.member_id, m))
            }
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
            birthday_bonus: 0,
            referral_points: 0,
            before,
            reversed,
        }))
    }
}

fn key_of(sale: &Sale) -> SaleKey {
    SaleKey {
        source: sale.source.clone(),
        sale_id: sale.sale_id.clone(),
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
    for (field, minor) in [("tax", sale.tax_minor), ("tip", sale.tip_minor)] {
        if !(0..=Money::MINOR_MAX).contains(&minor) {
            return Err(Refusal::of(Code::BadAmount, field, &minor.to_string()).into());
        }
    }
    Ok(())
}

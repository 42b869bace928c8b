//! Refunds: points go back in proportion, a reward given with the sale is restored, and nothing happens twice.
//!
//! After refunds that add up to R of a sale of T that earned E points, the member keeps `floor(E × (T − R) / T)`: so
//! the order of partial refunds does not matter, and refunding everything leaves nothing.

use loyalty::op::{Body, By, Kind, Private, SaleKey};
use loyalty::{Code, EntryId, MemberId, Money, OpId, Points, Refusal, Role, sale};
use rusqlite::{Connection, OptionalExtension, params};

use crate::derive::CARD;
use crate::error::{Error, Result};
use crate::points::Actor;
use crate::tx::{Tx, other_content};

/// Money given back for a sale.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The system that numbered the sale and the refund.
    pub source: String,
    /// The sale's number there.
    pub sale_id: String,
    /// The refund's number there, 1 to 100 characters.
    pub refund_id: String,
    /// How much; none for all that is left.
    pub amount: Option<Money>,
}

/// What a refund does, or did.
#[derive(Clone, Debug, PartialEq)]
pub struct Refunded {
    /// Whose sale it was; none for a walk-in.
    pub member: Option<MemberId>,
    /// The ledger line that takes points.
    pub entry: Option<EntryId>,
    /// What was given back, in minor units.
    pub amount_minor: i64,
    /// Points taken: zero or below.
    pub points: Points,
    /// Rewards that were given with the sale and are given back with it.
    pub restored: Vec<String>,
    /// Nothing of the sale is left.
    pub whole: bool,
    /// The member's points after it.
    pub balance: Points,
    /// This refund was recorded before; nothing was taken again.
    pub before: bool,
}

/// A sale, as a refund needs to know it.
struct Sold {
    member: Option<MemberId>,
    entry: Option<EntryId>,
    total_minor: i64,
    refunded_minor: i64,
    earned: Points,
}

impl Sold {
    /// What the member keeps once `refunded` minor units are given back.
    fn kept(&self, refunded: i64) -> Points {
        if self.total_minor == 0 {
            return 0;
        }
        let kept = i128::from(self.earned) * i128::from(self.total_minor - refunded) / i128::from(self.total_minor);
        // Never more than `earned`, which is a Points.
        Points::try_from(kept).unwrap_or(self.earned)
    }
}

fn find(conn: &Connection, refund: &Refund) -> Result<Sold> {
    let sql = "SELECT s.member_id, s.entry_id, s.total_minor, s.refunded_minor, coalesce(l.points, 0), s.reversed,
                      s.move = 'hold' AND s.decision IS NULL
               FROM sales s LEFT JOIN ledger l ON l.entry_id = s.entry_id WHERE s.source = ?1 AND s.sale_id = ?2 AND s.standing = 1";
    let row = conn
        .prepare_cached(sql)?
        .query_row([&refund.source, &refund.sale_id], |r| {
            let sold = Sold {
                member: r.get::<_, Option<_>>(0)?.map(MemberId),
                entry: r.get::<_, Option<_>>(1)?.map(EntryId),
                total_minor: r.get(2)?,
                refunded_minor: r.get(3)?,
                earned: r.get(4)?,
            };
            Ok((sold, r.get::<_, bool>(5)?, r.get::<_, bool>(6)?))
        })
        .optional()?;
    let refused = |code| Error::Refused(Refusal::of(code, "sale_id", &refund.sale_id));
    match row {
        None => Err(refused(Code::UnknownSale)),
        Some((_, true, _)) => Err(refused(Code::AlreadyReversed)),
        Some((_, _, true)) => Err(refused(Code::SaleHeld)),
        Some((sold, ..)) => Ok(sold),
    }
}

/// A line that was written with a sale.
pub(crate) struct With {
    pub entry: EntryId,
    reward: Option<String>,
    points: Points,
}

/// Redemptions or bonuses of the sale's member that came with it and were not taken back.
pub(crate) fn given_with(conn: &Connection, member: Option<MemberId>, key: &SaleKey, kind: Kind) -> Result<Vec<With>> {
    let Some(member) = member else { return Ok(Vec::new()) };
    // A reward may name a sale that then comes for somebody else: that is theirs to refund, not this member's.
    let sql = format!(
        "SELECT l.entry_id, l.reward, l.points FROM ledger l WHERE l.kind = ?4 AND l.source = ?2 AND l.sale_id = ?3 AND l.member_id IN ({CARD})
               AND NOT EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id) ORDER BY l.line"
    );
    let mut rows = conn.prepare_cached(&sql)?;
    let found = rows.query_map(params![member.0, key.source, key.sale_id, kind.as_str()], |r| {
        Ok(With {
            entry: EntryId(r.get(0)?),
            reward: r.get(1)?,
            points: r.get(2)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// What a refund would do.
pub(crate) fn preview(conn: &Connection, refund: &Refund) -> Result<Refunded> {
    let sold = find(conn, refund)?;
    let left = sold.total_minor - sold.refunded_minor;
    let amount_minor = refund.amount.map_or(left, |a| a.minor);
    if amount_minor < 0 || amount_minor > left || (amount_minor == 0 && left > 0) {
        return Err(Refusal::of(Code::RefundTooLarge, "amount", &amount_minor.to_string())
            .with(left)
            .into());
    }
    let points = sold.kept(sold.refunded_minor + amount_minor) - sold.kept(sold.refunded_minor);
    let whole = amount_minor == left;
    let key = SaleKey {
        source: refund.source.clone(),
        sale_id: refund.sale_id.clone(),
    };
    let (rewards, bonuses) = if whole {
        (
            given_with(conn, sold.member, &key, Kind::Redeem)?,
            given_with(conn, sold.member, &key, Kind::Bonus)?,
        )
    } else {
        (Vec::new(), Vec::new())
    };
    let back: Points = rewards.iter().chain(&bonuses).map(|with| -with.points).sum();
    let balance = sold.member.map_or(Ok(0), |m| crate::tx::balance(conn, m))? + points + back;
    let restored = rewards.into_iter().filter_map(|with| with.reward).collect();
    let (member, entry) = (sold.member, sold.entry);
    Ok(Refunded {
        member,
        entry,
        amount_minor,
        points,
        restored,
        whole,
        balance,
        before: false,
    })
}

impl Tx<'_> {
    /// Records a refund, takes its points in proportion, and restores rewards that were given with a sale of which
    /// nothing is left; a birthday's bonus that came with such a sale goes. The same refund again changes nothing.
    ///
    /// # Errors
    /// `unknown_sale`, `sale_held`, `already_reversed`, `refund_too_large` with what is left, `bad_sale_id`,
    /// `sale_differs` (the refund's number came before for something else); a storage error.
    pub fn refund(&self, op: OpId, by: &By, refund: &Refund) -> Result<Refunded> {
        sale::check_sale_id(&refund.refund_id)?;
        if let Some(before) = self.refunded(refund)? {
            return Ok(before);
        }
        if self.earlier(op)?.is_some() {
            return Err(other_content());
        }
        let planned = preview(self.conn, refund)?;
        let key = SaleKey {
            source: refund.source.clone(),
            sale_id: refund.sale_id.clone(),
        };
        let entry = planned.entry.map(|_| EntryId(self.uuid()));
        let paid = Money::new(planned.amount_minor, self.shop().currency);
        let body = Body::SaleRefunded {
            source: key.source.clone(),
            sale_id: key.sale_id.clone(),
            refund_id: refund.refund_id.clone(),
            member: planned.member,
            entry,
            amount_minor: planned.amount_minor,
            whole: planned.whole,
            points: planned.points,
            reasons: vec![format!("{} = {paid} given back", planned.points)],
            stamps: match planned.entry {
                Some(line) if planned.whole => self.stamps_back(line)?,
                _ => Vec::new(),
            },
        };
        self.append(op, by, &body, &Private::default())?;
        if planned.whole {
            let actor = Actor {
                by: by.clone(),
                role: Role::Manager,
            };
            for kind in [Kind::Redeem, Kind::Bonus] {
                for with in given_with(self.conn, planned.member, &key, kind)? {
                    self.reverse(self.new_op(), &actor, with.entry)?;
                }
            }
        }
        let balance = planned.member.map_or(Ok(0), |m| self.balance(m))?;
        // What the sale brought whoever sent the member, and the member for that, is theirs no more.
        self.referral_steps_of(&key)?;
        Ok(Refunded {
            entry,
            balance,
            ..planned
        })
    }

    /// The outcome of a refund that is known, if it is the same.
    fn refunded(&self, refund: &Refund) -> Result<Option<Refunded>> {
        let sql =
            "SELECT r.sale_id, r.amount_minor, r.points, s.member_id, l.entry_id, s.refunded_minor = s.total_minor
                   FROM refunds r JOIN sales s ON s.source = r.source AND s.sale_id = r.sale_id AND s.standing = 1
                   LEFT JOIN ledger l ON l.op_id = r.op_id AND l.kind = ?3
                   WHERE r.source = ?1 AND r.refund_id = ?2 ORDER BY r.settled, r.op_id LIMIT 1";
        let row = self
            .conn
            .prepare_cached(sql)?
            .query_row(params![refund.source, refund.refund_id, Kind::Refund.as_str()], |r| {
                let done = Refunded {
                    amount_minor: r.get(1)?,
                    points: r.get(2)?,
                    member: r.get::<_, Option<_>>(3)?.map(MemberId),
                    entry: r.get::<_, Option<_>>(4)?.map(EntryId),
                    restored: Vec::new(),
                    whole: r.get(5)?,
                    balance: 0,
                    before: true,
                };
                Ok((r.get::<_, String>(0)?, done))
            })
            .optional()?;
        let Some((sale_id, done)) = row else { return Ok(None) };
        if sale_id != refund.sale_id || refund.amount.is_some_and(|a| a.minor != done.amount_minor) {
            return Err(Refusal::of(Code::SaleDiffers, "refund_id", &refund.refund_id).into());
        }
        let balance = done.member.map_or(Ok(0), |m| self.balance(m))?;
        Ok(Some(Refunded { balance, ..done }))
    }

    /// Whether any money of a sale was given back.
    pub(crate) fn is_refunded(&self, key: &SaleKey) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM sales WHERE source = ?1 AND sale_id = ?2 AND standing = 1 AND refunded_minor > 0)";
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row([&key.source, &key.sale_id], |r| r.get(0))?)
    }
}

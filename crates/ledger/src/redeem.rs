//! Giving what points or stamps buy: a reward, several lots of one that becomes money, or what a full stamp card gives.
//!
//! What it takes is taken in one statement that needs it to be there. Not here: taking a redemption back (`points`).

use loyalty::op::{Body, By, Private, SaleKey};
use loyalty::rules::{Reward, RewardKind, StampCard};
use loyalty::{Code, EntryId, MemberId, Money, OpId, Points, Refusal, StaffId};
use rusqlite::{OptionalExtension, params};

use crate::derive::CARD;
use crate::error::{Error, Result};
use crate::members::Key;
use crate::points::{Actor, Moved};
use crate::tx::{Tx, other_content};

/// Points that become money, at most so many lots at once: more is a slip of the finger.
pub const LOTS_MAX: i64 = 10_000;

/// What to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// A reward, by its name in the rules in force.
    Reward {
        /// The name; capitals don't matter.
        name: String,
        /// How many times over, from 1; more only for points that become money.
        lots: i64,
    },
    /// What a full stamp card gives.
    Card {
        /// What gives its stamps, as the owner wrote it, or its key; capitals don't matter.
        card: String,
    },
}

impl From<&str> for Redemption {
    /// One of a reward.
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<String> for Redemption {
    /// One of a reward.
    fn from(name: String) -> Self {
        Self::Reward { name, lots: 1 }
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

fn is_card(card: &StampCard, wanted: &str) -> bool {
    same(&card.name(), wanted) || same(&card.key(), wanted)
}

impl Tx<'_> {
    /// Gives a reward, or what a stamp card gives.
    ///
    /// # Errors
    /// `unknown_member`, `unknown_reward`, `bad_lots`; `not_enough_points` or `not_enough_stamps` with how many are
    /// missing; a storage error.
    pub fn redeem(&self, op: OpId, by: &By, member: MemberId, what: &Redemption) -> Result<Moved> {
        self.redeem_with(op, by, member, what, None)
    }

    /// As [`Tx::redeem`], given together with a sale: refunding that whole gives the points or stamps back. The sale
    /// may come later: a reward is often given before the sale is typed.
    ///
    /// # Errors
    /// As there; `unknown_sale` where the sale is another's, or was taken back.
    pub fn redeem_with(
        &self,
        op: OpId,
        by: &By,
        member: MemberId,
        what: &Redemption,
        sale: Option<SaleKey>,
    ) -> Result<Moved> {
        self.redeem_as(op, by, member, what, sale, None)
    }

    /// As [`Tx::redeem_with`]; `approver` is the manager who has given their PIN for it (or who redeems), which the owner
    /// may want of a till that is cut off. The operation says who, where that was wanted.
    ///
    /// # Errors
    /// As there; `away_too_long`, `away_cap`, `needs_manager`; `not_allowed` for an approver below a manager.
    pub fn redeem_as(
        &self,
        op: OpId,
        by: &By,
        member: MemberId,
        what: &Redemption,
        sale: Option<SaleKey>,
        approver: Option<&Actor>,
    ) -> Result<Moved> {
        if let Some((body, _)) = self.earlier(op)? {
            return self.redeemed(body, member, what);
        }
        let member = self.member(Key::Id(member))?.member_id;
        if let Some(sale) = &sale {
            self.may_be_given_with(member, sale)?;
        }
        let published = self.rules()?;
        let version = published.version;
        match what {
            Redemption::Reward { name, lots } => {
                let found = published.rules.rewards().iter().find(|r| same(&r.name, name));
                let reward = found.ok_or_else(|| unknown(name))?;
                let allowed = self.may_redeem(member, reward.points.saturating_mul(*lots), approver)?;
                let approved_by = allowed.filter(|allowed| allowed != by).and_then(|by| match by {
                    By::Staff(id) => Some(id),
                    _ => None,
                });
                self.give(op, by, member, reward, *lots, version, sale, approved_by)
            }
            Redemption::Card { card } => {
                let found = published.rules.stamp_cards().find(|c| is_card(c, card));
                let card = found.ok_or_else(|| unknown(card))?;
                self.may_redeem(member, 0, None)?;
                self.claim(op, by, member, card, version, sale)
            }
        }
    }

    /// A sale that is known must be the member's, and stand.
    fn may_be_given_with(&self, member: MemberId, sale: &SaleKey) -> Result<()> {
        loyalty::sale::check_sale_id(&sale.sale_id)?;
        let sql = format!(
            "SELECT coalesce(member_id IN ({CARD}), 0) AND reversed = 0 FROM sales WHERE source = ?2 AND sale_id = ?3 AND standing = 1"
        );
        let fits = self
            .conn
            .prepare_cached(&sql)?
            .query_row(params![member.0, sale.source, sale.sale_id], |r| r.get(0))
            .optional()?;
        if fits.unwrap_or(true) {
            return Ok(());
        }
        Err(Refusal::of(Code::UnknownSale, "sale_id", &sale.sale_id).into())
    }

    /// The rewards that `by` gave a member together with a sale, whatever became of them since, by name and in order.
    ///
    /// # Errors
    /// A storage error.
    pub fn given_with(&self, by: &By, sale: &SaleKey) -> Result<Vec<String>> {
        let sql = "SELECT reward FROM ledger WHERE kind = 'redeem' AND source = ?1 AND sale_id = ?2 AND by = ?3 ORDER BY reward";
        let mut rows = self.conn.prepare_cached(sql)?;
        let found = rows.query_map([&sale.source, &sale.sale_id, &by.to_string()], |r| r.get(0))?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one operation")]
    fn give(
        &self,
        op: OpId,
        by: &By,
        member: MemberId,
        reward: &Reward,
        lots: i64,
        rules_version: i64,
        sale: Option<SaleKey>,
        approved_by: Option<StaffId>,
    ) -> Result<Moved> {
        let most = match reward.kind {
            RewardKind::Exchange(_) => LOTS_MAX,
            _ => 1,
        };
        if !(1..=most).contains(&lots) {
            return Err(Refusal::of(Code::BadLots, "lots", &lots.to_string()).into());
        }
        let (entry, points) = (EntryId(self.uuid()), reward.points * lots);
        let body = Body::RewardRedeemed {
            entry,
            member,
            reward: reward.name.clone(),
            points,
            lots,
            reasons: self.worth(reward, lots).into_iter().collect(),
            rules_version,
            sale,
            approved_by,
        };
        self.join_points(by, member, points)?;
        self.append(op, by, &body, &Private::default())?;
        self.moved(entry, member, -points, Some(reward.name.clone()))
    }

    /// What so many lots come to: `3 × 100 points = $15`.
    fn worth(&self, reward: &Reward, lots: i64) -> Option<String> {
        let RewardKind::Exchange(minor) = reward.kind else {
            return None;
        };
        let worth = Money::new(minor.saturating_mul(lots), self.shop().currency);
        Some(match lots {
            1 => format!("{} points = {worth}", reward.points),
            _ => format!("{lots} × {} points = {worth}", reward.points),
        })
    }

    fn claim(
        &self,
        op: OpId,
        by: &By,
        member: MemberId,
        card: &StampCard,
        rules_version: i64,
        sale: Option<SaleKey>,
    ) -> Result<Moved> {
        let (entry, reward) = (EntryId(self.uuid()), card.gives());
        let body = Body::StampsClaimed {
            entry,
            member,
            card: card.key(),
            stamps: card.buy,
            reward: reward.clone(),
            reasons: vec![format!("{} stamps used", card.buy)],
            rules_version,
            sale,
        };
        self.join_stamps(by, member, &card.key(), card.buy)?;
        self.append(op, by, &body, &Private::default())?;
        self.moved(entry, member, 0, Some(reward))
    }

    /// The outcome of an operation that was done before, if it is the same.
    fn redeemed(&self, before: Body, of: MemberId, what: &Redemption) -> Result<Moved> {
        match (before, what) {
            (
                Body::RewardRedeemed {
                    entry,
                    member,
                    points,
                    reward,
                    lots: taken,
                    ..
                },
                Redemption::Reward { name, lots },
            ) if self.is_same(member, of) && same(&reward, name) && taken == *lots => {
                self.moved(entry, member, -points, Some(reward))
            }
            (
                Body::StampsClaimed {
                    entry,
                    member,
                    card: key,
                    reward,
                    ..
                },
                Redemption::Card { card },
            ) if self.is_same(member, of) => {
                // By its key, or by the name that the rules of then gave it, which the reward bears.
                let named = reward.to_lowercase().contains(&card.trim().to_lowercase());
                if same(&key, card) || named {
                    self.moved(entry, member, 0, Some(reward))
                } else {
                    Err(other_content())
                }
            }
            _ => Err(other_content()),
        }
    }

    pub(crate) fn moved(
        &self,
        entry: EntryId,
        member: MemberId,
        points: Points,
        reward: Option<String>,
    ) -> Result<Moved> {
        Ok(Moved {
            entry,
            member,
            points,
            balance: self.balance(member)?,
            reward,
        })
    }
}

fn unknown(name: &str) -> Error {
    Error::Refused(Refusal::of(Code::UnknownReward, "reward", name))
}

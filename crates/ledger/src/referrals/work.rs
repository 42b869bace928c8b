//! What a referral brings: a reward qualifies with what the rules ask for, is granted when its hold is over, and is
//! taken back when what it was for is gone. All of it for one friend at a time, in the transaction of whatever changed.
//!
//! Each step is once in the shop: this till does it once by its own rows, and of two tills that were apart the relay
//! lets the first stand. Which till looks after a friend that nobody touches is `duty`'s.

use loyalty::op::{Body, By, Private, SaleKey};
use loyalty::referral::{Qualified, RewardKey, Rewarded, Side, steps};
use loyalty::rules::{Referral as Rule, ReferralEvent};
use loyalty::standing::before;
use loyalty::{EntryId, MemberId, OpId, Points, Role, UtcMs};
use rusqlite::{OptionalExtension, params};
use std::sync::Arc;

use super::rows::key;
use crate::derive::CARD;
use crate::error::Result;
use crate::points::Actor;
use crate::rulebook::Published;
use crate::tx::{Tx, damaged};

/// At most so many sales of a friend are looked at: the first purchase is among the first.
const SALES_MAX: i64 = 100;

/// A referral that counts.
pub(super) struct Brought {
    /// Its operation.
    pub op: OpId,
    /// Whom it is about, by the id it names.
    pub friend: MemberId,
    /// Who they show as.
    pub card: MemberId,
    /// The member who sent them, as they show.
    pub referrer: Option<MemberId>,
    /// The code they came through.
    pub code: String,
    /// When.
    pub at: UtcMs,
}

/// What a reward is for.
struct Cause {
    /// When it happened: the hold begins.
    at: UtcMs,
    sale: Option<SaleKey>,
    least_minor: i64,
}

/// On whose word.
pub(super) fn by() -> By {
    By::Job("referrals".into())
}

impl Tx<'_> {
    /// Does all that is to be done about a member who was brought by somebody. Answers the points granted to them.
    pub(crate) fn referral_steps(&self, member: MemberId) -> Result<Points> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM referrals WHERE friend IN ({CARD}))");
        if !self
            .conn
            .prepare_cached(&sql)?
            .query_row([member.0], |r| r.get::<_, bool>(0))?
        {
            return Ok(0);
        }
        self.take_back_gone(member)?;
        if let Some(brought) = self.brought(member)? {
            self.qualify_joining(&brought)?;
            self.qualify_buying(&brought)?;
        }
        self.grant_due(member)
    }

    /// The same for whoever made a sale; nothing for a walk-in.
    pub(crate) fn referral_steps_of(&self, sale: &SaleKey) -> Result<()> {
        let sql =
            "SELECT member_id FROM sales WHERE source = ?1 AND sale_id = ?2 AND standing = 1 AND member_id IS NOT NULL";
        let member = self
            .conn
            .prepare_cached(sql)?
            .query_row([&sale.source, &sale.sale_id], |r| r.get(0))
            .optional()?;
        member
            .map_or(Ok(0), |member| self.referral_steps(MemberId(member)))
            .map(drop)
    }

    /// The referral of a member's that counts.
    pub(super) fn brought(&self, member: MemberId) -> Result<Option<Brought>> {
        let sql = format!(
            "SELECT op_id, friend, card, referrer_card, code, at_ms FROM referral_list WHERE friend IN ({CARD}) AND refused IS NULL"
        );
        Ok(self
            .conn
            .prepare_cached(&sql)?
            .query_row([member.0], |r| {
                Ok(Brought {
                    op: OpId(r.get(0)?),
                    friend: MemberId(r.get(1)?),
                    card: MemberId(r.get(2)?),
                    referrer: r.get::<_, Option<_>>(3)?.map(MemberId),
                    code: r.get(4)?,
                    at: UtcMs(r.get(5)?),
                })
            })
            .optional()?)
    }

    /// Takes back what was granted for what is not there any more.
    fn take_back_gone(&self, member: MemberId) -> Result<()> {
        let sql = format!(
            "SELECT g.entry_id FROM reward_list q JOIN referral_grants g
                 ON g.friend = q.friend AND g.side = q.side AND g.step = q.step AND g.round = q.round
             WHERE q.friend IN ({CARD}) AND q.gone AND q.state = 'granted'
               AND NOT EXISTS (SELECT 1 FROM ledger l WHERE l.reverses = g.entry_id)"
        );
        let mut rows = self.conn.prepare_cached(&sql)?;
        let lines: Vec<EntryId> = rows
            .query_map([member.0], |r| Ok(EntryId(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let actor = Actor {
            by: by(),
            role: Role::Manager,
        };
        for line in lines {
            self.reverse(self.new_op(), &actor, line)?;
        }
        Ok(())
    }

    fn qualify_joining(&self, brought: &Brought) -> Result<()> {
        let sql = "SELECT max(version) FROM rules WHERE at_ms <= ?1";
        let version: Option<i64> = self.conn.prepare_cached(sql)?.query_row([brought.at.0], |r| r.get(0))?;
        let Some(published) = self.rules_of(version)? else {
            return Ok(());
        };
        let cause = Cause {
            at: brought.at,
            sale: None,
            least_minor: 0,
        };
        for (step, rule) in steps(&published.rules).filter(|(_, r)| r.event == ReferralEvent::Joins) {
            self.offer(brought, &cause, &published, &step, rule)?;
        }
        Ok(())
    }

    /// The first purchase that reaches a rule's least, by the rules that the purchase was counted by.
    fn qualify_buying(&self, brought: &Brought) -> Result<()> {
        let sql = format!(
            "SELECT s.source, s.sale_id, s.total_minor - s.refunded_minor, s.occurred_at, l.rules_version
             FROM sales s JOIN ledger l ON l.entry_id = s.entry_id
             WHERE s.member_id IN ({CARD}) AND s.standing = 1 AND s.reversed = 0 AND s.move <> 'skip' AND s.day >= ?2
             ORDER BY s.occurred_at, s.source, s.sale_id LIMIT ?3"
        );
        let zone = self.shop().zone;
        let since = zone.day(brought.at).to_string();
        let mut rows = self.conn.prepare_cached(&sql)?;
        let sales: Vec<(SaleKey, i64, UtcMs, Option<i64>)> = rows
            .query_map(params![brought.card.0, since, SALES_MAX], |r| {
                let key = SaleKey {
                    source: r.get(0)?,
                    sale_id: r.get(1)?,
                };
                Ok((key, r.get(2)?, UtcMs(r.get(3)?), r.get(4)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        for (sale, left_minor, at, version) in sales {
            let Some(published) = self.rules_of(version)? else {
                continue;
            };
            for (step, rule) in steps(&published.rules) {
                let ReferralEvent::FirstBuys(least_minor) = rule.event else {
                    continue;
                };
                let in_time = rule.within.is_none_or(|within| before(zone, at, within) <= brought.at);
                if left_minor < least_minor || !in_time {
                    continue;
                }
                let cause = Cause {
                    at,
                    sale: Some(sale.clone()),
                    least_minor,
                };
                self.offer(brought, &cause, &published, &step, rule)?;
            }
        }
        Ok(())
    }

    fn rules_of(&self, version: Option<i64>) -> Result<Option<Arc<Published>>> {
        version.map_or(Ok(None), |version| self.scope.rulebook.of_version(self.conn, version))
    }

    /// Lets what a rule gives wait, for each side that has not got it.
    fn offer(&self, brought: &Brought, cause: &Cause, published: &Published, step: &str, rule: &Rule) -> Result<()> {
        let nth = brought
            .referrer
            .map_or(Ok(0), |r| self.friends_before(r, brought.friend, step))?
            + 1;
        for (side, points) in rule.gives(nth) {
            let member = match side {
                Side::Friend => Some(brought.card),
                Side::Referrer => brought.referrer,
                Side::Above => self.above(brought)?,
            };
            let Some(member) = member else { continue };
            if self.is_erased(member)? {
                continue;
            }
            let Some(round) = self.next_round(brought.friend, side, step)? else {
                continue;
            };
            let full = match rule.friends_a_month_max {
                Some(most) if side != Side::Friend => self.friends_this_month(member, step)? >= most,
                _ => false,
            };
            let (points, reason) = match (full, rule.friends_a_month_max) {
                (true, Some(most)) => (0, format!("Refused: {most} friends this month already")),
                _ => (points, format!("{points} = {}", what(side, rule.event))),
            };
            let qualified = Qualified {
                key: RewardKey {
                    friend: brought.friend,
                    side,
                    step: step.to_owned(),
                    round,
                },
                member,
                points,
                due_at: UtcMs(cause.at.0.saturating_add(rule.hold_ms())),
                sale: cause.sale.clone(),
                least_minor: cause.least_minor,
                rules_version: published.version,
                reasons: vec![reason],
                doubts: self.doubts(brought)?,
            };
            let body = Body::ReferralQualified(qualified);
            self.append(self.new_op(), &by(), &body, &Private::default())?;
        }
        Ok(())
    }

    /// Which time this reward may wait: the first, or again where what it was for is gone; none while it waits, was
    /// granted or was turned down.
    fn next_round(&self, friend: MemberId, side: Side, step: &str) -> Result<Option<i64>> {
        let sql = "SELECT round, gone AND state <> 'rejected' FROM reward_list
                   WHERE friend = ?1 AND side = ?2 AND step = ?3 ORDER BY round DESC LIMIT 1";
        let last: Option<(i64, bool)> = self
            .conn
            .prepare_cached(sql)?
            .query_row(params![friend.0, side.as_str(), step], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(match last {
            None => Some(0),
            Some((round, true)) => Some(round + 1),
            Some((_, false)) => None,
        })
    }

    /// How many other friends have brought a member something for the same.
    fn friends_before(&self, member: MemberId, friend: MemberId, step: &str) -> Result<i64> {
        let sql = format!(
            "SELECT count(DISTINCT friend) FROM reward_list WHERE member_id IN ({CARD}) AND side = 'referrer' AND step = ?2
               AND friend <> ?3 AND state IN ('pending', 'review', 'granted')"
        );
        Ok(self
            .conn
            .prepare_cached(&sql)?
            .query_row(params![member.0, step, friend.0], |r| r.get(0))?)
    }

    /// For how many friends a member got something this month, or will.
    fn friends_this_month(&self, member: MemberId, step: &str) -> Result<i64> {
        let zone = self.shop().zone;
        let month = chrono::Datelike::with_day(&zone.day(self.now()), 1);
        let from = month.map_or(self.now(), |first| zone.instant(first.and_time(chrono::NaiveTime::MIN)));
        let sql = format!(
            "SELECT count(DISTINCT friend) FROM reward_list WHERE member_id IN ({CARD}) AND side <> 'friend' AND step = ?2
               AND at_ms >= ?3 AND state IN ('pending', 'review', 'granted')"
        );
        Ok(self
            .conn
            .prepare_cached(&sql)?
            .query_row(params![member.0, step, from.0], |r| r.get(0))?)
    }

    /// Who had sent the one who sent them: a third person.
    fn above(&self, brought: &Brought) -> Result<Option<MemberId>> {
        let Some(referrer) = brought.referrer else {
            return Ok(None);
        };
        let above = self.brought(referrer)?.and_then(|b| b.referrer);
        Ok(above.filter(|above| *above != brought.card && *above != referrer))
    }

    fn is_erased(&self, member: MemberId) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM members WHERE member_id = ?1 AND erased = 1)";
        Ok(self.conn.prepare_cached(sql)?.query_row([member.0], |r| r.get(0))?)
    }

    /// Grants what has waited long enough. Answers the points that the member themselves got.
    fn grant_due(&self, friend: MemberId) -> Result<Points> {
        let sql = format!(
            "SELECT friend, side, step, round, body FROM reward_list
             WHERE friend IN ({CARD}) AND state = 'pending' AND due_at <= ?2 ORDER BY op_id"
        );
        let mut rows = self.conn.prepare_cached(&sql)?;
        let due: Vec<(RewardKey, String)> = rows
            .query_map(params![friend.0, self.now().0], |r| Ok((key(r, 0)?, r.get(4)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut theirs = 0;
        for (key, body) in due {
            let qualified: Qualified = serde_json::from_str(&body).map_err(|e| damaged(&e.to_string()))?;
            if key.side == Side::Friend {
                theirs += qualified.points;
            }
            let rewarded = Rewarded {
                key,
                entry: EntryId(self.uuid()),
                // Whoever was merged since gets it on the card that shows.
                member: self.card(qualified.member)?,
                points: qualified.points,
                rules_version: qualified.rules_version,
                reasons: qualified.reasons,
            };
            let body = Body::ReferralRewarded(rewarded);
            self.append(self.new_op(), &by(), &body, &Private::default())?;
        }
        Ok(theirs)
    }
}

/// What a reward is for, as its line says it.
fn what(side: Side, event: ReferralEvent) -> &'static str {
    match (side, event) {
        (Side::Friend, ReferralEvent::Joins) => "joined through a friend",
        (Side::Friend, ReferralEvent::FirstBuys(_)) => "first purchase, sent by a friend",
        (Side::Referrer, ReferralEvent::Joins) => "a friend joined",
        (Side::Referrer, ReferralEvent::FirstBuys(_)) => "a friend's first purchase",
        (Side::Above, ReferralEvent::Joins) => "a friend of a friend joined",
        (Side::Above, ReferralEvent::FirstBuys(_)) => "a friend of a friend's first purchase",
    }
}

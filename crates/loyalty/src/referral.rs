//! What a referral brings: who qualified for which reward, what was granted, what somebody decided. Plain data and keys.
//!
//! Which sale qualifies and when a hold is over is the till's (it has the sales); which of two that came from tills
//! apart stands is `settle`'s.

use serde::{Deserialize, Serialize};

use crate::Points;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId};
use crate::op::SaleKey;
use crate::rules::{Referral, ReferralEvent, Rules};
use crate::time::UtcMs;

/// Who gets a reward.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one who came.
    Friend,
    /// The one who sent them.
    Referrer,
    /// The one who had sent that one: a second level, where the owner wrote one.
    Above,
}

impl Side {
    /// As it is kept.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Friend => "friend",
            Self::Referrer => "referrer",
            Self::Above => "above",
        }
    }

    /// Reads what [`Side::as_str`] wrote.
    #[must_use]
    pub fn read(s: &str) -> Option<Self> {
        [Self::Friend, Self::Referrer, Self::Above]
            .into_iter()
            .find(|side| side.as_str() == s)
    }
}

/// Which reward of a referral: unique in the shop.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardKey {
    /// Who came: the referral's member.
    pub friend: MemberId,
    /// Who gets it.
    pub side: Side,
    /// For what: `joins` or `buys`; `buys-2` for the second rule about it, and so on.
    pub step: String,
    /// From 0; one more each time what had qualified was undone (its sale given back) before it was done again.
    pub round: i64,
}

impl RewardKey {
    /// As one text, different for each.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            friend,
            side,
            step,
            round,
        } = self;
        format!("{friend}:{}:{round}:{step}", side.as_str())
    }
}

/// Somebody did what a referral rule asks for: the reward waits until `due_at`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qualified {
    /// Which reward.
    pub key: RewardKey,
    /// Who gets it.
    pub member: MemberId,
    /// How many points; 0 where it was refused (`reasons` say why).
    pub points: Points,
    /// When the hold is over.
    pub due_at: UtcMs,
    /// The purchase that it is for; none for joining.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<SaleKey>,
    /// What of that purchase must be left, in minor units.
    pub least_minor: i64,
    /// The rules that it follows.
    pub rules_version: i64,
    /// Why that many.
    pub reasons: Vec<String>,
    /// What looks odd: it then waits until somebody has looked at it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// The hold is over: the points are there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewarded {
    /// Which reward.
    pub key: RewardKey,
    /// The line.
    pub entry: EntryId,
    /// Whose.
    pub member: MemberId,
    /// Above zero.
    pub points: Points,
    /// The rules that it follows.
    pub rules_version: i64,
    /// Why.
    pub reasons: Vec<String>,
}

/// Somebody looked at a reward that seemed odd. The last word wins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewed {
    /// Which reward, by the operation that qualified it.
    pub reward: OpId,
    /// Whether it is granted once its hold is over.
    pub allowed: bool,
    /// When.
    pub clock: Hlc,
}

/// The rules about one event, each with its step.
pub fn steps(rules: &Rules) -> impl Iterator<Item = (String, &Referral)> {
    let (mut joins, mut buys) = ([0; 2], [0; 2]);
    rules.referrals().map(move |rule| {
        let level = usize::from(rule.second_level);
        let (name, count) = match rule.event {
            ReferralEvent::Joins => ("joins", &mut joins[level]),
            ReferralEvent::FirstBuys(_) => ("buys", &mut buys[level]),
        };
        *count += 1;
        let step = if *count == 1 {
            name.to_owned()
        } else {
            format!("{name}-{count}")
        };
        (step, rule)
    })
}

impl Referral {
    /// What each side gets, where it gets any. `nth` is which of their friends this one is for the referrer, from 1.
    #[must_use]
    pub fn gives(&self, nth: i64) -> Vec<(Side, Points)> {
        let referrer = match self.rising {
            Some((from, points)) if nth >= from => Some(points),
            _ => self.referrer,
        };
        if self.second_level {
            return referrer.map(|points| (Side::Above, points)).into_iter().collect();
        }
        let friend = self.friend.map(|points| (Side::Friend, points));
        let referrer = referrer.map(|points| (Side::Referrer, points));
        friend.into_iter().chain(referrer).collect()
    }

    /// How long a reward waits, in milliseconds.
    #[must_use]
    pub fn hold_ms(&self) -> i64 {
        self.hold.map_or(0, crate::rules::Period::ms)
    }
}

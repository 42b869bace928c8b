//! What the bodies of operations are made of, and what can be told of one without carrying it out. The bodies are `op`'s.

use serde::{Deserialize, Serialize};

use crate::Points;
use crate::hlc::Hlc;
use crate::ids::Origin;
use crate::lapsing::Chosen;
use crate::op::Body;
use crate::referral::Reviewed;

impl Body {
    /// Whose personal data is beside it, where there is any.
    #[must_use]
    pub fn subject(&self) -> Option<uuid::Uuid> {
        match self {
            Self::MemberEnrolled { member, .. } | Self::MemberChanged { member, .. } => Some(member.0),
            Self::StaffAdded { staff, .. } | Self::StaffChanged { staff, .. } => Some(staff.0),
            _ => None,
        }
    }

    /// When it counts as done, for the last writer wins; none for what has no fields.
    #[must_use]
    pub fn clock(&self) -> Option<Hlc> {
        match self {
            Self::RulesPublished { clock, .. }
            | Self::StaffChanged { clock, .. }
            | Self::MemberChanged { clock, .. }
            | Self::MemberMerged { clock, .. }
            | Self::MemberUnmerged { clock, .. }
            | Self::ReferralReviewed(Reviewed { clock, .. })
            | Self::LapsingChosen(Chosen { clock, .. })
            | Self::LapsingSet { clock, .. }
            | Self::AwayRulesSet { clock, .. } => Some(*clock),
            _ => None,
        }
    }

    /// The same, done at `now`.
    #[must_use]
    pub fn at_clock(mut self, now: Hlc) -> Self {
        if let Self::RulesPublished { clock, .. }
        | Self::StaffChanged { clock, .. }
        | Self::MemberChanged { clock, .. }
        | Self::MemberMerged { clock, .. }
        | Self::MemberUnmerged { clock, .. }
        | Self::ReferralReviewed(Reviewed { clock, .. })
        | Self::LapsingChosen(Chosen { clock, .. })
        | Self::LapsingSet { clock, .. }
        | Self::AwayRulesSet { clock, .. } = &mut self
        {
            *clock = now;
        }
        self
    }

    /// Whether only a relay may write it.
    #[must_use]
    pub fn is_of_relay(&self) -> bool {
        matches!(
            self,
            Self::Settled { .. }
                | Self::TillRenewed { .. }
                | Self::RightsGranted { .. }
                | Self::TillLost { .. }
                | Self::SuspenseReleased { .. }
                | Self::LossSettled { .. }
                | Self::LapsingActed(_)
        )
    }

    /// Whether it can be what `origin` wrote: nobody grants to themselves or to the relay, and no right of less than one
    /// point changes hands.
    #[must_use]
    pub fn is_sound(&self, origin: Origin) -> bool {
        let some = |points: &Points| *points > 0;
        match self {
            Self::RightsGranted { to, points, .. } => some(points) && *to != origin && *to != Origin::RELAY,
            Self::RightsReturned { points, .. } => some(points),
            Self::SuspenseReleased { till, points, .. } | Self::LossSettled { till, points, .. } => {
                some(points) && *till != origin && *till != Origin::RELAY
            }
            Self::TillLost { till } => *till != origin && *till != Origin::RELAY,
            Self::AwayRulesSet { rules, .. } => rules.is_sound(),
            Self::LapsingSet { usual, .. } => usual.is_sound(),
            Self::LapsingActed(acted) => acted.is_sound(),
            Self::ReferralQualified(q) => q.points >= 0,
            Self::ReferralRewarded(r) => some(&r.points),
            _ => true,
        }
    }
}

/// Stamps on one card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardStamps {
    /// The card, by its key: see [`crate::rules::StampCard::key`].
    pub card: String,
    /// How many, signed.
    pub count: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a field over by reference")]
pub(crate) fn is_zero(n: &i64) -> bool {
    *n == 0
}

pub(crate) fn one() -> i64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a field over by reference")]
pub(crate) fn is_one(n: &i64) -> bool {
    *n == 1
}

/// A sale's unique key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct SaleKey {
    /// The system that numbered it.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
}

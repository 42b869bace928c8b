//! What happened twice while tills were apart, and the line that takes the second one back. Finding it is `settle`'s.

use serde::{Deserialize, Serialize};

use crate::Points;
use crate::ids::{EntryId, MemberId};
use crate::op::CardStamps;

/// What can happen once in a shop, and did twice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Twice {
    /// The same sale was recorded.
    Sale,
    /// The same line was reversed.
    Reversal,
    /// The same held sale was decided.
    Decision,
    /// The same refund was recorded.
    Refund,
    /// The same member was brought.
    Referral,
    /// The same reward of a referral qualified.
    Qualified,
    /// The same reward of a referral was granted.
    Rewarded,
    /// The bonus of the same birthday was granted.
    Birthday,
}

/// A line to take back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// The new line.
    pub entry: EntryId,
    /// The line it takes back.
    pub reverses: EntryId,
    /// Whose.
    pub member: MemberId,
    /// Signed: the other line's points with the other sign.
    pub points: Points,
    /// The stamps that came with it, with the other sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stamps: Vec<CardStamps>,
}

//! What a rules document says, line by line: the parsed rules as plain data.
//!
//! Not here: how they are written (`parse`, `format`) and what they make of a sale (`decide`).

use super::Reward;
use crate::Points;

/// A line of the document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Line {
    /// What it says; nothing on a blank line or one with only a comment.
    pub rule: Option<Rule>,
    /// The comment, without its `#`.
    pub comment: Option<String>,
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// `Earn …`.
    Earn(Earn),
    /// `Reward …`.
    Reward(Reward),
    /// `Skip …`.
    Skip(SaleTest),
}

/// `Earn 1 point per $1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Earn {
    /// Points for each `per`.
    pub points: Points,
    /// What they are for.
    pub per: Per,
}

/// What points are earned for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Per {
    /// Each amount of this many minor units.
    Money(i64),
}

/// Which sales a skip or a hold is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum SaleTest {
    /// A total under this many minor units.
    Under(i64),
}

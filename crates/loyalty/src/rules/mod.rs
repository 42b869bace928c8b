//! The rules document: what the owner wrote, parsed, and what it makes of a sale.
//!
//! Here: the entry points and the types around them. The grammar, the formatter and the evaluation are in their own
//! files beside this one. Not here: versions and publishing (an operation), storage, the clock.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::sale::Item;
use crate::{Points, UtcMs};

/// What is done with a sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Recorded, no points.
    Skip,
    /// Points are added.
    Add,
    /// Points are added and a reward is now within reach: say so.
    AddReward,
    /// Waits for somebody to decide.
    Hold,
}

/// A decided sale: what goes into the ledger row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What is done.
    pub move_: Move,
    /// Points to add: 0 for a skip; for a hold, what would be added.
    pub points: Points,
    /// Why, in plain words, the sum first: `12 = 9 base + 3 Tuesday`, `Skipped: under $2`.
    pub reasons: Vec<String>,
    /// The reward that comes within reach, for [`Move::AddReward`].
    pub announces: Option<String>,
}

/// A reward of the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reward {
    /// Its name, unique in the document without regard to case.
    pub name: String,
    /// What it costs the member.
    pub points: Points,
    /// What it costs the shop, where the owner says so (`Reward 100 points: Free coffee, costs $1.20`).
    pub cost: Option<Money>,
}

/// What the evaluation knows of a sale.
#[derive(Clone, Debug)]
pub struct SaleFacts<'a> {
    /// What was paid.
    pub total: Money,
    /// What was sold; empty where unknown.
    pub items: &'a [Item],
    /// When, as an instant.
    pub at: UtcMs,
    /// When, on the shop's wall clock.
    pub local: NaiveDateTime,
    /// Now, for rules about sales that come late.
    pub now: UtcMs,
}

/// What the evaluation knows of the member before the sale.
#[derive(Clone, Debug, Default)]
pub struct MemberFacts {
    /// Points before the sale.
    pub balance: Points,
    /// Recorded sales so far, not counting reversed ones.
    pub visits: i64,
    /// Points earned in the last 365 days before the sale, for tiers.
    pub earned_in_year: Points,
    /// Money spent in the last 365 days before the sale, in minor units, for tiers.
    pub spent_in_year_minor: i64,
    /// Times of the member's sales inside [`Needs::sales_window_ms`] before this one.
    pub recent_sales: Vec<UtcMs>,
}

/// Which facts a document needs, so that a store fetches no others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// How far back sales are counted, where a rule counts them.
    pub sales_window_ms: Option<i64>,
    /// Whether a rule looks at the last year's points or spend.
    pub year: bool,
}

/// An error in a document: where, what was expected, and what was probably meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RuleError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters it is about, at least 1.
    pub length: usize,
    /// What was expected there, in plain words.
    pub expected: String,
    /// What to write instead, where one can tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
}

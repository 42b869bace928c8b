//! Trying rules on a sale that is only typed, and testing them on the shop's past.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Preview;

/// A sale to try.
#[derive(Deserialize, Type, Clone, Default, Debug)]
pub struct TrySale {
    /// Decimal text with a point: `12.50`.
    pub total: String,
    /// The tax in it, decimal text; empty for none or unknown.
    pub tax: String,
    /// The tip in it, decimal text; empty for none or unknown.
    pub tip: String,
    /// What would be sold.
    pub items: Vec<TryItem>,
    /// The shop's wall clock, `2026-11-20T14:05`; None for now.
    pub at: Option<String>,
    /// Whose it would be; None for somebody who has just joined.
    pub member_id: Option<String>,
    /// The tier they would be in; None for the one they are in.
    pub tier: Option<String>,
}

/// One line of a sale to try.
#[derive(Deserialize, Type, Clone, Default, Debug)]
pub struct TryItem {
    /// As the till names it.
    pub name: String,
    /// As the till names it; empty for none.
    pub category: String,
    /// Pieces, 1 to 9999.
    pub quantity: i32,
    /// The price for all of them, decimal text; empty where unknown.
    pub price: String,
}

/// What two documents make of the same sale.
#[derive(Serialize, Type, Debug)]
pub struct Tried {
    /// By the draft; None where it has errors.
    pub draft: Option<Preview>,
    /// By the rules in force.
    pub in_force: Preview,
}

/// How far a back-test is.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
pub struct BacktestProgress {
    /// Sales read.
    pub done: i32,
    /// Sales there are.
    pub of: i32,
}

/// One side of a back-test: what happened, or what the draft makes of it.
#[derive(Serialize, Type, Debug)]
pub struct BacktestSide {
    /// Points given for sales, less what was taken back.
    pub points: i32,
    /// Stamps given for sales, less what was taken back.
    pub stamps: i32,
    /// What points and stamps cost at most, in minor units; None where nothing states a cost.
    pub cost_minor: Option<i32>,
    /// Sales without points.
    pub skip: i32,
    /// Sales with points.
    pub add: i32,
    /// Sales with points that brought a reward within reach.
    pub add_reward: i32,
    /// Sales held for review.
    pub hold: i32,
}

/// A member who gains or loses.
#[derive(Serialize, Type, Debug)]
pub struct BacktestMember {
    /// Who.
    pub member_id: String,
    /// Their code, for a link; empty where they are gone.
    pub code: String,
    /// Empty where they gave none.
    pub name: String,
    /// The last four digits of their phone number.
    pub last4: String,
    /// Points for sales, as it happened.
    pub then: i32,
    /// The same by the draft.
    pub now: i32,
}

/// A month of the shop's calendar.
#[derive(Serialize, Type, Debug)]
pub struct BacktestMonth {
    /// `2026-11`.
    pub month: String,
    /// Sales of members.
    pub sales: i32,
    /// Points given.
    pub points_then: i32,
    /// Points the draft gives.
    pub points_now: i32,
    /// Sales held.
    pub held_then: i32,
    /// Sales the draft holds.
    pub held_now: i32,
}

/// What a draft would have made of the shop's past, compared with what happened.
#[derive(Serialize, Type, Debug)]
pub struct BacktestReport {
    /// Sales of members.
    pub sales: i32,
    /// Sales of nobody: on neither side.
    pub walk_ins: i32,
    /// The first sale.
    pub from: Option<String>,
    /// The last one.
    pub to: Option<String>,
    /// What happened.
    pub then: BacktestSide,
    /// What the draft makes of it.
    pub now: BacktestSide,
    /// Sales with another outcome.
    pub different: i32,
    /// Members with more points.
    pub gain: i32,
    /// Members with fewer.
    pub lose: i32,
    /// Members with as many.
    pub same: i32,
    /// Who gains most, at most ten.
    pub winners: Vec<BacktestMember>,
    /// Who loses most, at most ten.
    pub losers: Vec<BacktestMember>,
    /// In the order of time.
    pub months: Vec<BacktestMonth>,
    /// How long it took.
    pub took_ms: i32,
}

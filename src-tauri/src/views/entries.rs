//! Lines of the points ledger, and what makes them: credit, redeem, reverse, adjust.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Approval, Card};

/// What a line is.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The balance a member brought along from an older programme.
    Opening,
    /// A sale.
    Earn,
    /// Points for joining, a birthday and the like.
    Bonus,
    /// By hand, with a reason.
    Adjust,
    /// A reward.
    Redeem,
    /// Points taken because money was given back.
    Refund,
    /// Points that ran out of time.
    Expire,
    /// Takes an earlier line back.
    Reverse,
}

/// One line of the ledger.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Line {
    /// Its id.
    pub entry_id: String,
    /// Whose.
    pub member_id: String,
    /// Empty where the member gave none.
    pub member_name: String,
    /// The last four digits of the member's phone number.
    pub member_last4: String,
    /// What it is.
    pub kind: Kind,
    /// For a reversal: what kind of line it took back.
    pub reverses_kind: Option<Kind>,
    /// Signed.
    pub points: i32,
    /// When.
    pub at: String,
    /// Who made it.
    pub by_name: String,
    /// What was paid, in minor units, for a sale.
    pub total_minor: Option<i32>,
    /// The till's sale number, where there is one.
    pub sale_id: Option<String>,
    /// The reward's name, for a redemption.
    pub reward: Option<String>,
    /// Why, in plain words, the sum first.
    pub reasons: Vec<String>,
    /// The version of the rules that decided it, for a sale or a redemption.
    pub rules_version: Option<i32>,
    /// Taken back by a later line.
    pub reversed: bool,
    /// Whether the person signed in may reverse it now.
    pub may_reverse: bool,
    /// Whether money of this sale can be given back by the person signed in.
    pub may_refund: bool,
}

/// What the rules do with a sale.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
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

/// What a sale would do, before it is credited.
#[derive(Serialize, Type, Debug)]
pub struct Preview {
    /// What is done.
    pub r#move: Move,
    /// Points it adds.
    pub points: i32,
    /// Why, in plain words: `12 = 1 per $1`.
    pub reasons: Vec<String>,
    /// The balance afterwards.
    pub balance_after: i32,
    /// The reward that comes within reach.
    pub announces: Option<String>,
}

/// A sale to credit.
#[derive(Deserialize, Type)]
pub struct Credit {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Whose.
    pub member_id: String,
    /// Decimal text with a point: `12.50`.
    pub amount: String,
    /// The till's sale number, where typed.
    pub sale_id: Option<String>,
    /// What a reward given before the sale named (`Redeem::visit`), where one was: the sale's number, unless one is typed.
    #[serde(default)]
    pub visit: Option<String>,
    /// What was counted for stamp cards.
    #[serde(default)]
    pub bought: Vec<Bought>,
}

/// Pieces bought that give a stamp each.
#[derive(Serialize, Deserialize, Type, Clone, Debug)]
pub struct Bought {
    /// The stamp card, by its key.
    pub card: String,
    /// How many, 1 to 99.
    pub count: i32,
}

/// A sale credited.
#[derive(Serialize, Type, Debug)]
pub struct Credited {
    /// What was done.
    pub r#move: Move,
    /// Points added.
    pub points: i32,
    /// The birthday bonus that this visit brought besides, a line of its own; 0 where it brought none.
    pub birthday_bonus: i32,
    /// The new line; what `reverse` wants for an undo. None for a held sale: it has no line yet.
    pub entry_id: Option<String>,
    /// Why, in plain words.
    pub reasons: Vec<String>,
    /// The reward that came within reach.
    pub announces: Option<String>,
    /// Set where this sale was credited before: when. Nothing was added.
    pub credited_before_at: Option<String>,
    /// Whether that earlier credit was taken back since. It stays taken back; nothing was added.
    pub taken_back_since: bool,
    /// The card afterwards.
    pub card: Card,
}

/// A reward to redeem.
#[derive(Deserialize, Type)]
pub struct Redeem {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Whose.
    pub member_id: String,
    /// The reward's name; empty for a stamp card.
    pub reward: String,
    /// How many times over, from 1; more only for points that become money.
    pub lots: i32,
    /// The stamp card to redeem instead of a reward for points.
    pub card: Option<String>,
    /// Whose PIN allows more than may be redeemed offline without one; None unless that was asked for.
    pub manager: Option<Approval>,
    /// The line of the sale it is given with, where there is one: refunding that whole gives the reward back.
    #[serde(default)]
    pub with: Option<String>,
    /// A UUID that the window makes for the sale it is given with, where that is still to come: `Credit::visit`.
    #[serde(default)]
    pub visit: Option<String>,
    /// The till's number of the sale that is still to come, where it is typed already.
    #[serde(default)]
    pub sale_id: Option<String>,
}

/// A reward redeemed.
#[derive(Serialize, Type, Debug)]
pub struct Redeemed {
    /// Points taken, as a positive number.
    pub points: i32,
    /// The new line; what `reverse` wants for an undo.
    pub entry_id: String,
    /// The reward's name.
    pub reward: String,
    /// The card afterwards.
    pub card: Card,
}

/// A line to take back.
#[derive(Deserialize, Type)]
pub struct Reverse {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// The line.
    pub entry_id: String,
}

/// A line taken back.
#[derive(Serialize, Type, Debug)]
pub struct Reversed {
    /// As signed in the new line.
    pub points: i32,
    /// The new line.
    pub entry_id: String,
    /// The card afterwards.
    pub card: Card,
}

/// Points to move by hand.
#[derive(Deserialize, Type)]
pub struct Adjust {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Whose.
    pub member_id: String,
    /// Signed, not 0.
    pub points: i32,
    /// Why, in a few words.
    pub reason: String,
}

/// Money that might be given back.
#[derive(Deserialize, Type)]
pub struct RefundAsk {
    /// The sale's line.
    pub entry_id: String,
    /// Decimal text with a point; None for all that is left.
    pub amount: Option<String>,
}

/// What giving money back would do.
#[derive(Serialize, Type, Debug)]
pub struct RefundPreview {
    /// What is given back, in minor units.
    pub amount_minor: i32,
    /// What is left of the sale before that, in minor units.
    pub left_minor: i32,
    /// Points taken: zero or below.
    pub points: i32,
    /// Rewards that were given with the sale and are given back with it.
    pub restored: Vec<String>,
    /// Nothing of the sale is left afterwards.
    pub whole: bool,
    /// The balance afterwards.
    pub balance_after: i32,
}

/// Money to give back.
#[derive(Deserialize, Type)]
pub struct Refund {
    /// UUIDv7 made by the window before sending; a retry reuses it. It is the refund's number, too.
    pub op_id: String,
    /// The sale's line.
    pub entry_id: String,
    /// Decimal text with a point.
    pub amount: String,
}

/// Money given back.
#[derive(Serialize, Type, Debug)]
pub struct Refunded {
    /// What was given back, in minor units.
    pub amount_minor: i32,
    /// Points taken: zero or below.
    pub points: i32,
    /// Rewards given back with it.
    pub restored: Vec<String>,
    /// The card afterwards.
    pub card: Card,
}

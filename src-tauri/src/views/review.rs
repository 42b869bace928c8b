//! Held sales: what waits, deciding it, and what was decided.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A sale that waits for a decision.
#[derive(Serialize, Type, Clone, Debug)]
pub struct HeldSale {
    /// The system that numbered it. With `sale_id`: what a decision names.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
    /// The number as people know it; None where the window made it up.
    pub number: Option<String>,
    /// Whose it is.
    pub member_id: String,
    /// Their code, for a link.
    pub member_code: String,
    /// Empty where the member gave none.
    pub member_name: String,
    /// The last four digits of the member's phone number.
    pub member_last4: String,
    /// What was paid, in minor units.
    pub total_minor: i32,
    /// Points it would bring, as computed when it came.
    pub points: i32,
    /// The computation, then why it is held.
    pub reasons: Vec<String>,
    /// When the sale happened.
    pub occurred_at: String,
    /// When it came in.
    pub held_at: String,
    /// On whose word it came in: a name, else `webhook:…`, `job:…`.
    pub by_name: String,
}

/// A held sale that was decided.
#[derive(Serialize, Type, Clone, Debug)]
pub struct DecidedSale {
    /// The system that numbered it.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
    /// The number as people know it; None where the window made it up.
    pub number: Option<String>,
    /// Whose it is.
    pub member_id: String,
    /// Their code, for a link.
    pub member_code: String,
    /// Empty where the member gave none.
    pub member_name: String,
    /// The last four digits of the member's phone number.
    pub member_last4: String,
    /// What was paid, in minor units.
    pub total_minor: i32,
    /// False for a rejected one.
    pub approved: bool,
    /// Points given; 0 for a rejected one.
    pub points: i32,
    /// The computation, why it was held, and at the end the decision.
    pub reasons: Vec<String>,
    /// When the sale happened.
    pub occurred_at: String,
    /// When it was decided.
    pub decided_at: String,
    /// Who decided it.
    pub decided_by: String,
    /// Its line, where it was approved; what taking it back wants.
    pub entry_id: Option<String>,
    /// Whether that line was taken back since.
    pub taken_back: bool,
}

/// What to do with a held sale.
#[derive(Deserialize, Type, Clone, Debug)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Verdict {
    /// Credit exactly what was computed.
    Approve,
    /// Credit another number of points.
    ApproveWith {
        /// Zero or above.
        points: i32,
        /// Why, in a few words.
        reason: String,
    },
    /// Credit nothing.
    Reject {
        /// Why, in a few words.
        reason: String,
    },
}

/// A decision on a held sale.
#[derive(Deserialize, Type, Clone, Debug)]
pub struct Decide {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// The system that numbered the sale.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
    /// The decision.
    pub verdict: Verdict,
}

/// A held sale, just decided.
#[derive(Serialize, Type, Clone, Debug)]
pub struct DecidedNow {
    /// The new line; what an undo wants. None for a rejected sale.
    pub entry_id: Option<String>,
    /// The member's points now.
    pub balance: i32,
}

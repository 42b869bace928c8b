//! The kinds of line in the points ledger.

use serde::{Deserialize, Serialize};

/// What kind of line stands in the points ledger.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Points brought along from a programme before this one.
    Opening,
    /// Points for a sale.
    Earn,
    /// Points for joining, a birthday and the like.
    Bonus,
    /// Points moved by hand, with a reason.
    Adjust,
    /// A reward.
    Redeem,
    /// Points taken because money was given back.
    Refund,
    /// Points that ran out of time.
    Expire,
    /// A line that takes back another.
    Reverse,
}

impl Kind {
    /// As it stands in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Earn => "earn",
            Self::Bonus => "bonus",
            Self::Adjust => "adjust",
            Self::Redeem => "redeem",
            Self::Refund => "refund",
            Self::Expire => "expire",
            Self::Reverse => "reverse",
        }
    }

    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Opening,
        Self::Earn,
        Self::Bonus,
        Self::Adjust,
        Self::Redeem,
        Self::Refund,
        Self::Expire,
        Self::Reverse,
    ];

    /// Reads what [`Kind::as_str`] wrote.
    #[must_use]
    pub fn read(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

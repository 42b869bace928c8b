//! Who may do what: three roles, each doing all that the one below may.

use crate::op::Kind;
use serde::{Deserialize, Serialize};

/// A role. The order is the rank.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds, enrols, credits, redeems, undoes their own.
    Cashier,
    /// Also reverses others' lines, adjusts points and changes staff below them.
    Manager,
    /// Everything, and the owner's window.
    Owner,
}

impl Role {
    /// As it stands in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cashier => "cashier",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }

    /// Reads what [`Role::as_str`] wrote.
    #[must_use]
    pub fn read(s: &str) -> Option<Self> {
        [Self::Cashier, Self::Manager, Self::Owner]
            .into_iter()
            .find(|r| r.as_str() == s)
    }
}

/// Something not everybody may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Permission {
    /// Find, enrol, credit, redeem; reverse one's own line.
    Serve,
    /// Reverse a line somebody else made.
    ReverseOthers,
    /// Add or take points by hand.
    Adjust,
    /// Approve or reject held sales.
    DecideHeld,
    /// Add staff, change their PIN or role, or let them go.
    ChangeStaff,
    /// Open the owner's window, publish rules.
    Own,
}

impl Permission {
    /// The lowest role that has it.
    #[must_use]
    pub fn needs(self) -> Role {
        match self {
            Self::Serve => Role::Cashier,
            Self::ReverseOthers | Self::Adjust | Self::DecideHeld | Self::ChangeStaff => Role::Manager,
            Self::Own => Role::Owner,
        }
    }

    /// What reversing a line of this kind takes, a line of one's own (`own`) or somebody else's; none where it can't be
    /// reversed.
    #[must_use]
    pub fn to_reverse(kind: Kind, own: bool) -> Option<Self> {
        match kind {
            Kind::Reverse | Kind::Refund => None,
            Kind::Adjust | Kind::Opening | Kind::Bonus | Kind::Expire => Some(Self::Adjust),
            Kind::Earn | Kind::Redeem if own => Some(Self::Serve),
            Kind::Earn | Kind::Redeem => Some(Self::ReverseOthers),
        }
    }

    /// Whether `role` has it.
    #[must_use]
    pub fn held_by(self, role: Role) -> bool {
        role >= self.needs()
    }
}

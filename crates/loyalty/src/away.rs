//! How a shop's tills may go on while they can't reach the relay: the owner's limits on redeeming, and the till that
//! opens first. Earning never stops. Holding a redemption against them is the till's store's.

use serde::{Deserialize, Serialize};

use crate::Points;
use crate::ids::Origin;

/// The longest that [`AwayRules::days`] can be: ten years.
const DAYS_MAX: i64 = 3650;

/// The owner's rules for tills that are cut off. The default: seven days, no cap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwayRules {
    /// The till that keeps its rights when it is closed, so that a morning without internet finds points in the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_first: Option<Origin>,
    /// For how many days since it last heard from the relay a till goes on redeeming.
    pub days: i64,
    /// How many points of one member a till may redeem before the relay has heard of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_member: Option<Points>,
    /// How many points of all members together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_all: Option<Points>,
    /// Redeeming more than so many points at once, while cut off, needs a manager's PIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin_above: Option<Points>,
}

impl Default for AwayRules {
    fn default() -> Self {
        Self {
            opens_first: None,
            days: 7,
            per_member: None,
            in_all: None,
            pin_above: None,
        }
    }
}

impl AwayRules {
    /// Whether its numbers are of this world.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let caps = [self.per_member, self.in_all, self.pin_above];
        (0..=DAYS_MAX).contains(&self.days) && caps.into_iter().flatten().all(|points| points >= 0)
    }
}

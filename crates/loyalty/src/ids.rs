//! Typed identifiers, so that a member's id can't be handed over where an entry's is wanted. Making them is not here.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, concat!(stringify!($name), "({})"), self.0) }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, uuid::Error> { s.parse().map(Self) }
        }
    )+};
}

id!(
    /// A shop: everything of one owner's programme.
    ShopId,
    /// Whoever appends operations: a till, or the relay. Its operations are numbered from 1 without a gap.
    Origin,
    /// An operation, made by its caller before it is sent, so that a retry is recognised.
    OpId,
    /// A row of the points ledger.
    EntryId,
    /// A member of the programme.
    MemberId,
    /// Somebody who works in the shop.
    StaffId,
);

impl Origin {
    /// The relay as a holder of rights. It appends under origins of its own (another one after it was restored); what it
    /// holds is the shop's, whichever of them it writes under.
    pub const RELAY: Self = Self(Uuid::nil());
}

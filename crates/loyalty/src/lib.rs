//! The loyalty programme as pure functions and types.
//!
//! Here: money, phone numbers, points, codes, the operations of a shop's log and what each of them does, the rules
//! document, and the one list of refusals. Not here: storage, clocks, randomness, threads, the network. Whatever a
//! function needs is handed in, so that a till, the relay and a simulation can't disagree about meaning.

mod away;
pub mod backtest;
pub mod birthday;
mod body;
pub mod book;
pub mod by;
pub mod chain;
pub mod code;
pub mod contact;
pub mod effect;
pub mod hlc;
pub mod ids;
mod kind;
pub mod lapsing;
pub mod money;
pub mod op;
pub mod phone;
mod private;
pub mod referral;
pub mod refusal;
pub mod rules;
pub mod sale;
pub mod settle;
pub mod staff;
pub mod standing;
pub mod state;
pub mod time;
mod twice;

pub use away::AwayRules;
pub use birthday::Birthday;
pub use code::MemberCode;
pub use hlc::Hlc;
pub use ids::{EntryId, MemberId, OpId, Origin, ShopId, StaffId};
pub use money::{Currency, Money};
pub use phone::{Phone, Region};
pub use refusal::{Code, Refusal};
pub use sale::{Item, Sale, Who};
pub use staff::{Permission, Role};
pub use time::{ShopZone, UtcMs};

/// Whole points. Signed, because a ledger row may take some away.
pub type Points = i64;

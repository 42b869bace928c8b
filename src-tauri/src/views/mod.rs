//! What the windows see: plain structs for the screens. Conversions into them are in `from_ledger`, decisions nowhere.
//!
//! Points and money are `i32` (JavaScript reads them exactly; 21 million dollars are enough for one sale); times are
//! RFC 3339 text in UTC; ids are text. The comments here reach the windows' code through the generated bindings.

mod entries;
mod from_ledger;
mod from_rules;
mod members;
mod owner;
mod review;
mod shop;
mod trying;

pub use entries::{Adjust, Credit, Credited, Kind, Line, Move, Preview, Redeem, Redeemed, Reverse, Reversed};
pub use from_ledger::{SOURCE_COUNTER, small};
pub use members::{Card, CardReward, CardStamps, Enrol, EnrolOffer, Hit, MemberEdit, SearchResult};
pub use owner::{Exported, LedgerFilter, OwnerContext, RuleError, RulesCheck, Side};
pub use review::{Decide, DecidedNow, DecidedSale, HeldSale, Verdict};
pub use shop::{
    Choice, Failure, FirstStart, Reward, Role, Session, Shop, StaffEdit, StaffTile, Startup, Status, Storage,
    StorageCode, StorageProblem,
};
pub use trying::{
    BacktestMember, BacktestMonth, BacktestProgress, BacktestReport, BacktestSide, Tried, TryItem, TrySale,
};

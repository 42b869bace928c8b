//! The till's store: one SQLite file with the shop's log and all it adds up to.
//!
//! Here: opening and migrating, appending an operation with its effects in one transaction, search, reading, verify,
//! backup. Not here: what an operation means (`loyalty::effect`), what a sale is worth (`loyalty::rules`), windows,
//! the network. There is no trait in front of it: a temporary folder is the test double.

mod apply;
mod backup;
mod birthdays;
mod clock;
mod connect;
mod decided;
mod derive;
mod error;
mod expiry;
mod facts;
mod history;
mod init;
mod lines;
mod lock;
mod members;
mod merges;
mod migrate;
mod people;
mod pin;
mod points;
mod private;
mod redeem;
mod refunds;
mod relay;
mod replays;
mod review;
mod rulebook;
mod sales;
mod search;
mod shop;
mod staff;
mod stamps;
mod state;
mod stats;
mod store;
mod take;
mod turn;
mod tx;
mod verify;
mod versions;
mod writer;

pub use backup::restore;
pub use clock::{Clock, Ids, SystemClock, SystemIds};
pub use connect::file;
pub use decided::Decided;
pub use error::{Error, Result, StorageCode, StorageError};
pub use expiry::EXPIRY_BATCH;
pub use facts::Try;
pub use history::Progress;
pub use init::{Joins, NewShop, Owner};
pub use lines::Line;
pub use lock::AppLock;
pub use members::{Key, Member, MemberEdit, NewMember};
pub use migrate::MIGRATIONS;
pub use pin::{Pepper, WAIT_MAX_S, wait_ms};
pub use points::{ADJUST_MAX, Actor, Moved};
pub use redeem::{LOTS_MAX, Redemption};
pub use refunds::{Refund, Refunded};
pub use relay::{PairedWith, Relay, Synced, TillInfo};
pub use review::{Decision, Held};
pub use rulebook::Published;
pub use sales::{Credited, Preview};
pub use search::Found;
pub use shop::Shop;
pub use staff::{Staff, StaffEdit};
pub use stamps::Stamps;
pub use stats::Stats;
pub use store::{Options, Store};
pub use take::{Foreign, Head, Stored};
pub use tx::Tx;
pub use verify::{Problem, Verified};
pub use versions::{DiffLine, RulesVersion};

//! The relay's storage: what is kept of shops, tills, codes and logs, in SQL that both databases understand.
//!
//! Here is no HTTP and no JSON of the protocol. A function is one transaction, or takes the one it is part of.

pub mod append;
pub mod bulk;
pub mod clicks;
pub mod codes;
pub mod db;
pub mod grants;
pub mod groups;
pub mod joins;
pub mod keys;
mod known;
pub mod links;
pub mod log;
pub mod lost;
pub mod migrate;
pub mod places;
pub mod referrals;
pub mod referred;
pub mod rights;
mod settle;
pub mod shops;
mod statistics;
pub mod tills;
mod turns;
pub mod visits;

pub use db::{Db, DbError};

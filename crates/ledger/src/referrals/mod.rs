//! Referrals at the till: who brought whom (`join`), what that brings and when it is taken back (`work`, `duty`), what
//! looks odd about it (`doubts`), and what there is to show (`show`). The rows are `rows`'; what counts is in the views.

mod doubts;
mod duty;
mod join;
mod links;
pub(crate) mod rows;
mod show;
mod work;

pub use join::{Enrolled, Sent};
pub use links::{LinkDay, Links};
pub use show::{Funnel, Referral, Reward, State};

//! Mail: what waits to be sent, sending it once, and who may get it. What a mail says is in the crate `mail`.
//!
//! A mail is queued in the transaction that causes it ([`take`]). A worker of any relay ([`work`]) claims it, looks up
//! whom it is for and whether it is still true ([`compose`]), and gives it to the shop's own server ([`line`]).

pub mod args;
pub mod balances;
pub mod check;
pub mod choices;
pub mod commands;
pub mod compose;
pub mod consent;
pub mod dkim;
pub mod documented;
pub mod error;
pub mod figures;
pub mod hooks;
pub mod hours;
pub mod jobs;
pub mod lanes;
pub mod lapsing;
pub mod line;
pub mod listed;
pub mod narrative;
pub mod outreach;
pub mod owner;
pub mod page_words;
pub mod pages;
pub mod people;
pub mod queue;
pub mod quiet;
pub mod said;
pub mod seal;
pub mod settings;
pub mod standing;
pub mod stuck;
pub mod summary;
pub mod take;
pub mod token;
pub mod tonight;
pub mod trial;
pub mod visits;
pub mod voices;
pub mod who;
pub mod work;

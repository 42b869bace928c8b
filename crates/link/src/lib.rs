//! A till's line to its relay: pairing, syncing once or for as long as the till runs, hearing of news, and waiting
//! between tries. For whoever has a till's folder, with a window or without.
//!
//! Not here: the messages and what is checked of them (`sync`), what an operation does (`loyalty`), how it is kept
//! (`ledger`).

mod acquire;
mod anew;
mod backoff;
mod clicks;
mod client;
mod documents;
mod error;
mod keep;
mod live;
mod mail;
mod mark;
mod once;
mod outreach;
mod pair;
mod renew;
mod standing;
mod tills;
mod word;

pub use acquire::{Acquired, Redeems, acquire, close, redeem};
pub use anew::start_over;
pub use backoff::wait_ms;
pub use clicks::{add_link, clicks};
pub use client::{Client, Wire};
pub use documents::documents;
pub use error::LinkError;
pub use keep::{Keeper, Told, Wake, keep};
pub use mail::mail;
pub use mark::{guard, keep_mark};
pub use once::{Report, Round, round, sync};
pub use outreach::outreach;
pub use pair::{Paired, pair};
pub use standing::standing;
pub use sync::documents as document_messages;
pub use sync::links::{LinkAnswer, LinkRequest};
pub use sync::mail as mail_messages;
pub use sync::outreach as outreach_messages;
pub use sync::wire::{TillSeen, TillsRequest};
pub use tills::{AddedTill, add_till, tills};
pub use word::{word_on_line, word_on_sale};

/// The name our secrets have in the keyring.
pub const SERVICE: &str = "org.regulars.till";
/// The secret that PINs are mixed with.
pub const PEPPER: &str = "pin-pepper";
/// What the till shows to the relay.
pub const CREDENTIAL: &str = "relay-credential";

/// A result of this crate.
pub type Result<T, E = LinkError> = std::result::Result<T, E>;

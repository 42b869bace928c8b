//! Sales coming in, whichever way: bytes and times are handed in, one [`loyalty::Sale`] or a closed error comes out.
//!
//! Here: files of sales and members, what a till's export looks like, webhook signatures, and the payloads of our own
//! and of providers' webhooks. Not here: opening files, HTTP, the clock, the store; nothing is remembered between
//! calls, so that the till and the relay read a sale the same way.

mod context;
pub mod detect;
pub mod file;
pub mod payload;
pub mod signature;

pub use context::Context;

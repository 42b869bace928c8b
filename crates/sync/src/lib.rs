//! What a till and a relay say to each other, and what each checks of what it hears. Messages in, messages out: no
//! sockets, no storage, no clock, no randomness here.

mod acquire;
pub mod bytes;
mod clicks;
pub mod documents;
pub mod limits;
pub mod links;
pub mod mail;
pub mod outreach;
pub mod page;
pub mod pairing;
pub mod problem;
pub mod standing;
pub mod wire;

pub use limits::decode;
pub use problem::{Problem, ProblemCode};

/// The protocol's version. It counts up when an older side could not understand a newer one.
pub const PROTOCOL: u16 = 1;
/// The oldest version that a relay of this version still speaks.
pub const PROTOCOL_MIN: u16 = 1;

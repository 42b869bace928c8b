//! The shop's voice: a document that the owner writes, a section for each mail, and what becomes of it: a message with a
//! text and an HTML part.
//!
//! Here is no network, no store, no clock and no chance: what to say, to whom and when is handed in. Whether a mail may
//! be sent is decided by whoever sends it.

mod blocks;
mod dkim;
mod fill;
mod html;
mod kind;
mod message;
pub mod month;
mod parse;
mod problem;
mod render;
mod section;
mod text;
mod told;
mod voice;
mod words;
mod written;

pub use dkim::{Algorithm, BadKey, Signer};
pub use fill::Values;
pub use html::Look;
pub use kind::{Kind, Language, Name};
pub use message::{Envelope, Facts, MessageError, message};
pub use problem::{Problem, What};
pub use render::{Footer, Rendered, render};
pub use section::{alone, section};
pub use voice::{Mail, Voice};
pub use written::Written;

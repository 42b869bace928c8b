//! What webhooks say, read into one sale or one refund.
//!
//! Here: our own JSON, three providers' payloads, and any other till's by JSON pointers. Not here: whether the sender is
//! who it says ([`crate::signature`], first), HTTP, the size of a body, replays. Money is exact: our own JSON has it as
//! decimal strings, the providers as whole minor units or decimal strings.

pub mod generic;
pub mod own;
mod reader;
pub mod shopify;
pub mod square;
pub mod stripe;

use loyalty::{Code, Item, Money, Sale, UtcMs};

/// What a provider's message says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Something was sold and paid.
    Sale {
        /// The sale; a walk-in where the message has no phone number.
        sale: Box<Sale>,
        /// The provider's own id of its customer, where there is one: a member may be linked to it.
        customer: Option<String>,
        /// Rewards that were given with it, each by its name in the rules, or by what a full stamp card gives.
        rewards: Vec<String>,
    },
    /// Something was given back.
    Refund(Box<Refund>),
    /// Nothing to do, and why; answer that all is well, or the provider sends it again.
    Ignored(Ignored),
}

/// Why a message asks for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// A kind of message that is neither a sale nor a refund.
    OtherKind,
    /// A sale or refund that is not paid, pending, failed or cancelled; another message follows when it is.
    NotComplete,
    /// A test of the provider's.
    Test,
}

/// How much was given back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refunded {
    /// All of the sale.
    Whole,
    /// This much, by this refund.
    Amount(Money),
    /// This much of the sale so far, all its refunds together. Applying it twice changes nothing.
    SoFar(Money),
}

/// A refund that came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    /// The system that numbered the sale.
    pub source: String,
    /// The sale's number there.
    pub sale_id: String,
    /// The refund's own number, where it has one; else the message's id tells it from others.
    pub refund_id: Option<String>,
    /// How much.
    pub refunded: Refunded,
    /// What was brought back, where the message says.
    pub items: Vec<Item>,
    /// When, where the message says.
    pub occurred_at: Option<UtcMs>,
}

/// Why a body can't be taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is not JSON.
    #[error("The body is not JSON.")]
    NotJson,
    /// It is JSON, and these fields are wrong: never empty.
    #[error("{} of the body's fields are missing or wrong.", .0.len())]
    Fields(Vec<FieldError>),
}

/// A field that can't be taken.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901), such as `/items/0/price`.
    pub pointer: String,
    /// Why.
    pub code: Code,
    /// The value as it came, at most 200 characters; empty where there is none.
    pub value: String,
}

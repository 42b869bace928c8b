//! The closed list of what a relay refuses, each with the fact that whoever hears it needs. Nobody matches the text.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal => $sentence:literal),+ $(,)?) => {
        /// Why a relay refused.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ProblemCode { $($(#[$doc])* $variant),+ }
        impl ProblemCode {
            /// Every code there is.
            pub const ALL: &[ProblemCode] = &[$(ProblemCode::$variant),+];
            /// The code as it stands in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(ProblemCode::$variant => $text),+ } }
            /// The HTTP status it is answered with.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(ProblemCode::$variant => $status),+ } }
            /// What happened and what to do, in plain English.
            #[must_use]
            pub fn sentence(self) -> &'static str { match self { $(ProblemCode::$variant => $sentence),+ } }
        }
    };
}

codes!(
    /// Not JSON, or not the message that belongs here.
    BadRequest = "bad_request", 400 => "The message can't be read. Update the app.",
    /// No credential, or one that is none.
    UnknownDevice = "unknown_device", 401 => "The relay does not know this till. Pair it again.",
    /// The till's credential was revoked.
    Revoked = "revoked", 403 => "This till was removed from the shop. Ask the owner to add it again.",
    /// The shop is suspended on this relay.
    Suspended = "suspended", 403 => "The relay has suspended this shop. Ask whoever runs it.",
    /// A pairing code that is unknown, used or too old.
    BadCode = "bad_code", 404 => "This code is wrong, used or too old. Make a new one.",
    /// The operations (or the shop brought along) are another shop's.
    WrongShop = "wrong_shop", 409 => "This till belongs to another shop. Use a code of that shop, or an empty folder.",
    /// `protocol` is below what the relay speaks; `number` is the least.
    ProtocolTooOld = "protocol_too_old", 426 => "This app is too old for the relay. Update it; until then it works by itself.",
    /// `protocol` is above what the relay speaks; `number` is the newest.
    ProtocolTooNew = "protocol_too_new", 426 => "The relay is older than this app. Ask whoever runs it to update it.",
    /// Body, page or operation over its limit; `number` is the limit.
    TooLarge = "too_large", 413 => "The message is too large. Send less at once.",
    /// An operation is missing before the first one sent; `expected_seq` is the next the relay takes.
    Gap = "gap", 409 => "Operations are missing in between. Send them from where the relay stands.",
    /// `expected_seq` does not name the operation before it as its predecessor.
    BrokenChain = "broken_chain", 409 => "The log does not continue the one that the relay has. Restore a backup, or pair again.",
    /// A hash or digest does not fit its content, or the origin is not this till's.
    Forged = "forged", 422 => "The log is not as it was written. Nothing was taken.",
    /// A body that can't be read, or says what this origin may not; `expected_seq` is its number.
    BadOperation = "bad_operation", 422 => "An operation can't be understood. Nothing was taken.",
    /// The till's own log is shorter than what the relay has of it (a restored backup); `expected_seq` is the next the
    /// relay would take. The till goes on under a new origin.
    Behind = "behind", 409 => "This till was restored from a backup. It goes on under a new number.",
    /// The origin was closed: the till went on under another one.
    Closed = "closed", 409 => "Another copy of this till went on without this one. Pair this one anew.",
    /// The cursor is ahead of the relay's log (a restored relay); `number` is the relay's newest.
    RelayBehind = "relay_behind", 409 => "The relay was restored from a backup. Tills send again what it forgot.",
    /// Too many requests; wait `retry_ms`.
    SlowDown = "slow_down", 429 => "Too many requests. The till tries again by itself.",
    /// The relay can't answer now; wait `retry_ms`.
    Unavailable = "unavailable", 503 => "The relay can't answer just now. The till tries again by itself.",
);

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A relay's refusal, as it stands in the answer's body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// Why. A till that doesn't know a newer code reads [`ProblemCode::BadRequest`] from the status alone.
    pub code: ProblemCode,
    /// For a reader of logs; no personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The number in the origin's log that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<i64>,
    /// A limit or a version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// How long to wait before the next try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_ms: Option<u64>,
}

impl Problem {
    /// A refusal with a word for the log.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            expected_seq: None,
            number: None,
            retry_ms: None,
        }
    }

    /// With the number in the origin's log.
    #[must_use]
    pub fn at(mut self, expected_seq: i64) -> Self {
        self.expected_seq = Some(expected_seq);
        self
    }

    /// With a limit or a version.
    #[must_use]
    pub fn with(mut self, number: i64) -> Self {
        self.number = Some(number);
        self
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code, "")
    }
}

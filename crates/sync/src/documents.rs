//! `POST /v1/documents`: rules and voice that an owner keeps in a document elsewhere, as a till asks about them and the
//! relay answers. Reading documents is the relay's.

use loyalty::UtcMs;
use serde::{Deserialize, Serialize};

use crate::limits::{Bounded, NAME_BYTES_MAX, too_large};
use crate::problem::Problem;

/// Bytes of a document, at the most: what is in force travels in one operation.
pub const DOCUMENT_BYTES_MAX: usize = 100_000;
/// Bytes of a document's address, at the most.
pub const ADDRESS_BYTES_MAX: usize = 2048;
/// Bytes of a service account's key, at the most.
pub const KEY_BYTES_MAX: usize = 16 << 10;

/// What an owner does about documents elsewhere. `document` is `rules` or `voice`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum DocumentRequest {
    /// Only look at how it stands.
    Look,
    /// Reads what is at an address; changes nothing.
    Try {
        /// Which of the two it would be.
        document: String,
        /// A web address, or a link to a Google Doc.
        address: String,
    },
    /// This document from now on. What it says is published at once.
    Set {
        /// Which of the two.
        document: String,
        /// A web address, or a link to a Google Doc.
        address: String,
    },
    /// Looks at the document now.
    Now {
        /// Which of the two.
        document: String,
    },
    /// The document is looked at no more. What was published last stays.
    Stop {
        /// Which of the two.
        document: String,
    },
    /// The service account by which Google Docs are read.
    Key {
        /// Its key, as Google's file has it; none: forget it.
        #[serde(default)]
        key: Option<String>,
    },
}

/// Why a document was not taken over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentProblem {
    /// One of [`DocumentProblem::CODES`].
    pub code: String,
    /// Since when it is so.
    pub since: UtcMs,
    /// Where it does not read, from 1; 0: it is about no place.
    pub line: u32,
    /// From 1, in characters; 0: it is about no place.
    pub column: u32,
    /// What it is and what to do, in English.
    pub words: String,
    /// What may have been meant at that place.
    pub suggestion: Option<String>,
    /// For `document_not_shared`: whom to share it with. For `document_answer`: the status. May be empty.
    pub said: String,
}

impl DocumentProblem {
    /// Every code there is.
    pub const CODES: &[&str] = &[
        "document_unreachable",
        "document_slow",
        "document_private",
        "document_redirects",
        "document_not_found",
        "document_forbidden",
        "document_busy",
        "document_server",
        "document_answer",
        "document_too_large",
        "document_html",
        "document_not_text",
        "document_not_utf8",
        "document_empty",
        "document_bad",
        "document_no_key",
        "document_google_key",
        "document_google_off",
        "document_not_shared",
    ];
}

/// A document elsewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentState {
    /// `rules` or `voice`.
    pub document: String,
    /// Where it is.
    pub address: String,
    /// Whether it is read by the service account.
    pub google: bool,
    /// Since when it is there.
    pub set_at: UtcMs,
    /// When it was last looked at.
    pub looked_at: Option<UtcMs>,
    /// When it is looked at next.
    pub next_at: UtcMs,
    /// When what it says was last put in force.
    pub published_at: Option<UtcMs>,
    /// As which version.
    pub version: Option<i64>,
    /// Whether something else was put in force since, by hand or by a rollback.
    pub by_hand: bool,
    /// Why what it says now was not taken over.
    pub problem: Option<DocumentProblem>,
}

/// How a shop's documents stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentsState {
    /// Those that are elsewhere.
    pub documents: Vec<DocumentState>,
    /// The service account's address, with which Google Docs are shared; none: there is no key.
    pub google: Option<String>,
    /// Whether the relay can keep a key.
    pub keeps_keys: bool,
    /// Whether the owner is told of problems by mail.
    pub mails_owner: bool,
}

/// What is at an address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentTried {
    /// What it says, as it would be published; none where it can't be.
    pub text: Option<String>,
    /// Whether that is in force already.
    pub in_force: bool,
    /// Why it can't be published.
    pub problem: Option<DocumentProblem>,
}

/// Why something was not done. Nothing was changed then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentRefusal {
    /// One of [`DocumentRefusal::CODES`].
    pub code: String,
    /// The field that it is about; may be empty.
    pub field: String,
}

impl DocumentRefusal {
    /// Every code there is.
    pub const CODES: &[&str] = &[
        "document_unknown",
        "document_bad_address",
        "document_not_set",
        "document_needs_key",
        "document_no_till",
        "document_bad_key",
        "document_keeps_no_keys",
    ];
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DocumentAnswer {
    /// How it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<DocumentsState>,
    /// For `try`; and for `set` where the document can't be published: nothing was changed then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<DocumentTried>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<DocumentRefusal>,
}

fn at_most(what: &str, text: &str, max: usize) -> Result<(), Problem> {
    if text.len() > max {
        return Err(too_large(what, max));
    }
    Ok(())
}

impl Bounded for DocumentRequest {
    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Look => Ok(()),
            Self::Try { document, address } | Self::Set { document, address } => {
                at_most("document", document, NAME_BYTES_MAX)?;
                at_most("address", address, ADDRESS_BYTES_MAX)
            }
            Self::Now { document } | Self::Stop { document } => at_most("document", document, NAME_BYTES_MAX),
            Self::Key { key } => at_most("key", key.as_deref().unwrap_or_default(), KEY_BYTES_MAX),
        }
    }
}

impl Bounded for DocumentAnswer {
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

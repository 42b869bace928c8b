//! Rules and voice in documents elsewhere, as the relay tells of them.

use serde::Serialize;
use specta::Type;

/// How they stand.
#[derive(Serialize, Type, Debug)]
pub struct Documents {
    /// Those that are elsewhere.
    pub documents: Vec<DocumentElsewhere>,
    /// The service account's address, with which Google Docs are shared; None: there is no key.
    pub google: Option<String>,
    /// Whether the relay can keep a key.
    pub keeps_keys: bool,
    /// Whether the owner is told of problems by mail.
    pub mails_owner: bool,
}

/// A document elsewhere.
#[derive(Serialize, Type, Debug)]
pub struct DocumentElsewhere {
    /// `rules` or `voice`.
    pub document: String,
    /// Where it is.
    pub address: String,
    /// Whether it is read by the service account.
    pub google: bool,
    /// When it was last looked at.
    pub looked_at: Option<String>,
    /// When it is looked at next.
    pub next_at: String,
    /// When what it says was last put in force.
    pub published_at: Option<String>,
    /// As which version.
    pub version: Option<i32>,
    /// Whether something else was put in force since.
    pub by_hand: bool,
    /// Why what it says now was not taken over.
    pub problem: Option<DocumentProblem>,
}

/// Why a document was not taken over.
#[derive(Serialize, Type, Debug)]
pub struct DocumentProblem {
    /// Which.
    pub code: String,
    /// Since when.
    pub since: String,
    /// Where it does not read, from 1; 0: it is about no place.
    pub line: u32,
    /// From 1, in characters; 0: it is about no place.
    pub column: u32,
    /// What it is, in English.
    pub words: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
    /// Whom to share it with, or what the server said; may be empty.
    pub said: String,
}

/// What is at an address.
#[derive(Serialize, Type, Debug)]
pub struct DocumentTried {
    /// What it says, as it would be published; None where it can't be.
    pub text: Option<String>,
    /// Whether that is in force already.
    pub in_force: bool,
    /// Why it can't be published.
    pub problem: Option<DocumentProblem>,
}

//! The messages of `sync::documents` as `/openapi.json` describes them; see `schema`.

use utoipa::ToSchema;

use super::schema::schemas;

schemas! {
    /// What an owner does about documents elsewhere. `do` is `look`, `try`, `set`, `now`, `stop` or `key`.
    DocumentRequest {
        /// Which of these.
        r#do: String,
        /// For all but `look` and `key`: `rules` or `voice`.
        document: Option<String>,
        /// For `try` and `set`: a web address, or a link to a Google Doc.
        address: Option<String>,
        /// For `key`: the service account's key, as Google's file has it; none forgets it.
        key: Option<String>,
    }
    /// Why a document was not taken over.
    DocumentProblem {
        /// Such as `document_not_found`; one of a closed list.
        code: String,
        /// Milliseconds since 1970: since when it is so.
        since: i64,
        /// Where it does not read, from 1; 0: it is about no place.
        line: u32,
        /// From 1, in characters; 0: it is about no place.
        column: u32,
        /// What it is and what to do, in English.
        words: String,
        /// What may have been meant at that place.
        suggestion: Option<String>,
        /// Whom to share it with, or what the server said; may be empty.
        said: String,
    }
    /// A document elsewhere.
    DocumentState {
        /// `rules` or `voice`.
        document: String,
        /// Where it is.
        address: String,
        /// Whether it is read by the service account.
        google: bool,
        /// Since when it is there.
        set_at: i64,
        /// When it was last looked at.
        looked_at: Option<i64>,
        /// When it is looked at next.
        next_at: i64,
        /// When what it says was last put in force.
        published_at: Option<i64>,
        /// As which version.
        version: Option<i64>,
        /// Whether something else was put in force since.
        by_hand: bool,
        /// Why what it says now was not taken over.
        problem: Option<DocumentProblem>,
    }
    /// How a shop's documents stand.
    DocumentsState {
        /// Those that are elsewhere.
        documents: Vec<DocumentState>,
        /// The service account's address; none: there is no key.
        google: Option<String>,
        /// Whether the relay can keep a key.
        keeps_keys: bool,
        /// Whether the owner is told of problems by mail.
        mails_owner: bool,
    }
    /// What is at an address.
    DocumentTried {
        /// What it says, as it would be published.
        text: Option<String>,
        /// Whether that is in force already.
        in_force: bool,
        /// Why it can't be published.
        problem: Option<DocumentProblem>,
    }
    /// Why something was not done. Nothing was changed then.
    DocumentRefusal {
        /// Such as `document_bad_address`; one of a closed list.
        code: String,
        /// The field that it is about; may be empty.
        field: String,
    }
    /// What came of it: how it stands; what was tried; or why it was not done.
    DocumentAnswer {
        /// How it stands now.
        state: Option<DocumentsState>,
        /// For `try`; and for `set` where the document can't be published.
        tried: Option<DocumentTried>,
        /// Why it was not done.
        refused: Option<DocumentRefusal>,
    }
}

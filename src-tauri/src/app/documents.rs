//! Rules and voice in documents elsewhere, from the owner's window: the relay reads them, and is asked each time.

use link::document_messages::{self as wire, DocumentAnswer, DocumentRequest};
use loyalty::UtcMs;

use super::mail::not_understood;
use super::{Answer, App};
use crate::views::{DocumentElsewhere, DocumentProblem, DocumentTried, Documents, Failure, small};

impl App {
    /// How the shop's documents elsewhere stand.
    ///
    /// # Errors
    /// `not_paired`, `relay_too_old`, `offline`, what the relay refuses; `locked`; the machine's.
    pub fn documents(&self) -> Answer<Documents> {
        self.documents_state(&DocumentRequest::Look)
    }

    /// What is at an address, as it would be published. Changes nothing.
    ///
    /// # Errors
    /// `document_bad_address`, `document_needs_key`; as [`App::documents`].
    pub fn document_try(&self, document: String, address: String) -> Answer<DocumentTried> {
        let answer = self.ask_documents(&DocumentRequest::Try { document, address })?;
        answer.tried.map(tried).ok_or_else(not_understood)
    }

    /// This document from now on, and at once what it says.
    ///
    /// # Errors
    /// The code of what is wrong with the document, with its English words; as [`App::document_try`].
    pub fn document_set(&self, document: String, address: String) -> Answer<Documents> {
        self.documents_state(&DocumentRequest::Set { document, address })
    }

    /// Looks at it now.
    ///
    /// # Errors
    /// `document_not_set`; as [`App::documents`].
    pub fn document_look(&self, document: String) -> Answer<Documents> {
        self.documents_state(&DocumentRequest::Now { document })
    }

    /// It is looked at no more; what was published last stays.
    ///
    /// # Errors
    /// `document_not_set`; as [`App::documents`].
    pub fn document_stop(&self, document: String) -> Answer<Documents> {
        self.documents_state(&DocumentRequest::Stop { document })
    }

    /// The key of the service account by which Google Docs are read; None forgets it.
    ///
    /// # Errors
    /// `document_bad_key`, `document_keeps_no_keys`; as [`App::documents`].
    pub fn document_key(&self, key: Option<String>) -> Answer<Documents> {
        self.documents_state(&DocumentRequest::Key { key })
    }

    fn documents_state(&self, request: &DocumentRequest) -> Answer<Documents> {
        let answer = self.ask_documents(request)?;
        if let Some(problem) = answer.tried.and_then(|tried| tried.problem) {
            return Err(refused(problem.code, String::new(), problem.words));
        }
        answer.state.map(shown).ok_or_else(not_understood)
    }

    fn ask_documents(&self, request: &DocumentRequest) -> Answer<DocumentAnswer> {
        let (store, _) = self.owning()?;
        let asked = link::documents(&store, &self.vault.another()?, request);
        let answer = self.linked(asked)?;
        match answer.refused {
            None => Ok(answer),
            Some(no) => Err(refused(no.code, no.field, String::new())),
        }
    }
}

fn refused(code: String, field: String, value: String) -> Failure {
    Failure::Refused {
        code,
        field,
        value,
        number: None,
    }
}

fn shown(state: wire::DocumentsState) -> Documents {
    let elsewhere = |one: wire::DocumentState| DocumentElsewhere {
        document: one.document,
        address: one.address,
        google: one.google,
        looked_at: one.looked_at.map(UtcMs::rfc3339),
        next_at: one.next_at.rfc3339(),
        published_at: one.published_at.map(UtcMs::rfc3339),
        version: one.version.map(small),
        by_hand: one.by_hand,
        problem: one.problem.map(problem),
    };
    Documents {
        documents: state.documents.into_iter().map(elsewhere).collect(),
        google: state.google,
        keeps_keys: state.keeps_keys,
        mails_owner: state.mails_owner,
    }
}

fn tried(tried: wire::DocumentTried) -> DocumentTried {
    DocumentTried {
        text: tried.text,
        in_force: tried.in_force,
        problem: tried.problem.map(problem),
    }
}

fn problem(problem: wire::DocumentProblem) -> DocumentProblem {
    DocumentProblem {
        code: problem.code,
        since: problem.since.rfc3339(),
        line: problem.line,
        column: problem.column,
        words: problem.words,
        suggestion: problem.suggestion,
        said: problem.said,
    }
}

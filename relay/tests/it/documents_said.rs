//! The messages of `/v1/documents`, for the test of their description.

use loyalty::UtcMs;
use serde_json::{Value, json};
use sync::documents::{
    DocumentAnswer, DocumentProblem, DocumentRefusal, DocumentRequest, DocumentState, DocumentTried, DocumentsState,
};

/// One of each message with every field, in JSON, by its name.
pub fn messages() -> Vec<(&'static str, Value)> {
    let text = || "x".to_owned();
    let problem = DocumentProblem {
        code: text(),
        since: UtcMs(1),
        line: 1,
        column: 1,
        words: text(),
        suggestion: Some(text()),
        said: text(),
    };
    let document = DocumentState {
        document: text(),
        address: text(),
        google: true,
        set_at: UtcMs(1),
        looked_at: Some(UtcMs(1)),
        next_at: UtcMs(1),
        published_at: Some(UtcMs(1)),
        version: Some(1),
        by_hand: true,
        problem: Some(problem.clone()),
    };
    let answer = DocumentAnswer {
        state: Some(DocumentsState {
            documents: vec![document.clone()],
            google: Some(text()),
            keeps_keys: true,
            mails_owner: true,
        }),
        tried: Some(DocumentTried {
            text: Some(text()),
            in_force: true,
            problem: Some(problem.clone()),
        }),
        refused: Some(DocumentRefusal {
            code: text(),
            field: text(),
        }),
    };
    let set = DocumentRequest::Set {
        document: text(),
        address: text(),
    };
    vec![
        ("DocumentRequest", json!(set)),
        ("DocumentRequest", json!(DocumentRequest::Key { key: Some(text()) })),
        ("DocumentProblem", json!(problem)),
        ("DocumentState", json!(document)),
        ("DocumentsState", json!(answer.state)),
        ("DocumentTried", json!(answer.tried)),
        ("DocumentRefusal", json!(answer.refused)),
        ("DocumentAnswer", json!(answer)),
    ]
}

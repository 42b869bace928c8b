//! The mail to the owner about a document elsewhere that could not be taken over: what it says, and how it waits in the
//! queue. When it is written is decided in `documents`.

use ::mail::{Kind, Language, Name, Values};
use loyalty::UtcMs;

use super::said::DocumentSaid;
use crate::documents::problem::{self, Bad, Why};

/// A waiting mail's kind, in SQL. These mails are stored as the other mail to the owner: a relay of before knows that one
/// and calls it off, where a kind that it does not know would keep it from sending anything at all.
pub const KIND: &str = "CASE WHEN said LIKE '{\"document\":%' THEN 'document_problem' ELSE kind END";

/// As what a mail of a kind is stored.
#[must_use]
pub fn stored(kind: Kind) -> Kind {
    match kind {
        Kind::DocumentProblem => Kind::MonthlySummary,
        kind => kind,
    }
}

/// For a preview: a problem that is made up.
#[must_use]
pub fn example() -> Box<DocumentSaid> {
    let bad = Bad {
        line: 3,
        column: 18,
        words: "Expected a day.".to_owned(),
        suggestion: Some("Tuesday".to_owned()),
    };
    Box::new(DocumentSaid {
        document: "rules".to_owned(),
        address: "https://example.com/rules.txt".to_owned(),
        problem: Why::Bad(bad).told(UtcMs(0)),
    })
}

/// What the mail speaks of.
#[must_use]
pub fn values(shop: &str, said: &DocumentSaid, language: Language) -> Values {
    let document = match (said.document.as_str(), language) {
        ("rules", Language::En) => "rules",
        ("rules", Language::Es) => "tus reglas",
        (_, Language::En) => "mail\u{2019}s words",
        (_, Language::Es) => "las palabras de tu correo",
    };
    Values::new()
        .text(Name::Shop, shop)
        .text(Name::Document, document)
        .text(Name::Place, &said.address)
        .text(Name::Problem, &problem::words(&said.problem, language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::said::Said;

    #[test]
    fn a_queued_mail_of_this_kind_begins_as_the_database_looks_for_it() {
        let said = Said {
            document: Some(example()),
            ..Said::default()
        };
        assert!(serde_json::to_string(&said).unwrap().starts_with("{\"document\":"));
        let other = Said {
            reward: Some(("{\"document\":".into(), 1)),
            ..Said::default()
        };
        assert!(!serde_json::to_string(&other).unwrap().starts_with("{\"document\":"));
    }
}

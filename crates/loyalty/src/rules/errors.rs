//! What an error in the document says: where, what was expected, and what to write instead.
//!
//! Made from what the parsers noted on their way; nothing here knows the grammar.

use super::RuleError;
use super::lex::Token;
use super::parse::{Trace, Want};

/// An error about a whole line.
pub(super) fn plain(line: usize, raw: &str, expected: String) -> RuleError {
    let column = raw.chars().take_while(|c| c.is_whitespace()).count() + 1;
    let length = raw.trim().chars().count().max(1);
    RuleError {
        line,
        column,
        length,
        expected,
        suggestion: None,
    }
}

/// Why this line could not be read.
pub(super) fn of_line(line: usize, raw: &str, tokens: &[Token<'_>], trace: &Trace<'_>) -> RuleError {
    if let Some(fault) = trace.fault() {
        let (column, length) = place(raw, tokens, fault.at, fault.tokens);
        return RuleError {
            line,
            column,
            length,
            expected: fault.expected,
            suggestion: fault.suggestion,
        };
    }
    let (at, wants) = trace.furthest();
    let (column, length) = place(raw, tokens, at, 1);
    let found = tokens.get(at).map(|t| t.text);
    RuleError {
        line,
        column,
        length,
        expected: listed(&wants),
        suggestion: meant(found, &wants),
    }
}

/// Column and length, in characters, of `count` tokens from `at`; behind the last token for the end of the line.
fn place(raw: &str, tokens: &[Token<'_>], at: usize, count: usize) -> (usize, usize) {
    let chars = |bytes: usize| raw.get(..bytes).map_or(0, |s| s.chars().count());
    let Some(first) = tokens.get(at) else {
        return (chars(tokens.last().map_or(0, Token::end)) + 1, 1);
    };
    let last = tokens.get(at + count - 1).or(tokens.last()).unwrap_or(first);
    let start = chars(first.start);
    (start + 1, chars(last.end()).saturating_sub(start).max(1))
}

/// `per`, `,` or the end of the line.
fn listed(wants: &[Want]) -> String {
    let mut parts: Vec<String> = wants
        .iter()
        .map(|w| match w {
            Want::Word(word) => format!("`{word}`"),
            Want::Kind(words, _) => words.clone(),
            Want::End => "the end of the line".to_owned(),
        })
        .collect();
    let last = parts.pop().unwrap_or_else(|| "a rule".to_owned());
    if parts.is_empty() {
        last
    } else {
        format!("{} or {last}", parts.join(", "))
    }
}

/// The word that was probably meant in place of `found`.
fn meant(found: Option<&str>, wants: &[Want]) -> Option<String> {
    let words = wants.iter().filter_map(|w| match w {
        Want::Word(word) => Some(*word),
        _ => None,
    });
    let near = found.and_then(|found| {
        let found = found.to_lowercase();
        words
            .clone()
            .map(|w| (strsim::osa_distance(&found, &w.to_lowercase()), w))
            .filter(|(distance, w)| *distance <= 1.max(w.chars().count() / 3))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, w)| w.to_owned())
    });
    near.or_else(|| match wants {
        // A sign is put in front of what is there; a word stands in its place.
        [Want::Word(word)] => Some(match found {
            Some(found) if !word.starts_with(char::is_alphabetic) => format!("{word} {found}"),
            _ => (*word).to_owned(),
        }),
        [Want::Kind(_, example)] => example.clone(),
        _ => None,
    })
}

/// An error about `part` of a line, or about all of it where the part isn't found as written.
pub(super) fn about(line: usize, raw: &str, part: &str, expected: String) -> RuleError {
    match raw.rfind(part) {
        Some(start) if !part.is_empty() => RuleError {
            line,
            column: raw[..start].chars().count() + 1,
            length: part.chars().count(),
            expected,
            suggestion: None,
        },
        _ => plain(line, raw, expected),
    }
}

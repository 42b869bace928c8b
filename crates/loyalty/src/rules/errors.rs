//! What an error in the document says: where, what was expected, and what to write instead.
//!
//! Made from what the parsers noted on their way; nothing here knows the grammar.

use super::RuleError;
use super::lex::{Kind, Token};
use super::parse::{Mend, Trace, Want};

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
    RuleError {
        line,
        column,
        length,
        expected: listed(at, &wants),
        suggestion: meant(tokens.get(at), &wants),
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

/// Most things named in one message; more would not be read.
const LISTED_MAX: usize = 6;

/// `per`, `,` or the end of the line.
fn listed(at: usize, wants: &[Want]) -> String {
    if at == 0 {
        return "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`".to_owned();
    }
    let mut parts: Vec<String> = wants
        .iter()
        .map(|w| match w {
            Want::Word(word) => format!("`{word}`"),
            Want::Kind { what, .. } => what.clone(),
            Want::End => "the end of the line".to_owned(),
        })
        .collect();
    if parts.len() > LISTED_MAX {
        parts.truncate(LISTED_MAX);
        return format!("{} …", parts.join(", "));
    }
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() {
        last
    } else {
        format!("{} or {last}", parts.join(", "))
    }
}

/// What was probably meant in place of `found`.
fn meant(found: Option<&Token<'_>>, wants: &[Want]) -> Option<String> {
    let words = wants.iter().flat_map(|w| match w {
        Want::Word(word) => std::slice::from_ref(word).to_vec(),
        Want::Kind { words, .. } => words.to_vec(),
        Want::End => Vec::new(),
    });
    if let Some(near) = found.and_then(|found| nearest(found.text, words)) {
        return Some(near.to_owned());
    }
    let quoted = |t: &Token<'_>| (t.kind == Kind::Word).then(|| format!("\"{}\"", t.text));
    match wants {
        // A sign is put in front of what is there; a word stands in its place.
        [Want::Word(word)] => Some(match found {
            Some(found) if !word.starts_with(char::is_alphabetic) => format!("{word} {}", found.text),
            _ => (*word).to_owned(),
        }),
        [
            Want::Kind {
                mend: Mend::Write(text),
                ..
            },
        ] => Some(text.clone()),
        [Want::End] => None,
        _ if wants.iter().any(|w| matches!(w, Want::Kind { mend: Mend::Quote, .. })) => found.and_then(quoted),
        _ => None,
    }
}

/// The one of `words` that `found` is a slip of.
pub(super) fn nearest<'w>(found: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let found = found.to_lowercase();
    words
        .map(|w| (strsim::osa_distance(&found, &w.to_lowercase()), w))
        .filter(|(distance, w)| *distance <= (w.chars().count().max(3) / 3).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, w)| w)
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

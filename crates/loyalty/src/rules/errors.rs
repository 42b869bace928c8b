//! What an error in the document says: where, what was expected, and what to write instead.
//!
//! Made from what the parsers noted on their way; nothing here knows the grammar.

use super::RuleError;
use super::lex::{Kind, Token};
use super::parse::{Mend, Noted, Trace, Want};

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

/// Why a line could not be read. `reads_to` tells how far a mended line would read, in characters; nothing: all of it.
/// A suggestion is only made where it gets further.
pub(super) fn of_line(
    line: usize,
    raw: &str,
    tokens: &[Token<'_>],
    trace: &Trace<'_>,
    reads_to: impl Fn(&str) -> Option<usize>,
) -> RuleError {
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
    let expected = listed(at, &wants);
    let left = tokens.get(at..).unwrap_or_default();
    let stuck = reads_as(raw, tokens, trace);
    let (column, length) = place(raw, tokens, at, 1);
    let plain = RuleError {
        line,
        column,
        length,
        expected,
        suggestion: None,
    };
    let candidates = meant(left, &wants).into_iter().filter_map(|(suggestion, about)| {
        let (column, length) = place(raw, tokens, at, about);
        let error = RuleError {
            column,
            length,
            suggestion: Some(suggestion),
            ..plain.clone()
        };
        let text = mended(raw, &error);
        let unread = match reads_to(&text) {
            None => 0,
            Some(to) if to > stuck => text.chars().count() - to.min(text.chars().count()) + 1,
            Some(_) => return None,
        };
        Some((unread, error))
    });
    candidates
        .min_by_key(|(unread, _)| *unread)
        .map_or(plain.clone(), |(_, error)| error)
}

/// How many characters of a line could be read.
pub(super) fn reads_as(raw: &str, tokens: &[Token<'_>], trace: &Trace<'_>) -> usize {
    let at = trace.fault().map_or(trace.furthest().0, |fault| fault.at);
    place(raw, tokens, at, 1).0 - 1
}

/// The line with the suggestion in place of what is marked, and a blank in front of it where words would touch.
fn mended(raw: &str, error: &RuleError) -> String {
    let suggestion = error.suggestion.as_deref().unwrap_or_default();
    let before: String = raw.chars().take(error.column - 1).collect();
    let after: String = raw.chars().skip(error.column - 1 + error.length).collect();
    let touches =
        before.ends_with(|c: char| !c.is_whitespace() && c != '-') && suggestion.starts_with(char::is_alphanumeric);
    let gap = if touches { " " } else { "" };
    format!("{before}{gap}{suggestion}{after}")
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
fn listed(at: usize, wants: &[Noted]) -> String {
    if at == 0 {
        return "a rule, such as `Earn 1 point per …`, `Reward 100 points: …` or `Skip sales under …`".to_owned();
    }
    let named = wants.iter().filter(|n| n.part_of != Some("") || wants.len() == 1);
    let mut parts: Vec<String> = Vec::new();
    for noted in named {
        let text = match (noted.part_of.filter(|p| !p.is_empty()), &noted.want) {
            (Some(part), _) => part.to_owned(),
            (None, Want::Word(word)) => format!("`{word}`"),
            (None, Want::Kind { what, .. }) => what.clone(),
            (None, Want::End) => "the end of the line".to_owned(),
        };
        if !parts.contains(&text) {
            parts.push(text);
        }
    }
    if parts.len() > LISTED_MAX {
        parts.truncate(LISTED_MAX);
        return format!("{} …", parts.join(", "));
    }
    let last = parts.pop().unwrap_or_else(|| "something else".to_owned());
    if parts.is_empty() {
        last
    } else {
        format!("{} or {last}", parts.join(", "))
    }
}

/// Words people write for others, each with what the grammar says there.
const SLIPS: [(&str, &str); 12] = [
    ("below", "under"),
    ("beneath", "under"),
    ("less", "under"),
    ("above", "over"),
    ("more", "over"),
    ("exceeding", "over"),
    ("in", "within"),
    ("under", "sales under"),
    ("over", "sales over"),
    ("older", "sales older"),
    ("nearly", "nearest"),
    ("halves", "nearest"),
];

/// What was perhaps meant in place of the first of `left`, each with how many of them it stands for; best first.
fn meant(left: &[Token<'_>], wants: &[Noted]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let phrases: Vec<&str> = wants.iter().flat_map(|n| words_of(&n.want)).collect();
    if let Some(token) = left.first() {
        let lower = token.text.to_lowercase();
        let slip = SLIPS.iter().find(|(slip, right)| {
            *slip == lower && phrases.iter().any(|p| p.split(' ').next() == right.split(' ').next())
        });
        found.extend(slip.map(|(_, right)| (*right).to_owned()));
        found.extend(nearest_phrase(token.text, &phrases));
    }
    if let [
        Noted {
            want: Want::Word(phrase),
            ..
        },
    ] = wants
    {
        found.extend(only(phrase, left.first()));
    }
    if let [
        Noted {
            want: Want::Kind {
                mend: Mend::Write(text),
                ..
            },
            ..
        },
    ] = wants
    {
        found.push(text.clone());
    }
    let mut found: Vec<(String, usize)> = found.into_iter().map(|text| (text, 1)).collect();
    if wants
        .iter()
        .any(|n| matches!(n.want, Want::Kind { mend: Mend::Quote, .. }))
    {
        found.extend(quoted(left));
    }
    found
}

fn words_of(want: &Want) -> Vec<&'static str> {
    match want {
        Want::Word(word) => vec![*word],
        Want::Kind { words, .. } => words.to_vec(),
        Want::End => Vec::new(),
    }
}

/// The only thing that fits, put so that it can be written in place of `found`: a sign goes in front of what is
/// there, words go in front of a sign, a word stands in place of a word or in front of it.
fn only(phrase: &str, found: Option<&Token<'_>>) -> Vec<String> {
    let first = phrase.split(' ').next().unwrap_or(phrase);
    match found {
        None => vec![phrase.to_owned()],
        Some(found) if !first.starts_with(char::is_alphabetic) => vec![format!("{first} {}", found.text)],
        Some(found) if found.kind == Kind::Sign => vec![format!("{phrase}{}", found.text)],
        Some(found) => vec![format!("{phrase} {}", found.text), first.to_owned()],
    }
}

/// The run of words at the beginning of `left`, in quotes.
fn quoted(left: &[Token<'_>]) -> Option<(String, usize)> {
    let plain = |t: &&Token<'_>| {
        let word = t.text.to_lowercase();
        t.kind == Kind::Word && !["and", "or", "get", "on", "for", "category", "sku"].contains(&word.as_str())
    };
    let words: Vec<&str> = left.iter().take_while(plain).map(|t| t.text).collect();
    (!words.is_empty()).then(|| (format!("\"{}\"", words.join(" ")), words.len()))
}

/// The beginning of the phrase that `found` is a slip of the first or second word of.
fn nearest_phrase(found: &str, phrases: &[&str]) -> Option<String> {
    let firsts = || phrases.iter().map(|p| p.split(' ').next().unwrap_or_default());
    if let Some(first) = nearest(found, firsts()) {
        return Some(first.to_owned());
    }
    let two = |p: &&str| {
        let (first, rest) = p.split_once(' ')?;
        let second = rest.split(' ').next()?;
        nearest(found, std::iter::once(second)).map(|_| format!("{first} {second}"))
    };
    phrases.iter().find_map(two)
}

/// The one of `words` that `found` is a slip of.
pub(super) fn nearest<'w>(found: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let found = found.to_lowercase();
    words
        .filter(|w| w.starts_with(char::is_alphabetic))
        .map(|w| (strsim::osa_distance(&found, &w.to_lowercase()), w))
        .filter(|(distance, w)| *distance <= (w.chars().count().max(3) / 3).min(3) && *distance < w.chars().count())
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

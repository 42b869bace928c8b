//! The small parsers every rule is built of: words, counts, points, names.
//!
//! Each notes what it wanted where it fails, and refuses values that can't be meant.

use winnow::prelude::*;
use winnow::stream::Stream;

use super::input::{Fail, Input, Parsed, Want, at, fault, miss, peeked};
use crate::Points;
use crate::rules::lex::{Kind, Token, plain_number};
use crate::rules::words::{grouped, ordinal as ordinal_text};

/// The most points one rule can give or ask for.
const POINTS_MAX: Points = 1_000_000;
/// The longest name.
pub(super) const NAME_CHARS_MAX: usize = 100;

/// The words of `text`, one after another, in any case.
pub(super) fn words<'a>(text: &'static str) -> impl Parser<Input<'a>, (), Fail> {
    move |i: &mut Input<'a>| {
        let mut rest = text;
        loop {
            let word = rest.split(' ').next().unwrap_or_default();
            if !peeked(i).is_some_and(|t| same(t.text, word)) {
                return miss(i, Want::Word(rest));
            }
            i.next_token();
            match rest.split_once(' ') {
                Some((_, more)) => rest = more,
                None => return Ok(()),
            }
        }
    }
}

/// Whether two words are the same but for capitals and the kind of apostrophe.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.replace('’', "'").eq_ignore_ascii_case(b)
}

/// The first of `choices`, or one of its other spellings, which no error mentions.
pub(super) fn word_of<'a>(choices: &'static [&'static str]) -> impl Parser<Input<'a>, (), Fail> {
    move |i: &mut Input<'a>| {
        let left: &[Token<'_>] = i.input.peek_finish();
        let fits = |choice: &&&str| {
            choice
                .split(' ')
                .enumerate()
                .all(|(k, word)| left.get(k).is_some_and(|t| same(t.text, word)))
        };
        match choices.iter().find(fits) {
            Some(choice) => {
                i.next_slice(choice.split(' ').count());
                Ok(())
            }
            None => words(choices.first().copied().unwrap_or_default()).parse_next(i),
        }
    }
}

/// The end of the line.
pub(super) fn end(i: &mut Input<'_>) -> Parsed<()> {
    if peeked(i).is_some() {
        miss(i, Want::End)
    } else {
        Ok(())
    }
}

const NUMBER_WORDS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
];

/// A whole number from 1 to `max`, for `what`.
pub(super) fn count(i: &mut Input<'_>, what: &str, max: i64) -> Parsed<i64> {
    let start = at(i);
    let Some(token) = peeked(i) else {
        return miss(i, Want::kind(format!("{what}, such as 10")));
    };
    let expected = || format!("{what}, a whole number from 1 to {}", grouped(max));
    match token.kind {
        Kind::Number => {
            let plain = plain_number(token.text);
            let value = plain.as_deref().and_then(|p| p.parse::<i64>().ok());
            match value.filter(|v| (1..=max).contains(v)) {
                Some(value) => {
                    i.next_token();
                    Ok(value)
                }
                None => fault(i, start, 1, expected(), nearest_count(token.text, value, max)),
            }
        }
        Kind::Word => match NUMBER_WORDS.iter().position(|w| token.text.eq_ignore_ascii_case(w)) {
            Some(n) => fault(i, start, 1, expected(), (n > 0).then(|| n.to_string())),
            None => miss(i, Want::kind(format!("{what}, such as 10"))),
        },
        Kind::Sign if token.text == "-" || token.text == "−" => {
            let number = i
                .input
                .get(1)
                .filter(|t| t.kind == Kind::Number)
                .map(|t| t.text.to_owned());
            match number {
                Some(number) => fault(i, start, 2, expected(), Some(number)),
                None => miss(i, Want::kind(format!("{what}, such as 10"))),
            }
        }
        _ => miss(i, Want::kind(format!("{what}, such as 10"))),
    }
}

/// What was probably meant by a count that isn't one.
fn nearest_count(text: &str, value: Option<i64>, max: i64) -> Option<String> {
    match value {
        Some(v) if v > max => Some(max.to_string()),
        Some(_) => None,
        // `1.000` is a thousand to half the world.
        None => text
            .replace(['.', ','], "")
            .parse::<i64>()
            .ok()
            .filter(|v| {
                let thousands = text.split(['.', ',']).skip(1).all(|g| g.len() == 3);
                thousands && (1..=max).contains(v)
            })
            .map(|v| v.to_string()),
    }
}

/// `12 points`.
pub(super) fn points(i: &mut Input<'_>) -> Parsed<Points> {
    let points = count(i, "a number of points", POINTS_MAX)?;
    word_of(if points == 1 {
        &["point", "points", "pt"]
    } else {
        &["points", "point", "pts"]
    })
    .parse_next(i)?;
    Ok(points)
}

/// A free name: everything up to where `stop` is true of the tokens left, or to the end of the line.
pub(super) fn name(i: &mut Input<'_>, what: &str, stop: impl Fn(&[Token<'_>]) -> bool) -> Parsed<String> {
    let start = at(i);
    let left: &[Token<'_>] = i.input.peek_finish();
    let len = (0..left.len()).find(|k| stop(&left[*k..])).unwrap_or(left.len());
    let (Some(first), Some(last)) = (left.first(), left[..len].last()) else {
        return miss(i, Want::kind(what));
    };
    let raw = if len == 1 && first.kind == Kind::Quoted {
        first.unquoted()
    } else {
        i.state.line.get(first.start..last.end()).unwrap_or_default()
    };
    let name = one_spaced(raw);
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        let expected = format!("{what}, 1 to {NAME_CHARS_MAX} characters");
        return fault(i, start, len, expected, None);
    }
    i.next_slice(len);
    Ok(name)
}

/// Whether `left` goes on with `,` and one of `words`.
pub(super) fn goes_on(left: &[Token<'_>], words: &[&str]) -> bool {
    matches!(left, [comma, word, ..] if comma.text == "," && words.iter().any(|w| word.text.eq_ignore_ascii_case(w)))
}

/// `4th`
pub(super) fn ordinal(i: &mut Input<'_>, max: i64) -> Parsed<i64> {
    let start = at(i);
    let what = "a position, such as 4th";
    const SPELT: [&str; 10] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    ];
    if let Some(n) = peeked(i).and_then(|t| SPELT.iter().zip(1..).find(|(w, _)| same(w, t.text))) {
        return fault(i, start, 1, what.to_owned(), Some(ordinal_text(n.1)));
    }
    let Some(token) = peeked(i).filter(|t| t.kind == Kind::Ordinal) else {
        return miss(i, Want::kind(what));
    };
    let digits: String = token.text.chars().filter(char::is_ascii_digit).collect();
    match digits.parse().ok().filter(|n| (1..=max).contains(n)) {
        Some(n) => {
            i.next_token();
            Ok(n)
        }
        None => fault(i, start, 1, format!("{what}, from 1st to {max}th"), None),
    }
}

/// Runs of blanks made one blank, none at the ends.
pub(in crate::rules) fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

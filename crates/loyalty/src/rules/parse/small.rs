//! The small parsers every rule is built of: words, counts, points, money, names.
//!
//! Each notes what it wanted where it fails, and refuses values that can't be meant.

use winnow::prelude::*;
use winnow::stream::Stream;

use super::input::{Input, Parsed, Want, at, fault, miss, peeked};
use crate::Points;
use crate::money::Money;
use crate::rules::lex::{Kind, plain_number};

/// The most points one rule can give or ask for.
pub(in crate::rules) const POINTS_MAX: Points = 1_000_000;
/// The longest name.
const NAME_CHARS_MAX: usize = 100;

/// The words of `text`, one after another, in any case.
pub(super) fn words<'a>(
    text: &'static str,
) -> impl Parser<Input<'a>, (), winnow::error::ErrMode<winnow::error::EmptyError>> {
    move |i: &mut Input<'a>| {
        for word in text.split(' ') {
            let here = peeked(i).is_some_and(|t| t.text.eq_ignore_ascii_case(word));
            if !here {
                return miss(i, Want::Word(word));
            }
            i.next_token();
        }
        Ok(())
    }
}

/// The first of `choices`, or one of its other spellings.
pub(super) fn word_of<'a>(
    choices: &'static [&'static str],
) -> impl Parser<Input<'a>, (), winnow::error::ErrMode<winnow::error::EmptyError>> {
    move |i: &mut Input<'a>| {
        let here = peeked(i).is_some_and(|t| choices.iter().any(|c| t.text.eq_ignore_ascii_case(c)));
        if here {
            i.next_token();
            return Ok(());
        }
        miss(i, Want::Word(choices.first().copied().unwrap_or_default()))
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
pub(super) fn count<'a>(i: &mut Input<'a>, what: &str, max: i64) -> Parsed<i64> {
    let start = at(i);
    let Some(token) = peeked(i) else {
        return miss(i, Want::Kind(format!("{what}, such as 10"), None));
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
            None => miss(i, Want::Kind(format!("{what}, such as 10"), None)),
        },
        Kind::Sign if token.text == "-" || token.text == "−" => {
            let number = i
                .input
                .get(1)
                .filter(|t| t.kind == Kind::Number)
                .map(|t| t.text.to_owned());
            match number {
                Some(number) => fault(i, start, 2, expected(), Some(number)),
                None => miss(i, Want::Kind(format!("{what}, such as 10"), None)),
            }
        }
        _ => miss(i, Want::Kind(format!("{what}, such as 10"), None)),
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

/// `1000000` as `1,000,000`.
pub(in crate::rules) fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k) % 3 == 0 && c != '-' {
            out.push(',');
        }
        out.push(c);
    }
    out
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

/// An amount above zero, in minor units of the shop's currency.
pub(super) fn money(i: &mut Input<'_>) -> Parsed<i64> {
    let start = at(i);
    let currency = i.state.currency;
    let example = Money::new(currency.unit(), currency).to_string();
    let expected = format!("an amount in {} above zero, such as {example}", currency.letters());
    let Some(token) = peeked(i) else {
        return miss(i, Want::Kind(expected, Some(example)));
    };
    match token.kind {
        Kind::Money(Some(minor)) if minor > 0 => {
            i.next_token();
            Ok(minor)
        }
        Kind::Money(Some(_)) => fault(i, start, 1, expected, None),
        Kind::Money(None) => {
            let expected = match currency.exponent() {
                0 => format!("an amount in whole {}, such as {example}", currency.letters()),
                places => format!(
                    "an amount in {} with at most {places} decimals, such as {example}",
                    currency.letters()
                ),
            };
            fault(i, start, 1, expected, None)
        }
        Kind::Foreign | Kind::Number => {
            let digits: String = token
                .text
                .chars()
                .filter(|c| c.is_ascii_digit() || ".,".contains(*c))
                .collect();
            let meant = plain_number(&digits)
                .and_then(|p| Money::parse(&p, currency).ok())
                .filter(|m| m.minor > 0);
            fault(i, start, 1, expected, meant.map(|m| m.to_string()))
        }
        Kind::Sign if "-−".contains(token.text) => fault(i, start, 2, expected, None),
        _ => miss(i, Want::Kind(expected, Some(example))),
    }
}

/// A free name: the rest of the line, up to a `,` that one of `stops` follows.
pub(super) fn name<'a>(i: &mut Input<'a>, what: &str, stops: &[&str]) -> Parsed<String> {
    let start = at(i);
    let stop = |k: usize| {
        let next = i.input.get(k + 1);
        i.input.get(k).is_some_and(|t| t.text == ",")
            && next.is_some_and(|n| stops.iter().any(|s| n.text.eq_ignore_ascii_case(s)))
    };
    let len = (0..i.input.len()).find(|k| stop(*k)).unwrap_or(i.input.len());
    let (Some(first), Some(last)) = (i.input.first(), len.checked_sub(1).and_then(|k| i.input.get(k))) else {
        return miss(i, Want::Kind(what.to_owned(), None));
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

/// Runs of blanks made one blank, none at the ends.
pub(in crate::rules) fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

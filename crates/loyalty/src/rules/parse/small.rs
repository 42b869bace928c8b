//! The small parsers every rule is built of: words, counts, points, money, names.
//!
//! Each notes what it wanted where it fails, and refuses values that can't be meant.

use winnow::combinator::{alt, preceded, separated};
use winnow::error::{EmptyError, ErrMode};
use winnow::prelude::*;
use winnow::stream::Stream;

use super::input::{Fail, Input, Mend, Parsed, Want, at, called, fault, miss, peeked};
use crate::Points;
use crate::money::{Currency, Money};
use crate::rules::items::{Pattern, Pick};
use crate::rules::lex::{Kind, Token, plain_number};
use crate::rules::programme::{Period, Unit};
use crate::rules::write::ordinal as ordinal_text;

/// The most points one rule can give or ask for.
pub(in crate::rules) const POINTS_MAX: Points = 1_000_000;
/// The longest name.
const NAME_CHARS_MAX: usize = 100;

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
pub(super) fn count<'a>(i: &mut Input<'a>, what: &str, max: i64) -> Parsed<i64> {
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

/// An amount above zero, in minor units of the shop's currency. A bare number is refused here and now.
pub(super) fn money(i: &mut Input<'_>) -> Parsed<i64> {
    let bare = peeked(i).filter(|t| t.kind == Kind::Number || names_money(t.text));
    match bare {
        Some(token) => {
            let currency = i.state.currency;
            let meant = plain_number(token.text)
                .and_then(|p| Money::parse(&p, currency).ok())
                .filter(|m| m.minor > 0);
            let meant = if token.kind == Kind::Number {
                meant
            } else {
                Some(one(currency))
            };
            fault(i, at(i), 1, amount_wanted(currency), meant.map(|m| m.to_string()))
        }
        None => signed_money(i),
    }
}

fn names_money(word: &str) -> bool {
    let one = word.strip_suffix('s').unwrap_or(word).to_lowercase();
    ["dollar", "euro", "pound", "yen", "buck", "franc", "krona", "krone"].contains(&one.as_str())
}

fn one(currency: Currency) -> Money {
    Money::new(currency.unit(), currency)
}

fn amount_wanted(currency: Currency) -> String {
    format!(
        "an amount in {} above zero, such as {}",
        currency.letters(),
        one(currency)
    )
}

/// As [`money`], where a bare number may be something else.
pub(super) fn signed_money(i: &mut Input<'_>) -> Parsed<i64> {
    let start = at(i);
    let currency = i.state.currency;
    let example = one(currency).to_string();
    let what = amount_wanted(currency);
    let missed = Want::Kind {
        what: what.clone(),
        words: &[],
        mend: Mend::Write(example.clone()),
    };
    let Some(token) = peeked(i) else {
        return miss(i, missed);
    };
    match token.kind {
        Kind::Money(Some(minor)) if minor > 0 => {
            i.next_token();
            Ok(minor)
        }
        Kind::Money(Some(_)) => fault(i, start, 1, what, None),
        Kind::Money(None) => {
            let letters = currency.letters();
            let expected = match currency.exponent() {
                0 => format!("an amount in whole {letters}, such as {example}"),
                places => format!("an amount in {letters} with at most {places} decimals, such as {example}"),
            };
            fault(i, start, 1, expected, None)
        }
        Kind::Foreign => {
            let digits: String = token
                .text
                .chars()
                .filter(|c| c.is_ascii_digit() || ".,".contains(*c))
                .collect();
            let meant = plain_number(&digits)
                .and_then(|p| Money::parse(&p, currency).ok())
                .filter(|m| m.minor > 0);
            fault(i, start, 1, what, meant.map(|m| m.to_string()))
        }
        Kind::Sign if token.text == "-" || token.text == "−" || token.text == currency.symbol() => {
            fault(i, start, 3, what, None)
        }
        _ => miss(i, missed),
    }
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

/// A multiplier above one, in hundredths: `x1.5`.
pub(super) fn times(i: &mut Input<'_>) -> Parsed<i64> {
    let start = at(i);
    let want = || "a multiplier, such as x1.5";
    let Some(token) = peeked(i).filter(|t| t.kind == Kind::Times) else {
        return miss(i, Want::kind(want()));
    };
    let digits = token.text.trim_matches(['x', 'X', '×']);
    let plain = plain_number(digits).unwrap_or_default();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let hundredths = (part.len() <= 2)
        .then(|| format!("{whole}{part:0<2}").parse::<i64>().ok())
        .flatten()
        .filter(|h| (101..=10_000).contains(h));
    match hundredths {
        Some(hundredths) => {
            i.next_token();
            Ok(hundredths)
        }
        None => fault(
            i,
            start,
            1,
            "a multiplier above 1 and up to 100, with at most 2 decimals".to_owned(),
            None,
        ),
    }
}

/// As [`times`], where a bare number can be nothing else.
pub(super) fn sure_times(i: &mut Input<'_>) -> Parsed<i64> {
    match peeked(i).filter(|t| t.kind == Kind::Number) {
        Some(token) => fault(
            i,
            at(i),
            1,
            "a multiplier, such as x1.5".to_owned(),
            Some(format!("x{}", token.text)),
        ),
        None => times(i),
    }
}

/// Longest time a rule can speak of, in its own unit.
const PERIOD_MAX: i64 = 1000;

/// `12 months`, in one of the units from `least` to `most`.
pub(super) fn period(i: &mut Input<'_>, least: Unit, most: Unit) -> Parsed<Period> {
    const UNITS: [(Unit, &str, &str); 6] = [
        (Unit::Minutes, "minutes", "minute"),
        (Unit::Hours, "hours", "hour"),
        (Unit::Days, "days", "day"),
        (Unit::Weeks, "weeks", "week"),
        (Unit::Months, "months", "month"),
        (Unit::Years, "years", "year"),
    ];
    let count = count(i, "a number", PERIOD_MAX)?;
    let fitting = UNITS.iter().filter(|(u, ..)| (least..=most).contains(u));
    for (unit, many, one) in fitting {
        let first = if count == 1 { one } else { many };
        if peeked(i).is_some_and(|t| t.text.eq_ignore_ascii_case(many) || t.text.eq_ignore_ascii_case(one)) {
            i.next_token();
            return Ok(Period { count, unit: *unit });
        }
        let _: Parsed<()> = miss(i, Want::Word(first));
    }
    Err(ErrMode::Backtrack(EmptyError))
}

/// `"Coffee", category "Cakes" or sku "A-12"`
pub(super) fn picks(i: &mut Input<'_>) -> Parsed<Vec<Pick>> {
    let between = called("", alt((words(","), word_of(&["or", "and"]))));
    called("a name in quotes, such as \"Coffee\"", separated(1.., pick, between)).parse_next(i)
}

fn pick(i: &mut Input<'_>) -> Parsed<Pick> {
    alt((
        preceded(words("category"), quoted).map(Pick::Category),
        preceded(words("sku"), alt((quoted, bare))).map(Pick::Sku),
        quoted.map(Pick::Name),
    ))
    .parse_next(i)
}

fn quoted(i: &mut Input<'_>) -> Parsed<Pattern> {
    let start = at(i);
    let what = "a name in quotes, such as \"Coffee\"".to_owned();
    let Some(token) = peeked(i).filter(|t| t.kind == Kind::Quoted) else {
        return miss(
            i,
            Want::Kind {
                what,
                words: &[],
                mend: Mend::Quote,
            },
        );
    };
    let inside = one_spaced(token.unquoted());
    if inside.is_empty() || inside.chars().count() > NAME_CHARS_MAX || inside.chars().any(char::is_control) {
        return fault(i, start, 1, what, None);
    }
    i.next_token();
    Ok(Pattern::new(&inside))
}

fn bare(i: &mut Input<'_>) -> Parsed<Pattern> {
    match peeked(i).filter(|t| matches!(t.kind, Kind::Number | Kind::Word)) {
        Some(token) => {
            i.next_token();
            Ok(Pattern::new(token.text))
        }
        None => miss(i, Want::kind("an article number, such as \"A-12\"")),
    }
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

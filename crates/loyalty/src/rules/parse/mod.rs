//! From text to rules: line by line, each on its own, so that one mistake never hides another.
//!
//! Here: the lines and the choice of a rule. What the rules are made of is in `small`, what is noted on the way in
//! `input`, and what an error says in `errors`.

mod amounts;
mod input;
mod picks;
mod programme;
mod sales;
mod small;
mod when;

pub(super) use input::{Mend, Noted, Trace, Want};
pub(super) use small::one_spaced;
pub(super) use when::MONTHS;

use winnow::combinator::{alt, terminated};
use winnow::prelude::*;
use winnow::stream::{Stateful, TokenSlice};

use self::input::{Input, Parsed};
use self::small::end;
use super::ast::{Line, Rule};
use super::lex::{Token, tokens};
use super::{RuleError, errors};
use crate::money::Currency;

/// Longest line that is read, in characters.
const LINE_CHARS_MAX: usize = 1000;
/// Most lines that are read.
const LINES_MAX: usize = 2000;

/// Every line of `text`, each parsed or with what is wrong with it.
pub(super) fn lines(text: &str, currency: Currency) -> Result<Vec<Line>, Vec<RuleError>> {
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (k, raw) in text.lines().enumerate() {
        if k == LINES_MAX {
            wrong.push(errors::plain(k + 1, raw, format!("at most {LINES_MAX} lines")));
            break;
        }
        match line(raw, k + 1, currency) {
            Ok(line) => found.push(line),
            Err(error) => wrong.push(error),
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(wrong) }
}

fn line(raw: &str, number: usize, currency: Currency) -> Result<Line, RuleError> {
    if raw.chars().count() > LINE_CHARS_MAX {
        return Err(errors::plain(
            number,
            raw,
            format!("a line of at most {LINE_CHARS_MAX} characters"),
        ));
    }
    attempt(raw, currency).map_err(|stuck| {
        let reads_to = |mended: &str| {
            let again = attempt(mended, currency).err();
            again.map(|again| errors::reads_as(mended, &again.tokens, &again.trace))
        };
        errors::of_line(number, raw, &stuck.tokens, &stuck.trace, reads_to)
    })
}

/// A line that can't be read: its tokens, and what was noted on the way.
struct Stuck<'a> {
    tokens: Vec<Token<'a>>,
    trace: Trace<'a>,
}

/// What could stand behind `stem`, the beginning of a line.
pub(super) fn wants_behind(stem: &str, currency: Currency) -> Vec<Want> {
    let (found, _) = tokens(stem, currency);
    let trace = Trace::new(stem, found.len(), currency);
    let mut input = Stateful {
        input: TokenSlice::new(&found),
        state: &trace,
    };
    // Whether the stem is a rule already doesn't matter: more may fit behind it.
    let _: Parsed<Rule> = terminated(rule, end).parse_next(&mut input);
    let (at, wants) = trace.furthest();
    let is_behind = at == found.len() && trace.fault().is_none();
    wants
        .into_iter()
        .filter(|_| is_behind)
        .map(|noted| noted.want)
        .collect()
}

/// The rules of the lines that can be read.
pub(super) fn readable(text: &str, currency: Currency) -> Vec<Rule> {
    text.lines()
        .take(LINES_MAX)
        .filter_map(|raw| attempt(raw, currency).ok().and_then(|line| line.rule))
        .collect()
}

/// Reads a line.
fn attempt(raw: &str, currency: Currency) -> Result<Line, Box<Stuck<'_>>> {
    let (found, comment) = tokens(raw, currency);
    let comment = comment.map(str::to_owned);
    if found.is_empty() {
        return Ok(Line { rule: None, comment });
    }
    let trace = Trace::new(raw, found.len(), currency);
    let mut input = Stateful {
        input: TokenSlice::new(&found),
        state: &trace,
    };
    let read = terminated(rule, end).parse_next(&mut input);
    match read {
        Ok(rule) => Ok(Line {
            rule: Some(rule),
            comment,
        }),
        Err(_) => Err(Box::new(Stuck { tokens: found, trace })),
    }
}

fn rule(i: &mut Input<'_>) -> Parsed<Rule> {
    let about_a_sale = alt((
        sales::earn,
        sales::bonus,
        sales::multiply,
        sales::stack,
        sales::cap,
        sales::exclude,
        sales::skip,
        sales::hold,
        sales::known,
    ));
    let about_the_programme = alt((
        programme::reward,
        programme::stamps,
        programme::tier,
        programme::expiry,
        programme::sign_up,
        programme::birthday,
        programme::lapsing,
        programme::referral,
        programme::setting,
    ));
    alt((about_a_sale, about_the_programme, programme::exchange)).parse_next(i)
}

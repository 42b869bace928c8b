//! From text to rules: line by line, each on its own, so that one mistake never hides another.
//!
//! Here: the lines and the choice of a rule. What the rules are made of is in `small`, what is noted on the way in
//! `input`, and what an error says in `errors`.

mod input;
mod small;

pub(super) use input::{Trace, Want};
pub(super) use small::one_spaced;

use winnow::combinator::{alt, opt, preceded, terminated};
use winnow::prelude::*;
use winnow::stream::{Stateful, TokenSlice};

use self::input::{Input, Parsed};
use self::small::{end, money, name, points, words};
use super::ast::{Earn, Line, Per, Rule, SaleTest};
use super::lex::tokens;
use super::{Reward, RuleError, errors};
use crate::money::{Currency, Money};

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
    let (found, comment) = tokens(raw, currency);
    let comment = comment.map(one_spaced);
    if found.is_empty() {
        return Ok(Line { rule: None, comment });
    }
    let trace = Trace::new(raw, found.len(), currency);
    let mut input = Stateful {
        input: TokenSlice::new(&found),
        state: &trace,
    };
    match terminated(rule, end).parse_next(&mut input) {
        Ok(rule) => Ok(Line {
            rule: Some(rule),
            comment,
        }),
        Err(_) => Err(errors::of_line(number, raw, &found, &trace)),
    }
}

fn rule(i: &mut Input<'_>) -> Parsed<Rule> {
    alt((earn, reward, skip)).parse_next(i)
}

/// `Earn 1 point per $1`
fn earn(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Earn").parse_next(i)?;
    let points = points(i)?;
    words("per").parse_next(i)?;
    let per = Per::Money(money(i)?);
    Ok(Rule::Earn(Earn { points, per }))
}

/// `Reward 100 points: Free coffee, costs $1.20`
fn reward(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Reward").parse_next(i)?;
    let points = points(i)?;
    words(":").parse_next(i)?;
    let name = name(i, "the reward's name", &["costs"])?;
    let cost = opt(preceded(words(", costs"), money)).parse_next(i)?;
    let cost = cost.map(|minor| Money::new(minor, i.state.currency));
    Ok(Rule::Reward(Reward { name, points, cost }))
}

/// `Skip sales under $2`
fn skip(i: &mut Input<'_>) -> Parsed<Rule> {
    words("Skip sales under").parse_next(i)?;
    Ok(Rule::Skip(SaleTest::Under(money(i)?)))
}

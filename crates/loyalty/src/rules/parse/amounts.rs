//! Amounts: of money, of time, and what to multiply by. Each refuses values that can't be meant.

use winnow::error::{EmptyError, ErrMode};
use winnow::stream::Stream;

use super::input::{Input, Mend, Parsed, Want, at, fault, miss, peeked};
use super::small::count;
use crate::money::{Currency, Money};
use crate::rules::lex::{Kind, plain_number};
use crate::rules::programme::{Period, Unit};

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

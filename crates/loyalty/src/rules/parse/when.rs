//! On which sales a rule counts: `on Tuesday 14:00-17:00`, `from 2026-12-01 to 2026-12-24`, `for Gold members`.

use winnow::combinator::{alt, delimited, opt, preceded, separated, separated_pair};
use winnow::prelude::*;
use winnow::stream::Stream;

use super::amounts::money;
use super::input::{Input, Mend, Parsed, Want, at, called, fault, miss, peeked};
use super::small::{ordinal, word_of, words};
use crate::rules::ast::{Dates, Day, Days, Floor, Visit, When};
use crate::rules::lex::{Kind, Token};

/// One condition.
enum Clause {
    Days(Days),
    Dates(Dates),
    Hours(Vec<(u16, u16)>),
    Tiers(Vec<String>),
    Total(Floor),
    Visit(Visit),
    Birthday,
}

/// Any number of conditions, each said once.
pub(super) fn when(i: &mut Input<'_>) -> Parsed<When> {
    let mut when = When::default();
    loop {
        let start = at(i);
        let Some(clause) = opt(preceded(
            opt(words(",")),
            called("a condition, such as on Tuesday", clause),
        ))
        .parse_next(i)?
        else {
            return Ok(when);
        };
        let again = match clause {
            Clause::Days(days) => std::mem::replace(&mut when.days, days) != Days::default(),
            Clause::Dates(dates) => when.dates.replace(dates).is_some(),
            Clause::Hours(hours) => !std::mem::replace(&mut when.hours, hours).is_empty(),
            Clause::Tiers(tiers) => !std::mem::replace(&mut when.tiers, tiers).is_empty(),
            Clause::Total(floor) => when.total.replace(floor).is_some(),
            Clause::Visit(visit) => when.visit.replace(visit).is_some(),
            Clause::Birthday => std::mem::replace(&mut when.birthday, true),
        };
        if again {
            let expected = "each kind of condition once in a line; write a second line".to_owned();
            return fault(i, start, at(i) - start, expected, None);
        }
    }
}

/// As [`when`], with at least one condition.
pub(super) fn some_when(i: &mut Input<'_>) -> Parsed<When> {
    let found = when(i)?;
    if found == When::default() {
        return miss(i, Want::kind("when, such as on Tuesday"));
    }
    Ok(found)
}

fn clause(i: &mut Input<'_>) -> Parsed<Clause> {
    alt((
        preceded(words("on"), called("a day, such as Tuesday or 24 December", on)),
        called("", days).map(Clause::Days),
        hours.map(Clause::Hours),
        span.map(Clause::Dates),
        preceded(words("for"), tiers).map(Clause::Tiers),
    ))
    .parse_next(i)
}

fn on(i: &mut Input<'_>) -> Parsed<Clause> {
    alt((
        days.map(Clause::Days),
        separated(1.., day, list_sign).map(|days| Clause::Dates(Dates::On(days))),
        preceded(words("sales over"), money).map(|minor| Clause::Total(Floor::Over(minor))),
        delimited(words("sales of"), money, words("or more")).map(|minor| Clause::Total(Floor::From(minor))),
        birthday.map(|()| Clause::Birthday),
        preceded(words("every"), ordinal_visit).map(|n| Clause::Visit(Visit::Every(n))),
        preceded(opt(called("", words("the"))), ordinal_visit).map(|n| Clause::Visit(Visit::Nth(n))),
    ))
    .parse_next(i)
}

fn list_sign(i: &mut Input<'_>) -> Parsed<()> {
    called("", alt((words(","), word_of(&["and", "or"])))).parse_next(i)
}

fn ordinal_visit(i: &mut Input<'_>) -> Parsed<i64> {
    let n = ordinal(i, 1000)?;
    words("visit").parse_next(i)?;
    Ok(n)
}

fn birthday(i: &mut Input<'_>) -> Parsed<()> {
    word_of(&["birthdays", "birthday", "the member's birthday"]).parse_next(i)
}

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `Monday-Friday and Sunday`, `weekends`
fn days(i: &mut Input<'_>) -> Parsed<Days> {
    let some = alt((
        word_of(&["weekdays"]).value(Days::WEEKDAYS),
        word_of(&["weekends", "weekend"]).value(Days::WEEKENDS),
        (weekday, opt(preceded(called("", word_of(&["-", "–", "to"])), weekday)))
            .map(|(from, to)| days_between(from, to.unwrap_or(from))),
    ));
    separated(1.., some, list_sign)
        .map(|all: Vec<Days>| Days(all.iter().fold(0, |bits, d| bits | d.0)))
        .parse_next(i)
}

fn days_between(from: usize, to: usize) -> Days {
    let last = if to < from { to + 7 } else { to };
    Days((from..=last).fold(0, |bits, day| bits | 1 << (day % 7)))
}

/// Days after Monday.
fn weekday(i: &mut Input<'_>) -> Parsed<usize> {
    let found = peeked(i).filter(|t| t.kind == Kind::Word).and_then(|t| {
        let lower = t.text.to_lowercase();
        WEEKDAYS.iter().position(|day| {
            let day = day.to_lowercase();
            lower == day
                || lower == format!("{day}s")
                || (lower.len() >= 3 && lower.len() <= 5 && day.starts_with(&lower))
        })
    });
    match found {
        Some(day) => {
            i.next_token();
            Ok(day)
        }
        None => miss(i, Want::one_of("a weekday", &WEEKDAYS)),
    }
}

/// `14:00-17:00 and 20:00-21:00`, `between 14:00 and 17:00`, `from 2pm to 5pm`
fn hours(i: &mut Input<'_>) -> Parsed<Vec<(u16, u16)>> {
    let start = at(i);
    bare_hours(i)?;
    let dash = word_of(&["-", "–", "to", "until"]);
    let plain = preceded(opt(words("from")), separated_pair(time, dash, time));
    let between = preceded(words("between"), separated_pair(time, words("and"), time));
    let found: Vec<(u16, u16)> = separated(1.., alt((between, plain)), list_sign).parse_next(i)?;
    if found.iter().any(|(from, to)| from == to || *from == 1440) {
        let expected = "hours from one time to another, such as 14:00-17:00".to_owned();
        return fault(i, start, at(i) - start, expected, None);
    }
    Ok(found)
}

/// Refuses `14-17`, which could be many things.
fn bare_hours(i: &mut Input<'_>) -> Parsed<()> {
    let hour = |t: &Token<'_>| {
        let hour = (t.kind == Kind::Number).then(|| t.text.parse::<u16>().ok()).flatten();
        hour.filter(|h| *h <= 24)
    };
    let left: &[Token<'_>] = i.input.peek_finish();
    if let [from, dash, to, ..] = left
        && let (Some(from), Some(to)) = (hour(from), hour(to))
        && dash.text == "-"
    {
        let meant = format!("{from:02}:00-{to:02}:00");
        return fault(
            i,
            at(i),
            3,
            "hours with minutes, such as 14:00-17:00".to_owned(),
            Some(meant),
        );
    }
    Ok(())
}

fn time(i: &mut Input<'_>) -> Parsed<u16> {
    let start = at(i);
    match peeked(i).map(|t| t.kind) {
        Some(Kind::Time(Some(minute))) => {
            i.next_token();
            Ok(minute)
        }
        Some(Kind::Time(None)) => fault(i, start, 1, "a time from 00:00 to 24:00".to_owned(), None),
        _ => miss(i, Want::kind("a time, such as 14:00")),
    }
}

/// `from 2026-12-01 to 2026-12-24`, `until 24 December`
fn span(i: &mut Input<'_>) -> Parsed<Dates> {
    let start = at(i);
    let to = || preceded(word_of(&["to", "until", "-", "–"]), day);
    let (from, to) = alt((
        (preceded(word_of(&["from", "since"]), day).map(Some), opt(to())),
        preceded(words("until"), day).map(|d| (None, Some(d))),
    ))
    .parse_next(i)?;
    let wrong = match (from, to) {
        (Some(Day::Fixed(a)), Some(Day::Fixed(b))) => a > b,
        (Some(Day::Yearly(..)), Some(Day::Yearly(..))) => false,
        (Some(Day::Fixed(_)), None) | (None, Some(Day::Fixed(_))) => false,
        _ => true,
    };
    if wrong {
        let expected = "two days in order, both with a year or both without one".to_owned();
        return fault(i, start, at(i) - start, expected, None);
    }
    Ok(Dates::Span(from, to))
}

pub(in crate::rules) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2026-12-24`, `24 December`, `December 24`, `24 December 2026`
fn day(i: &mut Input<'_>) -> Parsed<Day> {
    let start = at(i);
    match peeked(i).map(|t| t.kind) {
        Some(Kind::Date(Some(date))) => {
            i.next_token();
            return Ok(Day::Fixed(date));
        }
        Some(Kind::Date(None)) => return fault(i, start, 1, "a day that exists".to_owned(), None),
        _ => {}
    }
    let ((month, day), year) = (
        alt(((month, day_of_month), (day_of_month, month).map(|(d, m)| (m, d)))),
        opt(year),
    )
        .parse_next(i)?;
    // 2024 is a leap year: the 29th of February exists in some.
    let found = match year {
        Some(year) => chrono::NaiveDate::from_ymd_opt(year, month, day).map(Day::Fixed),
        None => chrono::NaiveDate::from_ymd_opt(2024, month, day).map(|_| Day::Yearly(month, day)),
    };
    match found {
        Some(day) => Ok(day),
        None => fault(i, start, 2, "a day that exists".to_owned(), None),
    }
}

fn month(i: &mut Input<'_>) -> Parsed<u32> {
    let found = peeked(i)
        .filter(|t| t.kind == Kind::Word && t.text.len() >= 3)
        .and_then(|t| {
            let lower = t.text.to_lowercase();
            (1..)
                .zip(MONTHS)
                .find(|(_, m)| m.to_lowercase().starts_with(&lower))
                .map(|(n, _)| n)
        });
    match found {
        Some(month) => {
            i.next_token();
            Ok(month)
        }
        None => miss(i, Want::one_of("a month", &MONTHS)),
    }
}

fn day_of_month(i: &mut Input<'_>) -> Parsed<u32> {
    let digits = peeked(i)
        .filter(|t| matches!(t.kind, Kind::Number | Kind::Ordinal))
        .map(|t| {
            let digits: String = t.text.chars().take_while(char::is_ascii_digit).collect();
            digits
        });
    match digits.and_then(|d| d.parse().ok()).filter(|d| (1..=31).contains(d)) {
        Some(day) => {
            i.next_token();
            Ok(day)
        }
        None => miss(i, Want::kind("a date, such as 2026-12-24 or 24 December")),
    }
}

fn year(i: &mut Input<'_>) -> Parsed<i32> {
    let year = peeked(i)
        .filter(|t| t.kind == Kind::Number && t.text.len() == 4)
        .and_then(|t| t.text.parse().ok());
    match year {
        Some(year) => {
            i.next_token();
            Ok(year)
        }
        None => miss(i, Want::kind("a year")),
    }
}

/// `Gold and Silver members`
fn tiers(i: &mut Input<'_>) -> Parsed<Vec<String>> {
    let found: Vec<(String, bool)> = separated(1.., tier, word_of(&["and", "or"])).parse_next(i)?;
    let bare = found.iter().all(|(_, quoted)| !quoted);
    if bare {
        opt(word_of(&["members", "member"])).parse_next(i)?;
    } else {
        words("members").parse_next(i)?;
    }
    Ok(found.into_iter().map(|(name, _)| name).collect())
}

/// A tier's name, and whether it stands in quotes, as a name of several words must.
fn tier(i: &mut Input<'_>) -> Parsed<(String, bool)> {
    let Some(token) = peeked(i).filter(|t| matches!(t.kind, Kind::Word | Kind::Quoted)) else {
        let what = "a tier, such as Gold".to_owned();
        return miss(
            i,
            Want::Kind {
                what,
                words: &[],
                mend: Mend::Tier,
            },
        );
    };
    i.next_token();
    let name = super::small::one_spaced(token.unquoted());
    Ok((name, token.kind == Kind::Quoted))
}

//! The words rules are written with: counts, times, days, lists of items. None of them needs a currency.

use super::ast::{Dates, Day, Days};
use super::items::Pick;
use super::parse::MONTHS;
use super::programme::{Period, Unit};

/// `text` with a blank in front of it; nothing for nothing.
pub(super) fn spaced(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" {text}")
    }
}

/// `1 point`, `12 points`
pub(super) fn points(n: i64) -> String {
    many(n, "point")
}

/// `1 visit`, `5 visits`
pub(super) fn many(n: i64, what: &str) -> String {
    if n == 1 {
        format!("{n} {what}")
    } else {
        format!("{n} {what}s")
    }
}

/// `x1.5`
pub(super) fn times(hundredths: i64) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("x{}", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `12 months`
pub(super) fn period(p: Period) -> String {
    let unit = match p.unit {
        Unit::Minutes => "minute",
        Unit::Hours => "hour",
        Unit::Days => "day",
        Unit::Weeks => "week",
        Unit::Months => "month",
        Unit::Years => "year",
    };
    many(p.count, unit)
}

/// `"Coffee" or category "Cakes"`
pub(super) fn picks(picks: &[Pick]) -> String {
    let each: Vec<String> = picks
        .iter()
        .map(|pick| match pick {
            Pick::Name(p) => format!("\"{}\"", p.written()),
            Pick::Category(p) => format!("category \"{}\"", p.written()),
            Pick::Sku(p) => format!("sku \"{}\"", p.written()),
        })
        .collect();
    listed(&each, "or")
}

/// `3 "Coffee"`
pub(super) fn counted(count: i64, picked: &[Pick]) -> String {
    if count == 1 {
        picks(picked)
    } else {
        format!("{count} {}", picks(picked))
    }
}

/// `a, b and c`
pub(super) fn listed(parts: &[String], last_word: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {last_word} {last}", first.join(", ")),
    }
}

/// `4th`
pub(super) fn ordinal(n: i64) -> String {
    let end = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}

/// `09:30`
pub(super) fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `weekdays`, `Monday and Friday`
pub(super) fn days(days: Days) -> String {
    const NAMES: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    match days {
        Days::WEEKDAYS => "weekdays".to_owned(),
        Days::WEEKENDS => "weekends".to_owned(),
        some => {
            let each: Vec<String> = (0..)
                .zip(NAMES)
                .filter(|(k, _)| some.0 & (1 << k) != 0)
                .map(|(_, name)| name.to_owned())
                .collect();
            listed(&each, "and")
        }
    }
}

fn day(day: Day) -> String {
    match day {
        Day::Fixed(date) => date.format("%Y-%m-%d").to_string(),
        Day::Yearly(month, day) => {
            let name = MONTHS.get(month as usize - 1).copied().unwrap_or_default();
            format!("{day} {name}")
        }
    }
}

/// `on 24 December`, `from 2026-12-01 to 2026-12-24`
pub(super) fn dates(dates: &Dates) -> String {
    match dates {
        Dates::On(on) => format!("on {}", listed(&on.iter().map(|d| day(*d)).collect::<Vec<_>>(), "and")),
        Dates::Span(Some(from), Some(to)) => format!("from {} to {}", day(*from), day(*to)),
        Dates::Span(Some(from), None) => format!("from {}", day(*from)),
        Dates::Span(None, to) => format!("until {}", to.map(day).unwrap_or_default()),
    }
}

/// `1000000` as `1,000,000`.
pub(super) fn grouped(n: i64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) && c != '-' {
            out.push(',');
        }
        out.push(c);
    }
    out
}

//! Whether a rule counts for a sale: its moment on the shop's wall clock, its total, and the member it is for.

use chrono::{Datelike, Days as Shift, NaiveDate, Timelike};

use super::ast::{Dates, Day, Floor, Visit, When};
use super::{MemberFacts, SaleFacts};
use crate::birthday::celebrated;

/// Whether all conditions of `when` hold. `tier` is the member's.
pub(super) fn holds(when: &When, sale: &SaleFacts<'_>, member: &MemberFacts, tier: Option<&str>) -> bool {
    on_day_and_hour(when, sale)
        && when.total.is_none_or(|floor| match floor {
            Floor::Over(minor) => sale.total.minor > minor,
            Floor::From(minor) => sale.total.minor >= minor,
        })
        && when.visit.is_none_or(|visit| {
            let this = member.visits.saturating_add(1);
            match visit {
                Visit::Nth(n) => this == n,
                Visit::Every(n) => this % n == 0,
            }
        })
        && (when.tiers.is_empty() || tier.is_some_and(|t| when.tiers.iter().any(|w| same_name(w, t))))
        && (!when.birthday || has_birthday(member, sale.local.date()))
}

/// Whether two names of tiers are one, whatever their capitals.
pub(super) fn same_name(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}

/// Hours over midnight belong to the day they begin on: `on Friday 22:00-02:00` ends on Saturday.
fn on_day_and_hour(when: &When, sale: &SaleFacts<'_>) -> bool {
    let today = sale.local.date();
    if when.hours.is_empty() {
        return on_day(when, today);
    }
    let minute = sale.local.hour() * 60 + sale.local.minute();
    when.hours.iter().any(|(from, to)| {
        let (from, to) = (u32::from(*from), u32::from(*to));
        if from < to {
            (from..to).contains(&minute) && on_day(when, today)
        } else if minute >= from {
            on_day(when, today)
        } else {
            minute < to
                && today
                    .checked_sub_days(Shift::new(1))
                    .is_some_and(|day| on_day(when, day))
        }
    })
}

fn on_day(when: &When, date: NaiveDate) -> bool {
    when.days.has(date.weekday().num_days_from_monday())
        && when.dates.as_ref().is_none_or(|dates| match dates {
            Dates::On(days) => days.iter().any(|day| falls_on(*day, date)),
            Dates::Span(from, to) => within(*from, *to, date),
        })
}

fn falls_on(day: Day, date: NaiveDate) -> bool {
    match day {
        Day::Fixed(fixed) => fixed == date,
        Day::Yearly(month, day) => (date.month(), date.day()) == (month, day),
    }
}

fn within(from: Option<Day>, to: Option<Day>, date: NaiveDate) -> bool {
    if let (Some(Day::Yearly(m1, d1)), Some(Day::Yearly(m2, d2))) = (from, to) {
        let (from, to, this) = ((m1, d1), (m2, d2), (date.month(), date.day()));
        // From December to January goes over the new year.
        return if from <= to {
            (from..=to).contains(&this)
        } else {
            this >= from || this <= to
        };
    }
    let fixed = |day: Option<Day>| match day {
        Some(Day::Fixed(date)) => Some(date),
        _ => None,
    };
    fixed(from).is_none_or(|from| date >= from) && fixed(to).is_none_or(|to| date <= to)
}

fn has_birthday(member: &MemberFacts, date: NaiveDate) -> bool {
    let on = member.birthday.and_then(|day| celebrated(day, date.year()));
    on == Some(date)
}

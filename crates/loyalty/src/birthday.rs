//! A member's birthday: month and day, and the year where somebody told it. Personal data, kept beside the operations.
//!
//! Here: reading and writing it, and on which days it falls. Who was born on 29 February celebrates on the 28th in years
//! without one. Not here: what a birthday brings (`rules`), and that it brings it once (a store's constraint).

use chrono::{Datelike, Days, NaiveDate};
use std::fmt;
use std::str::FromStr;

use crate::refusal::{Code, Refusal};

/// The first year anybody alive can have been born in.
const YEAR_MIN: i32 = 1900;
const YEAR_MAX: i32 = 9999;

/// A birthday, such as `02-29` or `1984-02-29`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Birthday {
    year: Option<i32>,
    month: u32,
    day: u32,
}

impl FromStr for Birthday {
    type Err = Refusal;

    /// Reads `MM-DD` or `YYYY-MM-DD`; a month or day below ten may have one digit.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::of(Code::BadBirthday, "birthday", text);
        let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
            let fits = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            fits.then(|| part.parse::<u32>().ok()).flatten().ok_or_else(bad)
        };
        let parts: Vec<&str> = text.trim().split('-').collect();
        let (year, month, day) = match parts[..] {
            [month, day] => (None, month, day),
            [year, month, day] => (Some(number(year, 4..=4)?), month, day),
            _ => return Err(bad()),
        };
        let year = year.map(i32::try_from).transpose().map_err(|_| bad())?;
        let (month, day) = (number(month, 1..=2)?, number(day, 1..=2)?);
        // Without a year, 29 February is a day: 2000 had one.
        let real = NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).is_some();
        let told = year.is_none_or(|year| (YEAR_MIN..=YEAR_MAX).contains(&year));
        (real && told).then_some(Self { year, month, day }).ok_or_else(bad)
    }
}

impl fmt::Display for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(year) = self.year {
            write!(f, "{year:04}-")?;
        }
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl Birthday {
    /// Month and day.
    #[must_use]
    pub fn month_day(self) -> (u32, u32) {
        (self.month, self.day)
    }

    /// The day it is celebrated on in `year`; nothing for a year out of the calendar.
    #[must_use]
    pub fn in_year(self, year: i32) -> Option<NaiveDate> {
        celebrated(self.month_day(), year)
    }

    /// The last celebration up to `day`, where that is fewer than `days` days ago: so with 1 only on the day itself. A
    /// day that somebody has not been born yet is none.
    #[must_use]
    pub fn celebrated_within(self, days: u64, day: NaiveDate) -> Option<NaiveDate> {
        let years = [day.year(), day.year() - 1];
        let last = years
            .into_iter()
            .filter_map(|y| self.in_year(y))
            .find(|on| *on <= day)?;
        let born = self.year.is_none_or(|year| year < last.year());
        let over = last.checked_add_days(Days::new(days))?;
        (born && day < over).then_some(last)
    }
}

/// The day on which somebody born on this month and day celebrates in `year`.
#[must_use]
pub fn celebrated((month, day): (u32, u32), year: i32) -> Option<NaiveDate> {
    let date = NaiveDate::from_ymd_opt(year, month, day);
    date.or_else(|| {
        ((month, day) == (2, 29))
            .then(|| NaiveDate::from_ymd_opt(year, 2, 28))
            .flatten()
    })
}

/// Reads what a form or file may leave empty: then there is none.
///
/// # Errors
/// `bad_birthday`.
pub fn optional(text: &str) -> Result<Option<Birthday>, Refusal> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn is_read_and_written() {
        for (text, written) in [
            ("02-29", "02-29"),
            ("2-9", "02-09"),
            (" 1984-12-01 ", "1984-12-01"),
            ("2000-02-29", "2000-02-29"),
        ] {
            assert_eq!(text.parse::<Birthday>().unwrap().to_string(), written, "{text}");
        }
        for text in [
            "",
            "02-30",
            "13-01",
            "1983-02-29",
            "84-02-01",
            "1899-01-01",
            "24 December",
            "--02-01",
            "0-1",
            "1-1-1",
        ] {
            assert_eq!(text.parse::<Birthday>().unwrap_err().code, Code::BadBirthday, "{text}");
        }
        assert_eq!(optional("  ").unwrap(), None);
    }

    #[test]
    fn is_celebrated_on_the_28th_in_a_year_without_the_29th() {
        let leap: Birthday = "02-29".parse().unwrap();
        for (days, day, celebrated) in [
            (1, "2026-02-27", None),
            (1, "2026-02-28", Some("2026-02-28")),
            (1, "2026-03-01", None),
            (1, "2028-02-28", None),
            (1, "2028-02-29", Some("2028-02-29")),
            (30, "2028-03-29", Some("2028-02-29")),
            (30, "2028-03-30", None),
            (31, "2028-03-30", Some("2028-02-29")),
        ] {
            assert_eq!(
                leap.celebrated_within(days, date(day)),
                celebrated.map(date),
                "{days} {day}"
            );
        }
    }

    #[test]
    fn a_window_goes_over_the_new_year_and_begins_a_year_after_birth() {
        let late: Birthday = "12-20".parse().unwrap();
        assert_eq!(late.celebrated_within(30, date("2027-01-18")), Some(date("2026-12-20")));
        assert_eq!(late.celebrated_within(30, date("2027-01-19")), None);
        let baby: Birthday = "2026-12-20".parse().unwrap();
        assert_eq!(baby.celebrated_within(30, date("2026-12-20")), None);
        assert_eq!(baby.celebrated_within(30, date("2027-12-20")), Some(date("2027-12-20")));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,12}|[0-9-]{0,12}") {
            if let Ok(birthday) = text.parse::<Birthday>() {
                prop_assert_eq!(birthday.to_string().parse::<Birthday>().unwrap(), birthday);
            }
        }

        #[test]
        fn falls_on_one_day_a_year(month in 1_u32..=12, day in 1_u32..=31, year in 1970_i32..2100) {
            prop_assume!(NaiveDate::from_ymd_opt(2000, month, day).is_some());
            let birthday: Birthday = format!("{month:02}-{day:02}").parse().unwrap();
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let days = first.iter_days().take_while(|d| d.year() == year);
            prop_assert_eq!(days.filter(|d| birthday.celebrated_within(1, *d).is_some()).count(), 1);
        }
    }
}

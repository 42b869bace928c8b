//! Dates and times as tills export them. Whether 03/04 is in March or in April is the mapping's to say, never a guess.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use loyalty::{Code, Refusal, ShopZone, UtcMs};

use super::mapping::Dates;

/// Reads a date with a time, an offset, or neither; `time_of_day` is a time from a column of its own.
pub(crate) fn read(text: &str, time_of_day: Option<&str>, dates: Dates, zone: ShopZone) -> Result<UtcMs, Refusal> {
    let bad = || Refusal::of(Code::BadTime, "occurred_at", text);
    if time_of_day.is_none() {
        if let Ok(at) = zone.read(text) {
            return Ok(at);
        }
        // With an offset behind a blank: `2025-10-07 09:50:26 +0200`.
        if let Ok(at) = DateTime::parse_from_str(text.trim(), "%Y-%m-%d %H:%M:%S %z") {
            return in_range(UtcMs(at.timestamp_millis())).ok_or_else(bad);
        }
    }
    let wall = wall_clock(text.trim(), time_of_day, dates).ok_or_else(bad)?;
    in_range(zone.instant(wall)).ok_or_else(bad)
}

fn in_range(at: UtcMs) -> Option<UtcMs> {
    (0..253_402_300_800_000).contains(&at.0).then_some(at)
}

fn wall_clock(text: &str, time_of_day: Option<&str>, dates: Dates) -> Option<NaiveDateTime> {
    let (date, time) = split(text);
    let date = date_of(date, dates)?;
    let midnight = NaiveTime::MIN;
    let time = match (time.trim(), time_of_day.map(str::trim)) {
        ("", None | Some("")) => midnight,
        ("", Some(time)) | (time, None | Some("")) => time_of(time)?,
        // A date column that repeats midnight beside a column with the time.
        (zero, Some(time)) if time_of(zero) == Some(midnight) => time_of(time)?,
        _ => return None,
    };
    Some(date.and_time(time))
}

/// Splits a date from the time behind it. The time is where the first `:` is.
fn split(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else {
        return (text, "");
    };
    let hours = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (date, time) = text.split_at(hours);
    (date.trim_end_matches([' ', 'T', ',', '\u{a0}', '\u{202f}']), time)
}

fn time_of(text: &str) -> Option<NaiveTime> {
    let text = text.replace(['\u{a0}', '\u{202f}'], " ").to_ascii_uppercase();
    let text = text.replace("A.M.", "AM").replace("P.M.", "PM");
    [
        "%H:%M:%S%.f",
        "%H:%M",
        "%I:%M:%S %p",
        "%I:%M %p",
        "%I:%M:%S%p",
        "%I:%M%p",
        "%I %p",
    ]
    .iter()
    .find_map(|form| NaiveTime::parse_from_str(text.trim(), form).ok())
}

fn date_of(text: &str, dates: Dates) -> Option<NaiveDate> {
    if let Some((one, two, three)) = numbers(text) {
        let (year, month, day) = match (one.len(), dates) {
            (4, _) => (one, two, three),
            (_, Dates::DayFirst) => (three, two, one),
            (_, Dates::MonthFirst) => (three, one, two),
            (_, Dates::YearFirst) => return None,
        };
        return NaiveDate::from_ymd_opt(year_of(year)?, month.parse().ok()?, day.parse().ok()?);
    }
    // With the month's name there is nothing to mistake.
    let text = text.replace([',', '.'], " ");
    let words: Vec<&str> = text.split([' ', '-']).filter(|w| !w.is_empty()).collect();
    ["%d %b %Y", "%b %d %Y", "%Y %b %d"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(&words.join(" "), form).ok())
        .filter(|date| (1970..=9999).contains(&chrono::Datelike::year(date)))
}

/// The three numbers of a date, where it is three numbers with one kind of sign between them.
pub(crate) fn numbers(text: &str) -> Option<(&str, &str, &str)> {
    let sign = text.chars().find(|c| !c.is_ascii_digit())?;
    let mut parts = text.split(sign);
    let three = (parts.next()?, parts.next()?, parts.next()?);
    let short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let year = |part: &str| matches!(part.len(), 2 | 4) && part.bytes().all(|b| b.is_ascii_digit());
    let fits = "/.-".contains(sign)
        && parts.next().is_none()
        && (short(three.0) && short(three.1) && year(three.2)
            || three.0.len() == 4 && year(three.0) && short(three.1) && short(three.2));
    fits.then_some(three)
}

/// The date's part of a cell, as [`numbers`] of it.
pub(crate) fn numbers_of_cell(text: &str) -> Option<(&str, &str, &str)> {
    numbers(split(text.trim()).0.trim())
}

/// Two digits are a year of this century: there are no sales of the last one in a till's export.
fn year_of(text: &str) -> Option<i32> {
    let year: i32 = text.parse().ok()?;
    Some(if text.len() == 2 { 2000 + year } else { year })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str, time: Option<&str>, dates: Dates) -> Option<String> {
        let zone: ShopZone = "America/Los_Angeles".parse().unwrap();
        let wall = zone.local(read(text, time, dates, zone).ok()?);
        Some(wall.format("%Y-%m-%d %H:%M:%S").to_string())
    }

    #[test]
    fn as_exports_write_them() {
        use Dates::{DayFirst, MonthFirst, YearFirst};
        for (text, time, dates, want) in [
            ("01/10/2026 23:50", None, DayFirst, Some("2026-10-01 23:50:00")),
            ("01/10/2026 23:50", None, MonthFirst, Some("2026-01-10 23:50:00")),
            ("01/10/2026 23:50", None, YearFirst, None),
            ("7/28/26 1:33 PM", None, MonthFirst, Some("2026-07-28 13:33:00")),
            (
                "7/28/26 1:33\u{202f}p.m.",
                None,
                MonthFirst,
                Some("2026-07-28 13:33:00"),
            ),
            ("28/7/26", None, MonthFirst, None),
            ("20.11.2026", Some("14:05:07"), DayFirst, Some("2026-11-20 14:05:07")),
            ("20.11.2026 00:00", Some("14:05"), DayFirst, Some("2026-11-20 14:05:00")),
            ("20.11.2026 09:00", Some("14:05"), DayFirst, None),
            ("2022-11-10", Some("21:50:48"), MonthFirst, Some("2022-11-10 21:50:48")),
            ("2026/11/20 14:05", None, DayFirst, Some("2026-11-20 14:05:00")),
            (
                "2025-10-07 09:50:26 +0200",
                None,
                YearFirst,
                Some("2025-10-07 00:50:26"),
            ),
            ("Oct 5, 2026 2:30 PM", None, YearFirst, Some("2026-10-05 14:30:00")),
            ("5-Oct-2026", None, YearFirst, Some("2026-10-05 00:00:00")),
            ("31/02/2026", None, DayFirst, None),
            ("10/05/2026 25:00", None, DayFirst, None),
            ("1/2/3/2026", None, DayFirst, None),
            ("", None, DayFirst, None),
        ] {
            assert_eq!(at(text, time, dates).as_deref(), want, "{text} {time:?} {dates:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[0-9/:. APM-]{0,24}|\\PC{0,16}", time in prop::option::of("[0-9:. apm]{0,12}|\\PC{0,8}")) {
            for dates in [Dates::YearFirst, Dates::DayFirst, Dates::MonthFirst] {
                let _ = at(&text, time.as_deref(), dates);
            }
        }

        #[test]
        fn written_and_read_back(day in 0_i64..30_000, second in 0_i64..86_400) {
            let wall = DateTime::from_timestamp(day * 86_400 + second, 0).unwrap().naive_utc();
            for (dates, form) in [(Dates::DayFirst, "%d.%m.%Y %H:%M:%S"), (Dates::MonthFirst, "%m/%d/%Y %I:%M:%S %p")] {
                let text = wall.format(form).to_string();
                prop_assert_eq!(wall_clock(&text, None, dates), Some(wall), "{}", text);
            }
        }
    }
}

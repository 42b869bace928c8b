//! Instants and the shop's calendar. Nobody here asks what time it is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

use crate::refusal::{Code, Refusal};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// One day.
    pub const DAY_MS: i64 = 86_400_000;

    /// As a chrono instant; out of its range, the nearest it has.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// RFC 3339 in UTC with milliseconds: `2026-11-20T14:05:00.000Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    }
}

/// The shop's time zone, from the IANA database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShopZone(Tz);

impl FromStr for ShopZone {
    type Err = Refusal;
    fn from_str(s: &str) -> Result<Self, Refusal> {
        s.trim()
            .parse()
            .map(Self)
            .map_err(|_| Refusal::of(Code::BadTimezone, "timezone", s))
    }
}

impl ShopZone {
    /// Its IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The wall clock in the shop at `at`.
    #[must_use]
    pub fn local(self, at: UtcMs) -> NaiveDateTime {
        at.utc().with_timezone(&self.0).naive_local()
    }

    /// The shop's day at `at`.
    #[must_use]
    pub fn day(self, at: UtcMs) -> NaiveDate {
        self.local(at).date()
    }

    /// The instant of a wall clock reading: the first where the clock shows it twice, the moment the clock jumps
    /// where it skips it.
    #[must_use]
    pub fn instant(self, wall: NaiveDateTime) -> UtcMs {
        let found = self.0.from_local_datetime(&wall).earliest();
        let at = found.or_else(|| {
            (1..=180).find_map(|m| {
                self.0
                    .from_local_datetime(&(wall + chrono::Duration::minutes(m)))
                    .earliest()
            })
        });
        UtcMs(at.map_or_else(|| wall.and_utc().timestamp_millis(), |t| t.timestamp_millis()))
    }

    /// Reads a time with an offset (`2026-11-20T14:05:00Z`, `…+01:00`) or, without one, on the shop's wall clock
    /// (`2026-11-20T14:05:00`, `2026-11-20 14:05`, `2026-11-20`).
    ///
    /// # Errors
    /// `bad_time` for anything else, and for years before 1970 or after 9999.
    pub fn read(self, text: &str) -> Result<UtcMs, Refusal> {
        let t = text.trim();
        let at = DateTime::parse_from_rfc3339(t)
            .map(|d| UtcMs(d.timestamp_millis()))
            .ok()
            .or_else(|| {
                [
                    "%Y-%m-%dT%H:%M:%S%.f",
                    "%Y-%m-%d %H:%M:%S%.f",
                    "%Y-%m-%dT%H:%M",
                    "%Y-%m-%d %H:%M",
                ]
                .iter()
                .find_map(|f| NaiveDateTime::parse_from_str(t, f).ok())
                .or_else(|| {
                    NaiveDate::parse_from_str(t, "%Y-%m-%d")
                        .ok()
                        .and_then(|d| d.and_hms_opt(0, 0, 0))
                })
                .map(|wall| self.instant(wall))
            });
        at.filter(|a| (0..253_402_300_800_000).contains(&a.0))
            .ok_or_else(|| Refusal::of(Code::BadTime, "occurred_at", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wall_clock_over_a_change_of_clocks() {
        let la: ShopZone = "America/Los_Angeles".parse().unwrap();
        // 2026-03-08 02:30 does not exist there; 2026-11-01 01:30 exists twice.
        assert_eq!(
            la.read("2026-03-08T02:30:00").unwrap(),
            la.read("2026-03-08T10:00:00Z").unwrap()
        );
        assert_eq!(
            la.read("2026-11-01T01:30:00").unwrap(),
            la.read("2026-11-01T08:30:00Z").unwrap()
        );
        assert_eq!(
            la.day(la.read("2026-11-20T23:59:59").unwrap()).to_string(),
            "2026-11-20"
        );
        assert!(la.read("yesterday").is_err() && la.read("1969-01-01").is_err() && la.read("2026-13-01").is_err());
        assert!("Mars/Olympus".parse::<ShopZone>().is_err());
    }
}

//! Quiet hours: minutes of the shop's own day in which its members get no mail, also on the days on which clocks change.
//! The time is handed in.

use chrono::{NaiveTime, Timelike};
use loyalty::UtcMs;
use loyalty::time::ShopZone;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// A minute, in milliseconds.
const MINUTE_MS: i64 = 60_000;

/// From one minute of the day up to another one, also over midnight. The same twice: never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// The first quiet minute.
    pub from: u16,
    /// The first that is not any more.
    pub to: u16,
}

impl Quiet {
    /// From nine in the evening to nine in the morning.
    pub const USUAL: Self = Self {
        from: 21 * 60,
        to: 9 * 60,
    };

    fn holds(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// The first moment from `now` on that is not quiet.
    ///
    /// Where a clock is put forward, the minutes that are left out are not waited for; where it is put back, an hour that
    /// comes twice is quiet twice.
    #[must_use]
    pub fn next(self, zone: ShopZone, now: UtcMs) -> UtcMs {
        let minute_of = |at: UtcMs| {
            let time = zone.local(at).time();
            u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0)
        };
        if !self.holds(minute_of(now)) {
            return now;
        }
        // Whole minutes from here on. No quiet time is longer than a day, and no day than 25 hours or so.
        let first = now.0 - now.0.rem_euclid(MINUTE_MS);
        (1..=i64::from(DAY) + 180)
            .map(|minutes| UtcMs(first + minutes * MINUTE_MS))
            .find(|at| !self.holds(minute_of(*at)))
            .unwrap_or(now)
    }
}

impl FromStr for Quiet {
    type Err = String;

    /// `21:00-09:00`, or `none`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self { from: 0, to: 0 });
        }
        let minute = |text: &str| {
            let time = NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()?;
            u16::try_from(time.num_seconds_from_midnight() / 60).ok()
        };
        let both = text
            .split_once('-')
            .and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
        let (from, to) = both.ok_or("Write quiet hours like 21:00-09:00, or none.")?;
        Ok(Self { from, to })
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from == self.to {
            return f.write_str("none");
        }
        let (from, to) = (self.from, self.to);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Serialize for Quiet {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn at(text: &str) -> UtcMs {
        UtcMs(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    fn next(quiet: &str, zone: &str, now: &str) -> String {
        let next = quiet.parse::<Quiet>().unwrap().next(zone.parse().unwrap(), at(now));
        next.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn mail_waits_for_the_shops_own_morning_also_when_clocks_change() {
        let usual = "21:00-09:00";
        // In Los Angeles nine in the evening is five in the morning of UTC in winter, four in summer.
        let la = "America/Los_Angeles";
        assert_eq!(next(usual, la, "2026-01-16T04:59:30Z"), "2026-01-16T04:59:30Z");
        assert_eq!(next(usual, la, "2026-01-16T05:00:00Z"), "2026-01-16T17:00:00Z");
        // The nights of 8 March (an hour is left out) and 1 November 2026 (one comes twice).
        assert_eq!(next(usual, la, "2026-03-08T06:30:15Z"), "2026-03-08T16:00:00Z");
        assert_eq!(next(usual, la, "2026-11-01T05:00:00Z"), "2026-11-01T17:00:00Z");
        // Berlin: 29 March and 25 October 2026.
        let berlin = "Europe/Berlin";
        assert_eq!(next(usual, berlin, "2026-03-28T22:00:00Z"), "2026-03-29T07:00:00Z");
        assert_eq!(next(usual, berlin, "2026-10-24T22:00:00Z"), "2026-10-25T08:00:00Z");
        // Lord Howe moves by half an hour: on 4 October 2026 forward, on 5 April 2026 back.
        let howe = "Australia/Lord_Howe";
        assert_eq!(next(usual, howe, "2026-10-03T13:00:00Z"), "2026-10-03T22:00:00Z");
        assert_eq!(next(usual, howe, "2026-04-04T13:00:00Z"), "2026-04-04T22:30:00Z");
    }

    #[test]
    fn quiet_that_ends_in_an_hour_that_is_left_out_ends_when_clocks_have_moved() {
        assert_eq!(
            next("22:00-02:30", "Europe/Berlin", "2026-03-28T23:00:00Z"),
            "2026-03-29T01:00:00Z"
        );
        // What comes twice is quiet twice: 02:15 in Berlin on 25 October is at 00:15 and at 01:15 UTC.
        assert_eq!(
            next("02:00-02:30", "Europe/Berlin", "2026-10-25T00:15:00Z"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            next("02:00-02:30", "Europe/Berlin", "2026-10-25T01:15:00Z"),
            "2026-10-25T01:30:00Z"
        );
        assert_eq!(
            next("none", "Europe/Berlin", "2026-10-25T01:15:00Z"),
            "2026-10-25T01:15:00Z"
        );
    }

    proptest! {
        #[test]
        fn what_is_next_is_never_quiet_nor_before_now(from in 0u16..1440, to in 0u16..1440, minutes in 0i64..525_600, zone in 0usize..4) {
            let zone: ShopZone = ["America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe", "UTC"][zone].parse().unwrap();
            let (quiet, now) = (Quiet { from, to }, UtcMs(1_767_225_600_000 + minutes * MINUTE_MS + 1234));
            let next = quiet.next(zone, now);
            let time = zone.local(next).time();
            prop_assert!(next >= now && next.0 - now.0 <= 26 * 60 * MINUTE_MS);
            prop_assert!(!quiet.holds(u16::try_from(time.num_seconds_from_midnight() / 60).unwrap()));
            prop_assert_eq!(quiet.to_string().parse::<Quiet>().unwrap().holds(5), quiet.holds(5));
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,14}") {
            let _ = text.parse::<Quiet>();
        }
    }
}

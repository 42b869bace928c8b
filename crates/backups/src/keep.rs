//! What a backup is called, and which of them are kept: the newest of each of so many days, weeks and months.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// How many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days that have one.
    pub days: usize,
    /// Weeks.
    pub weeks: usize,
    /// Months.
    pub months: usize,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            days: 7,
            weeks: 4,
            months: 6,
        }
    }
}

impl FromStr for Keep {
    type Err = String;

    /// `7,4,6`: days, weeks, months.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "Write how many to keep as days, weeks and months, like 7,4,6. One day at least.".to_owned();
        let numbers: Vec<usize> = text
            .split(',')
            .map(|part| part.trim().parse().map_err(|_| wrong()))
            .collect::<Result<_, _>>()?;
        match numbers[..] {
            [days @ 1..=3660, weeks @ 0..=520, months @ 0..=120] => Ok(Self { days, weeks, months }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.days, self.weeks, self.months)
    }
}

/// A backup's file name: what it is of, and when it was made: `relay-20261121T030000Z.sqlite.sealed`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// When, to the second.
    pub at: DateTime<Utc>,
    /// `sqlite`, `pgdump`.
    pub kind: String,
}

const ENDS: &str = ".sealed";
const STAMP: &str = "%Y%m%dT%H%M%SZ";

impl Name {
    /// Reads the name of a backup of `what`; none for any other file.
    #[must_use]
    pub fn read(what: &str, file: &str) -> Option<Self> {
        let rest = file.strip_prefix(what)?.strip_prefix('-')?.strip_suffix(ENDS)?;
        let (stamp, kind) = rest.split_once('.')?;
        let at = NaiveDateTime::parse_from_str(stamp, STAMP).ok()?.and_utc();
        let plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase());
        plain.then(|| Self {
            at,
            kind: kind.to_owned(),
        })
    }

    /// As it is written.
    #[must_use]
    pub fn write(&self, what: &str) -> String {
        format!("{what}-{}.{}{ENDS}", self.at.format(STAMP), self.kind)
    }
}

impl Keep {
    /// Those that are not kept. The newest of all always is.
    #[must_use]
    pub fn outdated(self, all: &[Name]) -> Vec<Name> {
        let mut newest_first: Vec<&Name> = all.iter().collect();
        newest_first.sort_by(|a, b| b.cmp(a));
        let (mut days, mut weeks, mut months) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut gone = Vec::new();
        for name in newest_first {
            let date = name.at.date_naive();
            let week = date.iso_week();
            // Each is the first, and so the newest, of its day, week or month; or not.
            let by_day = days.len() < self.days && days.insert(date);
            let by_week = weeks.len() < self.weeks && weeks.insert((week.year(), week.week()));
            let by_month = months.len() < self.months && months.insert((date.year(), date.month()));
            if !(by_day || by_week || by_month) {
                gone.push(name.clone());
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn at(day: i64, hour: i64) -> Name {
        let at = DateTime::from_timestamp(1_767_225_600 + day * 86_400 + hour * 3600, 0).unwrap();
        Name {
            at,
            kind: "sqlite".into(),
        }
    }

    #[test]
    fn a_year_of_nights_leaves_days_weeks_and_months() {
        let mut kept: Vec<Name> = Vec::new();
        for day in 0..365 {
            kept.push(at(day, 3));
            let gone = Keep::default().outdated(&kept);
            kept.retain(|name| !gone.contains(name));
        }
        let days: Vec<String> = kept.iter().map(|name| name.at.format("%m-%d").to_string()).collect();
        // The newest of each: seven days up to the last of December, Sundays, ends of months.
        assert_eq!(
            days,
            [
                "07-31", "08-31", "09-30", "10-31", "11-30", "12-13", "12-20", "12-25", "12-26", "12-27", "12-28",
                "12-29", "12-30", "12-31"
            ]
        );
        assert_eq!("7,4,6".parse::<Keep>(), Ok(Keep::default()));
        assert_eq!(Keep::default().to_string(), "7,4,6");
        for wrong in ["", "7", "0,1,1", "7,4,x", "7,4,6,1"] {
            assert!(wrong.parse::<Keep>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_our_own_files_are_backups() {
        let name = at(3, 3);
        assert_eq!(name.write("relay"), "relay-20260104T030000Z.sqlite.sealed");
        assert_eq!(Name::read("relay", &name.write("relay")), Some(name));
        for other in [
            "relay.db",
            "relay-x.sqlite.sealed",
            "till-20260104T030000Z.sqlite.sealed",
            "relay-20260104T030000Z.sealed",
        ] {
            assert_eq!(Name::read("relay", other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn the_newest_stays_and_so_does_what_was_kept(days in proptest::collection::btree_set(0i64..800, 1..60), keep_days in 1usize..10) {
            let all: Vec<Name> = days.iter().map(|day| at(*day, 3)).collect();
            let keep = Keep { days: keep_days, weeks: 4, months: 6 };
            let gone = keep.outdated(&all);
            prop_assert!(!gone.contains(all.last().unwrap()));
            prop_assert!(all.len() - gone.len() <= keep_days + 10);
            let kept: Vec<Name> = all.into_iter().filter(|name| !gone.contains(name)).collect();
            prop_assert_eq!(keep.outdated(&kept), vec![]);
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,40}") {
            let _ = Name::read("relay", &text);
            let _ = text.parse::<Keep>();
        }
    }
}

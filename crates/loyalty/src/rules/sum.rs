//! The sum of a sale's points in words: its parts, and what they are multiplied by.
//!
//! Words are made only for what is said. Not here: the numbers (`earned`, `exact`).

use super::ast::{Bonus, Days, Earn, Multiply, Per};
use super::exact::Exact;
use super::programme::Tier;
use super::words::{listed, picks, times};
use super::write::Writer;

/// Points from one line of the document.
pub(super) struct Part<'a> {
    pub value: Exact,
    pub from: From<'a>,
}

/// The line that gives the points, and what it found in the sale.
pub(super) enum From<'a> {
    /// An earn line: minor units paid or pieces sold, and whether that is the whole total.
    Earn {
        earn: &'a Earn,
        found: i64,
        all: bool,
        capped: bool,
    },
    /// A bonus line, and pieces sold.
    Bonus { bonus: &'a Bonus, sold: i64 },
}

/// What the parts are multiplied by.
#[derive(Default)]
pub(super) struct Factor<'a> {
    /// Each of these, one after the other.
    pub counted: Vec<By<'a>>,
    /// What would have multiplied, were it not for a larger one.
    pub beaten: Vec<By<'a>>,
}

/// What multiplies.
pub(super) enum By<'a> {
    /// A line of the document.
    Rule(&'a Multiply),
    /// The member's tier.
    Tier(&'a Tier),
}

impl By<'_> {
    /// In hundredths: 150 is one and a half.
    pub fn hundredths(&self) -> i64 {
        match self {
            By::Rule(m) => m.hundredths,
            By::Tier(tier) => tier.hundredths,
        }
    }
}

impl Writer {
    /// `12 = ` is put in front of it. Nothing where no line is about the sale.
    pub fn sum(self, parts: &[Part<'_>], factor: &Factor<'_>, bonuses: &[Part<'_>]) -> Option<String> {
        let by: Vec<String> = factor.counted.iter().map(|by| self.by(by)).collect();
        let by = by.join(", ");
        let base = match parts {
            [] => None,
            [one] if bonuses.is_empty() && by.is_empty() => return Some(self.alone(one)),
            [one] if bonuses.is_empty() => Some(self.among(one)),
            [one] => Some(format!("{} base", one.value.decimal())),
            several => {
                let sum = several
                    .iter()
                    .map(|part| self.among(part))
                    .collect::<Vec<_>>()
                    .join(" + ");
                Some(if by.is_empty() { sum } else { format!("({sum})") })
            }
        };
        let base = base.map(|base| match (by.is_empty(), bonuses.is_empty()) {
            (true, _) => base,
            (false, true) => format!("{base}, {by}"),
            (false, false) => format!("{base} {by}"),
        });
        let all: Vec<String> = base
            .into_iter()
            .chain(bonuses.iter().map(|part| self.among(part)))
            .collect();
        (!all.is_empty()).then(|| all.join(" + "))
    }

    /// `doubled on Tuesday`, `x1.5 for Gold`
    fn by(self, by: &By<'_>) -> String {
        match by {
            By::Tier(tier) => format!("{} for {}", times(tier.hundredths), tier.name),
            By::Rule(m) => {
                let how = match m.hundredths {
                    200 => "doubled".to_owned(),
                    300 => "tripled".to_owned(),
                    other => times(other),
                };
                format!("{how} {}", self.when(&m.when)).trim_end().to_owned()
            }
        }
    }

    /// The multipliers that a larger one beat, where there are any.
    pub fn not_counted(self, factor: &Factor<'_>) -> Option<String> {
        let beaten: Vec<String> = factor.beaten.iter().map(|by| self.by(by)).collect();
        let said = || format!("Not counted: {} (the largest multiplier wins)", listed(&beaten, "and"));
        (!beaten.is_empty()).then(said)
    }

    /// A part as the only one, behind the `=`: `1 per $1`.
    fn alone(self, part: &Part<'_>) -> String {
        let From::Earn {
            earn,
            found,
            all,
            capped,
        } = part.from
        else {
            return self.among(part);
        };
        let n = earn.points;
        let text = match &earn.per {
            Per::Visit => format!("{n} per visit"),
            Per::Money { minor, .. } if all => format!("{n} per {}", self.money(*minor)),
            Per::Money { minor, on } => format!("{n} per {} on {}", self.money(*minor), self.paid(found, on)),
            Per::Items { count: 1, picks: on } => format!("{n} per {}, {found} sold", picks(on)),
            Per::Items { count, picks: on } => format!("{n} per {count} {}, {found} sold", picks(on)),
        };
        match earn.max.filter(|_| capped) {
            Some(max) => format!("{text}, at most {max} a sale"),
            None => text,
        }
    }

    /// A part as one of several: `12 for $12.50`.
    fn among(self, part: &Part<'_>) -> String {
        let n = part.value.decimal();
        match part.from {
            From::Earn {
                earn, found, capped, ..
            } => {
                let text = match &earn.per {
                    Per::Visit => "the visit".to_owned(),
                    Per::Money { on, .. } => self.paid(found, on),
                    Per::Items { picks: on, .. } => format!("{found} {}", picks(on)),
                };
                let most = if capped { " at most" } else { "" };
                format!("{n} for {text}{most}")
            }
            From::Bonus { bonus, sold } => {
                let when = self.when(&bonus.when);
                let short = when
                    .strip_prefix("on ")
                    .filter(|_| bonus.when.days != Days::default())
                    .unwrap_or(&when);
                match &bonus.items {
                    None => format!("{n} {short}"),
                    Some((_, on)) => format!("{n} for {sold} {} {short}", picks(on)).trim_end().to_owned(),
                }
            }
        }
    }

    /// `$12.50`, `$5 of category "Books"`
    fn paid(self, minor: i64, on: &[super::items::Pick]) -> String {
        if on.is_empty() {
            self.money(minor)
        } else {
            format!("{} of {}", self.money(minor), picks(on))
        }
    }
}

//! The owner's month: its figures beside those of the month before, what they come to in words (`story`), as bars, and
//! whether a text that somebody else wrote about them says only what they say (`numbers`, `direction`). Totals alone: nothing here is
//! anybody's.

mod direction;
mod numbers;
mod story;

pub use numbers::{Unfounded, check};
pub use story::{name, story};

use serde::{Deserialize, Serialize};

use crate::kind::Language;
use crate::written::Written;

/// What happened in a month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Members who joined.
    pub joins: i64,
    /// Visits of members.
    pub visits: i64,
    /// Points given, less what was taken back.
    pub points_given: i64,
    /// Points spent on rewards.
    pub points_spent: i64,
    /// Rewards given.
    pub rewards_given: i64,
    /// What they cost by the rules, in the currency's smallest unit; none where the rules don't say.
    pub cost_minor: Option<i64>,
    /// Members who came through somebody.
    pub referrals: i64,
    /// Members who came back.
    pub win_backs: i64,
}

/// A month and the one before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Month {
    /// Its year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// The currency's letters.
    pub currency: String,
    /// Digits after the point in an amount.
    pub digits: u32,
    /// The shop's country, two letters; empty in a month that an older relay told.
    #[serde(default)]
    pub country: String,
    /// What happened in it.
    pub now: Figures,
    /// What happened in the month before.
    pub before: Figures,
}

impl Month {
    /// The month before: its year and number.
    #[must_use]
    pub fn previous(&self) -> (i32, u32) {
        match self.month {
            0 | 1 => (self.year - 1, 12),
            month => (self.year, month - 1),
        }
    }

    /// How this shop writes numbers in a language.
    #[must_use]
    pub fn written(&self, language: Language) -> Written {
        Written::by(language, &self.country)
    }

    /// An amount as it is written: `$37.20`.
    #[must_use]
    pub fn money(&self, minor: i64, by: Written) -> String {
        by.money(minor, &self.currency, self.digits)
    }

    /// The figures that are counted, now and before, in the order in which they are shown.
    #[must_use]
    pub fn counted(&self) -> [(i64, i64); 7] {
        let (now, before) = (&self.now, &self.before);
        [
            (now.joins, before.joins),
            (now.visits, before.visits),
            (now.points_given, before.points_given),
            (now.points_spent, before.points_spent),
            (now.rewards_given, before.rewards_given),
            (now.referrals, before.referrals),
            (now.win_backs, before.win_backs),
        ]
    }

    /// The bars to show.
    #[must_use]
    pub fn bars(&self, language: Language) -> Vec<Bar> {
        let labels = story::labels(language);
        let pairs = labels.iter().zip(self.counted());
        let shown = pairs.filter(|(_, (now, before))| (*now, *before) != (0, 0));
        shown
            .map(|(label, (now, before))| Bar {
                label: (*label).to_owned(),
                now,
                before,
            })
            .collect()
    }
}

/// A figure beside that of the month before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    /// Of what.
    pub label: String,
    /// This month.
    pub now: i64,
    /// The month before.
    pub before: i64,
}

impl Bar {
    /// How long the two are, of so many steps: the longer one fills them.
    #[must_use]
    pub fn lengths(&self, steps: i64) -> (i64, i64) {
        let most = self.now.max(self.before).max(1);
        let of = |value: i64| {
            let scaled = i128::from(value.max(0)) * i128::from(steps) / i128::from(most);
            // Something that is there is seen.
            i64::try_from(scaled).unwrap_or(steps).max(i64::from(value > 0))
        };
        (of(self.now), of(self.before))
    }
}

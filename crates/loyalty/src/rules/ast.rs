//! What a rules document says about sales, line by line: the parsed rules as plain data.
//!
//! What it says about the programme around the sales (tiers, expiry, referrals …) is in `programme`. Not here: how
//! rules are written (`parse`, `format`) and what they make of a sale (`decide`).

use chrono::NaiveDate;

use super::items::Pick;
use super::programme::{BirthdayBonus, Expiry, Lapsing, Period, Referral, RewardKind, Rounding, StampCard, Tier};
use crate::Points;
use crate::time::ShopZone;

/// A line of the document.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Line {
    /// What it says; nothing on a blank line or one with only a comment.
    pub rule: Option<Rule>,
    /// The comment, without its `#`.
    pub comment: Option<String>,
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// `Earn …`
    Earn(Earn),
    /// `Bonus …`
    Bonus(Bonus),
    /// `Double points …`
    Multiply(Multiply),
    /// `Multipliers stack`, or not.
    Stack(bool),
    /// `At most 200 points a sale`
    Cap(Points),
    /// `Exclude …`
    Exclude(Vec<Pick>),
    /// `Known items …`
    Known(Vec<Pick>),
    /// `Skip …`
    Skip(SaleTest),
    /// `Hold …`
    Hold(SaleTest),
    /// `Reward …`
    Reward(RewardLine),
    /// `Buy 9 "Coffee", get 1 free, costs $0.80`
    Stamps(StampCard),
    /// `Tier …`
    Tier(Tier),
    /// `Points expire …`; nothing where they never do.
    Expiry(Option<Expiry>),
    /// `Lapsing …`
    Lapsing(Lapsing),
    /// `Friend …`
    Referral(Referral),
    /// `Sign-up bonus 20 points`
    SignUp(Points),
    /// `Birthday bonus 50 points within 14 days`
    Birthday(BirthdayBonus),
    /// Whether points are earned on tax.
    Tax(bool),
    /// Whether points are earned on tips.
    Tips(bool),
    /// `Round …`
    Round(Rounding),
    /// `Time zone …`
    Zone(ShopZone),
}

/// `Earn 1 point per $1 on sales over $5, at most 50 points a sale`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Earn {
    /// Points for each `per`.
    pub points: Points,
    /// What they are for.
    pub per: Per,
    /// On which sales.
    pub when: When,
    /// The most this line gives in one sale, before multipliers.
    pub max: Option<Points>,
}

/// What points are earned for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Per {
    /// Each amount of `minor` units, paid for the items picked, or for all of them.
    Money { minor: i64, on: Vec<Pick> },
    /// The sale itself.
    Visit,
    /// Every `count` whole pieces of the items picked.
    Items { count: i64, picks: Vec<Pick> },
}

/// `Bonus 10 points for "Flat white"`, `Bonus 3 points on Tuesday`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bonus {
    /// Points, for every `count` pieces or for the sale.
    pub points: Points,
    /// For every so many whole pieces of the items picked.
    pub items: Option<(i64, Vec<Pick>)>,
    /// On which sales.
    pub when: When,
    /// At most once a sale, however many pieces.
    pub once: bool,
}

/// `Double points on Tuesday 14:00-17:00`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Multiply {
    /// In hundredths: 150 is one and a half.
    pub hundredths: i64,
    /// On which sales.
    pub when: When,
}

/// On which sales a rule counts: all that is said must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct When {
    /// Weekdays, Monday first; nothing said: all.
    pub days: Days,
    /// Dates.
    pub dates: Option<Dates>,
    /// From a minute of the day up to another; a smaller end is on the next day.
    pub hours: Vec<(u16, u16)>,
    /// Only members of one of these tiers.
    pub tiers: Vec<String>,
    /// Only totals from here.
    pub total: Option<Floor>,
    /// Only some of a member's visits.
    pub visit: Option<Visit>,
    /// Only on the member's birthday.
    pub birthday: bool,
}

/// Weekdays, a bit each, Monday lowest. No bit set: not said.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Days(pub u8);

impl Days {
    /// Monday to Friday.
    pub const WEEKDAYS: Self = Self(0b001_1111);
    /// Saturday and Sunday.
    pub const WEEKENDS: Self = Self(0b110_0000);

    /// Whether the day that is `from_monday` days after Monday is among them.
    pub fn has(self, from_monday: u32) -> bool {
        self.0 == 0 || self.0 & (1 << from_monday) != 0
    }
}

/// Some days of the calendar.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Dates {
    /// These days.
    On(Vec<Day>),
    /// From a day to a day, both in it; an end that isn't said is open.
    Span(Option<Day>, Option<Day>),
}

/// A day of one year, or of every year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Day {
    /// `2026-12-24`
    Fixed(NaiveDate),
    /// `24 December`: month and day.
    Yearly(u32, u32),
}

/// The least total.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Floor {
    /// More than this.
    Over(i64),
    /// This or more.
    From(i64),
}

/// Which of a member's visits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Visit {
    /// The first, the tenth.
    Nth(i64),
    /// Every tenth.
    Every(i64),
}

/// Which sales a skip or a hold is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum SaleTest {
    /// A total under this.
    Under(i64),
    /// A total over this.
    Over(i64),
    /// More points than this.
    PointsOver(Points),
    /// It comes later than this after it happened.
    OlderThan(Period),
    /// A member's `nth` sale or a later one within the time.
    Frequent { nth: i64, within: Period },
    /// An item no line of the document knows.
    UnknownItem,
    /// One of these items.
    With(Vec<Pick>),
    /// At such a time.
    During(When),
}

/// `Reward 100 points: Free coffee, costs $1.20`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RewardLine {
    /// As written.
    pub name: String,
    /// What it costs the member.
    pub points: Points,
    /// What the owner says it costs the shop, in minor units.
    pub cost: Option<i64>,
    /// What the member gets.
    pub kind: RewardKind,
}

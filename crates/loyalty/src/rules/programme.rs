//! What the document says about the programme around the sales: tiers, expiry, lapsing, referrals, stamps, bonuses,
//! and the settings. Plain types, and how to read them off the document.
//!
//! Not here: carrying any of it out (that is an operation), and what a sale earns (`decide`).

use super::ast::Rule;
use super::items::{self, Pick};
use super::moment::same_name;
use super::{MemberFacts, Rules};
use crate::Points;
use crate::op::CardStamps;
use crate::sale::Item;
use crate::time::ShopZone;

/// What a member gets for a reward.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RewardKind {
    /// A thing, such as a free coffee.
    Item,
    /// An amount off, in minor units.
    AmountOff(i64),
    /// A percentage off, 1 to 100.
    PercentOff(i64),
    /// `100 points = $5`: this many minor units for each such lot of points, as many lots as the member chooses.
    Exchange(i64),
}

/// A length of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// How many, at least 1.
    pub count: i64,
    /// Of what.
    pub unit: Unit,
}

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Unit {
    /// 60 seconds.
    Minutes,
    /// 60 minutes.
    Hours,
    /// Days of the shop's calendar.
    Days,
    /// 7 days.
    Weeks,
    /// Months of the calendar.
    Months,
    /// Years of the calendar.
    Years,
}

/// `Birthday bonus 50 points within 14 days`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BirthdayBonus {
    /// How many.
    pub points: Points,
    /// From the birthday on, how long a visit brings it, in days or weeks; where nothing is said, 30 days.
    pub within: Option<Period>,
}

impl BirthdayBonus {
    /// How many days a visit brings it, the birthday being the first.
    #[must_use]
    pub fn days(&self) -> u64 {
        let days = self.within.map_or(30, |p| p.ms() / crate::UtcMs::DAY_MS);
        u64::try_from(days).unwrap_or(1).max(1)
    }
}

impl Period {
    /// Its length in milliseconds; months and years, which have none, as 30 and 365 days.
    #[must_use]
    pub fn ms(self) -> i64 {
        let unit: i64 = match self.unit {
            Unit::Minutes => 60_000,
            Unit::Hours => 3_600_000,
            Unit::Days => 86_400_000,
            Unit::Weeks => 7 * 86_400_000,
            Unit::Months => 30 * 86_400_000,
            Unit::Years => 365 * 86_400_000,
        };
        self.count.saturating_mul(unit)
    }
}

/// How a sale's points are made whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Rounding {
    /// Down.
    #[default]
    Down,
    /// To the nearest, a half up.
    Nearest,
    /// Up.
    Up,
}

/// `Buy 9 "Coffee", get 1 free, costs $0.80`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StampCard {
    /// How many fill the card.
    pub buy: i64,
    /// Which items give a stamp each.
    pub picks: Vec<Pick>,
    /// How many are free then.
    pub free: i64,
    /// What the owner says that what a full card gives costs the shop, in minor units.
    pub cost_minor: Option<i64>,
}

impl StampCard {
    /// What gives a stamp, as the owner wrote it: `Coffee or Tea`.
    #[must_use]
    pub fn name(&self) -> String {
        let written = |pick: &Pick| match pick {
            Pick::Name(p) | Pick::Category(p) | Pick::Sku(p) => p.written().to_owned(),
        };
        self.picks.iter().map(written).collect::<Vec<_>>().join(" or ")
    }

    /// What the card is known by in operations: the items that give a stamp, in their order. A line with other items
    /// is another card; one that only asks for more or fewer of them is the same.
    #[must_use]
    pub fn key(&self) -> String {
        let key = |pick: &Pick| match pick {
            Pick::Name(p) => format!("name:{}", p.written().to_lowercase()),
            Pick::Category(p) => format!("category:{}", p.written().to_lowercase()),
            Pick::Sku(p) => format!("sku:{}", p.written().to_lowercase()),
        };
        self.picks.iter().map(key).collect::<Vec<_>>().join("|")
    }

    /// Pieces that give a stamp each, for a counter that knows no items: named as the card's first item is written.
    #[must_use]
    pub fn bought(&self, count: i64) -> Option<Item> {
        let pick = self.picks.first()?;
        let (Pick::Name(p) | Pick::Category(p) | Pick::Sku(p)) = pick;
        let written = p.written().to_owned();
        Some(Item {
            category: matches!(pick, Pick::Category(_)).then(|| written.clone()),
            sku: matches!(pick, Pick::Sku(_)).then(|| written.clone()),
            ..Item::pieces(&written, count)
        })
    }

    /// What a full card costs the shop, where that is stated: minor units, for so many stamps.
    #[must_use]
    pub fn stated(&self) -> Option<(i64, i64)> {
        self.cost_minor.map(|minor| (minor, self.buy))
    }

    /// What a full card gives, in words: `1 Coffee free`.
    #[must_use]
    pub fn gives(&self) -> String {
        format!("{} {} free", self.free, self.name())
    }
}

/// `Tier Gold at 1000 points a year: earn x1.5, grace 3 months`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    /// Its name, unique in the document without regard to case.
    pub name: String,
    /// What it takes.
    pub at: Threshold,
    /// What earnings are multiplied by, in hundredths; 100 where nothing is said.
    pub hundredths: i64,
    /// How long it is kept when the year's figures no longer reach it.
    pub grace: Option<Period>,
}

/// What a tier takes, within the last 365 days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threshold {
    /// So many points earned.
    Points(Points),
    /// So many minor units spent.
    Spend(i64),
}

/// When points expire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expiry {
    /// After how long.
    pub after: Period,
    /// Counted from what.
    pub since: Since,
    /// How long before it the member is told.
    pub warn: Option<Period>,
}

/// What expiry is counted from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Since {
    /// The last visit: then all points expire together.
    LastVisit,
    /// The day each lot was earned: the oldest expire first.
    Earned,
}

/// `Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest`
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lapsing {
    /// How long after the last visit.
    pub after: Period,
    /// Only members with at least so many visits.
    pub visits: i64,
    /// The most reminders before the member is left in peace; 0 for none.
    pub nudges: i64,
}

/// `Friend first buys $10 within 30 days: referrer gets 50 points, at most 10 friends a month`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Referral {
    /// What the friend does.
    pub event: ReferralEvent,
    /// Whether it is about a friend's friend: then only the first of the three gets something.
    pub second_level: bool,
    /// How soon after joining, for a purchase.
    pub within: Option<Period>,
    /// What the friend gets.
    pub friend: Option<Points>,
    /// What the one who brought the friend gets.
    pub referrer: Option<Points>,
    /// From which of their friends on the referrer gets how many points instead.
    pub rising: Option<(i64, Points)>,
    /// How long a reward waits before it is there; not at all where nothing is said.
    pub hold: Option<Period>,
    /// The most friends a referrer is rewarded for in a calendar month.
    pub friends_a_month_max: Option<i64>,
}

/// What a friend does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReferralEvent {
    /// Becomes a member.
    Joins,
    /// Makes a first purchase of at least so many minor units.
    FirstBuys(i64),
}

/// The first rule of the document that is of one kind.
macro_rules! first {
    ($rules:expr, $pattern:pat => $value:expr) => {
        $rules.rules().find_map(|rule| match rule {
            $pattern => Some($value),
            _ => None,
        })
    };
}

impl Rules {
    /// The tiers, in the document's order.
    pub fn tiers(&self) -> impl Iterator<Item = &Tier> {
        self.rules().filter_map(|rule| match rule {
            Rule::Tier(tier) => Some(tier),
            _ => None,
        })
    }

    /// The tier a member is in: of those reached or kept by grace the one that multiplies most; between equals, the
    /// one further down in the document.
    #[must_use]
    pub fn tier(&self, member: &MemberFacts) -> Option<&Tier> {
        self.tiers()
            .filter(|tier| reaches(member, tier) || keeps(member, tier))
            .max_by_key(|tier| tier.hundredths)
    }

    /// When points expire; nothing where they never do.
    #[must_use]
    pub fn expiry(&self) -> Option<Expiry> {
        first!(self, Rule::Expiry(expiry) => *expiry).flatten()
    }

    /// When a member counts as lapsing.
    #[must_use]
    pub fn lapsing(&self) -> Option<Lapsing> {
        first!(self, Rule::Lapsing(lapsing) => *lapsing)
    }

    /// The referral rules, in the document's order.
    pub fn referrals(&self) -> impl Iterator<Item = &Referral> {
        self.rules().filter_map(|rule| match rule {
            Rule::Referral(referral) => Some(referral),
            _ => None,
        })
    }

    /// The stamp cards, in the document's order.
    pub fn stamp_cards(&self) -> impl Iterator<Item = &StampCard> {
        self.rules().filter_map(|rule| match rule {
            Rule::Stamps(card) => Some(card),
            _ => None,
        })
    }

    /// The stamps that `items` give, card by card, those with none left out. What cost nothing was not bought: a free
    /// coffee gives no stamp.
    #[must_use]
    pub fn stamps(&self, items: &[Item]) -> Vec<CardStamps> {
        let bought = items.iter().filter(|item| item.price_minor != Some(0));
        let lines: Vec<_> = bought.map(items::Line::of).collect();
        let mut all: Vec<CardStamps> = Vec::new();
        for card in self.stamp_cards() {
            let (card, count) = (card.key(), items::pieces(lines.iter(), &card.picks));
            // Two lines about the same items share a card.
            if count > 0 && all.iter().all(|s| s.card != card) {
                all.push(CardStamps { card, count });
            }
        }
        all
    }

    /// Points for joining.
    #[must_use]
    pub fn sign_up_bonus(&self) -> Points {
        first!(self, Rule::SignUp(points) => *points).unwrap_or(0)
    }

    /// What a member's birthday brings; nothing where the document doesn't say.
    #[must_use]
    pub fn birthday_bonus(&self) -> Option<BirthdayBonus> {
        first!(self, Rule::Birthday(bonus) => *bonus)
    }

    /// How a sale's points are made whole; down where nothing is said.
    #[must_use]
    pub fn rounding(&self) -> Rounding {
        first!(self, Rule::Round(rounding) => *rounding).unwrap_or_default()
    }

    /// Whether points are earned on tax; yes where nothing is said.
    #[must_use]
    pub fn tax_included(&self) -> bool {
        first!(self, Rule::Tax(included) => *included).unwrap_or(true)
    }

    /// Whether points are earned on tips; no where nothing is said.
    #[must_use]
    pub fn tips_included(&self) -> bool {
        first!(self, Rule::Tips(included) => *included).unwrap_or(false)
    }

    /// The time zone the document states; the shop's own counts where it states none.
    #[must_use]
    pub fn time_zone(&self) -> Option<ShopZone> {
        first!(self, Rule::Zone(zone) => *zone)
    }

    /// Whether multipliers that hold together are multiplied; else the largest counts.
    #[must_use]
    pub fn multipliers_stack(&self) -> bool {
        first!(self, Rule::Stack(stack) => *stack).unwrap_or(false)
    }
}

fn reaches(member: &MemberFacts, tier: &Tier) -> bool {
    match tier.at {
        Threshold::Points(points) => member.earned_in_year >= points,
        Threshold::Spend(minor) => member.spent_in_year_minor >= minor,
    }
}

fn keeps(member: &MemberFacts, tier: &Tier) -> bool {
    let kept = member.tier_kept.as_deref();
    tier.grace.is_some() && kept.is_some_and(|name| same_name(name, &tier.name))
}

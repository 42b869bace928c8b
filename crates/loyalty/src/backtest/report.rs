//! What a back-test comes to: figures of both sides, who gains and who loses, and a series by month.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use std::cmp::Reverse;

use crate::Points;
use crate::ids::MemberId;
use crate::op::CardStamps;
use crate::rules::{Move, Rules, StampCard};
use crate::time::UtcMs;

/// How many winners, and how many losers, are named.
const NAMED: usize = 10;

/// One side of the comparison: what happened, or what the draft would have made of it.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Side {
    /// Points given for sales, less what was taken back of them.
    pub points: Points,
    /// Stamps given for sales, less what was taken back of them.
    pub stamps: i64,
    /// What those points and stamps cost at most, in minor units: all points spent on the reward whose stated cost per
    /// point is highest, all stamps on what their cards give; each rounded up. None where nothing states a cost.
    pub cost_minor: Option<i64>,
    /// Sales by move: recorded without points.
    pub skip: i64,
    /// Points added.
    pub add: i64,
    /// Points added, and a reward came within reach.
    pub add_reward: i64,
    /// Held for review.
    pub hold: i64,
}

/// A member's points for sales on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Who.
    #[serde(rename = "member_id")]
    pub member: MemberId,
    /// What happened.
    pub then: Points,
    /// What the draft gives.
    pub now: Points,
}

impl Change {
    fn more(&self) -> Points {
        self.now - self.then
    }
}

/// One month of the shop's calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Sales of members.
    pub sales: i64,
    /// Points given then.
    pub points_then: Points,
    /// Points the draft gives.
    pub points_now: Points,
    /// Sales held then.
    pub held_then: i64,
    /// Sales the draft holds.
    pub held_now: i64,
}

/// The comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Sales of members.
    pub sales: i64,
    /// Sales of nobody: on neither side.
    pub walk_ins: i64,
    /// The first sale.
    pub from: Option<UtcMs>,
    /// The last sale.
    pub to: Option<UtcMs>,
    /// What happened.
    pub then: Side,
    /// What the draft would have made of it.
    pub now: Side,
    /// Sales with another move or other points.
    pub different: i64,
    /// Members with more points than then.
    pub gain: i64,
    /// Members with fewer.
    pub lose: i64,
    /// Members with as many.
    pub same: i64,
    /// Who gains most, at most ten.
    pub winners: Vec<Change>,
    /// Who loses most, at most ten.
    pub losers: Vec<Change>,
    /// In the order of time; months without a sale are left out.
    pub months: Vec<Month>,
}

/// The sums on the way.
#[derive(Debug, Default)]
pub(super) struct Tally {
    walk_ins: i64,
    sales: i64,
    different: i64,
    span: Option<(UtcMs, UtcMs)>,
    then: Side,
    now: Side,
    stamps_now: Vec<CardStamps>,
    months: Vec<((i32, u32), Month)>,
}

impl Side {
    fn count(&mut self, move_: Move, points: Points) {
        self.points += points;
        *match move_ {
            Move::Skip => &mut self.skip,
            Move::Add => &mut self.add,
            Move::AddReward => &mut self.add_reward,
            Move::Hold => &mut self.hold,
        } += 1;
    }

    fn add(&mut self, other: &Self) {
        self.points += other.points;
        self.skip += other.skip;
        self.add += other.add;
        self.add_reward += other.add_reward;
        self.hold += other.hold;
    }
}

impl Tally {
    pub fn walk_in(&mut self, at: UtcMs) {
        self.walk_ins += 1;
        self.seen(at);
    }

    pub fn sale(&mut self, at: UtcMs, day: NaiveDate, then: (Move, Points), now: (Move, Points)) {
        self.seen(at);
        self.sales += 1;
        self.different += i64::from(then != now);
        self.then.count(then.0, then.1);
        self.now.count(now.0, now.1);
        let month = self.month((day.year(), day.month()));
        month.sales += 1;
        month.points_then += then.1;
        month.points_now += now.1;
        month.held_then += i64::from(then.0 == Move::Hold);
        month.held_now += i64::from(now.0 == Move::Hold);
    }

    /// Stamps that the draft gives.
    pub fn stamps(&mut self, given: Vec<CardStamps>) {
        for stamps in given {
            match self.stamps_now.iter_mut().find(|s| s.card == stamps.card) {
                Some(known) => known.count += stamps.count,
                None => self.stamps_now.push(stamps),
            }
        }
    }

    pub fn sales(&self) -> i64 {
        self.sales + self.walk_ins
    }

    /// Takes in the sums over other sales of the same time. Every one of them is a sum, so it doesn't matter which
    /// sales were counted where.
    pub fn join(&mut self, other: Self) {
        self.walk_ins += other.walk_ins;
        self.sales += other.sales;
        self.different += other.different;
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (mine, others) => mine.or(others),
        };
        self.then.add(&other.then);
        self.now.add(&other.now);
        self.stamps(other.stamps_now);
        for (key, more) in other.months {
            let month = self.month(key);
            month.sales += more.sales;
            month.points_then += more.points_then;
            month.points_now += more.points_now;
            month.held_then += more.held_then;
            month.held_now += more.held_now;
        }
    }

    fn seen(&mut self, at: UtcMs) {
        let (from, to) = self.span.unwrap_or((at, at));
        self.span = Some((from.min(at), to.max(at)));
    }

    /// The row of a month; nearly always the last one.
    fn month(&mut self, key: (i32, u32)) -> &mut Month {
        let found = self.months.iter().rposition(|(k, _)| *k == key);
        let at = found.unwrap_or_else(|| {
            let month = Month {
                month: format!("{:04}-{:02}", key.0, key.1),
                sales: 0,
                points_then: 0,
                points_now: 0,
                held_then: 0,
                held_now: 0,
            };
            self.months.push((key, month));
            self.months.len() - 1
        });
        &mut self.months[at].1
    }

    pub fn report(
        &self,
        changes: impl Iterator<Item = Change>,
        (in_force, stamps_then): (&Rules, &[CardStamps]),
        draft: &Rules,
    ) -> Report {
        let side = |side: &Side, rules: &Rules, stamps: &[CardStamps]| Side {
            stamps: stamps.iter().map(|s| s.count).sum(),
            cost_minor: cost_minor(side.points, stamps, rules),
            ..side.clone()
        };
        let (mut winners, mut losers, mut same) = (Vec::new(), Vec::new(), 0);
        for change in changes {
            match change.more() {
                0 => same += 1,
                1.. => winners.push(change),
                _ => losers.push(change),
            }
        }
        let count = |list: &[Change]| i64::try_from(list.len()).unwrap_or(i64::MAX);
        let (gain, lose) = (count(&winners), count(&losers));
        winners.sort_unstable_by_key(|c| (Reverse(c.more()), c.member));
        losers.sort_unstable_by_key(|c| (c.more(), c.member));
        winners.truncate(NAMED);
        losers.truncate(NAMED);
        let mut months = self.months.clone();
        months.sort_by_key(|(key, _)| *key);
        Report {
            sales: self.sales,
            walk_ins: self.walk_ins,
            from: self.span.map(|(from, _)| from),
            to: self.span.map(|(_, to)| to),
            then: side(&self.then, in_force, stamps_then),
            now: side(&self.now, draft, &self.stamps_now),
            different: self.different,
            gain,
            lose,
            same,
            winners,
            losers,
            months: months.into_iter().map(|(_, month)| month).collect(),
        }
    }
}

/// All points and all stamps spent on what costs most; nothing where nothing states a cost.
fn cost_minor(points: Points, stamps: &[CardStamps], rules: &Rules) -> Option<i64> {
    let rewards = rules
        .rewards()
        .iter()
        .filter_map(|r| r.cost.map(|c| (c.minor, r.points)));
    let of_points = dearest(rewards).map(|each| spent(points, each));
    let of_stamps = stamps.iter().filter_map(|s| {
        let cards = rules.stamp_cards().filter(|card| card.key() == s.card);
        dearest(cards.filter_map(StampCard::stated)).map(|each| spent(s.count, each))
    });
    let stated = of_points.is_some() || rules.stamp_cards().any(|card| card.cost_minor.is_some());
    stated.then(|| of_points.into_iter().chain(of_stamps).fold(0, i64::saturating_add))
}

/// Which costs most for each: `(minor units, for so many)`.
fn dearest(costs: impl Iterator<Item = (i64, i64)>) -> Option<(i64, i64)> {
    costs.max_by(|a, b| (i128::from(a.0) * i128::from(b.1)).cmp(&(i128::from(b.0) * i128::from(a.1))))
}

/// What `count` cost at `minor` for every `each`, rounded up.
fn spent(count: i64, (minor, each): (i64, i64)) -> i64 {
    let cost = (i128::from(count.max(0)) * i128::from(minor) + i128::from(each) - 1) / i128::from(each.max(1));
    i64::try_from(cost).unwrap_or(i64::MAX)
}

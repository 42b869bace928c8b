//! A member's standing over time: what the last 365 days add up to, and which tier a grace still keeps.
//!
//! A tier with a grace of G is kept at a moment t where its figures were reached at some moment from t − G on: so it is
//! kept for G after the year's figures fall short. What was taken back never counted: a sale and its refunds are one
//! amount, at the time of the sale. Not here: where the figures come from (a store, or a back-test).

use chrono::Months;
use std::collections::VecDeque;

use crate::Points;
use crate::rules::{MemberFacts, Period, Rules, Threshold, Tier, Unit};
use crate::time::{ShopZone, UtcMs};

/// The year that tiers look back on.
pub const YEAR_MS: i64 = 365 * UtcMs::DAY_MS;

/// `at` less a period of the shop's calendar.
#[must_use]
pub fn before(zone: ShopZone, at: UtcMs, period: Period) -> UtcMs {
    let months = match period.unit {
        Unit::Months => u32::try_from(period.count).ok(),
        Unit::Years => u32::try_from(period.count.saturating_mul(12)).ok(),
        _ => None,
    };
    let calendar = months.and_then(|m| zone.local(at).checked_sub_months(Months::new(m)));
    calendar.map_or(UtcMs(at.0.saturating_sub(period.ms())), |wall| zone.instant(wall))
}

/// From when on a store must hand in what was earned and spent, to know a member's standing at `at`.
#[must_use]
pub fn looks_back_to(rules: &Rules, zone: ShopZone, at: UtcMs) -> UtcMs {
    let graces = rules.tiers().filter_map(|tier| tier.grace);
    let oldest = graces.map(|grace| before(zone, at, grace)).min().unwrap_or(at);
    UtcMs(oldest.min(at).0.saturating_sub(YEAR_MS))
}

/// What one moment brought.
#[derive(Clone, Copy, Debug)]
struct Gain {
    at: UtcMs,
    points: Points,
    spent_minor: i64,
}

/// A member's last 365 days as time passes. Hand in what happened in the order of time.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    now: UtcMs,
    year: VecDeque<Gain>,
    points: Points,
    spent_minor: i64,
    /// For each tier of the document, the last moment before `now` at which its figures were reached.
    reached: Vec<Option<UtcMs>>,
}

impl Standing {
    /// Time passes until `to`; what is then 365 days old counts no more.
    pub fn pass(&mut self, rules: &Rules, to: UtcMs) {
        while let Some(first) = self.year.front().copied() {
            let out = UtcMs(first.at.0.saturating_add(YEAR_MS));
            if out > to {
                break;
            }
            self.until(rules, out);
            self.points -= first.points;
            self.spent_minor -= first.spent_minor;
            self.year.pop_front();
        }
        self.until(rules, to);
    }

    /// The figures of now held until just before `to`.
    fn until(&mut self, rules: &Rules, to: UtcMs) {
        if to <= self.now {
            return;
        }
        for (n, tier) in rules.tiers().enumerate() {
            if self.reached.len() <= n {
                self.reached.push(None);
            }
            if self.reaches(tier) {
                self.reached[n] = Some(UtcMs(to.0 - 1));
            }
        }
        self.now = to;
    }

    fn reaches(&self, tier: &Tier) -> bool {
        match tier.at {
            Threshold::Points(points) => self.points >= points,
            Threshold::Spend(minor) => self.spent_minor >= minor,
        }
    }

    /// Points were earned and money spent at `at`; below zero where they were taken back.
    pub fn gain(&mut self, rules: &Rules, at: UtcMs, points: Points, spent_minor: i64) {
        self.pass(rules, at);
        self.points += points;
        self.spent_minor += spent_minor;
        self.year.push_back(Gain {
            at,
            points,
            spent_minor,
        });
    }

    /// Writes what is known of the year before `at` into a member's facts.
    pub fn tell(&mut self, rules: &Rules, zone: ShopZone, at: UtcMs, facts: &mut MemberFacts) {
        self.pass(rules, at);
        facts.earned_in_year = self.points;
        facts.spent_in_year_minor = self.spent_minor;
        facts.tier_kept = self.kept(rules, zone, at);
    }

    /// Of the tiers that only a grace keeps, the one that multiplies most; between equals, the one further down.
    fn kept(&self, rules: &Rules, zone: ShopZone, at: UtcMs) -> Option<String> {
        let lost = rules.tiers().zip(&self.reached).filter(|(tier, _)| !self.reaches(tier));
        let kept = lost.filter(|(tier, reached)| {
            let both = tier.grace.zip(**reached);
            both.is_some_and(|(grace, reached)| reached >= before(zone, at, grace))
        });
        kept.max_by_key(|(tier, _)| tier.hundredths)
            .map(|(tier, _)| tier.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "Earn 1 point per $1\nTier Silver at 100 points a year\nTier Gold at 300 points a year: earn x1.5, grace 3 months\n";

    fn at(zone: ShopZone, text: &str) -> UtcMs {
        zone.read(text).unwrap()
    }

    fn told(standing: &Standing, rules: &Rules, zone: ShopZone, at: UtcMs) -> (Points, Option<String>) {
        let mut facts = MemberFacts::default();
        standing.clone().tell(rules, zone, at, &mut facts);
        (facts.earned_in_year, facts.tier_kept)
    }

    #[test]
    fn a_grace_keeps_a_tier_for_so_long_after_the_year_falls_short() {
        let rules = Rules::parse(RULES, "USD".parse().unwrap()).unwrap();
        let zone: ShopZone = "America/Los_Angeles".parse().unwrap();
        let mut maria = Standing::default();
        maria.gain(&rules, at(zone, "2025-01-10T09:00"), 200, 20_000);
        maria.gain(&rules, at(zone, "2025-02-10T09:00"), 150, 15_000);
        // Gold from the second sale on; the first falls out of the year on 2026-01-10, 09:00.
        for (when, points, kept) in [
            ("2025-02-10T09:00", 350, None),
            ("2025-02-10T09:01", 350, None),
            ("2026-01-10T08:59", 350, None),
            ("2026-01-10T09:00", 150, Some("Gold")),
            ("2026-04-10T08:59", 0, Some("Gold")),
            // Over the change of clocks in March the wall clock counts: three months later, to the minute.
            ("2026-04-10T09:00", 0, None),
        ] {
            let kept = kept.map(str::to_owned);
            assert_eq!(told(&maria, &rules, zone, at(zone, when)), (points, kept), "{when}");
        }
    }

    #[test]
    fn what_was_taken_back_at_once_reached_nothing() {
        let rules = Rules::parse(RULES, "USD".parse().unwrap()).unwrap();
        let zone: ShopZone = "Europe/Berlin".parse().unwrap();
        let mut ben = Standing::default();
        let then = at(zone, "2025-06-01T12:00");
        ben.gain(&rules, then, 400, 40_000);
        ben.gain(&rules, then, -400, -40_000);
        assert_eq!(told(&ben, &rules, zone, at(zone, "2025-06-02T12:00")), (0, None));
        assert!(looks_back_to(&rules, zone, then) <= at(zone, "2024-03-01T12:00"));
    }
}

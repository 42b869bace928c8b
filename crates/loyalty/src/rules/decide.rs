//! What the rules make of a sale: the move, the points, the reasons.
//!
//! A pure function of the document, the sale and the member, in a stated order: skip lines; what is left out; earn
//! lines; multipliers; bonuses; rounding, once; the cap; hold lines; the reward that comes within reach.

use super::ast::{Rule, SaleTest};
use super::earned::Earned;
use super::items::{self, Line};
use super::words::listed;
use super::write::Writer;
use super::{Decision, MemberFacts, Move, Reward, Rules, SaleFacts, Tier, moment};
use crate::Points;

/// A sale, seen through the document.
pub(super) struct Scene<'a> {
    pub sale: &'a SaleFacts<'a>,
    pub member: &'a MemberFacts,
    pub tier: Option<&'a Tier>,
    /// The items that count.
    pub lines: Vec<Line<'a>>,
    /// The items that an `Exclude` line leaves out.
    pub excluded: Vec<Line<'a>>,
}

impl Scene<'_> {
    pub fn holds(&self, when: &super::ast::When) -> bool {
        moment::holds(when, self.sale, self.member, self.tier.map(|t| t.name.as_str()))
    }

    fn all_lines(&self) -> impl Iterator<Item = &Line<'_>> {
        self.lines.iter().chain(&self.excluded)
    }
}

impl Rules {
    /// What to do with a sale.
    #[must_use]
    pub fn decide(&self, sale: &SaleFacts<'_>, member: &MemberFacts) -> Decision {
        let scene = self.scene(sale, member);
        if let Some(why) = self.rules().find_map(|rule| self.skips(rule, &scene)) {
            return Decision {
                move_: Move::Skip,
                points: 0,
                reasons: vec![format!("Skipped: {why}")],
                announces: None,
            };
        }
        let Earned {
            points,
            too_many,
            mut reasons,
        } = self.earned(&scene);
        let holds = self.rules().filter_map(|rule| match rule {
            Rule::Hold(test) => self.why(test, &scene, points),
            _ => None,
        });
        let mut held: Vec<String> = holds.map(|why| format!("Held: {why}")).collect();
        if too_many {
            held.push("Held: more points than a sale can give".to_owned());
        }
        if !held.is_empty() {
            reasons.append(&mut held);
            return Decision {
                move_: Move::Hold,
                points,
                reasons,
                announces: None,
            };
        }
        let announces = self.comes_within_reach(member.balance, points).map(|r| r.name.clone());
        let move_ = if announces.is_some() {
            Move::AddReward
        } else {
            Move::Add
        };
        Decision {
            move_,
            points,
            reasons,
            announces,
        }
    }

    fn scene<'a>(&'a self, sale: &'a SaleFacts<'a>, member: &'a MemberFacts) -> Scene<'a> {
        let all = if self.looks_at_items { sale.items } else { &[] };
        let excludes = |line: &Line<'_>| {
            self.rules()
                .any(|rule| matches!(rule, Rule::Exclude(picks) if line.is_in(picks)))
        };
        let (excluded, lines) = all.iter().map(Line::of).partition(excludes);
        Scene {
            sale,
            member,
            tier: self.tier(member),
            lines,
            excluded,
        }
    }

    /// Why this rule skips the sale, where it does. Points aren't known yet, so `Skip sales over 200 points` earns
    /// first.
    fn skips(&self, rule: &Rule, scene: &Scene<'_>) -> Option<String> {
        match rule {
            Rule::Skip(test @ SaleTest::PointsOver(_)) => self.why(test, scene, self.earned(scene).points),
            Rule::Skip(test) => self.why(test, scene, 0),
            _ => None,
        }
    }

    /// Why `test` is true of the sale, where it is.
    fn why(&self, test: &SaleTest, scene: &Scene<'_>, points: Points) -> Option<String> {
        let sale = scene.sale;
        let is = match test {
            SaleTest::Under(minor) => sale.total.minor < *minor,
            SaleTest::Over(minor) => sale.total.minor > *minor,
            SaleTest::PointsOver(most) => points > *most,
            SaleTest::OlderThan(age) => sale.now.0.saturating_sub(sale.at.0) > age.ms(),
            SaleTest::Frequent { nth, within } => {
                let near = |t: &&crate::UtcMs| (0..within.ms()).contains(&sale.at.0.saturating_sub(t.0));
                let before = scene.member.recent_sales.iter().filter(near).count();
                i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1) >= *nth
            }
            SaleTest::UnknownItem => return self.unknown_items(scene),
            SaleTest::With(picks) => scene.all_lines().any(|line| line.is_in(picks)),
            SaleTest::During(when) => scene.holds(when),
        };
        is.then(|| Writer(self.currency).limit(test))
    }

    /// The items no line of the document knows, in words.
    fn unknown_items(&self, scene: &Scene<'_>) -> Option<String> {
        let known = |line: &&Line<'_>| {
            self.rules()
                .flat_map(super::check::picks_of)
                .any(|picks| line.is_in(picks))
        };
        let names = items::names(scene.all_lines().filter(|line| !known(line)));
        (!names.is_empty()).then(|| format!("unknown item {}", listed(&names, "and")))
    }

    /// The dearest reward that `points` more bring within reach of somebody who has `balance`; of equal ones, the
    /// first of the document.
    #[must_use]
    pub fn comes_within_reach(&self, balance: Points, points: Points) -> Option<&Reward> {
        let after = balance.saturating_add(points);
        let reached = self
            .rewards()
            .iter()
            .filter(|r| balance < r.points && r.points <= after);
        // Of equal ones `max_by_key` takes the last it is given.
        reached.rev().max_by_key(|r| r.points)
    }
}

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

/// What becomes of a sale, before anybody puts it into words.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, on the stack, and most sales earn"
)]
enum Verdict<'a> {
    /// The line that skips it.
    Skipped(&'a SaleTest),
    /// What it earns, and whether a line holds it.
    Earns(Earned<'a>, bool),
}

/// A decision without its words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What is done.
    pub move_: Move,
    /// Points to add: 0 for a skip; for a hold, what would be added.
    pub points: Points,
}

impl Rules {
    /// What to do with a sale.
    #[must_use]
    pub fn decide(&self, sale: &SaleFacts<'_>, member: &MemberFacts) -> Decision {
        let scene = self.scene(sale, member);
        let verdict = self.verdict(&scene);
        let Outcome { move_, points } = self.outcome_of(&verdict, member);
        let (reasons, announces) = match &verdict {
            Verdict::Skipped(test) => (vec![format!("Skipped: {}", self.said(test, &scene))], None),
            Verdict::Earns(earned, held) => {
                let mut reasons = self.reasons(earned, &scene);
                if *held {
                    reasons.extend(self.held(earned, &scene));
                }
                let reached = (!held)
                    .then(|| self.comes_within_reach(member.balance, points))
                    .flatten();
                (reasons, reached.map(|r| r.name.clone()))
            }
        };
        Decision {
            move_,
            points,
            reasons,
            announces,
        }
    }

    /// What [`Rules::decide`] says, without the words, which cost more than the numbers: for walks over a long past.
    #[must_use]
    pub fn outcome(&self, sale: &SaleFacts<'_>, member: &MemberFacts) -> Outcome {
        self.outcome_of(&self.verdict(&self.scene(sale, member)), member)
    }

    fn verdict<'a>(&'a self, scene: &Scene<'a>) -> Verdict<'a> {
        let skips = |test: &SaleTest| match test {
            // Points aren't known yet, so `Skip sales over 200 points` earns first.
            SaleTest::PointsOver(_) => self.is(test, scene, self.earned(scene).points),
            _ => self.is(test, scene, 0),
        };
        let skipped = self.rules().find_map(|rule| match rule {
            Rule::Skip(test) if skips(test) => Some(test),
            _ => None,
        });
        if let Some(test) = skipped {
            return Verdict::Skipped(test);
        }
        let earned = self.earned(scene);
        let held = earned.too_many || self.holding(&earned, scene).next().is_some();
        Verdict::Earns(earned, held)
    }

    fn outcome_of(&self, verdict: &Verdict<'_>, member: &MemberFacts) -> Outcome {
        let (move_, points) = match verdict {
            Verdict::Skipped(_) => (Move::Skip, 0),
            Verdict::Earns(earned, true) => (Move::Hold, earned.points),
            Verdict::Earns(earned, false) => {
                let reached = self.comes_within_reach(member.balance, earned.points);
                let move_ = if reached.is_some() { Move::AddReward } else { Move::Add };
                (move_, earned.points)
            }
        };
        Outcome { move_, points }
    }

    /// What the lines that hold the sale test.
    fn holding<'s>(&'s self, earned: &Earned<'_>, scene: &'s Scene<'_>) -> impl Iterator<Item = &'s SaleTest> {
        let points = earned.points;
        self.rules().filter_map(move |rule| match rule {
            Rule::Hold(test) if self.is(test, scene, points) => Some(test),
            _ => None,
        })
    }

    /// Why a sale is held, in words.
    fn held(&self, earned: &Earned<'_>, scene: &Scene<'_>) -> Vec<String> {
        let tests = self.holding(earned, scene);
        let mut held: Vec<String> = tests.map(|test| format!("Held: {}", self.said(test, scene))).collect();
        if earned.too_many {
            held.push("Held: more points than a sale can give".to_owned());
        }
        held
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

    /// Whether `test` is true of the sale.
    fn is(&self, test: &SaleTest, scene: &Scene<'_>, points: Points) -> bool {
        let sale = scene.sale;
        match test {
            SaleTest::Under(minor) => sale.total.minor < *minor,
            SaleTest::Over(minor) => sale.total.minor > *minor,
            SaleTest::PointsOver(most) => points > *most,
            SaleTest::OlderThan(age) => sale.now.0.saturating_sub(sale.at.0) > age.ms(),
            SaleTest::Frequent { nth, within } => {
                let near = |t: &&crate::UtcMs| (0..within.ms()).contains(&sale.at.0.saturating_sub(t.0));
                let before = scene.member.recent_sales.iter().filter(near).count();
                i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1) >= *nth
            }
            SaleTest::UnknownItem => scene.all_lines().any(|line| !self.knows(line)),
            SaleTest::With(picks) => scene.all_lines().any(|line| line.is_in(picks)),
            SaleTest::During(when) => scene.holds(when),
        }
    }

    /// A test that is true of the sale, in words.
    fn said(&self, test: &SaleTest, scene: &Scene<'_>) -> String {
        match test {
            SaleTest::UnknownItem => {
                let names = items::names(scene.all_lines().filter(|line| !self.knows(line)));
                format!("unknown item {}", listed(&names, "and"))
            }
            _ => Writer(self.currency).limit(test),
        }
    }

    /// Whether a line of the document names the item.
    fn knows(&self, line: &Line<'_>) -> bool {
        let mut named = self.rules().flat_map(super::check::picks_of);
        named.any(|picks| line.is_in(picks))
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

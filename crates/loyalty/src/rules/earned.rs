//! The points that the earn lines, multipliers and bonuses of the document give a sale.
//!
//! Every part is a fraction; they are added, multiplied and rounded once, at the end. Not here: the move, the arithmetic
//! (`exact`), the words (`sum`).

use super::ast::{Bonus, Earn, Per, Rule};
use super::decide::Scene;
use super::exact::Exact;
use super::items::{names, pieces, prices};
use super::sum::{By, Factor, From, Part};
use super::words::listed;
use super::write::Writer;
use super::{Rounding, Rules};
use crate::Points;
use crate::money::Money;

/// The most points one sale can give; beyond it somebody has to look.
const POINTS_PER_SALE_MAX: i128 = 1_000_000_000;

/// What a sale earns, and what of the document gave it. Words are made of it only where they are read.
pub(super) struct Earned<'a> {
    pub points: Points,
    /// More than a sale can give: `points` is the most it can.
    pub too_many: bool,
    basis: Basis,
    parts: Vec<Part<'a>>,
    bonuses: Vec<Part<'a>>,
    factor: Factor<'a>,
    /// Before it is made whole.
    exact: Exact,
    /// The document's cap, where it is below the rounded sum.
    cap: Option<i128>,
}

/// What points are earned on, and what was left out of the total, in minor units.
struct Basis {
    minor: i64,
    tax: i64,
    tip: i64,
    /// What was paid for the items left out.
    excluded: i64,
    /// Nothing else was sold.
    all_excluded: bool,
}

impl Rules {
    pub(super) fn earned<'a>(&'a self, scene: &Scene<'a>) -> Earned<'a> {
        let basis = self.basis(scene);
        let parts = self.parts(scene, &basis);
        let bonuses = self.bonuses(scene);
        let earns = parts.iter().any(|part| !part.value.is_zero());
        let factor = if earns { self.factor(scene) } else { Factor::default() };
        let total = |parts: &[Part<'_>]| parts.iter().try_fold(Exact::whole(0), |sum, part| sum.plus(part.value));
        let times = |x: Exact, by: &By<'_>| x.times_hundredths(by.hundredths());
        let base = total(&parts).and_then(|sum| factor.counted.iter().try_fold(sum, times));
        let exact = base.zip(total(&bonuses)).and_then(|(base, more)| base.plus(more));
        // Nothing where it is beyond all bounds.
        let beyond = Exact::whole(POINTS_PER_SALE_MAX + 1);
        let exact = exact.filter(|e| !e.exceeds(POINTS_PER_SALE_MAX)).unwrap_or(beyond);
        let rounded = exact.rounded(self.rounding());
        let cap = self.cap().map(i128::from).filter(|cap| rounded > *cap);
        let points = cap.unwrap_or(rounded);
        Earned {
            points: Points::try_from(points.min(POINTS_PER_SALE_MAX)).unwrap_or(0),
            too_many: points > POINTS_PER_SALE_MAX,
            basis,
            parts,
            bonuses,
            factor,
            exact,
            cap,
        }
    }

    /// Why a sale earns what it earns: the sum first.
    pub(super) fn reasons(&self, earned: &Earned<'_>, scene: &Scene<'_>) -> Vec<String> {
        let writer = Writer(self.currency);
        let notes = self.notes(&earned.basis, scene);
        let Some(sum) = writer.sum(&earned.parts, &earned.factor, &earned.bonuses) else {
            return std::iter::once(self.nothing().to_owned()).chain(notes).collect();
        };
        let mut reasons = vec![format!("{} = {sum}{}", earned.points, self.how(earned))];
        reasons.extend(writer.not_counted(&earned.factor));
        reasons.extend(notes);
        reasons
    }

    /// How the sum was made whole: `, rounded down`. That goes without saying where it is one plain part.
    fn how(&self, earned: &Earned<'_>) -> String {
        let plain = earned.parts.len() + earned.bonuses.len() == 1 && earned.factor.counted.is_empty();
        let how = match self.rounding() {
            _ if earned.exact.is_whole() => "",
            Rounding::Down if plain => "",
            Rounding::Down => ", rounded down",
            Rounding::Nearest => ", rounded to the nearest",
            Rounding::Up => ", rounded up",
        };
        match earned.cap {
            Some(cap) => format!("{how}, at most {cap} a sale"),
            None => how.to_owned(),
        }
    }

    fn cap(&self) -> Option<Points> {
        let caps = self.rules().filter_map(|rule| match rule {
            Rule::Cap(most) => Some(*most),
            _ => None,
        });
        caps.min()
    }

    fn nothing(&self) -> &'static str {
        if self.rules().any(|rule| matches!(rule, Rule::Earn(_))) {
            "0: no Earn line is about this sale"
        } else {
            "0: the rules have no Earn line"
        }
    }

    /// The total less tax, tip and what is excluded.
    fn basis(&self, scene: &Scene<'_>) -> Basis {
        let sale = scene.sale;
        let (excluded, _) = prices(scene.excluded.iter());
        let basis = Basis {
            minor: 0,
            tax: if self.tax_included() { 0 } else { sale.tax_minor.max(0) },
            tip: if self.tips_included() { 0 } else { sale.tip_minor.max(0) },
            excluded: i64::try_from(excluded).unwrap_or(0).max(0),
            all_excluded: !scene.excluded.is_empty() && scene.lines.is_empty(),
        };
        if basis.all_excluded {
            return basis;
        }
        let total = i128::from(sale.total.minor.clamp(0, Money::MINOR_MAX));
        let left = total - i128::from(basis.tax) - i128::from(basis.tip) - i128::from(basis.excluded);
        Basis {
            minor: i64::try_from(left.max(0)).unwrap_or(0),
            ..basis
        }
    }

    /// What was left out of the total, in words.
    fn notes(&self, basis: &Basis, scene: &Scene<'_>) -> Vec<String> {
        let excluded = || format!("for {}", listed(&names(scene.excluded.iter()), "and"));
        if basis.all_excluded {
            return vec![format!("Left out: all of it, {}", excluded())];
        }
        let mut notes = Vec::new();
        let mut left_out = |minor: i64, what: &dyn Fn() -> String| {
            if minor > 0 {
                notes.push(format!("Left out: {} {}", Money::new(minor, self.currency), what()));
            }
        };
        left_out(basis.tax, &|| "tax".to_owned());
        left_out(basis.tip, &|| "tip".to_owned());
        left_out(basis.excluded, &excluded);
        let unpriced = names(scene.excluded.iter().filter(|l| l.item.price_minor.is_none()));
        if !unpriced.is_empty() {
            let unpriced = listed(&unpriced, "and");
            notes.push(format!("Still counted, as the till told no price: {unpriced}"));
        }
        notes
    }

    /// What the earn lines give; one that gives nothing only where it is alone.
    fn parts<'a>(&'a self, scene: &Scene<'_>, basis: &Basis) -> Vec<Part<'a>> {
        let earns = self.rules().filter_map(|rule| match rule {
            Rule::Earn(earn) if scene.holds(&earn.when) => Some(part(earn, scene, basis)),
            _ => None,
        });
        let mut parts: Vec<Part<'_>> = earns.collect();
        if parts.iter().any(|p| !p.value.is_zero()) {
            parts.retain(|p| !p.value.is_zero());
        } else if parts.len() > 1 {
            parts.clear();
        }
        parts
    }

    /// What multiplies, in the document's order, the tier last; where they don't stack, only the first of the largest.
    fn factor<'a>(&'a self, scene: &Scene<'a>) -> Factor<'a> {
        let by_rule = self.rules().filter_map(|rule| match rule {
            Rule::Multiply(m) if scene.holds(&m.when) => Some(By::Rule(m)),
            _ => None,
        });
        let by_tier = scene.tier.filter(|t| t.hundredths > 100).map(By::Tier);
        let mut counted: Vec<By<'_>> = by_rule.chain(by_tier).collect();
        let mut beaten = Vec::new();
        if !self.multipliers_stack() && counted.len() > 1 {
            // The first of the largest stays in front: the sort is stable.
            counted.sort_by_key(|by| std::cmp::Reverse(by.hundredths()));
            beaten = counted.split_off(1);
        }
        Factor { counted, beaten }
    }

    fn bonuses<'a>(&'a self, scene: &Scene<'_>) -> Vec<Part<'a>> {
        let bonuses = self.rules().filter_map(|rule| match rule {
            Rule::Bonus(bonus) if scene.holds(&bonus.when) => Some(extra(bonus, scene)),
            _ => None,
        });
        bonuses.filter(|part| !part.value.is_zero()).collect()
    }
}

/// What an earn line gives.
fn part<'a>(earn: &'a Earn, scene: &Scene<'_>, basis: &Basis) -> Part<'a> {
    let points = i128::from(earn.points);
    let (value, found) = match &earn.per {
        Per::Visit => (Exact::whole(points), 1),
        Per::Money { minor, on } => {
            let paid = if on.is_empty() {
                i128::from(basis.minor)
            } else {
                let (sum, _) = prices(scene.lines.iter().filter(|l| l.is_in(on)));
                sum.clamp(0, i128::from(basis.minor))
            };
            let found = i64::try_from(paid).unwrap_or(basis.minor);
            (Exact::new(points * paid, i128::from(*minor)), found)
        }
        Per::Items { count, picks } => {
            let sold = pieces(scene.lines.iter(), picks);
            (Exact::whole(points * i128::from(sold / count)), sold)
        }
    };
    let all = matches!(&earn.per, Per::Money { on, .. } if on.is_empty()) && basis.minor == scene.sale.total.minor;
    let max = earn.max.map(i128::from).filter(|max| value.exceeds(*max));
    let from = From::Earn {
        earn,
        found,
        all,
        capped: max.is_some(),
    };
    Part {
        value: max.map_or(value, Exact::whole),
        from,
    }
}

/// What a bonus line gives.
fn extra<'a>(bonus: &'a Bonus, scene: &Scene<'_>) -> Part<'a> {
    let (lots, sold) = match &bonus.items {
        None => (1, 0),
        Some((count, picks)) => {
            let sold = pieces(scene.lines.iter(), picks);
            (
                if bonus.once {
                    (sold / count).min(1)
                } else {
                    sold / count
                },
                sold,
            )
        }
    };
    let value = Exact::whole(i128::from(bonus.points) * i128::from(lots));
    Part {
        value,
        from: From::Bonus { bonus, sold },
    }
}

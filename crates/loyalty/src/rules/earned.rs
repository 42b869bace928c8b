//! The points that the earn lines, multipliers and bonuses of the document give a sale.
//!
//! Every part is a fraction; they are added, multiplied and rounded once, at the end. Not here: the move, the arithmetic
//! (`exact`), the words (`sum`).

use super::ast::{Bonus, Earn, Per, Rule};
use super::decide::Scene;
use super::exact::Exact;
use super::items::{names, pieces, prices};
use super::sum::{Factor, From, Part};
use super::words::{listed, times};
use super::write::Writer;
use super::{Rounding, Rules};
use crate::Points;
use crate::money::Money;

/// The most points one sale can give; beyond it somebody has to look.
const POINTS_PER_SALE_MAX: i128 = 1_000_000_000;

/// What a sale earns.
pub(super) struct Earned {
    pub points: Points,
    /// More than a sale can give: `points` is the most it can.
    pub too_many: bool,
    /// The sum first.
    pub reasons: Vec<String>,
}

/// A sale's points, made whole.
struct Whole {
    points: Points,
    too_many: bool,
    /// `, rounded down`
    how: String,
}

/// What points are earned on.
struct Basis {
    minor: i64,
    notes: Vec<String>,
}

impl Rules {
    pub(super) fn earned(&self, scene: &Scene<'_>) -> Earned {
        let basis = self.basis(scene);
        let parts = self.parts(scene, &basis);
        let bonuses = self.bonuses(scene);
        let earns = parts.iter().any(|part| !part.value.is_zero());
        let factor = if earns { self.factor(scene) } else { Factor::default() };
        let total = |parts: &[Part<'_>]| parts.iter().try_fold(Exact::whole(0), |sum, part| sum.plus(part.value));
        let base =
            total(&parts).and_then(|sum| factor.hundredths.iter().try_fold(sum, |x, by| x.times_hundredths(*by)));
        let exact = base.zip(total(&bonuses)).and_then(|(base, more)| base.plus(more));
        let Some(sum) = Writer(self.currency).sum(&parts, &factor, &bonuses) else {
            return Earned {
                points: 0,
                too_many: false,
                reasons: self.nothing(basis),
            };
        };
        let plain = parts.len() + bonuses.len() == 1 && factor.words.is_empty();
        let whole = self.whole(exact, plain);
        let mut reasons = vec![format!("{} = {sum}{}", whole.points, whole.how)];
        reasons.extend(factor.note);
        reasons.extend(basis.notes);
        Earned {
            points: whole.points,
            too_many: whole.too_many,
            reasons,
        }
    }

    /// Rounds once, and keeps to the document's cap and to what any sale can give. `exact` is nothing where it is
    /// beyond all bounds; `plain` where rounding down goes without saying.
    fn whole(&self, exact: Option<Exact>, plain: bool) -> Whole {
        let beyond = Exact::whole(POINTS_PER_SALE_MAX + 1);
        let exact = exact.filter(|e| !e.exceeds(POINTS_PER_SALE_MAX)).unwrap_or(beyond);
        let rounding = self.rounding();
        let rounded = exact.rounded(rounding);
        let mut how = match rounding {
            _ if exact.is_whole() => "",
            Rounding::Down if plain => "",
            Rounding::Down => ", rounded down",
            Rounding::Nearest => ", rounded to the nearest",
            Rounding::Up => ", rounded up",
        }
        .to_owned();
        let cap = self.cap().map(i128::from).filter(|cap| rounded > *cap);
        if let Some(cap) = cap {
            how.push_str(&format!(", at most {cap} a sale"));
        }
        let points = cap.unwrap_or(rounded);
        let too_many = points > POINTS_PER_SALE_MAX;
        let points = Points::try_from(points.min(POINTS_PER_SALE_MAX)).unwrap_or(0);
        Whole { points, too_many, how }
    }

    fn cap(&self) -> Option<Points> {
        let caps = self.rules().filter_map(|rule| match rule {
            Rule::Cap(most) => Some(*most),
            _ => None,
        });
        caps.min()
    }

    fn nothing(&self, basis: Basis) -> Vec<String> {
        let earns = self.rules().any(|rule| matches!(rule, Rule::Earn(_)));
        let why = if earns {
            "0: no Earn line is about this sale"
        } else {
            "0: the rules have no Earn line"
        };
        std::iter::once(why.to_owned()).chain(basis.notes).collect()
    }

    /// The total less tax, tip and what is excluded.
    fn basis(&self, scene: &Scene<'_>) -> Basis {
        let sale = scene.sale;
        let money = |minor: i64| Money::new(minor, self.currency);
        let mut left = i128::from(sale.total.minor.clamp(0, Money::MINOR_MAX));
        let mut notes = Vec::new();
        let mut leave = |minor: i64, what: &str| {
            if minor > 0 {
                left -= i128::from(minor);
                notes.push(format!("Left out: {} {what}", money(minor)));
            }
        };
        if !self.tax_included() {
            leave(sale.tax_minor, "tax");
        }
        if !self.tips_included() {
            leave(sale.tip_minor, "tip");
        }
        if !scene.excluded.is_empty() {
            let (sum, all_priced) = prices(scene.excluded.iter());
            let what = format!("for {}", listed(&names(scene.excluded.iter()), "and"));
            leave(i64::try_from(sum).unwrap_or(0), &what);
            let unpriced = || {
                listed(
                    &names(scene.excluded.iter().filter(|l| l.item.price_minor.is_none())),
                    "and",
                )
            };
            if scene.lines.is_empty() {
                left = 0;
                notes = vec![format!("Left out: all of it, {what}")];
            } else if !all_priced {
                notes.push(format!("Still counted, as the till told no price: {}", unpriced()));
            }
        }
        Basis {
            minor: i64::try_from(left.max(0)).unwrap_or(0),
            notes,
        }
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

    fn factor(&self, scene: &Scene<'_>) -> Factor {
        let writer = Writer(self.currency);
        let by_rule = self.rules().filter_map(|rule| match rule {
            Rule::Multiply(m) if scene.holds(&m.when) => {
                let when = writer.when(&m.when);
                let by = match m.hundredths {
                    200 => "doubled".to_owned(),
                    300 => "tripled".to_owned(),
                    other => times(other),
                };
                Some((m.hundredths, format!("{by} {when}").trim_end().to_owned()))
            }
            _ => None,
        });
        let by_tier = scene.tier.filter(|t| t.hundredths > 100);
        let by_tier = by_tier.map(|t| (t.hundredths, format!("{} for {}", times(t.hundredths), t.name)));
        let mut all: Vec<(i64, String)> = by_rule.chain(by_tier).collect();
        let mut note = None;
        if !self.multipliers_stack() && all.len() > 1 {
            // The first of the largest stays in front: the sort is stable.
            all.sort_by_key(|(hundredths, _)| std::cmp::Reverse(*hundredths));
            let others: Vec<String> = all.drain(1..).map(|(_, words)| words).collect();
            note = Some(format!(
                "Not counted: {} (the largest multiplier wins)",
                listed(&others, "and")
            ));
        }
        let (hundredths, words) = all.into_iter().unzip();
        Factor {
            hundredths,
            words,
            note,
        }
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

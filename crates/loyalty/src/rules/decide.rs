//! What the rules make of a sale: the move, the points, the reasons.
//!
//! A pure function of the document, the sale and the member. Arithmetic is exact; a sale is rounded once, at the end.

use super::ast::{Per, Rule, SaleTest};
use super::{Decision, MemberFacts, Move, Reward, Rules, SaleFacts};
use crate::Points;
use crate::money::Money;

impl Rules {
    /// What to do with a sale.
    #[must_use]
    pub fn decide(&self, sale: &SaleFacts<'_>, member: &MemberFacts) -> Decision {
        if let Some(why) = self.skips(sale) {
            return Decision {
                move_: Move::Skip,
                points: 0,
                reasons: vec![format!("Skipped: {why}")],
                announces: None,
            };
        }
        let (points, reasons) = self.earned(sale);
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

    fn skips(&self, sale: &SaleFacts<'_>) -> Option<String> {
        self.rules().find_map(|rule| match rule {
            Rule::Skip(SaleTest::Under(minor)) if sale.total.minor < *minor => {
                Some(format!("under {}", self.money(*minor)))
            }
            _ => None,
        })
    }

    fn earned(&self, sale: &SaleFacts<'_>) -> (Points, Vec<String>) {
        let paid = i128::from(sale.total.minor.max(0));
        let mut earns = self.rules().filter_map(|rule| match rule {
            Rule::Earn(earn) => Some(earn),
            _ => None,
        });
        let Some(earn) = earns.next() else {
            return (0, vec!["0: the rules have no Earn line".to_owned()]);
        };
        let Per::Money(per) = earn.per;
        let points = Points::try_from(paid * i128::from(earn.points) / i128::from(per)).unwrap_or(Points::MAX);
        (
            points,
            vec![format!("{points} = {} per {}", earn.points, self.money(per))],
        )
    }

    /// The dearest reward that `points` more bring within reach of somebody who has `balance`.
    #[must_use]
    pub fn comes_within_reach(&self, balance: Points, points: Points) -> Option<&Reward> {
        let after = balance.saturating_add(points);
        self.rewards()
            .iter()
            .filter(|r| balance < r.points && r.points <= after)
            .max_by_key(|r| r.points)
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}

//! The rules document: what the owner wrote, parsed, and what it makes of a sale.
//!
//! Here: the entry points and the types around them. The grammar, the formatter and the evaluation are in their own
//! files beside this one. Not here: versions and publishing (an operation), storage, the clock.

mod ast;
mod check;
mod complete;
mod decide;
mod earned;
mod errors;
mod exact;
mod format;
mod items;
mod lex;
mod moment;
mod parse;
mod programme;
mod sum;
mod summary;
mod words;
mod write;

pub use complete::complete;
pub use decide::Outcome;
pub use format::format;
pub use items::{Pattern, Pick};
pub use programme::{
    BirthdayBonus, Expiry, Lapsing, Period, Referral, ReferralEvent, RewardKind, Rounding, Since, StampCard, Threshold,
    Tier, Unit,
};
pub use summary::summary;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::sale::Item;
use crate::{Points, UtcMs};

/// What is done with a sale.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// Recorded, no points.
    Skip,
    /// Points are added.
    Add,
    /// Points are added and a reward is now within reach: say so.
    AddReward,
    /// Waits for somebody to decide.
    Hold,
}

/// A decided sale: what goes into the ledger row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// What is done.
    pub move_: Move,
    /// Points to add: 0 for a skip; for a hold, what would be added.
    pub points: Points,
    /// Why, in plain words, the sum first: `12 = 9 base + 3 Tuesday`, `Skipped: under $2`.
    pub reasons: Vec<String>,
    /// The reward that comes within reach, for [`Move::AddReward`].
    pub announces: Option<String>,
}

/// A reward of the document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reward {
    /// Its name, unique in the document without regard to case.
    pub name: String,
    /// What it costs the member.
    pub points: Points,
    /// What it costs the shop: as the owner says (`Reward 100 points: Free coffee, costs $1.20`), else for an amount
    /// off that amount, else unknown.
    pub cost: Option<Money>,
    /// What the member gets.
    pub kind: RewardKind,
}

/// What the evaluation knows of a sale.
#[derive(Clone, Debug)]
pub struct SaleFacts<'a> {
    /// What was paid.
    pub total: Money,
    /// The tax in it, in minor units; 0 where unknown.
    pub tax_minor: i64,
    /// The tip in it, in minor units; 0 where unknown.
    pub tip_minor: i64,
    /// What was sold; empty where unknown.
    pub items: &'a [Item],
    /// When, as an instant.
    pub at: UtcMs,
    /// When, on the shop's wall clock.
    pub local: NaiveDateTime,
    /// Now, for rules about sales that come late.
    pub now: UtcMs,
}

impl<'a> SaleFacts<'a> {
    /// A sale at `at` that is evaluated at once, with no tax or tip told apart.
    #[must_use]
    pub fn new(total: Money, items: &'a [Item], at: UtcMs, local: NaiveDateTime) -> Self {
        Self {
            total,
            tax_minor: 0,
            tip_minor: 0,
            items,
            at,
            local,
            now: at,
        }
    }
}

/// What the evaluation knows of the member before the sale.
#[derive(Clone, Debug, Default)]
pub struct MemberFacts {
    /// Points before the sale.
    pub balance: Points,
    /// Recorded sales so far, not counting reversed ones.
    pub visits: i64,
    /// Points earned in the last 365 days before the sale, for tiers.
    pub earned_in_year: Points,
    /// Money spent in the last 365 days before the sale, in minor units, for tiers.
    pub spent_in_year_minor: i64,
    /// A tier the member keeps by grace though this year's figures no longer reach it.
    pub tier_kept: Option<String>,
    /// Month and day of birth, where known.
    pub birthday: Option<(u32, u32)>,
    /// Times of the member's sales inside [`Needs::sales_window_ms`] before this one.
    pub recent_sales: Vec<UtcMs>,
}

/// Which facts a document needs, so that a store fetches no others.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Needs {
    /// How far back sales are counted, where a rule counts them.
    pub sales_window_ms: Option<i64>,
    /// Whether a rule looks at the last year's points or spend.
    pub year: bool,
    /// Whether a rule looks at the member's birthday.
    pub birthday: bool,
    /// Whether a rule looks at the items.
    pub items: bool,
}

/// An error in a document: where, what was expected, and what was probably meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RuleError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// How many characters it is about, at least 1.
    pub length: usize,
    /// What was expected there, in plain words.
    pub expected: String,
    /// What to write in place of those characters, where one can tell; behind a blank where words would touch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub suggestion: Option<String>,
}

/// A rules document without errors.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    currency: Currency,
    lines: Vec<ast::Line>,
    rewards: Vec<Reward>,
    /// Whether any line names items: without one they needn't be looked at.
    looks_at_items: bool,
}

impl Rules {
    /// Reads a document whose amounts are in `currency`.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the lines.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, Vec<RuleError>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = parse::lines(text, currency)?;
        check::whole(text, &lines)?;
        let rewards = check::rewards(&lines, currency);
        let looks_at_items = lines
            .iter()
            .filter_map(|l| l.rule.as_ref())
            .any(|r| check::picks_of(r).next().is_some());
        Ok(Self {
            currency,
            lines,
            rewards,
            looks_at_items,
        })
    }

    /// Whether they say nothing at all: no line but remarks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules().next().is_none()
    }

    /// The rewards, in the document's order.
    #[must_use]
    pub fn rewards(&self) -> &[Reward] {
        &self.rewards
    }

    /// The currency of its amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Which facts [`Rules::decide`] needs.
    #[must_use]
    pub fn needs(&self) -> Needs {
        check::needs(self)
    }

    fn rules(&self) -> impl Iterator<Item = &ast::Rule> {
        self.lines.iter().filter_map(|l| l.rule.as_ref())
    }
}

/// The document a new shop starts with.
#[must_use]
pub fn default_document(currency: Currency) -> String {
    let unit = Money::new(default_unit(currency), currency);
    format!("Earn 1 point per {unit}\nReward 100 points: Free coffee\n")
}

/// What earns one point at first: about a dollar's worth, in a round figure.
fn default_unit(currency: Currency) -> i64 {
    let units = match currency.letters() {
        "JPY" | "HUF" | "ISK" | "RSD" | "AMD" => 100,
        "KRW" | "CLP" | "COP" | "CRC" | "NGN" | "KZT" => 1_000,
        "VND" | "IDR" | "LAK" | "UZS" | "PYG" => 10_000,
        _ => 1,
    };
    currency.unit() * units
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(text: &str, letters: &str, minor: i64, balance: Points) -> Decision {
        let currency: Currency = letters.parse().unwrap();
        let rules = Rules::parse(text, currency).unwrap();
        let sale = SaleFacts::new(Money::new(minor, currency), &[], UtcMs(0), NaiveDateTime::default());
        rules.decide(
            &sale,
            &MemberFacts {
                balance,
                ..MemberFacts::default()
            },
        )
    }

    #[test]
    fn the_first_document_of_every_currency_parses() {
        for letters in [
            "USD", "EUR", "GBP", "JPY", "KWD", "CHF", "SEK", "AED", "ZAR", "PLN", "BGN",
        ] {
            let currency: Currency = letters.parse().unwrap();
            let text = default_document(currency);
            let rules = Rules::parse(&text, currency).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            assert_eq!(rules.rewards()[0].name, "Free coffee", "{letters}");
        }
    }

    #[test]
    fn adds_and_announces() {
        let text = default_document("USD".parse().unwrap());
        let d = decided(&text, "USD", 1250, 0);
        assert_eq!(
            (d.move_, d.points, d.reasons[0].as_str()),
            (Move::Add, 12, "12 = 1 per $1")
        );
        let d = decided(&text, "USD", 1250, 88);
        assert_eq!(
            (d.move_, d.announces.as_deref()),
            (Move::AddReward, Some("Free coffee"))
        );
        assert_eq!(decided(&text, "USD", 1250, 100).move_, Move::Add);
        assert_eq!(decided(&text, "USD", 0, 0).points, 0);
        let d = decided("Skip sales under $2\nEarn 3 points per $2 # generous", "USD", 199, 0);
        assert_eq!((d.move_, d.reasons[0].as_str()), (Move::Skip, "Skipped: under $2"));
        assert_eq!(decided("Reward 5 points: A", "USD", 500, 0).points, 0);
    }

    #[test]
    fn several_errors_at_once() {
        let text =
            "Earn 1 point for $1\nReward 0 points: X\nSkip sales under 2\nErn 1 point per $1\nReward 5 points: A\n";
        let errors = Rules::parse(text, "USD".parse().unwrap()).unwrap_err();
        let seen: Vec<_> = errors
            .iter()
            .map(|e| (e.line, e.column, e.length, e.suggestion.as_deref()))
            .collect();
        assert_eq!(
            seen,
            [
                (1, 14, 3, Some("per")),
                (2, 8, 1, None),
                (3, 18, 1, Some("$2")),
                (4, 1, 3, Some("Earn"))
            ],
            "{errors:#?}"
        );
        let errors = Rules::parse("Reward 5 points: A\nReward 6 points: a", "USD".parse().unwrap()).unwrap_err();
        assert_eq!((errors[0].line, errors[0].column), (2, 18));
    }
}

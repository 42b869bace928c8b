//! What can only be seen with the whole document at hand: names used twice, lines that say the same, tiers nobody
//! can reach because no line makes them; and what of a store's facts the document asks for.

use super::ast::{Line, Per, Rule, SaleTest, When};
use super::items::Pick;
use super::programme::RewardKind;
use super::{Needs, Reward, RuleError, Rules, errors};
use crate::money::{Currency, Money};

/// Checks the document as a whole.
///
/// # Errors
/// Every line that doesn't go with the others, in their order.
pub(super) fn whole(text: &str, lines: &[Line]) -> Result<(), Vec<RuleError>> {
    let rules: Vec<(usize, &str, &Rule)> = (1..)
        .zip(text.lines().zip(lines))
        .filter_map(|(number, (raw, line))| line.rule.as_ref().map(|rule| (number, raw, rule)))
        .collect();
    let tiers: Vec<&str> = rules
        .iter()
        .filter_map(|(_, _, rule)| match rule {
            Rule::Tier(tier) => Some(tier.name.as_str()),
            _ => None,
        })
        .collect();
    let mut wrong = Vec::new();
    for (k, (number, raw, rule)) in rules.iter().enumerate() {
        wrong.extend(again(&rules[..k], *number, raw, rule));
        wrong.extend(unknown_tier(&tiers, *number, raw, rule));
        if matches!(
            rule,
            Rule::Skip(SaleTest::UnknownItem) | Rule::Hold(SaleTest::UnknownItem)
        ) && !rules.iter().any(|(_, _, r)| picks_of(r).next().is_some())
        {
            let expected = "a line such as Known items \"Coffee\", so that an item can be unknown".to_owned();
            wrong.push(errors::plain(*number, raw, expected));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What a rule may be in the document only once.
fn only_once(rule: &Rule) -> Option<String> {
    let key = match rule {
        Rule::Reward(reward) => format!("a reward `{}`", reward.name.to_lowercase()),
        Rule::Tier(tier) => format!("a tier `{}`", tier.name.to_lowercase()),
        Rule::Stack(_) => "whether multipliers stack".to_owned(),
        Rule::Cap(_) => "the most points a sale".to_owned(),
        Rule::Expiry(_) => "when points expire".to_owned(),
        Rule::Lapsing(_) => "when members are lapsing".to_owned(),
        Rule::SignUp(_) => "the sign-up bonus".to_owned(),
        Rule::Birthday(_) => "the birthday bonus".to_owned(),
        Rule::Tax(_) => "whether tax counts".to_owned(),
        Rule::Tips(_) => "whether tips count".to_owned(),
        Rule::Round(_) => "the rounding".to_owned(),
        Rule::Zone(_) => "the time zone".to_owned(),
        _ => return None,
    };
    Some(key)
}

fn again(before: &[(usize, &str, &Rule)], number: usize, raw: &str, rule: &Rule) -> Option<RuleError> {
    let key = only_once(rule);
    let (first, ..) = before
        .iter()
        .find(|(_, _, r)| *r == rule || (key.is_some() && only_once(r) == key))?;
    let Some(key) = key else {
        return Some(errors::plain(
            number,
            raw,
            format!("something new: line {first} says the same already"),
        ));
    };
    let name = match rule {
        Rule::Reward(reward) => reward.name.as_str(),
        Rule::Tier(tier) => tier.name.as_str(),
        _ => "",
    };
    let expected = match name {
        "" => format!("nothing more here: line {first} says {key} already"),
        _ => format!("another name: line {first} has {key} already"),
    };
    Some(errors::about(number, raw, name, expected))
}

fn unknown_tier(tiers: &[&str], number: usize, raw: &str, rule: &Rule) -> Vec<RuleError> {
    let named = when_of(rule).map(|when| when.tiers.as_slice()).unwrap_or_default();
    let unknown = named
        .iter()
        .filter(|name| !tiers.iter().any(|t| t.to_lowercase() == name.to_lowercase()));
    unknown
        .map(|name| {
            let expected = match tiers {
                [] => format!("a line such as Tier {name} at 1000 points a year"),
                some => format!("one of the document's tiers: {}", some.join(", ")),
            };
            let as_item = matches!(rule, Rule::Bonus(b) if b.items.is_none()) && !raw.to_lowercase().contains("member");
            if as_item {
                let expected = format!("an item in quotes, such as \"{name}\", or a tier of the document");
                let mut error = errors::about(number, raw, name, expected);
                error.suggestion = Some(format!("\"{name}\""));
                return error;
            }
            let mut error = errors::about(number, raw, name, expected);
            error.suggestion = errors::nearest(name, tiers.iter().copied()).map(str::to_owned);
            error
        })
        .collect()
}

fn when_of(rule: &Rule) -> Option<&When> {
    match rule {
        Rule::Earn(earn) => Some(&earn.when),
        Rule::Bonus(bonus) => Some(&bonus.when),
        Rule::Multiply(m) => Some(&m.when),
        Rule::Skip(SaleTest::During(when)) | Rule::Hold(SaleTest::During(when)) => Some(when),
        _ => None,
    }
}

/// The items a rule names.
pub(super) fn picks_of(rule: &Rule) -> impl Iterator<Item = &[Pick]> {
    let picks = match rule {
        Rule::Earn(earn) => match &earn.per {
            Per::Money { on, .. } => Some(on),
            Per::Items { picks, .. } => Some(picks),
            Per::Visit => None,
        },
        Rule::Bonus(bonus) => bonus.items.as_ref().map(|(_, picks)| picks),
        Rule::Exclude(picks) | Rule::Known(picks) => Some(picks),
        Rule::Skip(SaleTest::With(picks)) | Rule::Hold(SaleTest::With(picks)) => Some(picks),
        Rule::Stamps(card) => Some(&card.picks),
        _ => None,
    };
    picks.filter(|p| !p.is_empty()).map(Vec::as_slice).into_iter()
}

/// The rewards of the document. An amount off costs the shop that amount, where the owner says nothing else.
pub(super) fn rewards(lines: &[Line], currency: Currency) -> Vec<Reward> {
    let rewards = lines.iter().filter_map(|line| match &line.rule {
        Some(Rule::Reward(reward)) => Some(reward),
        _ => None,
    });
    rewards
        .map(|reward| {
            let face = match reward.kind {
                RewardKind::AmountOff(minor) | RewardKind::Exchange(minor) => Some(minor),
                RewardKind::Item | RewardKind::PercentOff(_) => None,
            };
            let cost = reward.cost.or(face).map(|minor| Money::new(minor, currency));
            Reward {
                name: reward.name.clone(),
                points: reward.points,
                cost,
                kind: reward.kind,
            }
        })
        .collect()
}

/// Which facts of a store the document asks for.
pub(super) fn needs(rules: &Rules) -> Needs {
    let window = |rule: &Rule| match rule {
        Rule::Skip(SaleTest::Frequent { within, .. }) | Rule::Hold(SaleTest::Frequent { within, .. }) => {
            Some(within.ms())
        }
        _ => None,
    };
    Needs {
        sales_window_ms: rules.rules().filter_map(window).max(),
        year: rules.tiers().next().is_some(),
        birthday: rules
            .rules()
            .any(|rule| when_of(rule).is_some_and(|when| when.birthday)),
        items: rules.rules().any(|rule| picks_of(rule).next().is_some()),
    }
}

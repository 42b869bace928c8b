//! What can be written next, for an editor.
//!
//! The same parser reads the line up to the cursor; what it would have taken there is what is offered.

use super::ast::Rule;
use super::items::Pick;
use super::parse::{self, Mend, Want};
use super::{check, lex};
use crate::money::{Currency, Money};

/// What can stand at the cursor: texts to put in place of the word being typed there, if one is. `line` and `column`
/// count from 1; the cursor is in front of the character at `column`. Empty where nothing is known to fit.
#[must_use]
pub fn complete(text: &str, line: usize, column: usize, currency: Currency) -> Vec<String> {
    let raw = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let before: String = raw.chars().take(column.saturating_sub(1)).collect();
    let stem = before.trim_end_matches(|c: char| c.is_alphanumeric());
    let typed = before.get(stem.len()..).unwrap_or_default().to_lowercase();
    let (found, comment) = lex::tokens(stem, currency);
    if comment.is_some() {
        return Vec::new();
    }
    let offers = if found.is_empty() {
        beginnings(currency)
    } else {
        fitting(stem, text, currency)
    };
    let mut fit: Vec<String> = Vec::new();
    for offer in offers {
        let bare = offer.trim_start_matches('"').to_lowercase();
        if bare.starts_with(&typed) && bare != typed && !fit.contains(&offer) {
            fit.push(offer);
        }
    }
    fit
}

fn fitting(stem: &str, text: &str, currency: Currency) -> Vec<String> {
    let (tiers, items) = names(text, currency);
    let wants = parse::wants_behind(stem, currency);
    let offers = wants.iter().flat_map(|want| match want {
        Want::Word(phrase) => vec![(*phrase).to_owned()],
        Want::Kind { words, mend, .. } => {
            let named = match mend {
                Mend::Nothing => Vec::new(),
                Mend::Write(example) => vec![example.clone()],
                Mend::Quote => items.clone(),
                Mend::Tier => tiers.clone(),
            };
            words.iter().map(|w| (*w).to_owned()).chain(named).collect()
        }
        Want::End => Vec::new(),
    });
    offers
        .filter(|offer| offer.chars().any(char::is_alphanumeric) || offer == ":")
        .collect()
}

/// The tiers and the items that the document's lines name so far.
fn names(text: &str, currency: Currency) -> (Vec<String>, Vec<String>) {
    let mut tiers = Vec::new();
    let mut items = Vec::new();
    for rule in parse::readable(text, currency) {
        if let Rule::Tier(tier) = &rule {
            tiers.push(tier.name.clone());
        }
        for pick in check::picks_of(&rule).flatten() {
            if let Pick::Name(pattern) = pick {
                items.push(format!("\"{}\"", pattern.written()));
            }
        }
    }
    (tiers, items)
}

/// How a line can begin, each a whole line or as much of it as is always so.
fn beginnings(currency: Currency) -> Vec<String> {
    let unit = super::default_unit(currency);
    let money = |units: i64| Money::new(unit * units, currency);
    vec![
        format!("Earn 1 point per {}", money(1)),
        "Reward 100 points: ".to_owned(),
        format!("Skip sales under {}", money(2)),
        format!("Hold sales over {}", money(500)),
        "Hold a member's 4th sale within 1 hour".to_owned(),
        "Double points on ".to_owned(),
        "Triple points on ".to_owned(),
        "Bonus 10 points for ".to_owned(),
        "Exclude ".to_owned(),
        "Known items ".to_owned(),
        "At most 200 points a sale".to_owned(),
        "Multipliers stack".to_owned(),
        "Largest multiplier wins".to_owned(),
        format!("100 points = {}", money(5)),
        "Buy 9 \"Coffee\", get 1 free".to_owned(),
        "Tier Gold at 1000 points a year: earn x1.5".to_owned(),
        "Points expire after 12 months without a visit".to_owned(),
        "Sign-up bonus 20 points".to_owned(),
        "Birthday bonus 50 points".to_owned(),
        "Lapsing after 60 days for members with 5 visits; nudge at most 2 times; then rest".to_owned(),
        "Friend joins: friend gets 20 points".to_owned(),
        format!("Friend first buys {}: referrer gets 50 points", money(10)),
        "Tax excluded".to_owned(),
        "Tips included".to_owned(),
        "Round nearest".to_owned(),
        "Time zone ".to_owned(),
    ]
}

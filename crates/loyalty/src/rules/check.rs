//! What can only be seen with the whole document at hand: names used twice, lines that say the same.

use super::ast::{Line, Rule};
use super::{Reward, RuleError, errors};

/// The rewards of the document.
///
/// # Errors
/// An error for each name that is used again, without regard to case.
pub(super) fn rewards(text: &str, lines: &[Line]) -> Result<Vec<Reward>, Vec<RuleError>> {
    let mut found: Vec<(usize, &Reward)> = Vec::new();
    let mut wrong = Vec::new();
    for (k, (line, raw)) in lines.iter().zip(text.lines()).enumerate() {
        let Some(Rule::Reward(reward)) = &line.rule else {
            continue;
        };
        let lower = reward.name.to_lowercase();
        match found.iter().find(|(_, r)| r.name.to_lowercase() == lower) {
            Some((first, _)) => {
                let expected = format!("another name: line {first} has a reward `{}` already", reward.name);
                wrong.push(errors::about(k + 1, raw, &reward.name, expected));
            }
            None => found.push((k + 1, reward)),
        }
    }
    if wrong.is_empty() {
        Ok(found.into_iter().map(|(_, r)| r.clone()).collect())
    } else {
        Err(wrong)
    }
}

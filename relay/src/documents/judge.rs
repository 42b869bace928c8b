//! Whether a document's text can be published: read by the same readers as what an owner types, in the same words.

use ::mail::{Problem, Voice, What as Wrong};
use loyalty::Currency;
use loyalty::rules::{RuleError, Rules};
use sync::documents::DOCUMENT_BYTES_MAX;

use super::What;
use super::normal::normal;
use super::problem::{Bad, Why};

/// A text in its normal form, if it can be published in a shop of this currency.
///
/// # Errors
/// Why it can't.
pub fn judged(what: What, text: &str, currency: Currency) -> Result<String, Why> {
    let text = normal(text);
    if text.trim().is_empty() {
        return Err(Why::Empty);
    }
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(Why::TooLarge);
    }
    match what {
        What::Rules => {
            let rules = Rules::parse(&text, currency).map_err(|errors| first(errors.into_iter().map(of_rules)))?;
            // Comments alone would end the programme: nobody means that by a document.
            if rules.is_empty() {
                return Err(Why::Empty);
            }
        }
        What::Voice => {
            let voice = Voice::read(&text).map_err(|problems| first(problems.iter().map(of_voice)))?;
            if voice.written().next().is_none() {
                return Err(Why::Empty);
            }
        }
    }
    Ok(text)
}

/// The first place that does not read.
fn first(all: impl Iterator<Item = Bad>) -> Why {
    let first = all.min_by_key(|bad| (bad.line, bad.column));
    first.map_or(Why::Empty, Why::Bad)
}

fn of_rules(error: RuleError) -> Bad {
    Bad {
        line: error.line,
        column: error.column,
        words: format!("Expected {}.", error.expected),
        suggestion: error.suggestion,
    }
}

fn of_voice(problem: &Problem) -> Bad {
    let like = match &problem.what {
        Wrong::UnknownMail { like, .. } | Wrong::UnknownName { like, .. } => like.map(str::to_owned),
        _ => None,
    };
    // Its own words ask it already.
    let words = problem.what.to_string();
    let words = words.split(" Did you mean ").next().unwrap_or_default().to_owned();
    Bad {
        line: problem.line,
        column: problem.column,
        words: if like.is_some() {
            words
        } else {
            problem.what.to_string()
        },
        suggestion: like,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_read_is_said_at_its_place_with_what_may_have_been_meant() {
        let usd: Currency = "USD".parse().unwrap();
        let text = "\u{feff}Earn 1 point per $1\r\nDouble points on Tusday\r\n";
        let Err(Why::Bad(bad)) = judged(What::Rules, text, usd) else {
            panic!("it read")
        };
        assert_eq!((bad.line, bad.column), (2, 18));
        assert_eq!(bad.words, "Expected a day, such as Tuesday or 24 December.");
        assert_eq!(bad.suggestion.as_deref().map(str::trim), Some("Tuesday"));
        let good = judged(What::Rules, "Earn 1 point per\u{a0}$1\r\n", usd).unwrap();
        assert_eq!(good, "Earn 1 point per $1\n");
        let Err(Why::Bad(bad)) = judged(What::Voice, "[balence]\nSubject: Hi\n\nHello\n", usd) else {
            panic!("it read")
        };
        assert_eq!((bad.line, bad.suggestion.as_deref()), (1, Some("balance")));
        assert!(!bad.words.contains("Did you mean"), "{}", bad.words);
        for nothing in ["", "\u{feff}\r\n", "# only a remark\n"] {
            assert_eq!(judged(What::Rules, nothing, usd), Err(Why::Empty), "{nothing:?}");
        }
        assert_eq!(judged(What::Voice, "\n\n", usd), Err(Why::Empty));
    }
}

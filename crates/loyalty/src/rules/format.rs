//! The formatter: one canonical way to write each rule; comments and blank lines stay as they are.

use super::write::Writer;
use super::{RuleError, check, parse};
use crate::money::Currency;

/// `text` in its canonical form. Formatting it again changes nothing, and it says what `text` says.
///
/// # Errors
/// What [`super::Rules::parse`] finds wrong with it.
pub fn format(text: &str, currency: Currency) -> Result<String, Vec<RuleError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = parse::lines(text, currency)?;
    check::whole(text, &lines)?;
    let writer = Writer(currency);
    let written = lines.iter().map(|line| {
        let rule = line.rule.as_ref().map(|rule| writer.rule(rule)).unwrap_or_default();
        match &line.comment {
            Some(comment) if rule.is_empty() => format!("#{comment}\n"),
            Some(comment) => format!("{rule} #{comment}\n"),
            None => format!("{rule}\n"),
        }
    });
    Ok(written.collect())
}

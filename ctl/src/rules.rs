//! Showing, checking, formatting and publishing the rules. Their versions, trying and back-testing are beside it.

use loyalty::Currency;
use loyalty::rules::{self, Rules};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

use crate::args::RulesCommand;
use crate::failure::{Failure, Result, words_of_rules};
use crate::out::{Out, counted};
use crate::place::{self, Place};
use crate::{backtest, tried, versions};

/// A document larger than this is no rules.
const BYTES_MAX: u64 = 1_000_000;

/// A file's text.
pub fn read(file: &Path) -> Result<String> {
    let size = std::fs::metadata(file).map_err(place::io(file))?.len();
    if size > BYTES_MAX {
        return Err(Failure::usage(format!("{} is too large for rules.", file.display())));
    }
    let bytes = std::fs::read(file).map_err(place::io(file))?;
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{} is no text in UTF-8.", file.display())))
}

/// `rules …`.
pub fn run(place: &Place, what: &RulesCommand, out: Out) -> Result<ExitCode> {
    let done = |(): ()| ExitCode::SUCCESS;
    match what {
        RulesCommand::Show => show(place, out).map(done),
        RulesCommand::Check { file, currency } => check(place, file, currency.as_deref(), out),
        RulesCommand::Publish { file } => publish(place, file, out).map(done),
        RulesCommand::Fmt { file, write, currency } => fmt(place, file, *write, currency.as_deref(), out).map(done),
        RulesCommand::History => versions::history(place, out).map(done),
        RulesCommand::Rollback { version } => versions::roll_back(place, *version, out).map(done),
        RulesCommand::Try(sale) => tried::run(place, sale, out).map(done),
        RulesCommand::Backtest { file } => backtest::run(place, file, out),
    }
}

/// The draft in a file.
pub fn draft(file: &Path, currency: Currency) -> Result<Rules> {
    Ok(Rules::parse(&read(file)?, currency).map_err(ledger::Error::Rules)?)
}

fn currency_of(place: &Place, named: Option<&str>) -> Result<Currency> {
    match named {
        Some(letters) => Ok(letters.parse()?),
        None => Ok(place.open()?.shop().currency),
    }
}

/// `rules fmt`.
fn fmt(place: &Place, file: &Path, write: bool, currency: Option<&str>, out: Out) -> Result<()> {
    let text = read(file)?;
    let formatted = rules::format(&text, currency_of(place, currency)?).map_err(ledger::Error::Rules)?;
    let changed = formatted != text;
    if write && changed {
        std::fs::write(file, &formatted).map_err(place::unwritten(file))?;
    }
    out.say(
        &json!({"changed": changed, "written": write && changed, "text": formatted}),
        || match (write, changed) {
            (false, _) => formatted.clone(),
            (true, true) => format!("{} is formatted.", file.display()),
            (true, false) => format!("{} was formatted already.", file.display()),
        },
    );
    Ok(())
}

/// `rules show`.
fn show(place: &Place, out: Out) -> Result<()> {
    let rules = place.open()?.rules()?;
    let json = json!({"version": rules.version, "text": rules.text});
    out.say(&json, || format!("# Version {}\n{}", rules.version, rules.text));
    Ok(())
}

/// `rules check`: 3 where there are errors.
fn check(place: &Place, file: &Path, currency: Option<&str>, out: Out) -> Result<ExitCode> {
    let text = read(file)?;
    let errors = Rules::parse(&text, currency_of(place, currency)?)
        .err()
        .unwrap_or_default();
    out.say(&json!({"ok": errors.is_empty(), "errors": errors}), || {
        if errors.is_empty() {
            return "No errors.".to_owned();
        }
        let number = counted(i64::try_from(errors.len()).unwrap_or(i64::MAX), "error");
        format!("{number} in {}:{}", file.display(), words_of_rules(&errors))
    });
    Ok(if errors.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// `rules publish`.
fn publish(place: &Place, file: &Path, out: Out) -> Result<()> {
    let text = read(file)?;
    let store = place.open()?;
    let before = store.rules()?.version;
    let version = store.publish_rules(store.new_op(), place::by(), text)?;
    let changed = version != before;
    out.say(&json!({"version": version, "changed": changed}), || {
        if changed {
            format!("Version {version} is in force.")
        } else {
            format!("These are the rules in force already: version {version}.")
        }
    });
    Ok(())
}

//! Showing, checking and publishing the rules.

use loyalty::rules::Rules;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

use crate::failure::{Failure, Result, words_of_rules};
use crate::out::{Out, counted};
use crate::place::{self, Place};

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

/// `rules show`.
pub fn show(place: &Place, out: Out) -> Result<()> {
    let rules = place.open()?.rules()?;
    let json = json!({"version": rules.version, "text": rules.text});
    out.say(&json, || format!("# Version {}\n{}", rules.version, rules.text));
    Ok(())
}

/// `rules check`: 3 where there are errors.
pub fn check(place: &Place, file: &Path, currency: Option<&str>, out: Out) -> Result<ExitCode> {
    let text = read(file)?;
    let currency = match currency {
        Some(letters) => letters.parse()?,
        None => place.open()?.shop().currency,
    };
    let errors = Rules::parse(&text, currency).err().unwrap_or_default();
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
pub fn publish(place: &Place, file: &Path, out: Out) -> Result<()> {
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

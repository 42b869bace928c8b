//! The rules' versions: who put which in force, what changed, and going back to one.

use ledger::{DiffLine, RulesVersion};
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::failure::{Failure, Result};
use crate::out::{Out, local};
use crate::place::{self, Place};

/// Lines that changed, signed, without those that stayed.
fn changes(version: &RulesVersion, older: Option<&RulesVersion>) -> Vec<(char, String)> {
    let lines = match older {
        Some(older) => version.changes_since(older),
        None => version.text.lines().map(DiffLine::Added).collect(),
    };
    let signed = lines.into_iter().filter_map(|line| match line {
        DiffLine::Same(_) => None,
        DiffLine::Removed(text) => Some(('-', text.to_owned())),
        DiffLine::Added(text) => Some(('+', text.to_owned())),
    });
    signed.collect()
}

/// `rules history`, the newest first.
pub fn history(place: &Place, out: Out) -> Result<()> {
    let store = place.open()?;
    let all = store.rules_history()?;
    let with_changes = all.iter().enumerate().rev().map(|(n, version)| {
        let older = n.checked_sub(1).and_then(|n| all.get(n));
        (version, changes(version, older))
    });
    let with_changes: Vec<_> = with_changes.collect();
    let json: Vec<Value> = with_changes
        .iter()
        .map(|(v, changes)| {
            let of = |sign: char| {
                changes
                    .iter()
                    .filter(|(s, _)| *s == sign)
                    .map(|(_, t)| t)
                    .collect::<Vec<_>>()
            };
            json!({
                "version": v.version, "at": v.at.rfc3339(), "by": v.by_name, "text": v.text,
                "added": of('+'), "removed": of('-'),
            })
        })
        .collect();
    out.say(&json!({"versions": json}), || {
        let mut text = String::new();
        for (v, changes) in &with_changes {
            let at = local(v.at, store.shop().zone);
            // Writing to a string does not fail.
            let _ = writeln!(text, "Version {}, {at}, {}", v.version, who(&v.by_name));
            for (sign, line) in changes {
                let _ = writeln!(text, "  {sign} {line}");
            }
        }
        text
    });
    Ok(())
}

/// `rules rollback`.
pub fn roll_back(place: &Place, to: i64, out: Out) -> Result<()> {
    let store = place.open()?;
    let newest = store.rules()?.version;
    if !(1..=newest).contains(&to) {
        let message = format!("There is no version {to} of the rules. The newest is {newest}.");
        return Err(Failure::usage(message));
    }
    let version = store.roll_back_rules(store.new_op(), place::by(), to)?;
    let changed = version != newest;
    out.say(&json!({"version": version, "text_of": to, "changed": changed}), || {
        if changed {
            format!("Version {version} is in force, with the text of version {to}.")
        } else {
            format!("Version {to} says what is in force already: version {version}.")
        }
    });
    Ok(())
}

/// Who published it, in words: somebody's name, or what did it.
fn who(name: &str) -> &str {
    match name {
        "job:ctl" => "from the command line",
        "job:setup" => "when the shop was made",
        name => name,
    }
}

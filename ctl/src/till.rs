//! `till`: the shop's tills, from one of them.

use ledger::{AppLock, Options, TakenOver};
use link::{add_till, tills};
use secrets::Secrets;
use serde_json::json;
use sync::wire::{TillSeen, TillsRequest};

use crate::args::TillCommand;
use crate::failure::{Failure, Result};
use crate::out::{Out, counted, grouped};
use crate::place::{self, Place};
use crate::rights;

/// `till list|add|rename|revoke|lost|found|release|start-over`.
pub fn run(place: &Place, what: &TillCommand, out: Out) -> Result<()> {
    if matches!(what, TillCommand::StartOver) {
        return start_over(place, out);
    }
    let store = place.open()?;
    let secrets = Secrets::open(link::SERVICE, store.dir())?;
    let request = match what {
        TillCommand::List | TillCommand::StartOver => TillsRequest::List,
        TillCommand::Add => {
            let added = add_till(&store, &secrets)?;
            let until = added.expires_at.map(loyalty::UtcMs::rfc3339);
            out.say(&json!({"pairing_code": added.code, "expires_at": until}), || {
                format!("Type {} on the new till within ten minutes.", added.code)
            });
            return Ok(());
        }
        TillCommand::Rename { till, name } => TillsRequest::Rename {
            till: id(till)?,
            name: name.clone(),
        },
        TillCommand::Revoke { till } => TillsRequest::Revoke { till: id(till)? },
        TillCommand::Found { till } => TillsRequest::Find { till: id(till)? },
        TillCommand::Lost { till, yes } => {
            let (till, by) = (id(till)?, place::by().to_string());
            return rights::of_lost(&store, TillsRequest::Lose { till, by }, *yes, out);
        }
        TillCommand::Release { till, phone, yes } => {
            let request = TillsRequest::Release {
                till: id(till)?,
                member: rights::of_phone(&store, phone.as_deref())?,
                by: place::by().to_string(),
            };
            return rights::of_lost(&store, request, *yes, out);
        }
    };
    let answer = tills(&store, &secrets, &request)?;
    let here = store.shop().till_id;
    let json: Vec<_> = answer.tills.iter().map(|t| json!({
        "till_id": t.till, "name": t.name, "here": t.till == here, "seen_at": t.seen_at.map(loyalty::UtcMs::rfc3339),
        "app_version": t.app_version, "pending": t.pending, "held_points": t.held_points, "skew_ms": t.skew_ms, "revoked": t.revoked,
    })).collect();
    out.say(&json!({"tills": json}), || answer.tills.iter().map(line).collect());
    Ok(())
}

/// `till start-over`.
fn start_over(place: &Place, out: Out) -> Result<()> {
    let dir = place.dir()?;
    // Says clearly where there is no shop.
    drop(place.open()?);
    let _alone = AppLock::take(dir)?;
    let secrets = Secrets::open(link::SERVICE, dir)?;
    let old = link::start_over(dir, &secrets, Options::default())?;
    link::sync(dir, &secrets, |_| {})?;
    let taken = if old.is_some() {
        place.open()?.taken_over()?
    } else {
        None
    };
    let TakenOver { kept, left } = taken.unwrap_or_default();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    out.say(&json!({"old_file": old, "kept": kept, "left": left}), || match &old {
        None => "This till's file fits the relay's log. Nothing had to be done.".to_owned(),
        Some(old) => {
            let left = if left == 0 {
                String::new()
            } else {
                format!(
                    " {} could not be done again: what they spent is not there.",
                    counted(number(left), "operation")
                )
            };
            format!(
                "The file was made anew. {} of this till's went along.{left} The old file is {}.",
                counted(number(kept), "operation"),
                old.display()
            )
        }
    });
    Ok(())
}

/// A till's id, as it is typed.
pub fn id(text: &str) -> Result<loyalty::Origin> {
    let unknown = || Failure::usage(format!("{text} is no till's id. See `regularsctl till list`."));
    text.parse().map_err(|_| unknown())
}

fn line(till: &TillSeen) -> String {
    let seen = till
        .seen_at
        .map_or_else(|| "never seen".to_owned(), |at| format!("seen {}", at.rfc3339()));
    let gone = if till.revoked { ", removed" } else { "" };
    format!(
        "{}  {}: {seen}, {} waiting{gone}\n",
        till.till,
        till.name,
        grouped(till.pending)
    )
}

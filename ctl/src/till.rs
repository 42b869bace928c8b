//! `till`: the shop's tills, from one of them.

use link::{add_till, tills};
use secrets::Secrets;
use serde_json::json;
use sync::wire::{TillSeen, TillsRequest};

use crate::args::TillCommand;
use crate::failure::{Failure, Result};
use crate::out::{Out, grouped};
use crate::place::{self, Place};
use crate::rights;

/// `till list|add|rename|revoke|lost|found|release`.
pub fn run(place: &Place, what: &TillCommand, out: Out) -> Result<()> {
    let store = place.open()?;
    let secrets = Secrets::open(link::SERVICE, store.dir())?;
    let request = match what {
        TillCommand::List => TillsRequest::List,
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

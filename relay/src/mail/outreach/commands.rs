//! What an operator does about mails to other shops: `mail outreach draft | show | edit | approve | reject`.

use serde_json::json;
use std::fmt::Write as _;

use super::decide::decide;
use super::{Outreach, Partner, Passed, draft, edit, list, words};
use crate::clock;
use crate::mail::args::OutreachCommand;
use crate::mail::commands::{MailError, address, known, read};
use crate::mail::compose::Shared;
use crate::store::db::Db;
use loyalty::ShopId;

/// `mail outreach`.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, command: OutreachCommand) -> Result<String, MailError> {
    match command {
        OutreachCommand::Draft {
            shop,
            partner,
            public_url,
            by,
            json,
        } => {
            known(db, shop).await?;
            let partners = partner.iter().map(|said| one(said)).collect::<Result<Vec<_>, _>>()?;
            let shared = shared(db, shop, &public_url).await?;
            let done = draft(db, &shared, &partners, &by, clock::now()).await?;
            if json {
                return Ok(json!(done).to_string());
            }
            let mut text = String::new();
            for (code, why) in &done.passed {
                let why = match why {
                    Passed::UnknownCode => "no vendor has this code; `regulars-relay code add` makes one",
                    Passed::Waits => "a mail to them waits already",
                    Passed::NotWanted => "they stopped these mails",
                    Passed::Suppressed => "their address bounced, or they complained",
                };
                // Writing to a text can't fail.
                let _ = writeln!(text, "{code}: {why}.");
            }
            let task = done
                .task_id
                .map_or(String::new(), |task| format!(" Task {task}: review and approve."));
            let _ = write!(
                text,
                "{} drafted. Nothing goes out before you approve it.{task}",
                mails(done.mails)
            );
            Ok(text)
        }
        OutreachCommand::Show { shop, of, html, json } => {
            known(db, shop).await?;
            let all = list(db, shop, of).await?;
            if json {
                return Ok(json!({ "mails": all }).to_string());
            }
            if html {
                return Ok(all.into_iter().next().map(|one| one.html).unwrap_or_default());
            }
            Ok(shown(&all, of.is_some()))
        }
        OutreachCommand::Edit {
            shop,
            mail,
            file,
            public_url,
            by,
        } => {
            known(db, shop).await?;
            let shared = shared(db, shop, &public_url).await?;
            let words = words::read(&read(&file)?, shared.language()).map_err(MailError::Voice)?;
            match edit(db, &shared, mail, &words, &by, clock::now()).await? {
                true => Ok("Changed. It waits for your yes.".to_owned()),
                false => Err(MailError::Bad("No such mail waits: it was sent or turned down before.")),
            }
        }
        OutreachCommand::Approve(which) => decided(db, which.shop, which.of, true, &which.by).await,
        OutreachCommand::Reject(which) => decided(db, which.shop, which.of, false, &which.by).await,
    }
}

async fn shared(db: &Db, shop: ShopId, public_url: &str) -> Result<Shared, MailError> {
    let shared = Shared::load(db, shop, public_url.trim_end_matches('/')).await?;
    shared.ok_or(MailError::NotSet(shop))
}

/// `solare,hello@solare.example,Solare Bakery`
fn one(said: &str) -> Result<Partner, MailError> {
    let parts: Vec<&str> = said.splitn(3, ',').map(str::trim).collect();
    let [code, email, name] = parts.as_slice() else {
        return Err(MailError::Bad(
            "--partner is a code, an address and a name: \"solare,hello@solare.example,Solare Bakery\".",
        ));
    };
    let name = crate::names::checked(name).ok_or(MailError::Bad("A partner has a name."))?;
    Ok(Partner {
        code: code.to_lowercase(),
        name,
        address: address(email)?,
    })
}

fn mails(n: usize) -> String {
    format!("{n} {}", if n == 1 { "mail" } else { "mails" })
}

fn shown(all: &[Outreach], whole: bool) -> String {
    let mut text = String::new();
    for one in all {
        let state = one.mail.as_deref().unwrap_or(&one.state);
        let by = match (&one.decided_by, one.decided_at) {
            (Some(by), Some(at)) => format!(", {} by {by} at {}", one.state, at.rfc3339()),
            _ => String::new(),
        };
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "{}  {state}  {} <{}>: {}{by}",
            one.outreach_id, one.partner, one.address, one.subject
        );
        if whole {
            let _ = writeln!(text, "\n{}", one.text);
        }
    }
    let waiting = all.iter().filter(|one| one.state == "drafted").count();
    let _ = write!(text, "{} waiting for your yes.", mails(waiting));
    text
}

async fn decided(db: &Db, shop: ShopId, of: Option<uuid::Uuid>, approve: bool, by: &str) -> Result<String, MailError> {
    known(db, shop).await?;
    let n = decide(db, shop, of, approve, by, clock::now()).await?;
    let what = if approve { "approved: on the way" } else { "turned down" };
    Ok(format!("{} {what}.", mails(n)))
}

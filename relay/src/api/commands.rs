//! The operator's commands for keys with which programs ask. Each does one thing and says what it did.

use clap::Subcommand;
use loyalty::{Code, Refusal, ShopId};
use serde_json::json;
use std::fmt::Write as _;
use uuid::Uuid;

use crate::commands::CommandError;
use crate::store::{Db, keys, shops};
use crate::{clock, names};

/// What can be done with keys.
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    /// Makes one; it is shown this once
    Add {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// Who has it, in your words
        #[arg(long)]
        name: String,
        /// It may add codes, too
        #[arg(long)]
        write: bool,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists a shop's keys
    List {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Takes one back: it opens nothing from now on
    Revoke {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The key's id, as `key list` shows it
        #[arg(long)]
        key: Uuid,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
}

/// `key …`: what to print.
///
/// # Errors
/// See [`CommandError`].
pub async fn key(db: &Db, command: KeyCommand) -> Result<String, CommandError> {
    match command {
        KeyCommand::Add {
            shop,
            name,
            write,
            json,
        } => {
            known(db, shop).await?;
            let name = names::checked(&name).ok_or_else(|| Refusal::of(Code::BadName, "name", &name))?;
            let key = keys::add(db, shop, &name, write, clock::now()).await?;
            Ok(if json {
                json!({"key_id": key.till, "key": key.key_text(), "name": name, "may_write": write}).to_string()
            } else {
                format!("The key, shown this once:\n{}", key.key_text())
            })
        }
        KeyCommand::List { shop, json } => {
            known(db, shop).await?;
            let all = keys::list(db, shop).await?;
            if json {
                return Ok(json!({"keys": all}).to_string());
            }
            let mut text = String::new();
            for key in &all {
                let what = if key.may_write { "reads and adds" } else { "reads" };
                let used = key.last_used_at.map_or_else(
                    || "never used".to_owned(),
                    |at| format!("last used {}", at.utc().format("%Y-%m-%d %H:%M UTC")),
                );
                let over = key.revoked_at.map_or("", |_| ", taken back");
                // Writing to a text can't fail.
                let _ = writeln!(text, "{}  {what:<14}  {used}{over}  {}", key.key_id, key.name);
            }
            let _ = write!(text, "{} key{}", all.len(), if all.len() == 1 { "" } else { "s" });
            Ok(text)
        }
        KeyCommand::Revoke { shop, key, json } => {
            known(db, shop).await?;
            if !keys::revoke(db, shop, key, clock::now()).await? {
                return Err(CommandError::UnknownKey(key));
            }
            Ok(if json {
                json!({"key_id": key, "revoked": true}).to_string()
            } else {
                "The key opens nothing from now on.".to_owned()
            })
        }
    }
}

async fn known(db: &Db, shop: ShopId) -> Result<(), CommandError> {
    let found = shops::get(db, shop).await?;
    found.map(drop).ok_or(CommandError::UnknownShop(shop))
}

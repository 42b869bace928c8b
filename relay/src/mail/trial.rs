//! A test to the owner, and somebody made up whom tests and previews are for.

use ::mail::{Kind, Rendered};
use std::path::Path;
use uuid::Uuid;

use super::commands::MailError;
use super::compose::Shared;
use super::dkim;
use super::line::{Line, No};
use super::people::Person;
use super::queue::Said;
use super::seal::Key;
use super::settings::MailShop;
use crate::clock;
use crate::store::db::Db;

/// A person for tests and previews.
#[must_use]
pub fn somebody() -> Person {
    Person {
        name: "Nadia Quill".into(),
        email: "nadia@example.com".into(),
        code: "7KQ2M9XRA".into(),
        balance: 120,
        ..Person::default()
    }
}

/// Sends a test to the owner: the welcome, as somebody made up would get it. Answers the owner's address.
///
/// # Errors
/// Where there is no such address, or the server did not take it.
pub async fn send_test(
    db: &Db,
    key_file: Option<&Path>,
    settings: &MailShop,
    allow_private: bool,
) -> Result<String, MailError> {
    let owner = settings
        .owner
        .clone()
        .ok_or(MailError::Missing("--owner with `mail settings`"))?;
    let shared = Shared::load(db, settings.shop, "https://relay.example.com").await?;
    let key = Key::read(key_file);
    let signer = dkim::signer(db, settings, key.as_ref()).await?;
    let shared = shared.ok_or(MailError::NotSet(settings.shop))?.signed_by(signer);
    let said = Rendered {
        subject: format!("A test from {}", shared.shop.facts.name),
        ..shared.say(Kind::Welcome, Uuid::nil(), &somebody(), &Said::default())
    };
    let now = clock::now();
    let ready = shared.message(Kind::Confirm, clock::uuid(now), &owner, &said, now);
    let ready = ready.ok_or_else(|| MailError::BadAddress(owner.clone()))?;
    let sent = async {
        let mut line = Line::open(settings, key.as_ref(), allow_private).await?;
        line.address(&ready.route).await?;
        line.give(&ready.bytes).await?;
        line.close().await;
        Ok::<(), No>(())
    };
    sent.await.map_err(|no| MailError::NotSent(no.told()))?;
    Ok(owner)
}

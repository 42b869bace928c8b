//! What an operator does about the model that writes the month in words.

use ::mail::Language;
use serde_json::json;
use std::path::Path;

use super::{Narrator, Provider, forget, get, is_safe, try_it};
use crate::mail::args::NarrativeArgs;
use crate::mail::commands::{MailError, known, read};
use crate::mail::compose::Shared;
use crate::mail::seal::Key;
use crate::store::db::Db;

/// `mail narrative`.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, key_file: Option<&Path>, args: NarrativeArgs) -> Result<String, MailError> {
    known(db, args.shop).await?;
    if args.off {
        forget(db, args.shop).await?;
        return Ok("The month is told in the template's words.".to_owned());
    }
    if let Some(provider) = args.provider {
        set(db, key_file, provider, &args).await?;
    }
    if args.show {
        return show(db, key_file, &args).await;
    }
    let narrator = get(db, args.shop).await?;
    if args.json {
        return Ok(json!({ "narrative": narrator }).to_string());
    }
    Ok(match narrator {
        None => "The month is told in the template's words.".to_owned(),
        Some(narrator) => {
            let problem = narrator
                .problem
                .map_or(String::new(), |problem| format!("\nThe last time: {problem}"));
            let (provider, model, url) = (narrator.provider.key(), narrator.model, narrator.url);
            format!("The month is told by {model} ({provider}, {url}), as far as the figures bear it out.{problem}")
        }
    })
}

async fn set(db: &Db, key_file: Option<&Path>, provider: Provider, args: &NarrativeArgs) -> Result<(), MailError> {
    let url = args.url.clone().unwrap_or_else(|| provider.url(args.region.as_deref()));
    if !is_safe(&url) {
        return Err(MailError::Bad(
            "--url is an address like https://api.example.com: https, or this very machine.",
        ));
    }
    let secret = match &args.secret_file {
        Some(file) => {
            let secret = read(file)?;
            let key = Key::read_or_make(key_file)?;
            Some(key.seal(args.shop, secret.trim_end_matches(['\r', '\n']))?)
        }
        None => None,
    };
    if provider == Provider::Bedrock && (args.region.is_none() || args.key_id.is_none() || secret.is_none()) {
        return Err(MailError::Bad("Bedrock wants --region, --key-id and --secret-file."));
    }
    let narrator = Narrator {
        provider,
        url,
        model: args.model.clone().unwrap_or_default(),
        region: args.region.clone(),
        key_id: args.key_id.clone(),
        secret,
        problem: None,
    };
    if narrator.model.trim().is_empty() {
        return Err(MailError::Bad("--model is the name of the model."));
    }
    Ok(narrator.write(db, args.shop).await?)
}

async fn show(db: &Db, key_file: Option<&Path>, args: &NarrativeArgs) -> Result<String, MailError> {
    let key = Key::read(key_file).ok();
    let language = Shared::load(db, args.shop, "")
        .await?
        .map_or(Language::En, |shared| shared.language());
    let told = try_it(db, key.as_ref(), args.shop, language).await?;
    let (month, told) = told.ok_or(MailError::UnknownShop(args.shop))?;
    if args.json {
        return Ok(
            json!({"month": month, "story": told.story, "by_model": told.by_model, "problem": told.problem})
                .to_string(),
        );
    }
    let by = match (told.by_model, told.problem) {
        (true, _) => "Written by the model.".to_owned(),
        (false, Some(problem)) => format!("Written by the template. {problem}"),
        (false, None) => "Written by the template.".to_owned(),
    };
    Ok(format!("{}\n\n{by}", told.story))
}

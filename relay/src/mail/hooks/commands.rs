//! `mail hooks`: by whom a shop is told what became of its mails, and the address to enter there.

use clap::Args;
use loyalty::ShopId;
use pos::signature::standard::Secret;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::kept::{self, Provider, Trust};
use super::sns;
use crate::clock;
use crate::mail::commands::{MailError, known, read};
use crate::mail::seal::Key;
use crate::store::db::Db;

/// `mail hooks`.
#[derive(Args, Debug)]
pub struct HooksArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Who tells: generic, ses, postmark or mailgun
    #[arg(long)]
    pub provider: Option<Provider>,
    /// Makes a new secret for generic or postmark, and shows it once
    #[arg(long, requires = "provider", conflicts_with_all = ["secret_file", "topic", "off"])]
    pub new: bool,
    /// A file with Mailgun's signing key
    #[arg(long, value_name = "FILE", requires = "provider", conflicts_with_all = ["topic", "off"])]
    pub secret_file: Option<PathBuf>,
    /// The topic at SNS, as in arn:aws:sns:us-east-1:123456789012:bounces
    #[arg(long, value_name = "ARN", requires = "provider", conflicts_with = "off")]
    pub topic: Option<String>,
    /// Takes no messages of this provider any more
    #[arg(long, requires = "provider")]
    pub off: bool,
    /// The relay's address for others
    #[arg(long, value_name = "URL", default_value = "https://relay.example.com")]
    pub public_url: String,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// Does it: what to print.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, key_file: Option<&Path>, args: HooksArgs) -> Result<String, MailError> {
    known(db, args.shop).await?;
    let mut shown = None;
    if let Some(provider) = args.provider {
        let trust = trust(provider, &args, key_file)?;
        if let Some((trust, secret)) = trust {
            kept::set(db, args.shop, provider, Some(&trust), clock::now()).await?;
            shown = secret;
        } else if args.off {
            kept::set(db, args.shop, provider, None, clock::now()).await?;
        }
    }
    let all = kept::list(db, args.shop).await?;
    let base = format!("{}/hooks/{}/bounces", args.public_url.trim_end_matches('/'), args.shop);
    if args.json {
        let line = |(provider, topic): &(Provider, Option<String>)| json!({"provider": provider, "topic": topic, "url": format!("{base}/{}", provider.key())});
        let hooks: Vec<_> = all.iter().map(line).collect();
        return Ok(json!({"hooks": hooks, "secret": shown}).to_string());
    }
    let mut text = String::new();
    for (provider, topic) in &all {
        let topic = topic.as_deref().unwrap_or_default();
        // Writing to a text can't fail.
        let _ = writeln!(text, "{:<9} {base}/{}  {topic}", provider.key(), provider.key());
    }
    if all.is_empty() {
        text.push_str("Nobody tells what became of this shop's mails. Begin with --provider.\n");
    }
    if let Some(secret) = shown {
        let _ = writeln!(text, "The secret, shown this once: {secret}");
    }
    Ok(text.trim_end().to_owned())
}

/// What is to be believed from now on, and what of it to show once; none where nothing was said of it.
fn trust(
    provider: Provider,
    args: &HooksArgs,
    key_file: Option<&Path>,
) -> Result<Option<(Trust, Option<String>)>, MailError> {
    let sealed = |secret: &str| -> Result<Trust, MailError> {
        let key = Key::read_or_make(key_file)?;
        Ok(Trust::Secret(key.seal_for(
            &kept::purpose(provider),
            args.shop,
            secret,
        )?))
    };
    match (provider, args.new, &args.secret_file, &args.topic) {
        (_, false, None, None) => Ok(None),
        (Provider::Generic, true, ..) => {
            let secret = Secret::from_random(clock::random()).reveal();
            Ok(Some((sealed(&secret)?, Some(secret))))
        }
        (Provider::Postmark, true, ..) => {
            let bytes: [u8; 24] = clock::random();
            let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(Some((sealed(&secret)?, Some(secret))))
        }
        (Provider::Mailgun, _, Some(file), _) => {
            let secret = read(file)?.trim().to_owned();
            if secret.is_empty() {
                return Err(MailError::Bad(
                    "The file is empty. It holds Mailgun's webhook signing key.",
                ));
            }
            Ok(Some((sealed(&secret)?, None)))
        }
        (Provider::Ses, _, _, Some(topic)) => match sns::Topic::read(topic.trim()) {
            Some(_) => Ok(Some((Trust::Topic(topic.trim().to_owned()), None))),
            None => Err(MailError::Bad(
                "--topic is the topic's ARN, like arn:aws:sns:us-east-1:123456789012:bounces.",
            )),
        },
        _ => Err(MailError::Bad(
            "generic and postmark take --new, mailgun takes --secret-file, ses takes --topic.",
        )),
    }
}

//! The shop's own keys for signing mail (DKIM): made here, sealed with the relay's key, and used from the moment the
//! operator says so, which is after the record is in the DNS.

use ::mail::{Algorithm, Signer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use loyalty::{ShopId, UtcMs};
use ring::signature::{Ed25519KeyPair, KeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, LineEnding};
use rsa::pkcs8::EncodePublicKey;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

use super::commands::{MailError, known};
use super::seal::{Key, KeyError};
use super::settings::MailShop;
use crate::store::db::{Arg, Db, DbError, Result, Row};
use crate::{args, clock};

/// Bits of a key of RSA: what all servers take, and fits into one answer of the DNS.
const BITS: usize = 2048;
/// Bytes of a seed of Ed25519.
const SEED: usize = 32;
/// Longest string in a record of text, by the DNS.
const STRING_MAX: usize = 255;
/// What the keys are sealed for.
const PURPOSE: &str = "regulars-mail-dkim-1";

/// `mail dkim`.
#[derive(Args, Debug)]
pub struct DkimArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Makes a key. Nothing is signed with it before --use
    #[arg(long, conflicts_with_all = ["use", "off"])]
    pub new: bool,
    /// The key's name in the DNS [default: the day, like r20270131]
    #[arg(long, value_name = "NAME")]
    pub selector: Option<String>,
    /// With --new: a key of Ed25519, which few servers know, instead of RSA
    #[arg(long, requires = "new")]
    pub ed25519: bool,
    /// Signs with the newest key, or the one that --selector names. Its record must be in the DNS
    #[arg(long, conflicts_with = "off")]
    pub r#use: bool,
    /// Signs nothing any more
    #[arg(long)]
    pub off: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// A key as it is listed.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// Its name in the DNS.
    pub selector: String,
    /// Whose mail it signs.
    pub domain: String,
    /// `rsa` or `ed25519`.
    pub algorithm: String,
    /// Its public half, as it stands in the record.
    #[serde(skip)]
    pub public: String,
    /// Whether mail is signed with it.
    pub in_use: bool,
}

impl Listed {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            selector: row.text(0)?,
            domain: row.text(1)?,
            algorithm: row.text(2)?,
            public: row.text(3)?,
            in_use: row.int(4)? != 0,
        })
    }

    /// The record's name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    /// The record's text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.algorithm, self.public)
    }

    /// The record as a line of a zone's file, where a string has no more than 255 bytes.
    #[must_use]
    pub fn zone(&self) -> String {
        let text = self.text();
        let strings = text.as_bytes().chunks(STRING_MAX).map(String::from_utf8_lossy);
        let strings: Vec<String> = strings.map(|part| format!("\"{part}\"")).collect();
        format!("{}. IN TXT {}", self.name(), strings.join(" "))
    }
}

/// A key that was made: to be kept secret, and to be shown.
struct Made {
    secret: String,
    public: String,
}

fn made(algorithm: Algorithm) -> std::result::Result<Made, MailError> {
    let broken = || MailError::Bad("The key could not be made. Try again.");
    match algorithm {
        Algorithm::Rsa => {
            let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, BITS).map_err(|_| broken())?;
            let public = key.to_public_key().to_public_key_der().map_err(|_| broken())?;
            let secret = key.to_pkcs1_pem(LineEnding::LF).map_err(|_| broken())?;
            Ok(Made {
                secret: secret.to_string(),
                public: STANDARD.encode(public),
            })
        }
        Algorithm::Ed25519 => {
            let seed: [u8; SEED] = clock::random();
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| broken())?;
            Ok(Made {
                secret: STANDARD.encode(seed),
                public: STANDARD.encode(pair.public_key()),
            })
        }
    }
}

/// Whose mail a shop's is: what stands behind the `@`.
#[must_use]
pub fn domain(settings: &MailShop) -> String {
    settings
        .sender
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase()
}

/// A shop's keys, the newest first.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<Listed>> {
    let sql = "SELECT selector, domain, algorithm, public, in_use FROM mail_dkim WHERE shop_id = $1
               ORDER BY made_at DESC, selector DESC";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter().map(Listed::of).collect()
}

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The relay's key.
    #[error("The key for signing mail can't be opened. {0}")]
    Key(String),
}

/// Signs a shop's mail, where it has a key in use for the domain that it sends from.
///
/// # Errors
/// See [`SignerError`].
pub async fn signer(
    db: &Db,
    settings: &MailShop,
    key: std::result::Result<&Key, &KeyError>,
) -> std::result::Result<Option<Signer>, SignerError> {
    let sql = "SELECT selector, algorithm, secret FROM mail_dkim WHERE shop_id = $1 AND domain = $2 AND in_use = 1";
    let domain = domain(settings);
    let Some(row) = db.first(sql, args![&settings.shop.0, &domain]).await? else {
        return Ok(None);
    };
    let algorithm = if row.text(1)? == "ed25519" {
        Algorithm::Ed25519
    } else {
        Algorithm::Rsa
    };
    let sealed = row.opt_bytes(2)?.unwrap_or_default();
    let opened = key.map_err(ToString::to_string).and_then(|key| {
        let opened = key.open_for(PURPOSE, settings.shop, &sealed);
        opened.map_err(|error| error.to_string())
    });
    let secret = opened.map_err(SignerError::Key)?;
    let signer = Signer::new(&row.text(0)?, &domain, algorithm, &secret);
    signer.map(Some).map_err(|error| SignerError::Key(error.to_string()))
}

/// Does it: what to print.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, key_file: Option<&Path>, args: DkimArgs) -> std::result::Result<String, MailError> {
    let settings = known(db, args.shop).await?;
    if args.new {
        make(db, key_file, &settings, &args).await?;
    } else if args.r#use || args.off {
        switch(db, &settings, &args).await?;
    }
    let all = list(db, args.shop).await?;
    if args.json {
        let line = |key: &Listed| json!({"key": key, "name": key.name(), "text": key.text()});
        return Ok(json!(all.iter().map(line).collect::<Vec<_>>()).to_string());
    }
    let line = |key: &Listed| {
        let state = if key.in_use {
            "in use"
        } else {
            "not in use; enter the record, then `mail check`, then `mail dkim --use`"
        };
        format!(
            "{} ({state})\n  name   {}\n  text   {}\n  zone   {}",
            key.selector,
            key.name(),
            key.text(),
            key.zone()
        )
    };
    Ok(match all.is_empty() {
        true => "The shop has no key of its own. `mail dkim SHOP --new` makes one; without it the mail service signs."
            .into(),
        false => all.iter().map(line).collect::<Vec<_>>().join("\n"),
    })
}

async fn make(
    db: &Db,
    key_file: Option<&Path>,
    settings: &MailShop,
    args: &DkimArgs,
) -> std::result::Result<(), MailError> {
    let now = clock::now();
    let selector = args.selector.clone().unwrap_or_else(|| named(now)).to_ascii_lowercase();
    let plain = selector
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !plain || selector.is_empty() || selector.len() > 63 || selector.starts_with('-') || selector.ends_with('-') {
        return Err(MailError::Bad(
            "A selector has letters, digits and -, and 63 of them at the most.",
        ));
    }
    let (algorithm, word) = match args.ed25519 {
        true => (Algorithm::Ed25519, "ed25519"),
        false => (Algorithm::Rsa, "rsa"),
    };
    let made = made(algorithm)?;
    let sealed = Key::read_or_make(key_file)?.seal_for(PURPOSE, settings.shop, &made.secret)?;
    let domain = domain(settings);
    let sql = "INSERT INTO mail_dkim (shop_id, selector, domain, algorithm, secret, public, in_use, made_at)
               VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT DO NOTHING";
    let values = &[
        (&settings.shop.0).into(),
        (&selector).into(),
        (&domain).into(),
        word.into(),
        Arg::Bytes(Some(&sealed)),
        (&made.public).into(),
        now.0.into(),
    ];
    if db.run(sql, values).await? == 0 {
        return Err(MailError::Bad("There is a key of this name. Say another --selector."));
    }
    Ok(())
}

fn named(now: UtcMs) -> String {
    let day = chrono::DateTime::from_timestamp_millis(now.0).unwrap_or_default();
    day.format("r%Y%m%d").to_string()
}

/// Signs with one key and no other, or with none.
async fn switch(db: &Db, settings: &MailShop, args: &DkimArgs) -> std::result::Result<(), MailError> {
    let domain = domain(settings);
    let all = list(db, settings.shop).await?;
    let is_it = |key: &&Listed| {
        let named = args.selector.as_ref().is_none_or(|selector| *selector == key.selector);
        named && key.domain == domain
    };
    let key = all.iter().find(is_it).filter(|_| !args.off);
    if key.is_none() && !args.off {
        return Err(MailError::Bad(
            "There is no such key for the sender's domain. Make one with --new.",
        ));
    }
    let mut tx = db.begin().await?;
    let off = "UPDATE mail_dkim SET in_use = 0 WHERE shop_id = $1";
    tx.run(off, args![&settings.shop.0]).await?;
    if let Some(key) = key {
        let on = "UPDATE mail_dkim SET in_use = 1 WHERE shop_id = $1 AND selector = $2";
        tx.run(on, args![&settings.shop.0, &key.selector]).await?;
    }
    Ok(tx.commit().await?)
}

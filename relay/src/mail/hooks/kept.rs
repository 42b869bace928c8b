//! By which providers a shop is told of its mail, as it is stored.

use loyalty::{ShopId, UtcMs};
use serde::Serialize;

use crate::args;
use crate::mail::seal::{Key, KeyError};
use crate::store::db::{Arg, Db, Result};

/// Who tells of a shop's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Whoever signs as Standard Webhooks are.
    Generic,
    /// Amazon SES, through SNS.
    Ses,
    /// Postmark.
    Postmark,
    /// Mailgun.
    Mailgun,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Generic, Self::Ses, Self::Postmark, Self::Mailgun];

    /// As it stands in addresses and in the log.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Ses => "ses",
            Self::Postmark => "postmark",
            Self::Mailgun => "mailgun",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.key() == text)
    }
}

/// What a provider's messages are believed by.
#[derive(Clone, Debug)]
pub enum Trust {
    /// A secret, sealed.
    Secret(Vec<u8>),
    /// The topic at SNS, which signs with its own key.
    Topic(String),
}

/// What a shop's secret is sealed for.
#[must_use]
pub fn purpose(provider: Provider) -> String {
    format!("regulars-mail-hook-1 {}", provider.key())
}

/// Opens a secret.
///
/// # Errors
/// See [`KeyError`].
pub fn open(key: &Key, shop: ShopId, provider: Provider, sealed: &[u8]) -> std::result::Result<String, KeyError> {
    key.open_for(&purpose(provider), shop, sealed)
}

/// What a shop believes a provider by; none where it is not told by it.
///
/// # Errors
/// Where the database is away.
pub async fn get(db: &Db, shop: ShopId, provider: Provider) -> Result<Option<Trust>> {
    let sql = "SELECT secret, topic FROM mail_hooks WHERE shop_id = $1 AND provider = $2";
    let Some(row) = db.first(sql, args![&shop.0, provider.key()]).await? else {
        return Ok(None);
    };
    let secret = row.opt_bytes(0)?.map(Trust::Secret);
    Ok(secret.or(row.opt_text(1)?.map(Trust::Topic)))
}

/// By whom a shop is told.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId) -> Result<Vec<(Provider, Option<String>)>> {
    let sql = "SELECT provider, topic FROM mail_hooks WHERE shop_id = $1 ORDER BY provider";
    let rows = db.all(sql, args![&shop.0]).await?;
    let all = rows
        .iter()
        .map(|row| Ok((Provider::named(&row.text(0)?), row.opt_text(1)?)));
    let all: Result<Vec<_>> = all.collect();
    Ok(all?
        .into_iter()
        .filter_map(|(provider, topic)| Some((provider?, topic)))
        .collect())
}

/// Sets what a provider is believed by, over what was there; none: its messages are not taken any more.
///
/// # Errors
/// Where the database is away or refuses.
pub async fn set(db: &Db, shop: ShopId, provider: Provider, trust: Option<&Trust>, now: UtcMs) -> Result<()> {
    let Some(trust) = trust else {
        let sql = "DELETE FROM mail_hooks WHERE shop_id = $1 AND provider = $2";
        return db.run(sql, args![&shop.0, provider.key()]).await.map(drop);
    };
    let (secret, topic) = match trust {
        Trust::Secret(sealed) => (Some(sealed.as_slice()), None),
        Trust::Topic(topic) => (None, Some(topic.as_str())),
    };
    let sql = "INSERT INTO mail_hooks (shop_id, provider, secret, topic, since) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (shop_id, provider) DO UPDATE SET secret = excluded.secret, topic = excluded.topic,
                   since = excluded.since";
    let args = &[
        (&shop.0).into(),
        provider.key().into(),
        Arg::Bytes(secret),
        topic.into(),
        now.0.into(),
    ];
    db.run(sql, args).await.map(drop)
}

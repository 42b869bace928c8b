//! The month in words by a language model, where the shop has set one up: asked with totals alone, given little time, and
//! believed only as far as the figures bear it out. Whatever goes wrong, the template's words are used.
//!
//! What is sent and read is in `wire`, AWS's signature in `sigv4`, whether numbers are true in `mail::month`.

pub mod asked;
pub mod commands;
pub mod sigv4;
pub mod wire;

use ::mail::Language;
use ::mail::month::{Month, check, story};
use loyalty::{ShopId, UtcMs};
use serde::Serialize;
use std::time::Duration;

use super::seal::Key;
use crate::store::db::{Db, Result, Row};
use crate::{args, clock};

/// How long an endpoint may take, answer and all.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a line to it may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How often it is asked before the template is used.
const TRIES: u32 = 2;
/// Largest answer, in bytes.
const ANSWER_MAX: usize = 64 * 1024;

/// Whose words an endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Bedrock, by its Converse API.
    Bedrock,
    /// Anthropic's messages.
    Anthropic,
    /// Chat completions, as many servers have them.
    Openai,
}

impl Provider {
    /// As it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Bedrock => "bedrock",
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
        }
    }

    fn named(key: &str) -> Self {
        match key {
            "bedrock" => Self::Bedrock,
            "anthropic" => Self::Anthropic,
            _ => Self::Openai,
        }
    }

    /// Where it is where nobody said.
    #[must_use]
    pub fn url(self, region: Option<&str>) -> String {
        match self {
            Self::Bedrock => format!(
                "https://bedrock-runtime.{}.amazonaws.com",
                region.unwrap_or("us-east-1")
            ),
            Self::Anthropic => "https://api.anthropic.com".to_owned(),
            Self::Openai => "https://api.openai.com/v1".to_owned(),
        }
    }
}

/// A shop's model.
#[derive(Clone, Debug, Serialize)]
pub struct Narrator {
    /// Whose words it speaks.
    pub provider: Provider,
    /// Where it is.
    pub url: String,
    /// Which.
    pub model: String,
    /// Bedrock's region.
    pub region: Option<String>,
    /// The id of Bedrock's key.
    pub key_id: Option<String>,
    /// Sealed.
    #[serde(skip)]
    pub secret: Option<Vec<u8>>,
    /// Why the last text was not used.
    pub problem: Option<String>,
}

impl Narrator {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            provider: Provider::named(&row.text(0)?),
            url: row.text(1)?,
            model: row.text(2)?,
            region: row.opt_text(3)?,
            key_id: row.opt_text(4)?,
            secret: row.opt_bytes(5)?,
            problem: row.opt_text(6)?,
        })
    }

    /// Stores it, over what was there.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn write(&self, db: &Db, shop: ShopId) -> Result<()> {
        let sql = "INSERT INTO narratives (shop_id, provider, url, model, region, key_id, secret)
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (shop_id) DO UPDATE SET provider = excluded.provider,
                       url = excluded.url, model = excluded.model, region = excluded.region, key_id = excluded.key_id,
                       secret = excluded.secret, problem = NULL, asked_at = NULL";
        let secret = crate::store::db::Arg::Bytes(self.secret.as_deref());
        let args = &[
            (&shop.0).into(),
            self.provider.key().into(),
            (&self.url).into(),
            (&self.model).into(),
            self.region.as_deref().into(),
            self.key_id.as_deref().into(),
            secret,
        ];
        db.run(sql, args).await.map(drop)
    }
}

/// A shop's model; none where it has none.
///
/// # Errors
/// Where the database is away.
pub async fn get(db: &Db, shop: ShopId) -> Result<Option<Narrator>> {
    let sql = "SELECT provider, url, model, region, key_id, secret, problem FROM narratives WHERE shop_id = $1";
    db.first(sql, args![&shop.0])
        .await?
        .as_ref()
        .map(Narrator::of)
        .transpose()
}

/// No model any more.
///
/// # Errors
/// Where the database is away.
pub async fn forget(db: &Db, shop: ShopId) -> Result<()> {
    let sql = "DELETE FROM narratives WHERE shop_id = $1";
    db.run(sql, args![&shop.0]).await.map(drop)
}

/// The month in words, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The words.
    pub story: String,
    /// Whether the model wrote them.
    pub by_model: bool,
    /// Why it did not, where there is one.
    pub problem: Option<String>,
}

/// Tells a shop's month: by its model where it has one and what that says holds, else by the template.
///
/// # Errors
/// Where the database is away.
pub async fn tell(
    db: &Db,
    key: Option<&Key>,
    shop: ShopId,
    month: &Month,
    language: Language,
    now: UtcMs,
) -> Result<Told> {
    tell_within(db, key, shop, (month, language), now, PATIENCE).await
}

/// The same, with another patience.
///
/// # Errors
/// Where the database is away.
pub async fn tell_within(
    db: &Db,
    key: Option<&Key>,
    shop: ShopId,
    (month, language): (&Month, Language),
    now: UtcMs,
    patience: Duration,
) -> Result<Told> {
    let template = |problem: Option<String>| Told {
        story: story(month, language),
        by_model: false,
        problem,
    };
    let Some(narrator) = get(db, shop).await? else {
        return Ok(template(None));
    };
    let secret = match (&narrator.secret, key) {
        (None, _) => Ok(None),
        (Some(sealed), Some(key)) => key.open(shop, sealed).map(Some).map_err(|error| error.to_string()),
        (Some(_), None) => Err("The relay has no key here to open the model's secret with.".to_owned()),
    };
    let asked = match secret {
        Ok(secret) => {
            let request = wire::request(&narrator, secret.as_deref(), month, language, now);
            ask(narrator.provider, request, month, patience).await
        }
        Err(problem) => Err(problem),
    };
    let told = match asked {
        Ok(story) => Told {
            story,
            by_model: true,
            problem: None,
        },
        Err(problem) => template(Some(problem)),
    };
    let sql = "UPDATE narratives SET problem = $2, asked_at = $3 WHERE shop_id = $1";
    db.run(sql, args![&shop.0, told.problem.as_deref(), now.0]).await?;
    Ok(told)
}

/// Asks, and checks what comes back. The problem is in words for the owner, without what the endpoint said.
async fn ask(
    provider: Provider,
    request: Result<wire::Request, String>,
    month: &Month,
    patience: Duration,
) -> Result<String, String> {
    let (request, mut last) = (request?, String::new());
    for _ in 0..TRIES {
        match send(&request, patience).await {
            Ok(answer) => {
                let said = wire::read(provider, &answer).ok_or("The model's answer can't be read.")?;
                // A text that says too much is not asked for again: it costs, and the template is good.
                return match check(&said, month) {
                    Ok(()) => Ok(said),
                    Err(unfounded) => Err(format!("The model's text was not used: {unfounded}.")),
                };
            }
            Err(Failed::Again(why)) => last = why,
            Err(Failed::Never(why)) => return Err(why),
        }
    }
    Err(last)
}

enum Failed {
    /// It may be done on another try.
    Again(String),
    /// It will not.
    Never(String),
}

async fn send(request: &wire::Request, patience: Duration) -> Result<Vec<u8>, Failed> {
    // Whoever was first has set the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .timeout(patience)
        .connect_timeout(CONNECT)
        // A secret is told to nobody else.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Failed::Never(format!("The model can't be asked: {error}.")))?;
    let mut asked = client.post(&request.url).body(request.body.clone());
    for (name, value) in &request.headers {
        asked = asked.header(*name, value);
    }
    let away = |error: reqwest::Error| {
        let what = if error.is_timeout() {
            "took too long"
        } else {
            "can't be reached"
        };
        Failed::Again(format!("The model {what}."))
    };
    let mut answer = asked.send().await.map_err(away)?;
    match answer.status().as_u16() {
        200 => {}
        status @ (429 | 500..=599) => return Err(Failed::Again(format!("The model answered {status}."))),
        status => {
            return Err(Failed::Never(format!(
                "The model answered {status}: check its address, name and key."
            )));
        }
    }
    let mut bytes = Vec::new();
    while let Some(some) = answer.chunk().await.map_err(away)? {
        if bytes.len() + some.len() > ANSWER_MAX {
            return Err(Failed::Never("The model's answer is too long.".to_owned()));
        }
        bytes.extend_from_slice(&some);
    }
    Ok(bytes)
}

/// Whether a secret may be told to this address: the line is kept from others, or does not leave this machine.
#[must_use]
pub fn is_safe(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    plain && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

/// What a command shows of a moment: the last month told now.
///
/// # Errors
/// Where the database is away.
pub async fn try_it(db: &Db, key: Option<&Key>, shop: ShopId, language: Language) -> Result<Option<(Month, Told)>> {
    let now = clock::now();
    let Some(month) = super::figures::last_month(db, shop, now).await? else {
        return Ok(None);
    };
    let told = tell(db, key, shop, &month, language, now).await?;
    Ok(Some((month, told)))
}

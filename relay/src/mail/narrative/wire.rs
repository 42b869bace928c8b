//! What an endpoint is asked, and what it answers, in each provider's words. The question is made of a month's totals and
//! of nothing else: no name, no address, not even the shop's, can get into it.

use ::mail::Language;
use ::mail::month::{Month, name};
use loyalty::UtcMs;
use serde_json::{Value, json};

use super::sigv4::{self, Signing};
use super::{Narrator, Provider};

/// Words that the answer may have, about.
const TOKENS_MAX: u32 = 400;

/// What is sent.
pub struct Request {
    /// Where to.
    pub url: String,
    /// Beside the usual ones.
    pub headers: Vec<(&'static str, String)>,
    /// In JSON.
    pub body: Vec<u8>,
}

fn instructions(language: Language) -> String {
    let language = match language {
        Language::En => "English",
        Language::Es => "Spanish",
    };
    format!(
        "You write one short paragraph (three to five sentences, plain words, no greeting, no list, no markup, no link) in \
         {language} for the owner of a small shop about one month of its loyalty programme. Use only the numbers given, as \
         digits, exactly as given; you may say a change against the month before as a whole percentage. Do not estimate, do \
         not round, do not count anything else, do not write numbers as words."
    )
}

/// The totals, each by what it is.
fn totals(month: &Month) -> Value {
    let of = |figures: &::mail::month::Figures| {
        json!({
            "new_members": figures.joins, "visits": figures.visits, "points_given": figures.points_given,
            "points_spent": figures.points_spent, "rewards_given": figures.rewards_given,
            "cost_of_rewards": figures.cost_minor.map(|minor| month.money(minor, month.written(Language::En))),
            "members_who_came_through_somebody": figures.referrals,
            "regulars_who_came_back_after_a_mail": figures.win_backs,
        })
    };
    let (year, previous) = month.previous();
    json!({
        "month": format!("{} {}", name(Language::En, month.month), month.year),
        "this_month": of(&month.now),
        "month_before": format!("{} {year}", name(Language::En, previous)),
        "figures_of_the_month_before": of(&month.before),
    })
}

/// The question about a month.
///
/// # Errors
/// Where the settings lack something, in words for the owner.
pub fn request(
    narrator: &Narrator,
    secret: Option<&str>,
    month: &Month,
    language: Language,
    now: UtcMs,
) -> Result<Request, String> {
    let (system, user) = (instructions(language), totals(month).to_string());
    let base = narrator.url.trim_end_matches('/');
    let json_headers = || vec![("content-type", "application/json".to_owned())];
    match narrator.provider {
        Provider::Anthropic => {
            let body = json!({
                "model": narrator.model, "max_tokens": TOKENS_MAX, "system": system,
                "messages": [{"role": "user", "content": user}],
            });
            let mut headers = json_headers();
            headers.push(("anthropic-version", "2023-06-01".to_owned()));
            headers.extend(secret.map(|secret| ("x-api-key", secret.to_owned())));
            Ok(Request {
                url: format!("{base}/v1/messages"),
                headers,
                body: body.to_string().into_bytes(),
            })
        }
        Provider::Openai => {
            let body = json!({
                "model": narrator.model, "max_tokens": TOKENS_MAX,
                "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
            });
            let mut headers = json_headers();
            headers.extend(secret.map(|secret| ("authorization", format!("Bearer {secret}"))));
            Ok(Request {
                url: format!("{base}/chat/completions"),
                headers,
                body: body.to_string().into_bytes(),
            })
        }
        Provider::Bedrock => {
            let body = json!({
                "system": [{"text": system}], "messages": [{"role": "user", "content": [{"text": user}]}],
                "inferenceConfig": {"maxTokens": TOKENS_MAX},
            });
            let body = body.to_string().into_bytes();
            let path = format!("/model/{}/converse", sigv4::encoded(&narrator.model, false));
            let url = format!("{base}{path}");
            let host = host(&url).ok_or("The model's address can't be read.")?;
            let (Some(region), Some(key_id), Some(secret)) = (&narrator.region, &narrator.key_id, secret) else {
                return Err("Bedrock wants a region, the id of a key and its secret.".to_owned());
            };
            let signing = Signing {
                key_id,
                secret,
                region,
                service: "bedrock",
                at: now,
            };
            let mut headers = json_headers();
            headers.push(("x-amz-date", signing.date()));
            let signed = [
                ("content-type", "application/json"),
                ("host", host.as_str()),
                ("x-amz-date", &signing.date()),
            ];
            headers.push((
                "authorization",
                signing.authorization("POST", &path, "", &signed, &body),
            ));
            Ok(Request { url, headers, body })
        }
    }
}

/// A host as the header has it.
fn host(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let name = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}")),
    )
}

/// The text in an answer.
#[must_use]
pub fn read(provider: Provider, answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let joined = |parts: &Value| {
        let parts = parts.as_array()?;
        let texts: Vec<&str> = parts.iter().filter_map(|part| part["text"].as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    };
    let text = match provider {
        Provider::Anthropic => joined(&answer["content"])?,
        Provider::Bedrock => joined(&answer["output"]["message"]["content"])?,
        Provider::Openai => answer["choices"][0]["message"]["content"].as_str()?.to_owned(),
    };
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!plain.is_empty()).then_some(plain)
}

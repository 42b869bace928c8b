//! `POST /hooks/{shop}/bounces/{provider}`: what providers call. Bodies are read whole, believed over their raw bytes by
//! the provider's own rules, and then heard.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use loyalty::{ShopId, UtcMs};
use pos::signature::standard::{self, Secret};
use serde::Deserialize;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use sync::{Problem, ProblemCode};

use super::event::{Event, NotOne};
use super::hear::{self, Heard};
use super::kept::{self, Provider, Trust};
use super::{generic, mailgun, postmark, report, ses, sns};
use crate::clock;
use crate::mail::seal::Key;
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::body::{Unread, whole};

/// Longest message of a provider, in bytes: SNS sends 256 KiB at the most.
const MESSAGE_MAX: usize = 300 * 1024;
/// Longest report by mail: it may have the whole mail in it.
const REPORT_MAX: usize = 1024 * 1024;

/// The token that Postmark shows, where it is in the address.
#[derive(Deserialize)]
pub struct Shown {
    token: Option<String>,
}

impl From<NotOne> for Refused {
    fn from(NotOne(what): NotOne) -> Self {
        Self::bad(what)
    }
}

async fn read(body: Body, longest: usize) -> Result<Vec<u8>, Refused> {
    whole(body, longest).await.map_err(|why| match why {
        Unread::TooLong => {
            let longest = i64::try_from(longest).unwrap_or(i64::MAX);
            Problem::new(ProblemCode::TooLarge, "body").with(longest).into()
        }
        Unread::BrokeOff => Refused::bad("it broke off in the middle"),
    })
}

/// The provider's secret. Without the relay's key nobody can be believed just now.
fn opened(app: &App, shop: ShopId, provider: Provider, trust: &Trust) -> Result<String, Refused> {
    let Trust::Secret(sealed) = trust else {
        return Err(Refused::not_found());
    };
    let key = Key::read(app.settings.key_file.as_deref());
    let secret = key.and_then(|key| kept::open(&key, shop, provider, sealed));
    secret.map_err(|error| {
        tracing::error!(%error, "hook_not_read");
        Refused::later(ProblemCode::Unavailable, "the relay's key", 60_000)
    })
}

/// A message that was believed: its name, and what it tells.
type Told = (String, Vec<Event>);

fn signed<'b>(secret: &str, headers: &HeaderMap, body: &'b [u8], now: UtcMs) -> Result<(String, &'b [u8]), Refused> {
    let secret = Secret::read(secret).ok_or_else(Refused::broken)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = standard::verify(&[secret], header, body, now);
    id.map(|id| (id.to_owned(), body))
        .map_err(|_| Refused::not_believed("signature"))
}

fn by_postmark(secret: &str, headers: &HeaderMap, shown: &Shown, body: &[u8]) -> Result<Told, Refused> {
    let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let basic = basic
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text).ok());
    let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok());
    let password = basic
        .as_deref()
        .and_then(|both| both.split_once(':'))
        .map(|(_, password)| password);
    let shown = password.or(shown.token.as_deref()).unwrap_or_default();
    if !bool::from(shown.as_bytes().ct_eq(secret.as_bytes())) {
        return Err(Refused::not_believed("token"));
    }
    Ok(postmark::read(body)?)
}

fn by_mailgun(secret: &str, body: &[u8], now: UtcMs) -> Result<Told, Refused> {
    mailgun::read(body, secret, now).map_err(|no| match no {
        mailgun::No::NotOne(what) => what.into(),
        mailgun::No::NotBelieved(what) => Refused::not_believed(what),
    })
}

async fn by_sns(app: &App, trust: &Trust, body: &[u8], now: UtcMs) -> Result<Told, Refused> {
    let Trust::Topic(topic) = trust else {
        return Err(Refused::not_found());
    };
    let no = |no: sns::No| match no {
        sns::No::NotOne(what) => Refused::bad(what),
        sns::No::NotBelieved(what) => Refused::not_believed(what),
        sns::No::Later(why) => {
            tracing::warn!(why = why.0, "sns_not_asked");
            Refused::later(ProblemCode::Unavailable, "SNS can't be asked", 60_000)
        }
    };
    let message = sns::Message::read(body).map_err(no)?;
    let purpose = message.believe(&app.hooks, topic, now).await.map_err(no)?;
    let events = match purpose {
        sns::Purpose::Notification => ses::read(&message.message)?,
        sns::Purpose::Subscribe(url) => {
            app.hooks.open.get(&url).await.map_err(|why| no(sns::No::Later(why)))?;
            tracing::info!("sns_subscribed");
            Vec::new()
        }
        sns::Purpose::Unsubscribed => {
            tracing::warn!("sns_unsubscribed");
            Vec::new()
        }
    };
    Ok((message.message_id, events))
}

/// A provider tells what became of mails.
///
/// # Errors
/// `not_found` where there is no such provider, `not_believed` also where the shop is not told by it, `bad_request`, `too_large`, `unavailable`.
#[utoipa::path(post, path = "/hooks/{shop}/bounces/{provider}", tag = "hooks",
    params(("shop" = uuid::Uuid, Path, description = "The shop's id"),
        ("provider" = String, Path, description = "generic, report, ses, postmark or mailgun"),
        ("token" = Option<String>, Query, description = "Postmark's, where it is not the address's password")),
    responses((status = 200, body = Heard), (status = 401, description = "Not signed as it must be, or not set up"),
        (status = 404, description = "No such provider"), (status = 413, description = "Too long")))]
pub async fn bounced(
    State(app): State<Arc<App>>,
    Path((shop, provider)): Path<(ShopId, String)>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Heard>, Refused> {
    // A report by mail comes from whoever has the shop's mailbox, signed like all that is our own.
    let by_mail = provider == "report";
    let provider = if by_mail { "generic" } else { &provider };
    let provider = Provider::named(provider).ok_or_else(Refused::not_found)?;
    let body = read(body, if by_mail { REPORT_MAX } else { MESSAGE_MAX }).await?;
    let trust = kept::get(&app.db, shop, provider)
        .await?
        .ok_or_else(|| Refused::not_believed("not set up"))?;
    let now = clock::now();
    let (name, events) = match provider {
        Provider::Generic => {
            let (name, body) = signed(&opened(&app, shop, provider, &trust)?, &headers, &body, now)?;
            (
                name,
                if by_mail {
                    report::read(body)?
                } else {
                    generic::read(body)?
                },
            )
        }
        Provider::Postmark => by_postmark(&opened(&app, shop, provider, &trust)?, &headers, &shown, &body)?,
        Provider::Mailgun => by_mailgun(&opened(&app, shop, provider, &trust)?, &body, now)?,
        Provider::Ses => by_sns(&app, &trust, &body, now).await?,
    };
    Ok(Json(hear::hear(&app, shop, provider, &name, &events, now).await?))
}

//! The way to a member's own page. Whoever wants in says who they are and hears the same whoever they are; a link goes to
//! the address that the shop has, works once, and lets that browser look for an hour.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use loyalty::{Phone, Region, ShopId, UtcMs, contact};
use std::sync::Arc;
use url::form_urlencoded;

use ::mail::Kind;

use super::join::{Place, is_ours, place, see};
use super::me::{field, form, or_away};
use super::pages::{self, Frame};
use crate::api::Client;
use crate::clock;
use crate::mail::queue::{self, New};
use crate::mail::token::hidden;
use crate::mail::{people, settings};
use crate::serve::app::App;
use crate::store::db::{DbError, Result};
use crate::store::places;
use crate::store::visits::{self, VISIT_MS, What};

/// Seconds to wait for whoever asks too often.
const WAIT_S: u64 = 30;

#[derive(Template)]
#[template(path = "mail.html")]
struct InPage<'a> {
    frame: &'a Frame,
    shop: &'a str,
    title: &'a str,
    text: &'a str,
    button: &'a str,
    action: String,
}

fn token(parts: &Parts) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let mut asked = form_urlencoded::parse(query.as_bytes());
    asked
        .find(|(name, _)| name == "t")
        .map(|(_, token)| token.into_owned())
        .unwrap_or_default()
}

/// How somebody says who they are.
enum Who {
    Phone(Phone),
    Email(String),
}

fn who(typed: &str, place: &Place) -> Option<Who> {
    if typed.contains('@') {
        return contact::optional_email(typed)
            .ok()
            .filter(|email| !email.is_empty())
            .map(Who::Email);
    }
    let region: Region = place.shop.facts.region.parse().ok()?;
    Phone::parse(typed, region).ok().map(Who::Phone)
}

/// Asks for a link by mail. The answer is the same whoever asks.
#[utoipa::path(post, path = "/me/{shop}", tag = "web", params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 200, content_type = "text/html", description = "Look at your mail"),
        (status = 422, content_type = "text/html", description = "Neither a phone number nor an address"),
        (status = 429, content_type = "text/html", description = "Too often from one address")))]
pub async fn ask(State(app): State<Arc<App>>, Path(name): Path<String>, client: Client, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if app.limits.code(client.0).is_err() {
        return pages::slow_down(&parts.headers, WAIT_S);
    }
    or_away(asked(&app, &name, &parts.headers, body).await, &parts.headers)
}

async fn asked(app: &Arc<App>, name: &str, headers: &HeaderMap, body: Body) -> Result<Response> {
    let Some(place) = place(app, name, headers).await? else {
        return Ok(pages::unknown_shop(headers));
    };
    let form = form(body).await;
    let typed = field(&form, "who");
    let Some(who) = who(typed, &place).filter(|_| is_ours(headers)) else {
        return Ok(place.asks(typed, true));
    };
    // The answer does not wait for what is found, so that it takes as long whoever asks.
    let (app, shop) = (app.clone(), place.shop.shop_id);
    tokio::spawn(async move {
        if let Err(error) = write_to(&app, shop, &who, clock::now()).await {
            tracing::warn!(away = matches!(error, DbError::Away(_)), "member_not_written_to");
        }
    });
    Ok(place.says(place.me_words().sent))
}

/// Queues a link for everybody who is meant.
async fn write_to(app: &App, shop: ShopId, who: &Who, now: UtcMs) -> Result<()> {
    let Some(settings) = settings::get(&app.db, shop).await? else {
        return Ok(());
    };
    let found = match who {
        Who::Phone(phone) => visits::with_phone(&app.db, shop, phone.e164()).await?,
        Who::Email(email) => visits::with_address(&app.db, shop, &settings.link_key, email).await?,
    };
    let mut heads = Vec::new();
    for member in found {
        let mut tx = app.db.begin().await?;
        let person = people::person(&mut tx, shop, member).await?;
        let key = &settings.link_key;
        let is_theirs = match who {
            Who::Phone(_) => !person.email.is_empty(),
            Who::Email(email) => hidden(key, &person.email) == hidden(key, email),
        };
        let head = person.card[0];
        if person.erased || !is_theirs || heads.contains(&head) {
            continue;
        }
        heads.push(head);
        if visits::mailed(&mut tx, shop, head, now).await? < visits::MAILED_MAX {
            let minute = now.0.div_euclid(60_000);
            let new = New::to(head, Kind::SignIn, format!("sign_in:{minute}"), now);
            queue::add(&mut tx, shop, &new, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Behind a mailed link: a button. Looking uses nothing up, so that a mail program that opens links does no harm.
#[utoipa::path(get, path = "/me/{shop}/in", tag = "web",
    params(("shop" = String, Path, description = "The shop's id"), ("t" = String, Query, description = "The link's token")),
    responses((status = 200, content_type = "text/html", description = "A button, or that the link works no more")))]
pub async fn door(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let answer = async {
        let Some(place) = place(&app, &name, &parts.headers).await? else {
            return Ok(pages::unknown_shop(&parts.headers));
        };
        let token = token(&parts);
        let good = visits::whose(&app.db, place.shop.shop_id, &token, What::Link, clock::now()).await?;
        if good.is_none() {
            return Ok(stale(&app, &place));
        }
        let (title, text, button) = place.me_words().come_in;
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("t", &token)
            .finish();
        let page = InPage {
            frame: &place.frame,
            shop: &place.shop.facts.name,
            title,
            text,
            button,
            action: format!("{}/in?{query}", place.me()),
        };
        Ok(pages::html(StatusCode::OK, &place.frame, &page))
    };
    or_away(answer.await, &parts.headers)
}

fn stale(app: &App, place: &Place) -> Response {
    let again = format!("{}{}", app.settings.public_url, place.me());
    pages::message(StatusCode::OK, &place.frame, place.me_words().stale, Some(&again))
}

/// Uses a mailed link up: this browser may look for an hour.
#[utoipa::path(post, path = "/me/{shop}/in", tag = "web",
    params(("shop" = String, Path, description = "The shop's id"), ("t" = String, Query, description = "The link's token")),
    responses((status = 303, description = "To the member's page"),
        (status = 200, content_type = "text/html", description = "The link works no more"),
        (status = 429, content_type = "text/html", description = "Too often from one address")))]
pub async fn come_in(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    client: Client,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    if app.limits.code(client.0).is_err() {
        return pages::slow_down(&parts.headers, WAIT_S);
    }
    let answer = async {
        let Some(place) = place(&app, &name, &parts.headers).await? else {
            return Ok(pages::unknown_shop(&parts.headers));
        };
        let (shop, now) = (place.shop.shop_id, clock::now());
        // Before the transaction: the day's key may have to be written first.
        let seen = app.web.keys.seen(&app.db, shop, client.0, &parts.headers, now).await?;
        let mut tx = app.db.begin().await?;
        let Some(member) = visits::use_up(&mut tx, shop, &token(&parts), now)
            .await?
            .filter(|_| is_ours(&parts.headers))
        else {
            return Ok(stale(&app, &place));
        };
        places::note(&mut tx, shop, member, "", &seen, now).await?;
        let visit = visits::begin(&mut tx, shop, member, What::Visit, now).await?;
        tx.commit().await?;
        Ok(place.set(see(&place.me()), &visit, VISIT_MS / 1000, app.web.tls))
    };
    or_away(answer.await, &parts.headers)
}

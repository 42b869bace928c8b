//! `/me`: a member's own page, without scripts: what they see and what they do there. The way in is `me_in`'s, what is
//! stored of it `visits`', the words are `me_words`'.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use loyalty::MemberId;
use loyalty::op::{Body as Said, By, Private};
use std::sync::Arc;
use url::form_urlencoded;

use super::join::{Place, drawn, is_ours, place, see};
use super::links::host_of;
use super::me_words::{self, Words};
use super::pages::{self, Frame};
use super::words;
use crate::api::sync_page;
use crate::clock;
use crate::mail::{consent, people, settings};
use crate::serve::app::App;
use crate::serve::body::whole;
use crate::store::append::{self, Asked};
use crate::store::db::{DbError, Result};
use crate::store::shops;
use crate::store::visits::{self, What};

/// Longest form, in bytes.
const FORM_MAX: usize = 4 * 1024;

#[derive(Template)]
#[template(path = "me.html")]
struct AskPage<'a> {
    frame: &'a Frame,
    words: &'static Words,
    shop: &'a str,
    action: String,
    typed: &'a str,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "me-card.html")]
struct CardPage<'a> {
    frame: &'a Frame,
    words: &'static Words,
    shop: &'a str,
    action: String,
    card: Card,
}

/// What a member sees of themselves.
struct Card {
    name: String,
    balance: i64,
    rewards: Vec<String>,
    link: Option<String>,
    qr: String,
    friends: Vec<String>,
    mail: bool,
}

impl Place {
    pub(super) fn me(&self) -> String {
        format!("/me/{}", self.shop.shop_id)
    }

    pub(super) fn me_words(&self) -> &'static Words {
        me_words::of(self.frame.language)
    }

    pub(super) fn asks(&self, typed: &str, wrong: bool) -> Response {
        let page = AskPage {
            frame: &self.frame,
            words: self.me_words(),
            shop: &self.shop.facts.name,
            action: self.me(),
            typed,
            wrong,
        };
        let status = if wrong {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        pages::html(status, &self.frame, &page)
    }

    pub(super) fn says(&self, text: (&str, &str)) -> Response {
        pages::message(StatusCode::OK, &self.frame, text, None)
    }

    fn cookie(&self) -> String {
        let id = self.shop.shop_id.0.simple().to_string();
        format!("me_{}", &id[20..])
    }

    /// What a browser has that may look.
    fn visit<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let name = self.cookie();
        let all = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut pairs = all
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs
            .find(|(of, _)| *of == name)
            .map(|(_, token)| token)
            .filter(|token| token.len() <= 64)
    }

    pub(super) fn set(&self, mut response: Response, token: &str, seconds: i64, tls: bool) -> Response {
        let (name, secure) = (self.cookie(), if tls { "; Secure" } else { "" });
        let cookie = format!("{name}={token}; Max-Age={seconds}; Path=/me; HttpOnly; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// An answer, or the page that says that it is not possible just now.
pub(super) fn or_away(answer: Result<Response>, headers: &HeaderMap) -> Response {
    answer.unwrap_or_else(|error| {
        // Its own words can hold values, and those are a person's.
        tracing::warn!(away = matches!(error, DbError::Away(_)), "member_page");
        pages::away(headers, None)
    })
}

pub(super) async fn form(body: Body) -> Vec<(String, String)> {
    let bytes = whole(body, FORM_MAX).await.unwrap_or_default();
    form_urlencoded::parse(&bytes).into_owned().collect()
}

pub(super) fn field<'f>(form: &'f [(String, String)], name: &str) -> &'f str {
    form.iter()
        .find(|(of, _)| of == name)
        .map_or("", |(_, value)| value.trim())
}

/// A member's page on a shop's own host.
#[utoipa::path(get, path = "/me", tag = "web", responses((status = 303, description = "To the shop's page"),
    (status = 400, content_type = "text/html", description = "The host names no shop")))]
pub async fn hosted(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let host = host_of(&parts.uri, &parts.headers);
    match app.web.links.shop_named(&app.db, host).await {
        Ok(Some(shop)) => see(&format!("/me/{shop}")),
        Ok(None) => {
            let frame = Frame::of(&parts.headers);
            let text = words::of(frame.language).unknown_shop;
            pages::message(StatusCode::BAD_REQUEST, &frame, text, None)
        }
        Err(_) => pages::away(&parts.headers, None),
    }
}

/// A member's page, or the question who they are.
#[utoipa::path(get, path = "/me/{shop}", tag = "web", params(("shop" = String, Path, description = "The shop's id, or one of its codes")),
    responses((status = 200, content_type = "text/html", description = "The page, or a form"),
        (status = 404, content_type = "text/html", description = "No such shop")))]
pub async fn look(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    or_away(looked(&app, &name, &parts.headers).await, &parts.headers)
}

async fn looked(app: &App, name: &str, headers: &HeaderMap) -> Result<Response> {
    let Some(place) = place(app, name, headers).await? else {
        return Ok(pages::unknown_shop(headers));
    };
    if let Some(member) = visitor(app, &place, headers).await? {
        return shown(app, &place, member).await;
    }
    if settings::get(&app.db, place.shop.shop_id).await?.is_none() {
        return Ok(place.says(place.me_words().no_mail));
    }
    Ok(place.asks("", false))
}

async fn visitor(app: &App, place: &Place, headers: &HeaderMap) -> Result<Option<MemberId>> {
    match place.visit(headers) {
        Some(token) => visits::whose(&app.db, place.shop.shop_id, token, What::Visit, clock::now()).await,
        None => Ok(None),
    }
}

async fn shown(app: &App, place: &Place, member: MemberId) -> Result<Response> {
    let (shop, words) = (place.shop.shop_id, place.me_words());
    let mut tx = app.db.begin().await?;
    let person = people::person(&mut tx, shop, member).await?;
    if person.erased {
        return Ok(place.asks("", false));
    }
    let rewards = people::rewards(&mut tx, shop, &place.shop.facts.currency).await?;
    let mail = consent::of(&mut tx, shop, &person.card).await?.stands;
    drop(tx);
    let brought = visits::brought(&app.db, shop, &person.card).await?;
    let has = |points: i64| points <= person.balance;
    let enough = rewards.iter().rev().find(|(_, points)| has(*points));
    let next = rewards.iter().find(|(_, points)| !has(*points));
    let enough = enough.map(|(name, _)| words.enough.replace("{what}", name));
    let next = next.map(|(name, points)| {
        let lacks = words.lacks.replace("{n}", &(points - person.balance).to_string());
        lacks.replace("{what}", name)
    });
    let link = (!person.code.is_empty())
        .then(|| format!("{}/ref/{}", app.settings.public_url, person.code.to_ascii_lowercase()));
    let page = CardPage {
        frame: &place.frame,
        words,
        shop: &place.shop.facts.name,
        action: format!("{}/do", place.me()),
        card: Card {
            name: person.name,
            balance: person.balance,
            rewards: enough.into_iter().chain(next).collect(),
            qr: link.as_deref().map(drawn).unwrap_or_default(),
            link,
            friends: friends(words, brought),
            mail,
        },
    };
    Ok(pages::html(StatusCode::OK, &place.frame, &page))
}

fn friends(words: &Words, brought: visits::Brought) -> Vec<String> {
    let with = |text: &str, n: i64| text.replace("{n}", &n.to_string());
    let mut lines = vec![match brought.joined {
        0 => words.nobody.to_owned(),
        1 => words.joined.0.to_owned(),
        n => with(words.joined.1, n),
    }];
    lines.extend((brought.points > 0).then(|| with(words.brought, brought.points)));
    lines.extend((brought.waiting > 0).then(|| with(words.waiting, brought.waiting)));
    lines
}

/// What a member does on their page: stop the mail, end the visit, leave.
#[utoipa::path(post, path = "/me/{shop}/do", tag = "web", params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 303, description = "To the member's page, or the form"),
        (status = 200, content_type = "text/html", description = "They are out, or have left")))]
pub async fn act(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    or_away(acted(&app, &name, &parts.headers, body).await, &parts.headers)
}

async fn acted(app: &App, name: &str, headers: &HeaderMap, body: Body) -> Result<Response> {
    let Some(place) = place(app, name, headers).await? else {
        return Ok(pages::unknown_shop(headers));
    };
    let words = place.me_words();
    let (Some(member), Some(visit), true) = (
        visitor(app, &place, headers).await?,
        place.visit(headers),
        is_ours(headers),
    ) else {
        return Ok(see(&place.me()));
    };
    let form = form(body).await;
    match field(&form, "what") {
        "stop" => {
            write(app, &place, member, |_| Said::ConsentWithdrawn { member }).await?;
            Ok(see(&place.me()))
        }
        "out" => {
            visits::end(&app.db, place.shop.shop_id, visit).await?;
            Ok(place.set(place.says(words.bye), "", 0, app.web.tls))
        }
        "leave" if field(&form, "sure") == "yes" => {
            write(app, &place, member, |member| Said::MemberErased { member }).await?;
            Ok(place.set(place.says(words.left), "", 0, app.web.tls))
        }
        _ => Ok(see(&place.me())),
    }
}

/// The member's word: every till hears it. Stopping what is stopped says nothing more; who leaves does so with all that
/// shows on their card.
async fn write(app: &App, place: &Place, member: MemberId, body: impl Fn(MemberId) -> Said) -> Result<()> {
    let (shop, now) = (place.shop.shop_id, clock::now());
    let mut tx = app.db.begin().await?;
    let Some(mut locked) = shops::lock(&mut tx, shop).await? else {
        return Ok(());
    };
    let card = people::card(&mut tx, shop, member).await?;
    let leaves = matches!(body(member), Said::MemberErased { .. });
    if !leaves && !consent::of(&mut tx, shop, &card).await?.stands {
        return Ok(());
    }
    let whom = if leaves { card } else { vec![member] };
    let asked = whom.iter().map(|member| Asked {
        body: body(*member),
        by: By::Member,
        private: Private::default(),
    });
    let done = append::asked(&mut tx, &mut locked, asked.collect(), now).await?;
    let made = sync_page::commit(app, tx, &locked, &done).await;
    made.map_err(|_| DbError::Broken("it was not made last".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::Colour;
    use ::mail::Language;

    const LOOKED_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/tests/pages/relay");

    fn ask(frame: &Frame, wrong: bool) -> String {
        let page = AskPage {
            frame,
            words: me_words::of(frame.language),
            shop: "Harbour Coffee",
            action: "/me/shop".into(),
            typed: if wrong { "12" } else { "" },
            wrong,
        };
        page.render().unwrap()
    }

    fn card(frame: &Frame, brought: visits::Brought, mail: bool) -> String {
        let words = me_words::of(frame.language);
        let link = "https://relay.example.com/ref/7kq2m9xra".to_owned();
        let page = CardPage {
            frame,
            words,
            shop: "Harbour Coffee",
            action: "/me/shop/do".into(),
            card: Card {
                name: "Nadia Quill".into(),
                balance: 120,
                rewards: vec![
                    words.enough.replace("{what}", "Free coffee"),
                    words.lacks.replace("{n}", "380").replace("{what}", "Free lunch"),
                ],
                qr: drawn(&link),
                link: Some(link),
                friends: friends(words, brought),
                mail,
            },
        };
        page.render().unwrap()
    }

    #[test]
    fn pages_that_are_looked_at_are_those_that_are_served() {
        let frame = Frame::new(Language::En, Colour::default());
        let spanish = Frame::new(Language::Es, Colour::read("#ffcc00").unwrap());
        let brought = visits::Brought {
            joined: 3,
            points: 100,
            waiting: 50,
        };
        let samples = [
            ("me", ask(&frame, false)),
            ("me-wrong", ask(&spanish, true)),
            ("me-card", card(&frame, brought, true)),
            ("me-new", card(&spanish, visits::Brought::default(), false)),
        ];
        for (name, page) in samples {
            let path = format!("{LOOKED_AT}/{name}.html");
            if std::env::var_os("RENEW").is_some() {
                std::fs::write(&path, &page).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(
                kept, page,
                "{name} has changed. Renew it with `RENEW=1 cargo test -p regulars-relay pages`."
            );
        }
    }
}

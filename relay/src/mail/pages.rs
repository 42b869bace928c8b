//! Where the links of mails lead: a page that says what the button does, and the button. Looking at a page changes nothing,
//! whoever looks; only a POST does. A mail program's own POST (RFC 8058) needs no page.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use loyalty::op::{Body as Op, By, Private};
use loyalty::{MemberId, OpId, ShopId, UtcMs};
use std::sync::Arc;
use url::form_urlencoded;

use ::mail::{Kind, Language};

use super::choices::{self, Who};
use super::page_words::{self, Words};
use super::queue::{self, New, Said};
use super::settings;
use super::token::{Purpose, Token};
use super::{consent, people};
use crate::api::sync_page;
use crate::clock;
use crate::serve::app::App;
use crate::store::append::{self, Asked};
use crate::store::db::{Db, DbError, Result, Tx};
use crate::store::{links, shops};
use crate::web::pages::{self, Colour, Frame};
use crate::{args, serve};

#[derive(Template)]
#[template(path = "mail_choose.html")]
struct Page<'a> {
    frame: &'a Frame,
    shop: &'a str,
    title: &'a str,
    text: &'a str,
    button: &'a str,
    action: String,
    choose: (&'static str, &'static str),
    /// The kinds of mail there are; none where nothing can be chosen.
    choices: Vec<Choice>,
}

/// A kind of mail that can be wanted or not.
struct Choice {
    key: &'static str,
    label: &'static str,
    wanted: bool,
}

/// Longest form, in bytes.
const FORM_MAX: usize = 4096;

/// A mail that a link was in.
struct Found {
    token: Token,
    text: String,
    shop: String,
    /// None for somebody who is no member.
    member: Option<MemberId>,
    address: Option<[u8; 32]>,
    said: Said,
    frame: Frame,
}

/// Finds the mail whose link it is, if the shop signed it for this.
async fn find(db: &Db, purpose: Purpose, request: &Parts) -> Result<Option<Found>> {
    let query = request.uri.query().unwrap_or_default();
    let mut asked = form_urlencoded::parse(query.as_bytes());
    let Some((_, text)) = asked.find(|(name, _)| name == "t") else {
        return Ok(None);
    };
    let Some(token) = Token::read(&text) else {
        return Ok(None);
    };
    let (Some(shop), Some(settings)) = (shops::get(db, token.shop).await?, settings::get(db, token.shop).await?) else {
        return Ok(None);
    };
    if !token.is_for(purpose, &settings.link_key) {
        return Ok(None);
    }
    let sql = "SELECT member_id, address, said FROM mails WHERE shop_id = $1 AND mail_id = $2";
    let row = db.first(sql, args![&token.shop.0, &token.mail]).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let site = links::site(db, token.shop).await?;
    let language = site.as_ref().and_then(|site| site.language.as_deref());
    let colour = site.as_ref().and_then(|site| site.colour.as_deref());
    let address = row.opt_bytes(1)?.and_then(|bytes| bytes.try_into().ok());
    Ok(Some(Found {
        frame: Frame::new(
            language
                .and_then(Language::named)
                .unwrap_or_else(|| pages::language_of(&request.headers)),
            colour.and_then(Colour::read).unwrap_or_default(),
        ),
        member: row.opt_id(0)?.map(MemberId),
        said: serde_json::from_str(&row.text(2)?).map_err(|error| DbError::Broken(error.to_string()))?,
        shop: shop.facts.name,
        text: text.into_owned(),
        address,
        token,
    }))
}

fn unknown(headers: &HeaderMap) -> Response {
    let frame = Frame::of(headers);
    let said = page_words::of(frame.language).unknown;
    pages::message(StatusCode::BAD_REQUEST, &frame, said, None)
}

async fn look(app: &App, purpose: Purpose, request: &Parts) -> Response {
    let found = match find(&app.db, purpose, request).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(&request.headers),
        Err(_) => return pages::away(&request.headers, None),
    };
    let words = page_words::of(found.frame.language);
    let ((title, text, button), path) = match (purpose, found.member) {
        (Purpose::Confirm, _) => (words.confirm, "confirm"),
        (Purpose::Stop, Some(_)) => (words.stop, "stop"),
        (Purpose::Stop, None) => ((words.stop.0, words.stop_other.0, words.stop.2), "stop"),
    };
    let choices = match (purpose, found.member) {
        (Purpose::Stop, Some(member)) => choosable(app, &found, member, words).await,
        _ => Ok(Vec::new()),
    };
    let Ok(choices) = choices else {
        return pages::away(&request.headers, None);
    };
    let page = Page {
        frame: &found.frame,
        shop: &found.shop,
        title,
        text,
        button,
        action: format!("/mail/{path}?t={}", found.text),
        choose: words.choose,
        choices,
    };
    pages::html(StatusCode::OK, &found.frame, &page)
}

/// The kinds of mail that a member gets or could get; none where they stopped it all.
async fn choosable(app: &App, found: &Found, member: MemberId, words: &Words) -> Result<Vec<Choice>> {
    let (mut tx, shop) = (app.db.begin().await?, found.token.shop);
    let card = people::card(&mut tx, shop, member).await?;
    if !consent::of(&mut tx, shop, &card).await?.stands {
        return Ok(Vec::new());
    }
    let who = Who {
        card: &card,
        address: found.address.as_ref(),
    };
    let off = choices::off(&mut tx, shop, who).await?;
    let kinds = choices::MEMBERS.into_iter().zip(words.kinds);
    let choice = |(kind, label): (Kind, &'static str)| Choice {
        key: kind.key(),
        label,
        wanted: !off.contains(&kind),
    };
    Ok(kinds.map(choice).collect())
}

/// What was chosen on the page; none for its other button, for a mail program, and for whatever can't be read: those stop
/// it all.
async fn chosen(body: Body) -> Option<Vec<Kind>> {
    let bytes = serve::body::whole(body, FORM_MAX).await.ok()?;
    let said = |name: &'static str| form_urlencoded::parse(&bytes).filter(move |(said, _)| said == name);
    let chooses = said("choose").any(|(_, value)| value == "yes");
    chooses.then(|| said("kind").filter_map(|(_, key)| Kind::named(&key)).collect())
}

async fn act(app: &App, purpose: Purpose, request: Request) -> Response {
    let (request, body) = request.into_parts();
    let request = &request;
    let found = match find(&app.db, purpose, request).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(&request.headers),
        Err(_) => return pages::away(&request.headers, None),
    };
    let now = clock::now();
    let words = page_words::of(found.frame.language);
    let wanted = match purpose {
        Purpose::Confirm => None,
        Purpose::Stop => chosen(body).await,
    };
    let done = match (purpose, found.member, wanted) {
        (Purpose::Confirm, Some(member), _) => confirm(app, &found, member, now).await.map(|stands| match stands {
            true => words.confirmed,
            false => words.late,
        }),
        (Purpose::Confirm, None, _) => return unknown(&request.headers),
        (Purpose::Stop, Some(member), Some(wanted)) => {
            let said = if wanted.is_empty() {
                words.chosen.2
            } else {
                words.chosen.1
            };
            choose(app, &found, member, &wanted, now)
                .await
                .map(|()| (words.chosen.0, said))
        }
        (Purpose::Stop, Some(member), None) => stop(app, found.token.shop, member, now).await.map(|()| words.stopped),
        (Purpose::Stop, None, _) => {
            let said = (words.stopped.0, words.stop_other.1);
            stop_other(app, &found, now).await.map(|()| said)
        }
    };
    match done {
        Ok(said) => pages::message(StatusCode::OK, &found.frame, said, None),
        Err(error) => {
            tracing::warn!(away = matches!(error, DbError::Away(_)), "mail_link_not_done");
            pages::away(&request.headers, None)
        }
    }
}

async fn append(app: &App, mut tx: Tx, shop: ShopId, all: Vec<Asked>, now: UtcMs) -> Result<()> {
    let Some(mut locked) = shops::lock(&mut tx, shop).await? else {
        return Ok(());
    };
    let done = append::asked(&mut tx, &mut locked, all, now).await?;
    let made = sync_page::commit(app, tx, &locked, &done).await;
    made.map_err(|_: serve::answer::Refused| DbError::Broken("it was not made last".into()))
}

/// The address is confirmed, the tills hear that the member said yes, and the welcome goes out. A withdrawal that came
/// after the question wins over the answer. Answers whether mail goes out now.
async fn confirm(app: &App, found: &Found, member: MemberId, now: UtcMs) -> Result<bool> {
    let shop = found.token.shop;
    // A mail that never went has no link that anybody can have.
    let Some(address) = found.address else {
        return Ok(false);
    };
    let covers: Vec<OpId> = found.said.covers.iter().flatten().copied().map(OpId).collect();
    let mut tx = app.db.begin().await?;
    // Two taps at once are one.
    shops::lock(&mut tx, shop).await?;
    let card = people::card(&mut tx, shop, member).await?;
    let before = consent::of(&mut tx, shop, &card).await?;
    if !consent::confirm(&mut tx, shop, member, &address, now).await? {
        return Ok(before.stands);
    }
    let since = before.withdrawals.iter().any(|op| !covers.contains(&OpId(*op)));
    if !since {
        let welcome = New::to(member, Kind::Welcome, "confirmed".to_owned(), now);
        queue::add(&mut tx, shop, &welcome, now).await?;
    }
    let body = Op::ConsentGiven {
        member,
        covers: Some(covers),
    };
    append(app, tx, shop, vec![by_member(body)], now).await?;
    Ok(!since)
}

/// The tills hear that the member wants no more mail. Twice is once.
async fn stop(app: &App, shop: ShopId, member: MemberId, now: UtcMs) -> Result<()> {
    let mut tx = app.db.begin().await?;
    shops::lock(&mut tx, shop).await?;
    let card = people::card(&mut tx, shop, member).await?;
    if !consent::of(&mut tx, shop, &card).await?.stands {
        return Ok(());
    }
    append(app, tx, shop, vec![by_member(Op::ConsentWithdrawn { member })], now).await
}

/// Which mails the member wants from now on. It is the relay's alone to know: tills send none.
async fn choose(app: &App, found: &Found, member: MemberId, wanted: &[Kind], now: UtcMs) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let shop = found.token.shop;
    shops::lock(&mut tx, shop).await?;
    let card = people::card(&mut tx, shop, member).await?;
    let who = Who {
        card: &card,
        address: found.address.as_ref(),
    };
    choices::set(&mut tx, shop, who, &choices::MEMBERS, wanted, now).await?;
    tx.commit().await
}

/// Whoever is no member gets no more mail of the kinds that others get.
async fn stop_other(app: &App, found: &Found, now: UtcMs) -> Result<()> {
    let mut tx = app.db.begin().await?;
    let who = Who {
        card: &[],
        address: found.address.as_ref(),
    };
    choices::set(&mut tx, found.token.shop, who, &choices::OTHERS, &[], now).await?;
    tx.commit().await
}

fn by_member(body: Op) -> Asked {
    Asked {
        body,
        by: By::Member,
        private: Private::default(),
    }
}

/// Asks whether mail is wanted.
#[utoipa::path(get, path = "/mail/confirm", tag = "web", params(("t" = String, Query, description = "The link's token")),
    responses((status = 200, content_type = "text/html", description = "A button"), (status = 400, content_type = "text/html", description = "Not a link of ours")))]
pub async fn confirm_page(State(app): State<Arc<App>>, request: Request) -> Response {
    look(&app, Purpose::Confirm, &request.into_parts().0).await
}

/// Mail is wanted.
#[utoipa::path(post, path = "/mail/confirm", tag = "web", params(("t" = String, Query, description = "The link's token")),
    responses((status = 200, content_type = "text/html", description = "Done, also the second time"), (status = 400, content_type = "text/html", description = "Not a link of ours")))]
pub async fn confirm_now(State(app): State<Arc<App>>, request: Request) -> Response {
    act(&app, Purpose::Confirm, request).await
}

/// Asks whether mail is to stop.
#[utoipa::path(get, path = "/mail/stop", tag = "web", params(("t" = String, Query, description = "The link's token")),
    responses((status = 200, content_type = "text/html", description = "A button"), (status = 400, content_type = "text/html", description = "Not a link of ours")))]
pub async fn stop_page(State(app): State<Arc<App>>, request: Request) -> Response {
    look(&app, Purpose::Stop, &request.into_parts().0).await
}

/// No more mail: from the page's button, or from a mail program (RFC 8058).
#[utoipa::path(post, path = "/mail/stop", tag = "web", params(("t" = String, Query, description = "The link's token")),
    responses((status = 200, content_type = "text/html", description = "Done, also the second time"), (status = 400, content_type = "text/html", description = "Not a link of ours")))]
pub async fn stop_now(State(app): State<Arc<App>>, request: Request) -> Response {
    act(&app, Purpose::Stop, request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::page_words::{EN, ES};

    const LOOKED_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/tests/pages/relay");

    #[test]
    fn pages_that_are_looked_at_are_those_that_are_served() {
        let samples = [
            ("mail-ask", Language::En, EN.confirm),
            ("mail-stop", Language::Es, ES.stop),
        ];
        for (name, language, (title, text, button)) in samples {
            let words = page_words::of(language);
            let choice = |(kind, label): (Kind, &'static str)| Choice {
                key: kind.key(),
                label,
                wanted: kind != Kind::WeMissYou,
            };
            let all = choices::MEMBERS.into_iter().zip(words.kinds).map(choice);
            let frame = Frame::new(language, Colour::default());
            let page = Page {
                frame: &frame,
                shop: "Harbour Coffee",
                title,
                text,
                button,
                action: "/mail/stop?t=x".to_owned(),
                choose: words.choose,
                choices: if name == "mail-stop" { all.collect() } else { Vec::new() },
            };
            let (page, path) = (page.render().unwrap(), format!("{LOOKED_AT}/{name}.html"));
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

//! Where the links of mails lead: a page that says what the button does, and the button. Looking at a page changes nothing,
//! whoever looks; only a POST does. A mail program's own POST (RFC 8058) needs no page.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use loyalty::op::{Body, By, Private};
use loyalty::{MemberId, OpId, ShopId, UtcMs};
use std::sync::Arc;
use url::form_urlencoded;

use ::mail::Kind;

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
use crate::web::pages::{self, Colour, Frame, Language};
use crate::{args, serve};

/// What these pages say, in one language.
struct Words {
    confirm: (&'static str, &'static str, &'static str),
    confirmed: (&'static str, &'static str),
    late: (&'static str, &'static str),
    stop: (&'static str, &'static str, &'static str),
    stopped: (&'static str, &'static str),
    unknown: (&'static str, &'static str),
}

const EN: Words = Words {
    confirm: (
        "May we write to you?",
        "We tell you about your points and rewards. Every mail has a link to stop.",
        "Yes, send me mail",
    ),
    confirmed: ("Thank you", "You get mail from us from now on."),
    late: (
        "You stopped the mail since",
        "So we don't write. If you want mail again, say so at the shop.",
    ),
    stop: (
        "No more mail?",
        "Your points stay as they are. Only the mail stops.",
        "Stop the mail",
    ),
    stopped: ("Done", "You get no more mail from us. Your points stay as they are."),
    unknown: (
        "This link is not one of ours",
        "Open it again from the mail, all of it. Or ask at the shop.",
    ),
};

const ES: Words = Words {
    confirm: (
        "\u{bf}Podemos escribirte?",
        "Te contamos c\u{f3}mo van tus puntos y premios. Cada correo lleva un enlace para dejarlo.",
        "S\u{ed}, quiero recibir correo",
    ),
    confirmed: ("Gracias", "Desde ahora recibes correo nuestro."),
    late: (
        "Despu\u{e9}s pediste que no",
        "As\u{ed} que no escribimos. Si quieres correo otra vez, dilo en la tienda.",
    ),
    stop: (
        "\u{bf}No quieres m\u{e1}s correos?",
        "Tus puntos se quedan como est\u{e1}n. Solo dejan de llegar correos.",
        "No quiero m\u{e1}s correos",
    ),
    stopped: (
        "Hecho",
        "Ya no recibes correo nuestro. Tus puntos se quedan como est\u{e1}n.",
    ),
    unknown: (
        "Este enlace no es nuestro",
        "\u{c1}brelo otra vez desde el correo, entero. O pregunta en la tienda.",
    ),
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::Es => &ES,
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Page<'a> {
    frame: &'a Frame,
    shop: &'a str,
    title: &'a str,
    text: &'a str,
    button: &'a str,
    action: String,
}

/// A mail that a link was in.
struct Found {
    token: Token,
    text: String,
    shop: String,
    member: MemberId,
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
    let Some((row, member)) = row.and_then(|row| row.opt_id(0).ok().flatten().map(|member| (row, member))) else {
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
                .unwrap_or_else(|| Language::of(&request.headers)),
            colour.and_then(Colour::read).unwrap_or_default(),
        ),
        member: MemberId(member),
        said: serde_json::from_str(&row.text(2)?).map_err(|error| DbError::Broken(error.to_string()))?,
        shop: shop.facts.name,
        text: text.into_owned(),
        address,
        token,
    }))
}

fn unknown(headers: &HeaderMap) -> Response {
    let frame = Frame::of(headers);
    let said = words(frame.language).unknown;
    pages::message(StatusCode::BAD_REQUEST, &frame, said, None)
}

async fn look(app: &App, purpose: Purpose, request: &Parts) -> Response {
    let found = match find(&app.db, purpose, request).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(&request.headers),
        Err(_) => return pages::away(&request.headers, None),
    };
    let words = words(found.frame.language);
    let ((title, text, button), path) = match purpose {
        Purpose::Confirm => (words.confirm, "confirm"),
        Purpose::Stop => (words.stop, "stop"),
    };
    let page = Page {
        frame: &found.frame,
        shop: &found.shop,
        title,
        text,
        button,
        action: format!("/mail/{path}?t={}", found.text),
    };
    pages::html(StatusCode::OK, &found.frame, &page)
}

async fn act(app: &App, purpose: Purpose, request: &Parts) -> Response {
    let found = match find(&app.db, purpose, request).await {
        Ok(Some(found)) => found,
        Ok(None) => return unknown(&request.headers),
        Err(_) => return pages::away(&request.headers, None),
    };
    let now = clock::now();
    let words = words(found.frame.language);
    let done = match purpose {
        Purpose::Confirm => confirm(app, &found, now).await.map(|stands| match stands {
            true => words.confirmed,
            false => words.late,
        }),
        Purpose::Stop => stop(app, found.token.shop, found.member, now)
            .await
            .map(|()| words.stopped),
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
async fn confirm(app: &App, found: &Found, now: UtcMs) -> Result<bool> {
    let (shop, member) = (found.token.shop, found.member);
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
    let body = Body::ConsentGiven {
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
    append(app, tx, shop, vec![by_member(Body::ConsentWithdrawn { member })], now).await
}

fn by_member(body: Body) -> Asked {
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
    act(&app, Purpose::Confirm, &request.into_parts().0).await
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
    act(&app, Purpose::Stop, &request.into_parts().0).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOKED_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/tests/pages/relay");

    #[test]
    fn pages_that_are_looked_at_are_those_that_are_served() {
        let samples = [
            ("mail-ask", Language::En, EN.confirm),
            ("mail-stop", Language::Es, ES.stop),
        ];
        for (name, language, (title, text, button)) in samples {
            let frame = Frame::new(language, Colour::default());
            let page = Page {
                frame: &frame,
                shop: "Harbour Coffee",
                title,
                text,
                button,
                action: "/mail/stop?t=x".to_owned(),
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

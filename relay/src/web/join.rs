//! `/join/{shop}`: a new member's page, without scripts. What joining does is in `enrol`.

use ::mail::Language;
use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use loyalty::{MemberCode, Phone, Region, ShopId, UtcMs, contact};
use qrcode::QrCode;
use qrcode::render::svg;
use std::net::IpAddr;
use std::sync::Arc;
use url::form_urlencoded;
use uuid::Uuid;

use super::code::RefCode;
use super::cookie::Rule;
use super::enrol::{self, Ended, Wish};
use super::pages::{self, Colour, Frame};
use super::words::{self, Words};
use crate::api::{Client, sync_page};
use crate::clock;
use crate::serve::app::App;
use crate::serve::body::whole;
use crate::store::db::Result;
use crate::store::places::Seen;
use crate::store::shops::Shop;
use crate::store::{joins, links, shops};

/// Longest form, in bytes.
const FORM_MAX: usize = 16 * 1024;
/// How long a page with a code on it can be opened again.
const SHOWN_MS: i64 = UtcMs::DAY_MS;
/// Seconds to wait for whoever sends too many forms.
const WAIT_S: u64 = 30;

/// What was filled in.
#[derive(Default)]
struct Form {
    /// The page's own number.
    page: Uuid,
    phone: String,
    name: String,
    email: String,
    consent: bool,
    /// The code that they came through.
    code: Option<String>,
    /// Filled in by programs alone.
    website: String,
}

impl Form {
    fn read(bytes: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            match &*name {
                "page" => form.page = value.parse().unwrap_or_default(),
                "phone" => form.phone = value.trim().to_owned(),
                "name" => form.name = value.into_owned(),
                "email" => form.email = value.trim().to_owned(),
                "consent" => form.consent = value == "yes",
                "ref" => form.code = RefCode::read(value.trim()).map(|code| code.to_string()),
                "website" => form.website = value.into_owned(),
                _ => {}
            }
        }
        form
    }
}

/// What of it can't be.
#[derive(Default)]
struct Wrong {
    phone: bool,
    name: bool,
    email: bool,
    consent: bool,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage<'a> {
    frame: &'a Frame,
    words: &'static Words,
    shop: &'a str,
    action: String,
    form: &'a Form,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "joined.html")]
struct JoinedPage<'a> {
    frame: &'a Frame,
    words: &'static Words,
    shop: &'a str,
    code: String,
    qr: String,
    link: String,
}

/// A shop's page: the shop, how the page looks, how links are remembered.
pub(super) struct Place {
    pub(super) shop: Shop,
    pub(super) frame: Frame,
    cookie: Rule,
}

/// Finds the shop that an address names, by its id or by one of its codes.
pub(super) async fn place(app: &App, name: &str, headers: &HeaderMap) -> Result<Option<Place>> {
    let code = RefCode::read(name);
    let named = name.parse::<Uuid>().is_ok() || code.is_some();
    let Some(shop) = (if named {
        joins::shop_named(&app.db, &name.to_ascii_lowercase()).await?
    } else {
        None
    }) else {
        return Ok(None);
    };
    let (Some(shop), Some(site)) = (shops::get(&app.db, shop).await?, links::site(&app.db, shop).await?) else {
        return Ok(None);
    };
    let language = site.language.as_deref().and_then(Language::named);
    let colour = site.colour.as_deref().and_then(Colour::read);
    Ok(Some(Place {
        frame: Frame::new(
            language.unwrap_or_else(|| pages::language_of(headers)),
            colour.unwrap_or_default(),
        ),
        cookie: Rule::new(shop.shop_id, site.last_touch, site.cookie_days),
        shop,
    }))
}

impl Place {
    fn page(&self, status: StatusCode, form: &Form, wrong: Wrong) -> Response {
        let page = JoinPage {
            frame: &self.frame,
            words: words::of(self.frame.language),
            shop: &self.shop.facts.name,
            action: format!("/join/{}", self.shop.shop_id),
            form,
            wrong,
        };
        pages::html(status, &self.frame, &page)
    }

    fn message(&self, text: (&str, &str)) -> Response {
        pages::message(StatusCode::OK, &self.frame, text, None)
    }
}

/// The page on which somebody joins.
///
/// `{shop}` is the shop's id or one of its codes; `?ref=CODE` says through whom they came, unless an earlier link counts.
#[utoipa::path(get, path = "/join/{shop}", tag = "web",
    params(("shop" = String, Path, description = "The shop's id, or one of its codes"), ("ref" = Option<String>, Query, description = "Through whom they came")),
    responses((status = 200, content_type = "text/html", description = "A form"), (status = 404, content_type = "text/html", description = "No such shop")))]
pub async fn form(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let place = match place(&app, &name, &parts.headers).await {
        Ok(Some(place)) => place,
        Ok(None) => return pages::unknown_shop(&parts.headers),
        Err(_) => return pages::away(&parts.headers, None),
    };
    let asked = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let asked = asked
        .filter(|(name, _)| name == "ref")
        .find_map(|(_, code)| RefCode::read(code.trim()));
    // A shop's page that was found by a code is that code's.
    let asked = asked.or_else(|| RefCode::read(&name).filter(|_| name.parse::<Uuid>().is_err()));
    let now = clock::now();
    let remembered = place.cookie.read(&parts.headers, now);
    let code = if place.cookie.last_touch {
        asked.or(remembered)
    } else {
        remembered.or(asked)
    };
    let form = Form {
        page: clock::uuid(now),
        code: code.map(|code| code.to_string()),
        ..Form::default()
    };
    place.page(StatusCode::OK, &form, Wrong::default())
}

/// Somebody joins.
#[utoipa::path(post, path = "/join/{shop}", tag = "web",
    params(("shop" = String, Path, description = "The shop's id")),
    responses((status = 303, description = "They have joined: to a page with their code"),
        (status = 200, content_type = "text/html", description = "They were a member before"),
        (status = 422, content_type = "text/html", description = "Something of the form can't be"),
        (status = 429, content_type = "text/html", description = "Too many forms from one address")))]
pub async fn send(State(app): State<Arc<App>>, Path(name): Path<String>, client: Client, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if app.limits.code(client.0).is_err() {
        return pages::slow_down(&parts.headers, WAIT_S);
    }
    match sent(&app, &name, client.0, &parts.headers, body).await {
        Ok(response) => response,
        Err(error) => {
            // Its own words can hold values, and those are a person's.
            tracing::warn!(away = matches!(error, crate::store::DbError::Away(_)), "not_joined");
            pages::away(&parts.headers, None)
        }
    }
}

async fn sent(app: &App, name: &str, client: IpAddr, headers: &HeaderMap, body: Body) -> Result<Response> {
    let Some(place) = place(app, name, headers).await? else {
        return Ok(pages::unknown_shop(headers));
    };
    let words = words::of(place.frame.language);
    let now = clock::now();
    let Some(form) = read(body).await.filter(|form| !form.page.is_nil() && is_ours(headers)) else {
        let form = Form {
            page: clock::uuid(now),
            ..Form::default()
        };
        return Ok(place.page(StatusCode::UNPROCESSABLE_ENTITY, &form, Wrong::default()));
    };
    if !form.website.is_empty() {
        // A program: it may think that it has joined.
        return Ok(place.message((words.welcome, words.or_phone)));
    }
    let wish = match wish(&form, &place.shop) {
        Ok(wish) => wish,
        Err(wrong) => return Ok(place.page(StatusCode::UNPROCESSABLE_ENTITY, &form, wrong)),
    };
    let shop = place.shop.shop_id;
    let seen = app.web.keys.seen(&app.db, shop, client, headers, now).await?;
    let page = wish.page;
    let mut tx = app.db.begin().await?;
    Ok(match enrol::enrol(&mut tx, shop, Wish { seen, ..wish }, now).await? {
        Ended::Joined(shop, done) => match sync_page::commit(app, tx, &shop, &done).await {
            Ok(()) => to_code(shop.shop_id, page),
            Err(_) => pages::away(headers, None),
        },
        Ended::Again => to_code(shop, page),
        Ended::Already => {
            tx.commit().await?;
            place.message(words.already)
        }
        Ended::NoShop => pages::unknown_shop(headers),
    })
}

async fn read(body: Body) -> Option<Form> {
    let bytes = whole(body, FORM_MAX).await.ok()?;
    Some(Form::read(&bytes))
}

/// Whether the form was on a page of ours, where the browser says whose it was on.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let said = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    said.is_none_or(|said| matches!(said, "same-origin" | "none"))
}

/// What was filled in, checked; or what of it can't be.
fn wish(form: &Form, shop: &Shop) -> std::result::Result<Wish, Wrong> {
    let region: Option<Region> = shop.facts.region.parse().ok();
    let phone = region.and_then(|region| Phone::parse(&form.phone, region).ok());
    let (name, email) = (contact::optional_name(&form.name), contact::optional_email(&form.email));
    let wrong = Wrong {
        phone: phone.is_none(),
        name: name.is_err(),
        email: email.is_err(),
        consent: form.consent && form.email.is_empty(),
    };
    match (phone, name, email) {
        (Some(phone), Ok(name), Ok(email)) if !wrong.consent => Ok(Wish {
            page: form.page,
            phone,
            name,
            email,
            consent: form.consent,
            code: form.code.as_deref().and_then(RefCode::read),
            seen: Seen::default(),
        }),
        _ => Err(wrong),
    }
}

fn to_code(shop: ShopId, page: Uuid) -> Response {
    see(&format!("/join/{shop}/done?page={page}"))
}

/// Sends a browser to another page of ours.
pub(super) fn see(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let said = response.headers_mut();
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(address) = HeaderValue::from_str(address) {
        said.insert(header::LOCATION, address);
    }
    response
}

/// The code of somebody who has joined, for a day.
#[utoipa::path(get, path = "/join/{shop}/done", tag = "web",
    params(("shop" = String, Path, description = "The shop's id"), ("page" = Uuid, Query, description = "The number of the page on which they joined")),
    responses((status = 200, content_type = "text/html", description = "Their code"),
        (status = 303, description = "Nobody joined on that page today: to the form")))]
pub async fn joined(State(app): State<Arc<App>>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let place = match place(&app, &name, &parts.headers).await {
        Ok(Some(place)) => place,
        Ok(None) => return pages::unknown_shop(&parts.headers),
        Err(_) => return pages::away(&parts.headers, None),
    };
    let mut asked = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let page = asked
        .find(|(name, _)| name == "page")
        .and_then(|(_, page)| page.parse::<Uuid>().ok());
    let shop = place.shop.shop_id;
    let found = match page {
        Some(page) => joins::joined(&app.db, shop, page).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(joined)) if clock::now().0 - joined.at.0 < SHOWN_MS => show(&app, &place, &joined.code),
        Ok(_) => see(&format!("/join/{shop}")),
        Err(_) => pages::away(&parts.headers, None),
    }
}

fn show(app: &App, place: &Place, code: &str) -> Response {
    let page = JoinedPage {
        frame: &place.frame,
        words: words::of(place.frame.language),
        shop: &place.shop.facts.name,
        code: MemberCode::read(code).map_or_else(|| code.to_owned(), |code| code.to_string()),
        qr: drawn(code),
        link: format!("{}/ref/{}", app.settings.public_url, code.to_ascii_lowercase()),
    };
    pages::html(StatusCode::OK, &place.frame, &page)
}

/// A text as a picture within a page; nothing where it is too long for one.
pub(super) fn drawn(text: &str) -> String {
    let Ok(qr) = QrCode::new(text) else {
        return String::new();
    };
    let (dark, light) = (svg::Color("#000"), svg::Color("#fff"));
    let drawn = qr
        .render()
        .min_dimensions(200, 200)
        .quiet_zone(false)
        .dark_color(dark)
        .light_color(light)
        .build();
    // Within a page it has no head of its own.
    drawn.find("<svg").map(|at| drawn[at..].to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    const LOOKED_AT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/tests/pages/relay");

    /// The pages as the page tests look at them.
    fn samples() -> Vec<(&'static str, String)> {
        let frame = Frame::new(Language::En, Colour::default());
        let spanish = Frame::new(Language::Es, Colour::read("#ffcc00").unwrap());
        let form = Form {
            page: Uuid::from_u128(1),
            code: Some("solare".into()),
            ..Form::default()
        };
        let typed = Form {
            page: Uuid::from_u128(2),
            phone: "12".into(),
            consent: true,
            ..Form::default()
        };
        let all = Wrong {
            phone: true,
            name: true,
            email: false,
            consent: true,
        };
        let join = |frame: &Frame, form: &Form, wrong: Wrong| {
            let (words, action) = (words::of(frame.language), "/join/shop".to_owned());
            let page = JoinPage {
                frame,
                words,
                shop: "Harbour Coffee",
                action,
                form,
                wrong,
            };
            page.render().unwrap()
        };
        let joined = JoinedPage {
            frame: &frame,
            words: words::of(frame.language),
            shop: "Harbour Coffee",
            code: "7KQ-2M9-XRA".into(),
            qr: drawn("7KQ2M9XRA"),
            link: "https://relay.example.com/ref/7kq2m9xra".into(),
        };
        let message = pages::Message {
            frame: &frame,
            title: words::of(frame.language).away.0,
            text: words::of(frame.language).away.1,
            link: Some("https://example.com/menu"),
            go_on: words::of(frame.language).go_on,
        };
        vec![
            ("join", join(&frame, &form, Wrong::default())),
            ("join-wrong", join(&spanish, &typed, all)),
            ("joined", joined.render().unwrap()),
            ("message", message.render().unwrap()),
        ]
    }

    #[test]
    fn the_pages_are_those_that_the_page_tests_look_at() {
        for (name, page) in samples() {
            let path = format!("{LOOKED_AT}/{name}.html");
            if std::env::var_os("RENEW").is_some() {
                std::fs::write(&path, &page).unwrap();
            }
            let kept = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                kept == page,
                "{name} has changed. Renew it with `RENEW=1 cargo test -p regulars-relay pages`."
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = Form::read(&bytes);
        }
    }
}

//! `GET /ref/{code}`: a click is on disk before its visitor is sent on.

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use metrics::{Counter, Histogram};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::code::RefCode;
use super::links::{Link, host_of};
use super::pages;
use super::visitor::{Visitor, country};
use crate::clock;
use crate::serve::app::App;
use crate::serve::numbers;
use crate::store::clicks::Click;
use crate::store::db::Result;
use crate::store::links::day;

/// Longest that a visitor waits for the database before they are shown the way themselves.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is counted of clicks. A click is not logged: it is in the database.
pub struct Counted {
    people: Counter,
    programs: Counter,
    unknown: Counter,
    failed: Counter,
    seconds: Histogram,
}

impl Default for Counted {
    fn default() -> Self {
        let clicks = |kind: &'static str| metrics::counter!(numbers::CLICKS, "kind" => kind);
        Self {
            people: clicks("person"),
            programs: clicks("program"),
            unknown: clicks("unknown"),
            failed: clicks("failed"),
            seconds: metrics::histogram!(numbers::SECONDS, "route" => "/ref/{code}"),
        }
    }
}

/// Follows a link.
///
/// 302 to the code's page, or to the shop's where the host names the shop and the code is not known; 404 with a page
/// where there is nowhere to go; 429 for an address that clicks too often; 503 with a page that links there where the
/// click could not be stored.
#[utoipa::path(get, path = "/ref/{code}", tag = "web", params(("code" = String, Path, description = "Such as solare")),
    responses((status = 302, description = "To the landing page; the click is stored"),
        (status = 404, content_type = "text/html", description = "Nobody has this code"),
        (status = 429, description = "Too many clicks from one address"),
        (status = 503, content_type = "text/html", description = "The click could not be stored")))]
pub async fn click(State(app): State<Arc<App>>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, _) = request.into_parts();
    let response = answer(&app, &parts).await;
    app.web.counted.seconds.record(began.elapsed().as_secs_f64());
    response
}

async fn answer(app: &App, request: &Parts) -> Response {
    let (counted, headers) = (&app.web.counted, &request.headers);
    let peer = request
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let client = app.limits.client(peer, headers);
    if let Err(wait) = app.limits.click(client) {
        return pages::slow_down(headers, wait);
    }
    let code = request.uri.path().strip_prefix("/ref/").and_then(RefCode::read);
    let link = match app
        .web
        .links
        .follow(&app.db, code, host_of(&request.uri, headers))
        .await
    {
        Ok(Some(link)) => link,
        Ok(None) => {
            counted.unknown.increment(1);
            return pages::unknown_code(headers);
        }
        Err(error) => {
            counted.failed.increment(1);
            tracing::warn!(%error, "link_not_found");
            return pages::away(headers, None);
        }
    };
    match tokio::time::timeout(PATIENCE, note(app, &link, client, peer, &request.method, headers)).await {
        Ok(Ok(Some(click))) => sent_on(app, &link, &click, headers),
        _ => {
            counted.failed.increment(1);
            pages::away(headers, link.location.to_str().ok())
        }
    }
}

/// Stores the click. None where that failed.
async fn note(
    app: &App,
    link: &Link,
    client: IpAddr,
    peer: IpAddr,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Noted>> {
    let now = clock::now();
    let visitor = Visitor::of(method, headers);
    let counted = visitor.counted;
    let named = app
        .settings
        .country_header
        .as_deref()
        .filter(|_| app.limits.is_trusted(peer));
    let named = named.and_then(|name| headers.get(name)?.to_str().ok());
    let click = Click {
        id: uuid::Uuid::nil(),
        at: now,
        day: day(link.zone, now),
        shop: link.shop,
        code: link.code.clone(),
        visitor: app.web.keys.visitor(&app.db, link.shop, client, headers, now).await?,
        device: visitor.device,
        referrer: visitor.referrer,
        country: country(named).to_owned(),
        counted,
    };
    Ok(app.web.clicks.write(click).await.then_some(Noted { at: now, counted }))
}

struct Noted {
    at: loyalty::UtcMs,
    counted: bool,
}

fn sent_on(app: &App, link: &Link, noted: &Noted, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let said = response.headers_mut();
    said.insert(header::LOCATION, link.location.clone());
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let counted = &app.web.counted;
    if link.code.is_empty() {
        counted.unknown.increment(1);
    } else if noted.counted {
        counted.people.increment(1);
        if let Some(cookie) = link.cookie.set(headers, &link.code, app.web.tls, noted.at) {
            said.insert(header::SET_COOKIE, cookie);
        }
    } else {
        counted.programs.increment(1);
    }
    response
}

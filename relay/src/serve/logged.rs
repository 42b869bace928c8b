//! The log: one line of JSON for each request, with its id, and nobody's data: no names, phones, addresses, tokens.
//!
//! The same wrapper gives every request its limit of time and counts it: nothing passes it by.

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use sync::ProblemCode;
use tracing::{Instrument, Level, Span, field};

use super::answer::{Refused, Told};
use super::app::App;
use super::numbers;
use crate::{clock, settings};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Starts logging to the error stream. A second start in a process changes nothing.
pub fn start(level: settings::Level) {
    // sqlx tells statements and their values at debug: they are people's data.
    let filter = format!("warn,relay={level},sqlx=off", level = level.as_str());
    let log = tracing_subscriber::fmt()
        .json()
        .with_writer(std::io::stderr)
        .with_target(false);
    let log = log.flatten_event(true).with_current_span(true).with_span_list(false);
    let _ = log.with_env_filter(filter).try_init();
}

/// Notes in the log whose request this is.
pub fn note_device(shop: &impl std::fmt::Display, till: &impl std::fmt::Display) {
    Span::current()
        .record("shop", field::display(shop))
        .record("till", field::display(till));
}

/// Wraps every request.
pub async fn wrap(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = clock::uuid(clock::now()).to_string();
    // The route's pattern, not the address: addresses can hold anything.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let method = request.method().to_string();
    let span = tracing::span!(
        Level::INFO,
        "request",
        id,
        method,
        route,
        shop = field::Empty,
        till = field::Empty
    );
    let work = async {
        let mut response = match admitted(&app, &request) {
            Ok(()) => in_time(&app, next.run(request)).await,
            Err(refused) => refused.into_response(),
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        told(&response, &route, &method, began);
        response
    };
    work.instrument(span).await
}

/// Whether the address may ask just now.
fn admitted(app: &App, request: &Request) -> Result<(), Refused> {
    match request.extensions().get::<ConnectInfo<SocketAddr>>() {
        Some(ConnectInfo(peer)) => app.limits.address(app.limits.client(peer.ip(), request.headers())),
        None => Ok(()),
    }
}

async fn in_time(app: &App, answer: impl Future<Output = Response>) -> Response {
    let limit = Duration::from_secs(app.settings.request_seconds.get().into());
    let answer = tokio::time::timeout(limit, answer).await;
    answer.unwrap_or_else(|_| Refused::later(ProblemCode::Unavailable, "too slow", 1000).into_response())
}

fn told(response: &Response, route: &str, method: &str, began: Instant) {
    let took = began.elapsed();
    let status = response.status();
    let refused = response.extensions().get::<Told>();
    let (code, detail) = refused.map(|told| (told.code, told.detail.as_str())).unzip();
    let labels = [
        ("route", route.to_owned()),
        ("method", method.to_owned()),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!(numbers::REQUESTS, &labels).increment(1);
    metrics::histogram!(numbers::SECONDS, "route" => route.to_owned()).record(took.as_secs_f64());
    if let Some(code) = code {
        metrics::counter!(numbers::REFUSED, "code" => code).increment(1);
    }
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(status = status.as_u16(), code, detail, ms, "request");
}

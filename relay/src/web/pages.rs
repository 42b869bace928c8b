//! What visitors are shown when a link can't be followed: a short page in their language that says what to do.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// How the pages look.
const CSS: &str = include_str!("../../templates/page.css");

/// No scripts, nothing from elsewhere, and no style but ours.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(CSS));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    lang: &'a str,
    css: &'a str,
    title: &'a str,
    text: &'a str,
    link: Option<&'a str>,
    go_on: &'a str,
}

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
}

impl Language {
    /// The one of ours that a browser names first.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let said = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let mut names = said
            .unwrap_or_default()
            .split(',')
            .map(|part| part.trim().to_ascii_lowercase());
        names
            .find_map(|name| {
                let is = |ours: &str| name.split(['-', ';']).next() == Some(ours);
                (is("en").then_some(Self::En)).or(is("es").then_some(Self::Es))
            })
            .unwrap_or(Self::En)
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }
}

/// Nobody has this code.
#[must_use]
pub fn unknown_code(headers: &HeaderMap) -> Response {
    let (title, text) = match Language::of(headers) {
        Language::En => (
            "This link leads nowhere",
            "Nobody has this code, or not any more. Check the address, or ask whoever gave it to you.",
        ),
        Language::Es => (
            "Este enlace no lleva a ninguna parte",
            "Nadie tiene este c\u{f3}digo, o ya no. Revisa la direcci\u{f3}n o pregunta a quien te la dio.",
        ),
    };
    message(StatusCode::NOT_FOUND, headers, title, text, None)
}

/// The click could not be stored; the visitor still gets where they want to go.
#[must_use]
pub fn away(headers: &HeaderMap, link: Option<&str>) -> Response {
    let (title, text) = match Language::of(headers) {
        Language::En => (
            "One moment",
            "We could not open this link just now. Try again in a moment, or go on by yourself.",
        ),
        Language::Es => (
            "Un momento",
            "No hemos podido abrir este enlace ahora. Prueba otra vez en un momento, o sigue por tu cuenta.",
        ),
    };
    let mut response = message(StatusCode::SERVICE_UNAVAILABLE, headers, title, text, link);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Too many clicks from one address.
#[must_use]
pub fn slow_down(headers: &HeaderMap, seconds: u64) -> Response {
    let (title, text) = match Language::of(headers) {
        Language::En => (
            "Too many clicks",
            "Too many links were opened from your network. Wait a moment, then try again.",
        ),
        Language::Es => (
            "Demasiados clics",
            "Se han abierto demasiados enlaces desde tu red. Espera un momento y prueba otra vez.",
        ),
    };
    let mut response = message(StatusCode::TOO_MANY_REQUESTS, headers, title, text, None);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

fn message(status: StatusCode, headers: &HeaderMap, title: &str, text: &str, link: Option<&str>) -> Response {
    let language = Language::of(headers);
    let page = Message {
        lang: language.code(),
        css: CSS,
        title,
        text,
        link,
        go_on: match language {
            Language::En => "Go on",
            Language::Es => "Seguir",
        },
    };
    html(status, &page)
}

/// A page as an answer.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    // The templates hold nothing that can fail; a plain line is better than none.
    let text = page.render().unwrap_or_else(|_| status.to_string());
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let said = response.headers_mut();
    said.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    said.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    said.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        said.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

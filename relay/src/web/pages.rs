//! What browsers are shown: short pages in their language, without scripts, in the shop's colour. Here is how a page is
//! sent and the pages that only say something; joining is in `join`.

use ::mail::Language;
use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::words;

/// How the pages look.
const CSS: &str = include_str!("../../templates/page.css");

/// The language of ours that a browser names first.
#[must_use]
pub fn language_of(headers: &HeaderMap) -> Language {
    let said = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let names = said
        .unwrap_or_default()
        .split(',')
        .map(|part| part.trim().to_ascii_lowercase());
    let mut ours = names.filter_map(|name| Language::named(name.split(['-', ';']).next()?));
    ours.next().unwrap_or_default()
}

/// A colour on which black or white can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Default for Colour {
    fn default() -> Self {
        Self([0x1c, 0x4f, 0x43])
    }
}

impl Colour {
    /// Reads `#1c4f43`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then_some(())?;
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// How light it is, from 0 to 1, as WCAG computes it.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// What can be read on it: the better of black and white has a contrast of 4.5 at the least.
    fn is_dark(self) -> bool {
        let light = self.luminance();
        1.05 / (light + 0.05) >= (light + 0.05) / 0.05
    }

    /// For mails.
    #[must_use]
    pub fn look(self) -> mail::Look {
        mail::Look {
            accent: self.0,
            on_accent: if self.is_dark() { [0xff; 3] } else { [0; 3] },
        }
    }

    /// The pages' style in this colour.
    fn style(self) -> String {
        let on = if self.is_dark() { "#fff" } else { "#000" };
        let [red, green, blue] = self.0;
        format!(":root{{--accent:#{red:02x}{green:02x}{blue:02x};--on-accent:{on}}}{CSS}")
    }
}

/// What every page has.
pub struct Frame {
    /// What it speaks.
    pub language: Language,
    /// Its style.
    pub css: String,
}

impl Frame {
    /// In a language and a colour.
    #[must_use]
    pub fn new(language: Language, colour: Colour) -> Self {
        Self {
            language,
            css: colour.style(),
        }
    }

    /// As a browser asks, in no shop's colour.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        Self::new(language_of(headers), Colour::default())
    }
}

#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct Message<'a> {
    pub(super) frame: &'a Frame,
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) link: Option<&'a str>,
    pub(super) go_on: &'a str,
}

/// A page that only says something, with a way to go on where there is one.
#[must_use]
pub fn message(status: StatusCode, frame: &Frame, (title, text): (&str, &str), link: Option<&str>) -> Response {
    let page = Message {
        frame,
        title,
        text,
        link,
        go_on: words::of(frame.language).go_on,
    };
    html(status, frame, &page)
}

/// Nobody has this code.
#[must_use]
pub fn unknown_code(headers: &HeaderMap) -> Response {
    let frame = Frame::of(headers);
    message(
        StatusCode::NOT_FOUND,
        &frame,
        words::of(frame.language).unknown_code,
        None,
    )
}

/// No shop has this page.
#[must_use]
pub fn unknown_shop(headers: &HeaderMap) -> Response {
    let frame = Frame::of(headers);
    message(
        StatusCode::NOT_FOUND,
        &frame,
        words::of(frame.language).unknown_shop,
        None,
    )
}

/// The database is away; a visitor on their way still gets where they want to go.
#[must_use]
pub fn away(headers: &HeaderMap, link: Option<&str>) -> Response {
    let frame = Frame::of(headers);
    let mut response = message(
        StatusCode::SERVICE_UNAVAILABLE,
        &frame,
        words::of(frame.language).away,
        link,
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Too much from one address.
#[must_use]
pub fn slow_down(headers: &HeaderMap, seconds: u64) -> Response {
    let frame = Frame::of(headers);
    let mut response = message(
        StatusCode::TOO_MANY_REQUESTS,
        &frame,
        words::of(frame.language).slow_down,
        None,
    );
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// A page as an answer: no scripts, nothing from elsewhere, no style but its own.
#[must_use]
pub fn html(status: StatusCode, frame: &Frame, page: &impl Template) -> Response {
    // The templates hold nothing that can fail; a plain line is better than none.
    let text = page.render().unwrap_or_else(|_| status.to_string());
    let style = STANDARD.encode(Sha256::digest(&frame.css));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let said = response.headers_mut();
    said.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    said.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    said.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        said.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn the_browsers_first_language_of_ours_counts() {
        let of = |said: &str| {
            language_of(&HeaderMap::from_iter([(
                header::ACCEPT_LANGUAGE,
                said.parse().unwrap(),
            )]))
        };
        assert_eq!(
            ["fr, es-MX;q=0.8, en", "en-GB,es", "de", ""].map(of),
            [Language::Es, Language::En, Language::En, Language::En]
        );
    }

    proptest! {
        #[test]
        fn every_colour_can_be_written_on(red: u8, green: u8, blue: u8) {
            let colour = Colour([red, green, blue]);
            let text = format!("#{red:02x}{green:02x}{blue:02x}");
            prop_assert!(Colour::read(&text) == Some(colour));
            let light = colour.luminance();
            let on: f64 = if colour.style().contains("--on-accent:#fff") { 1.0 } else { 0.0 };
            let contrast = (light.max(on) + 0.05) / (light.min(on) + 0.05);
            prop_assert!(contrast >= 4.5, "{text}: {contrast}");
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,10}") {
            let _ = (Colour::read(&text), Colour::read(&format!("#{text}")));
        }
    }
}

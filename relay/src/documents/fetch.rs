//! Asking machines outside for a document: only those on the internet, over https, at addresses that were looked at, each
//! time it leads on anew; for a bounded time, for a bounded answer. What it says is not looked at here.

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode};
use std::net::SocketAddr;
use std::time::Duration;
use sync::documents::DOCUMENT_BYTES_MAX;
use url::{Host, Url};

use super::google::Google;
use super::problem::Why;
use crate::outside::{self, Unreachable};

/// How long a document may take, with all that it leads on to. An owner who sets a Google Doc waits for two such answers,
/// and for the relay no longer than half a minute.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long a line may take to open.
const CONNECT: Duration = Duration::from_secs(5);
/// How often an address may lead on.
const HOPS: usize = 5;
/// Longest mark of a version that is kept.
const MARK_MAX: usize = 256;

/// The world outside, as far as documents go.
pub struct Outside {
    allow_private: bool,
    neighbours: Vec<SocketAddr>,
    patience: Duration,
    /// How Google Docs are read.
    pub google: Google,
}

/// What the server called the text that was last taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub modified: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// What was taken over the last time.
    Same,
    /// A text.
    Text(String, Marks),
}

/// A question to a machine outside.
pub(super) struct Question {
    pub method: Method,
    pub headers: HeaderMap,
    pub body: String,
    /// Whether it may lead on: never with a secret.
    pub hops: usize,
}

/// Its answer, whatever the status.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Outside {
    /// With or without machines of the relay's own network.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        Self {
            allow_private,
            neighbours: Vec::new(),
            patience: PATIENCE,
            google: Google::default(),
        }
    }

    /// Where this one machine may be asked as if it were on the internet, also without TLS: for tests.
    #[must_use]
    pub fn with_neighbour(mut self, at: SocketAddr) -> Self {
        self.neighbours.push(at);
        self
    }

    /// With another patience: for tests.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// With Google elsewhere: for tests.
    #[must_use]
    pub fn with_google(mut self, google: Google) -> Self {
        self.google = google;
        self
    }

    /// The text at a web address, unless it is still the one that these marks are of.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn read(&self, url: &Url, before: &Marks) -> Result<Found, Why> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("text/plain, text/markdown;q=0.9"),
        );
        let marks = [
            (header::IF_NONE_MATCH, &before.etag),
            (header::IF_MODIFIED_SINCE, &before.modified),
        ];
        for (name, value) in marks {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let asked = headers.len() > 1;
        let question = Question {
            method: Method::GET,
            headers,
            body: String::new(),
            hops: HOPS,
        };
        let answer = self.ask(url, question).await?;
        match answer.status.as_u16() {
            304 if asked => Ok(Found::Same),
            200 => {
                let marks = Marks {
                    etag: mark(&answer.headers, &header::ETAG),
                    modified: mark(&answer.headers, &header::LAST_MODIFIED),
                };
                text(&answer).map(|text| Found::Text(text, marks))
            }
            401 | 403 => Err(Why::Forbidden),
            404 | 410 => Err(Why::NotFound),
            429 => Err(Why::Busy),
            status @ 500..=599 => Err(Why::Server(status)),
            status => Err(Why::Answer(status)),
        }
    }

    /// Asks, wherever it leads, as long as patience lasts.
    pub(super) async fn ask(&self, url: &Url, question: Question) -> Result<Answer, Why> {
        let asked = tokio::time::timeout(self.patience, self.follow(url.clone(), question));
        asked.await.unwrap_or(Err(Why::Slow))
    }

    async fn follow(&self, mut url: Url, question: Question) -> Result<Answer, Why> {
        for _ in 0..=question.hops {
            let mut answer = self.once(&url, &question).await?;
            if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) || question.hops == 0 {
                return Ok(Answer {
                    status: answer.status(),
                    headers: answer.headers().clone(),
                    body: body(&mut answer).await?,
                });
            }
            let next = answer.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            url = next.and_then(|to| url.join(to).ok()).ok_or(Why::Redirects)?;
        }
        Err(Why::Redirects)
    }

    /// One request to one machine, whose address was looked at.
    async fn once(&self, url: &Url, question: &Question) -> Result<reqwest::Response, Why> {
        let (host, addresses) = self.guarded(url).await?;
        // The same as everywhere else in the relay; refused where it is set already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("regulars-relay/", env!("CARGO_PKG_VERSION")))
            .resolve_to_addrs(&host, &addresses)
            .build()
            .map_err(|_| Why::Unreachable)?;
        let asked = client.request(question.method.clone(), url.clone());
        let asked = asked.headers(question.headers.clone()).body(question.body.clone());
        asked.send().await.map_err(|error| broke(&error))
    }

    /// The host and where it is: what is connected to is what was looked at.
    async fn guarded(&self, url: &Url) -> Result<(String, Vec<SocketAddr>), Why> {
        let host = url.host().ok_or(Why::Private)?.to_owned();
        let port = url.port_or_known_default().ok_or(Why::Private)?;
        let name = host.to_string();
        let here = match &host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        let ip = match host {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(SocketAddr::from((ip, port))),
            Host::Ipv6(ip) => Some(SocketAddr::from((ip, port))),
        };
        if let Some(neighbour) = ip.filter(|at| self.neighbours.contains(at)) {
            return Ok((name, vec![neighbour]));
        }
        let safe = url.scheme() == "https" || (url.scheme() == "http" && here && self.allow_private);
        if !safe || !url.username().is_empty() || url.password().is_some() {
            return Err(Why::Private);
        }
        match outside::resolved(&name, port, self.allow_private).await {
            Ok(addresses) => Ok((name, addresses)),
            Err(Unreachable::Private) => Err(Why::Private),
            Err(Unreachable::Unknown) => Err(Why::Unreachable),
        }
    }
}

fn broke(error: &reqwest::Error) -> Why {
    if error.is_timeout() {
        Why::Slow
    } else {
        Why::Unreachable
    }
}

/// An answer's body, as far as it may go.
async fn body(answer: &mut reqwest::Response) -> Result<Vec<u8>, Why> {
    let max = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
    if answer.content_length().is_some_and(|length| length > max) {
        return Err(Why::TooLarge);
    }
    let mut whole = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| broke(&error))? {
        if whole.len() + part.len() > DOCUMENT_BYTES_MAX {
            return Err(Why::TooLarge);
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole)
}

fn mark(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty() && value.len() <= MARK_MAX).then(|| value.to_owned())
}

/// The text that an answer is, if it is one.
pub(super) fn text(answer: &Answer) -> Result<String, Why> {
    let said = answer.headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let said = said.and_then(Result::ok).unwrap_or_default().to_ascii_lowercase();
    let mut parts = said.split(';').map(str::trim);
    let sort = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    let charset = charset.map(|charset| charset.trim_matches('"'));
    match sort {
        "text/plain" | "text/markdown" | "text/x-markdown" => {}
        "text/html" | "application/xhtml+xml" => return Err(Why::Html),
        "" => return Err(Why::NotText("nothing is said".into())),
        other => return Err(Why::NotText(other.chars().take(60).collect())),
    }
    if answer.headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Why::NotText("compressed".into()));
    }
    if charset.is_some_and(|charset| !matches!(charset, "utf-8" | "utf8" | "us-ascii")) {
        return Err(Why::NotUtf8);
    }
    let text = std::str::from_utf8(&answer.body).map_err(|_| Why::NotUtf8)?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_page = |tag: &str| {
        start
            .get(..tag.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(tag))
    };
    if is_page("<!doctype html") || is_page("<html") {
        return Err(Why::Html);
    }
    // Texts of two bytes a character are UTF-8 by chance where all their letters are those of English.
    if text.contains('\0') {
        return Err(Why::NotUtf8);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(sort: &str, body: &[u8]) -> Answer {
        let mut headers = HeaderMap::new();
        if let Ok(sort) = HeaderValue::from_str(sort) {
            headers.insert(header::CONTENT_TYPE, sort);
        }
        Answer {
            status: StatusCode::OK,
            headers,
            body: body.to_owned(),
        }
    }

    #[test]
    fn a_text_is_what_says_that_it_is_one_and_is_in_utf_8() {
        for good in [
            "text/plain",
            "Text/Plain; Charset=UTF-8",
            "text/markdown; charset=\"utf-8\"; variant=GFM",
            "text/plain;charset=us-ascii",
        ] {
            assert_eq!(
                text(&answer(good, "Caf\u{e9}\n".as_bytes())).as_deref(),
                Ok("Caf\u{e9}\n"),
                "{good}"
            );
        }
        assert_eq!(text(&answer("text/plain; charset=utf-16", b"x")), Err(Why::NotUtf8));
        assert_eq!(text(&answer("text/plain", b" \n<HTML lang=en>")), Err(Why::Html));
        assert_eq!(
            text(&answer("text/plain", "\u{feff}<!DOCTYPE HTML>".as_bytes())),
            Err(Why::Html)
        );
        assert_eq!(text(&answer("text/csv", b"x")), Err(Why::NotText("text/csv".into())));
    }

    proptest! {
        #[test]
        fn whatever_is_answered_is_a_text_or_said_not_to_be(sort in "[ -~]{0,40}|text/plain; ?charset=[a-zA-Z0-9-]{0,9}", body in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(read) = text(&answer(&sort, &body)) {
                prop_assert_eq!(read.as_bytes(), &body[..]);
                prop_assert!(sort.to_ascii_lowercase().trim_start().starts_with("text/"));
            }
        }
    }
}

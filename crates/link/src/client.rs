//! Asking a relay: one request, one answer, both bounded in bytes and time. It goes over HTTP; a simulation puts a
//! [`Wire`] of its own in its place.

use reqwest::Url;
use reqwest::blocking::{Client as Http, ClientBuilder, Response};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read;
use std::time::Duration;
use sync::limits::{BODY_BYTES_MAX, Bounded, PAGE_OPS_MAX};
use sync::wire::ACQUIRE_WAIT_MS;
use sync::{Problem, ProblemCode, decode};

use crate::{LinkError, Result};

/// For the connection, and for a whole request with its answer.
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(30);
/// The same while a customer waits: what the relay itself waits for, and the way there and back.
const HURRIED_CONNECT: Duration = Duration::from_secs(1);
const HURRIED: Duration = Duration::from_millis(ACQUIRE_WAIT_MS + 2000);

/// What carries a message to a relay, and its answer back.
pub trait Wire: Send + Sync {
    /// Sends `body` to `path` with the till's credential, and brings the answer's status and body.
    ///
    /// # Errors
    /// `Offline` where no whole answer came; the relay may have done its part all the same.
    fn post(&self, path: &str, credential: Option<&str>, body: Vec<u8>) -> Result<(u16, Vec<u8>)>;
}

/// A relay.
pub struct Client {
    line: Line,
    credential: Option<String>,
    /// How many operations a page has at the most, both ways.
    pub(crate) page: usize,
}

enum Line {
    Http(Http, Url),
    Other(Box<dyn Wire>),
}

impl Client {
    /// The relay at `url` (`https://relay.example`; plain `http` only on this machine or a private network), asked with
    /// a credential where there is one.
    ///
    /// # Errors
    /// `bad_address`.
    pub fn new(url: &str, credential: Option<String>) -> Result<Self> {
        Self::within(url, credential, CONNECT, WHOLE)
    }

    fn within(url: &str, credential: Option<String>, connect: Duration, whole: Duration) -> Result<Self> {
        let url = address(url)?;
        // Refused where another part of the process was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = builder()
            .connect_timeout(connect)
            .timeout(whole)
            .build()
            .map_err(|e| LinkError::Offline(e.to_string()))?;
        Ok(Self {
            line: Line::Http(http, url),
            credential,
            page: PAGE_OPS_MAX,
        })
    }

    /// The same, for somebody who waits: it gives up sooner.
    ///
    /// # Errors
    /// `bad_address`.
    pub fn hurried(url: &str, credential: Option<String>) -> Result<Self> {
        Self::within(url, credential, HURRIED_CONNECT, HURRIED)
    }

    /// A relay at the end of another wire.
    #[must_use]
    pub fn over(wire: Box<dyn Wire>, credential: Option<String>) -> Self {
        Self {
            line: Line::Other(wire),
            credential,
            page: PAGE_OPS_MAX,
        }
    }

    /// The same with smaller pages, so that what lies between two of them is met with few operations, too.
    #[must_use]
    pub fn paging(self, ops: usize) -> Self {
        Self {
            page: ops.clamp(1, PAGE_OPS_MAX),
            ..self
        }
    }

    /// Opens a stream that the relay writes to for as long as it lasts; a read fails after `silence` without a byte.
    ///
    /// # Errors
    /// `Offline`, also where the relay has no such stream.
    pub fn stream(&self, path: &str, silence: Duration) -> Result<Response> {
        let offline = |e: &dyn std::fmt::Display| LinkError::Offline(e.to_string());
        let Line::Http(_, url) = &self.line else {
            return Err(LinkError::Offline("there is no stream here".into()));
        };
        let url = url.join(path).map_err(|_| LinkError::BadAddress)?;
        // The client's limit is for each read; one of the request would be for all of the stream.
        let http = builder().timeout(silence).build().map_err(|e| offline(&e))?;
        let mut request = http.get(url);
        if let Some(credential) = &self.credential {
            request = request.bearer_auth(credential);
        }
        let response = request.send().map_err(|e| offline(&e.without_url()))?;
        if !response.status().is_success() {
            return Err(LinkError::Offline(format!("it answered {}", response.status())));
        }
        Ok(response)
    }

    /// Sends a message to a path and reads the answer.
    ///
    /// # Errors
    /// `Offline` also where the answer is cut or is none of ours; `Refused`.
    pub fn post<T: DeserializeOwned + Bounded>(&self, path: &str, message: &impl Serialize) -> Result<T> {
        let body = serde_json::to_vec(message).map_err(|e| LinkError::Offline(e.to_string()))?;
        let (status, body) = match &self.line {
            Line::Http(http, url) => self.post_http(http, url, path, body)?,
            Line::Other(wire) => wire.post(path, self.credential.as_deref(), body)?,
        };
        if (200..300).contains(&status) {
            return decode(&body).map_err(|problem| LinkError::Offline(format!("its answer can't be read: {problem}")));
        }
        Err(match decode::<Problem>(&body) {
            Ok(problem) => LinkError::Refused(problem),
            Err(_) if status == 404 && said_code(&body).as_deref() == Some("not_found") => LinkError::TooOld,
            // A code that only a newer relay knows, with the status that says what kind it is.
            Err(_) => match ProblemCode::ALL.iter().find(|code| code.status() == status) {
                Some(code) if said_code(&body).is_some() => LinkError::Refused((*code).into()),
                _ => LinkError::Offline(format!("it answered {status}")),
            },
        })
    }

    fn post_http(&self, http: &Http, url: &Url, path: &str, body: Vec<u8>) -> Result<(u16, Vec<u8>)> {
        let url = url.join(path).map_err(|_| LinkError::BadAddress)?;
        let mut request = http.post(url).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(credential) = &self.credential {
            request = request.bearer_auth(credential);
        }
        // Without the address: what is told may end in a log.
        let response = request
            .send()
            .map_err(|e| LinkError::Offline(e.without_url().to_string()))?;
        Ok((response.status().as_u16(), whole(response)?))
    }
}

fn builder() -> ClientBuilder {
    Http::builder()
        .connect_timeout(CONNECT)
        .redirect(Policy::none())
        .user_agent(concat!("regulars/", env!("CARGO_PKG_VERSION")))
}

/// The code in an answer of a relay's kind.
fn said_code(body: &[u8]) -> Option<String> {
    let said: serde_json::Value = serde_json::from_slice(body).ok()?;
    said["code"].as_str().map(str::to_owned)
}

fn whole(response: Response) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    let most = BODY_BYTES_MAX as u64 + 1;
    response
        .take(most)
        .read_to_end(&mut body)
        .map_err(|e| LinkError::Offline(e.to_string()))?;
    Ok(body)
}

/// A relay's address: `https`, or `http` to this machine or a private network.
fn address(text: &str) -> Result<Url> {
    let text = text.trim();
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let mut url: Url = with_scheme.parse().map_err(|_| LinkError::BadAddress)?;
    let near = match url.host_str().map(|host| (host, host.trim_matches(['[', ']']).parse())) {
        None => return Err(LinkError::BadAddress),
        Some((_, Ok(std::net::IpAddr::V4(ip)))) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        Some((_, Ok(std::net::IpAddr::V6(ip)))) => ip.is_loopback() || ip.is_unique_local(),
        Some((host, Err(_))) => host == "localhost" || host.ends_with(".local"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && near) {
        return Err(LinkError::BadAddress);
    }
    url.set_path("/");
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Says(u16, &'static str);

    impl Wire for Says {
        fn post(&self, _: &str, _: Option<&str>, _: Vec<u8>) -> Result<(u16, Vec<u8>)> {
            Ok((self.0, self.1.as_bytes().to_vec()))
        }
    }

    #[test]
    fn a_relay_without_that_address_is_too_old_and_anything_else_is_away() {
        let code = |status, body| {
            let client = Client::over(Box::new(Says(status, body)), None);
            let said: Result<sync::mail::MailAnswer> = client.post("/v1/mail", &sync::mail::MailRequest::Look);
            said.unwrap_err().code()
        };
        assert_eq!(code(404, r#"{"code":"not_found","message":"x"}"#), "relay_too_old");
        assert_eq!(code(404, "<h1>Not found</h1>"), "offline");
        assert_eq!(code(404, r#"{"code":"bad_code"}"#), "bad_code");
        assert_eq!(code(503, r#"{"code":"something_new"}"#), "unavailable");
    }

    #[test]
    fn secrets_go_in_the_clear_only_where_nobody_listens() {
        for good in [
            "https://relay.example",
            "relay.example",
            "http://127.0.0.1:8080",
            "http://192.168.1.5",
            "http://[::1]:80",
            "http://localhost:1/x",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://relay.example",
            "ftp://relay.example",
            "",
            "http://8.8.8.8",
            "http://127.0.0.1.example.com",
        ] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}

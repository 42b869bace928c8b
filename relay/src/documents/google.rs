//! Google Docs by a service account: a token by its signature (RFC 7523), kept as long as it is good, and the document
//! as plain text by Google Drive's `files.export`.

use loyalty::{ShopId, UtcMs};
use reqwest::Method;
use reqwest::header::{self, HeaderMap, HeaderValue};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use url::Url;

use super::fetch::{Answer, Outside, Question, text};
use super::problem::Why;
use super::service_account::ServiceAccount;

/// Where tokens are made.
const TOKENS: &str = "https://oauth2.googleapis.com/token";
/// Where documents are.
const FILES: &str = "https://www.googleapis.com/drive/v3/files/";
/// A token is used no more so long before it ends.
const EARLY_MS: i64 = 60_000;
/// Longest token that is believed.
const TOKEN_MAX: usize = 4096;

/// Google, and the tokens that are still good.
pub struct Google {
    tokens_at: Url,
    files_at: Url,
    tokens: Mutex<HashMap<(ShopId, String), Token>>,
}

#[derive(Clone)]
struct Token {
    text: String,
    until: UtcMs,
}

impl Default for Google {
    fn default() -> Self {
        let known = |address: &str| Url::parse(address).expect("the address stands in this file and a test reads it");
        Self::at(known(TOKENS), known(FILES))
    }
}

/// Google's answer to a signature.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

/// Google's words for why not.
#[derive(Deserialize)]
struct Refused {
    error: RefusedError,
}

#[derive(Deserialize)]
struct RefusedError {
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

impl Google {
    /// Where tokens are made and documents are: for tests.
    #[must_use]
    pub fn at(tokens_at: Url, files_at: Url) -> Self {
        Self {
            tokens_at,
            files_at,
            tokens: Mutex::default(),
        }
    }

    fn kept(&self, whose: &(ShopId, String), now: UtcMs) -> Option<String> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(whose).filter(|token| token.until > now)?;
        Some(token.text.clone())
    }

    fn keep(&self, whose: (ShopId, String), token: Token, now: UtcMs) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, token| token.until > now);
        tokens.insert(whose, token);
    }

    fn forget(&self, whose: &(ShopId, String)) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).remove(whose);
    }
}

impl Outside {
    /// A Google Doc as plain text.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn export(&self, shop: ShopId, account: &ServiceAccount, id: &str, now: UtcMs) -> Result<String, Why> {
        let whose = (shop, account.address.clone());
        let mut fresh = false;
        loop {
            let token = match self.google.kept(&whose, now) {
                Some(token) => token,
                None => {
                    fresh = true;
                    self.token(&whose, account, now).await?
                }
            };
            let answer = self.exported(id, &token).await?;
            match answer.status.as_u16() {
                200 => return text(&answer),
                // Google may end a token early; one that was made just now is refused for good.
                401 if !fresh => self.google.forget(&whose),
                401 => {
                    self.google.forget(&whose);
                    return Err(Why::GoogleKey);
                }
                403 => return Err(forbidden(&answer.body, account)),
                404 => return Err(Why::NotShared(account.address.clone())),
                429 => return Err(Why::Busy),
                status @ 500..=599 => return Err(Why::Server(status)),
                status => return Err(Why::Answer(status)),
            }
        }
    }

    async fn exported(&self, id: &str, token: &str) -> Result<Answer, Why> {
        let mut url = self.google.files_at.join(id).map_err(|_| Why::NotFound)?;
        url.path_segments_mut().map_err(|()| Why::NotFound)?.push("export");
        url.set_query(Some("mimeType=text/plain"));
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut bearer = bearer.map_err(|_| Why::GoogleKey)?;
        bearer.set_sensitive(true);
        let question = Question {
            method: Method::GET,
            headers: HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]),
            body: String::new(),
            hops: 0,
        };
        self.ask(&url, question).await
    }

    async fn token(&self, whose: &(ShopId, String), account: &ServiceAccount, now: UtcMs) -> Result<String, Why> {
        let assertion = account.assertion(self.google.tokens_at.as_str(), now);
        let assertion = assertion.map_err(|_| Why::GoogleKey)?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .append_pair("assertion", &assertion)
            .finish();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let question = Question {
            method: Method::POST,
            headers: HeaderMap::from_iter([(header::CONTENT_TYPE, form)]),
            body,
            hops: 0,
        };
        let answer = self.ask(&self.google.tokens_at, question).await?;
        match answer.status.as_u16() {
            200 => {}
            429 => return Err(Why::Busy),
            status @ 500..=599 => return Err(Why::Server(status)),
            _ => return Err(Why::GoogleKey),
        }
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| Why::Answer(200))?;
        if granted.access_token.len() > TOKEN_MAX {
            return Err(Why::Answer(200));
        }
        let good_for = granted.expires_in.clamp(0, 24 * 3600) * 1000;
        let token = Token {
            text: granted.access_token.clone(),
            until: UtcMs(now.0 + good_for - EARLY_MS),
        };
        self.google.keep(whose.clone(), token, now);
        Ok(granted.access_token)
    }
}

/// Google answers 403 for several things; its word tells which.
fn forbidden(body: &[u8], account: &ServiceAccount) -> Why {
    let said: Option<Refused> = serde_json::from_slice(body).ok();
    let reason = said.and_then(|said| said.error.errors.into_iter().next());
    match reason.map(|reason| reason.reason).unwrap_or_default().as_str() {
        "rateLimitExceeded" | "userRateLimitExceeded" | "dailyLimitExceeded" => Why::Busy,
        "exportSizeLimitExceeded" => Why::TooLarge,
        "fileNotExportable" => Why::NotText("not a Google Doc".into()),
        "accessNotConfigured" => Why::GoogleOff,
        _ => Why::NotShared(account.address.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn googles_addresses_are_https_and_a_documents_is_below_them() {
        let google = Google::default();
        assert_eq!(
            (google.tokens_at.scheme(), google.files_at.scheme()),
            ("https", "https")
        );
        let joined = google.files_at.join("1aB-_").unwrap();
        assert_eq!(joined.as_str(), "https://www.googleapis.com/drive/v3/files/1aB-_");
    }
}

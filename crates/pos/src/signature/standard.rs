//! Our own webhooks, in and out: <https://www.standardwebhooks.com>, symmetric signatures (`v1`).

use loyalty::UtcMs;
use std::fmt;

use super::{SignatureError, any_fits, base64, check_time, hmac, needed, to_base64};
use ::hmac::Mac as _;

/// The header with the message's id, which is the same when it is sent again.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of sending, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with the signatures.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

const PREFIX: &str = "whsec_";
const SECRET_BYTES_MIN: usize = 16;
const SECRET_BYTES_MAX: usize = 64;

/// A secret that both sides share. It can be shown once, and never shows by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The secret of random bytes; 32 are a good number.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads `whsec_` and base64 of 16 to 64 bytes, as [`Secret::reveal`] writes it. Blanks around it don't matter, so
    /// that the text of a file will do.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = base64(text.trim().strip_prefix(PREFIX)?)?;
        (SECRET_BYTES_MIN..=SECRET_BYTES_MAX)
            .contains(&bytes.len())
            .then_some(Self(bytes))
    }

    /// As the other side needs it: `whsec_…`.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", to_base64(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The three headers of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Headers {
    /// [`ID_HEADER`].
    pub id: String,
    /// [`TIMESTAMP_HEADER`].
    pub timestamp: String,
    /// [`SIGNATURE_HEADER`].
    pub signature: String,
}

impl Headers {
    /// A header by its name, as [`verify`] asks for it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match name {
            ID_HEADER => Some(&self.id),
            TIMESTAMP_HEADER => Some(&self.timestamp),
            SIGNATURE_HEADER => Some(&self.signature),
            _ => None,
        }
    }
}

/// Signs a message sent `at` that time, once by each secret: while one is rotated, by the old and the new. `id` has no
/// point in it, or two messages could read alike.
#[must_use]
pub fn sign(secrets: &[Secret], id: &str, at: UtcMs, body: &[u8]) -> Headers {
    let timestamp = at.0.div_euclid(1000).to_string();
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let mac = hmac(&secret.0, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
            format!("v1,{}", to_base64(&mac.finalize().into_bytes()))
        })
        .collect();
    Headers {
        id: id.to_owned(),
        signature: signatures.join(" "),
        timestamp,
    }
}

/// Checks a message against every secret in force, and returns its id.
///
/// # Errors
/// [`SignatureError::Missing`] without one of the three headers; `Malformed` where none of the signatures is a `v1` or
/// the time is no number; `TooOld` and `TooEarly` beyond five minutes; `Wrong` where nothing fits.
pub fn verify<'h>(
    secrets: &[Secret],
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    now: UtcMs,
) -> Result<&'h str, SignatureError> {
    let id = needed(&header, ID_HEADER)?;
    let timestamp = needed(&header, TIMESTAMP_HEADER)?;
    let signatures: Vec<Vec<u8>> = needed(&header, SIGNATURE_HEADER)?
        .split_ascii_whitespace()
        .filter_map(|signature| signature.strip_prefix("v1,").and_then(base64))
        .collect();
    if signatures.is_empty() {
        return Err(SignatureError::Malformed);
    }
    check_time(timestamp, now)?;
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    if any_fits(secrets.iter().map(|s| s.0.as_slice()), &parts, &signatures) {
        Ok(id)
    } else {
        Err(SignatureError::Wrong)
    }
}

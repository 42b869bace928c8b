//! Whether a webhook was sent by who shares its secret, and is fresh. Over the raw bytes, in constant time.
//!
//! Here: our own webhooks, which follow the Standard Webhooks specification, and three providers' ways. Not here: HTTP,
//! the clock (times are handed in), remembering which ids came before: a replay within the tolerance is refused by
//! whoever keeps ids. Headers are asked for by lower-case name.

pub mod shopify;
pub mod square;
pub mod standard;
pub mod stripe;

use hmac::{Hmac, Mac};
use loyalty::UtcMs;
use sha2::Sha256;

/// How far a signed time may be from now, either way.
pub const TOLERANCE_MS: i64 = 300_000;
/// How many signatures of one message are looked at: more than any rotation needs.
const SIGNATURES_MAX: usize = 16;

/// Why a message is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureError {
    /// A header that is needed is not there, or empty.
    #[error("The message is not signed. Check that the sender has the secret.")]
    Missing,
    /// A header can't be read.
    #[error("The signature can't be read. Check which kind of webhook this is.")]
    Malformed,
    /// It was signed more than five minutes ago.
    #[error("The message is too old. Check the sender's clock and this computer's.")]
    TooOld,
    /// It was signed more than five minutes from now.
    #[error("The message is from the future. Check the sender's clock and this computer's.")]
    TooEarly,
    /// No signature fits any secret.
    #[error("The signature is wrong. Check that both sides have the same secret.")]
    Wrong,
}

/// The HMAC-SHA256 of the parts, one behind the other.
fn hmac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac
}

/// Whether any signature is one of the parts by any key. Empty keys never fit. All are tried, whichever fits.
fn any_fits<'k>(keys: impl IntoIterator<Item = &'k [u8]>, parts: &[&[u8]], signatures: &[Vec<u8>]) -> bool {
    let mut fits = false;
    for key in keys.into_iter().filter(|key| !key.is_empty()) {
        let mac = hmac(key, parts);
        for signature in signatures.iter().take(SIGNATURES_MAX) {
            fits |= mac.clone().verify_slice(signature).is_ok();
        }
    }
    fits
}

/// Checks a time in seconds since 1970 against now.
fn check_time(seconds: &str, now: UtcMs) -> Result<(), SignatureError> {
    let plain = !seconds.is_empty() && seconds.len() <= 15 && seconds.bytes().all(|b| b.is_ascii_digit());
    let seconds: i64 = seconds
        .parse()
        .ok()
        .filter(|_| plain)
        .ok_or(SignatureError::Malformed)?;
    let ahead_ms = (seconds * 1000).saturating_sub(now.0);
    if ahead_ms > TOLERANCE_MS {
        Err(SignatureError::TooEarly)
    } else if ahead_ms < -TOLERANCE_MS {
        Err(SignatureError::TooOld)
    } else {
        Ok(())
    }
}

/// A header that must be there.
fn needed<'h>(header: &impl Fn(&str) -> Option<&'h str>, name: &str) -> Result<&'h str, SignatureError> {
    header(name)
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .ok_or(SignatureError::Missing)
}

/// Reads base64 as HMACs are written in headers.
fn base64(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

fn to_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

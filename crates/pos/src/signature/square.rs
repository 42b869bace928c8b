//! Square's webhooks: <https://developer.squareup.com/docs/webhooks/step3validate>.

use super::{SignatureError, any_fits, base64, needed};

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-square-hmacsha256-signature";

/// Checks a message. `url` is the notification URL exactly as Square's settings have it, which is part of what is
/// signed; no time is.
///
/// # Errors
/// [`SignatureError::Missing`] without the header, `Malformed` where it is not base64, `Wrong` where no key fits.
pub fn verify<'h>(
    keys: &[&str],
    url: &str,
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let signature = base64(needed(&header, SIGNATURE_HEADER)?).ok_or(SignatureError::Malformed)?;
    if any_fits(keys.iter().map(|k| k.as_bytes()), &[url.as_bytes(), body], &[signature]) {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

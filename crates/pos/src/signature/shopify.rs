//! Shopify's webhooks: <https://shopify.dev/docs/apps/build/webhooks/subscribe/https>.

use super::{SignatureError, any_fits, base64, needed};

/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-shopify-hmac-sha256";

/// Checks a message. No time is signed.
///
/// # Errors
/// [`SignatureError::Missing`] without the header, `Malformed` where it is not base64, `Wrong` where no secret fits.
pub fn verify<'h>(
    secrets: &[&str],
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
) -> Result<(), SignatureError> {
    let signature = base64(needed(&header, SIGNATURE_HEADER)?).ok_or(SignatureError::Malformed)?;
    if any_fits(secrets.iter().map(|s| s.as_bytes()), &[body], &[signature]) {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

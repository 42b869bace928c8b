//! Stripe's webhooks: <https://docs.stripe.com/webhooks/signature>.

use loyalty::UtcMs;

use super::{SignatureError, any_fits, check_time, needed};

/// The header with time and signatures: `t=1614265330,v1=…,v1=…`.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// Checks a message. The secret's text, `whsec_` included, is the key.
///
/// # Errors
/// [`SignatureError::Missing`] without the header; `Malformed` without a time or a `v1` in it; `TooOld` and `TooEarly`
/// beyond five minutes; `Wrong` where nothing fits.
pub fn verify<'h>(
    secrets: &[&str],
    header: impl Fn(&str) -> Option<&'h str>,
    body: &[u8],
    now: UtcMs,
) -> Result<(), SignatureError> {
    let parts: Vec<(&str, &str)> = needed(&header, SIGNATURE_HEADER)?
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .collect();
    let mut times = parts.iter().filter(|(name, _)| *name == "t").map(|(_, time)| *time);
    // Two times would leave open which one is signed.
    let (Some(time), None) = (times.next(), times.next()) else {
        return Err(SignatureError::Malformed);
    };
    let signatures: Vec<Vec<u8>> = parts
        .iter()
        .filter(|(name, _)| *name == "v1")
        .filter_map(|(_, signature)| hex(signature))
        .collect();
    if signatures.is_empty() {
        return Err(SignatureError::Malformed);
    }
    check_time(time, now)?;
    if any_fits(
        secrets.iter().map(|s| s.as_bytes()),
        &[time.as_bytes(), b".", body],
        &signatures,
    ) {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

/// Reads pairs of hexadecimal digits.
fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? * 16 + digit(*low)?))
        .collect()
}

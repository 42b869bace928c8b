//! Reading a request's JSON: whole, small enough, and told apart from garbage without repeating what was in it.

use axum::body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::answer::Refused;

/// How much of a body that is too long is read and forgotten, so that its sender gets to hear the answer.
const DRAIN_FACTOR: usize = 4;

/// Reads at most `max` bytes of JSON.
///
/// # Errors
/// `too_large`, `malformed`, or `broken_off` where the sender stopped in the middle.
pub async fn json<T: DeserializeOwned>(body: Body, max: usize) -> Result<T, Refused> {
    let bytes = read(body, max).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        // serde's own words may repeat the value that did not fit.
        Refused::malformed(&format!(
            "{:?} error at line {} column {}",
            error.classify(),
            error.line(),
            error.column()
        ))
    })
}

async fn read(body: Body, max: usize) -> Result<Vec<u8>, Refused> {
    let mut body = Limited::new(body, max.saturating_mul(DRAIN_FACTOR));
    let (mut whole, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) if error.is::<LengthLimitError>() => return Err(Refused::too_large(max)),
            Err(_) => return Err(Refused::malformed("it broke off in the middle")),
        };
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length <= max {
                whole.extend_from_slice(&data);
            }
        }
    }
    if length > max {
        Err(Refused::too_large(max))
    } else {
        Ok(whole)
    }
}

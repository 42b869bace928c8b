//! Reading a request's message: whole, small enough, and checked by `sync`.

use axum::body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use sync::limits::{BODY_BYTES_MAX, Bounded};
use sync::{Problem, ProblemCode};

use super::answer::Refused;

/// How much of a body that is too long is read and forgotten, so that its sender gets to hear the answer.
const DRAIN_MAX: usize = 4 * BODY_BYTES_MAX;

/// Reads a message.
///
/// # Errors
/// `too_large`, `bad_request`, `protocol_too_old`, `protocol_too_new`.
pub async fn message<T: DeserializeOwned + Bounded>(body: Body) -> Result<T, Refused> {
    let bytes = read(body).await?;
    Ok(sync::decode(&bytes)?)
}

async fn read(body: Body) -> Result<Vec<u8>, Refused> {
    let limit = i64::try_from(BODY_BYTES_MAX).unwrap_or(i64::MAX);
    let too_large = || Refused::from(Problem::new(ProblemCode::TooLarge, "body").with(limit));
    let mut body = Limited::new(body, DRAIN_MAX);
    let (mut whole, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
            Err(_) => return Err(Refused::bad("it broke off in the middle")),
        };
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length <= BODY_BYTES_MAX {
                whole.extend_from_slice(&data);
            }
        }
    }
    if length > BODY_BYTES_MAX {
        Err(too_large())
    } else {
        Ok(whole)
    }
}

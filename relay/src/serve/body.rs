//! Reading a request's message: whole, small enough, and checked by `sync`.

use axum::body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use sync::limits::{BODY_BYTES_MAX, Bounded};
use sync::{Problem, ProblemCode};

use super::answer::Refused;

/// How much more of a body that is too long is read and forgotten, so that its sender gets to hear the answer, and its
/// next request on the same connection is not lost.
const DRAIN: usize = 3 * BODY_BYTES_MAX;

/// Why a body was not read.
pub enum Unread {
    /// It has more bytes than fit.
    TooLong,
    /// Its sender stopped in the middle.
    BrokeOff,
}

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
    whole(body, BODY_BYTES_MAX).await.map_err(|why| match why {
        Unread::TooLong => Problem::new(ProblemCode::TooLarge, "body").with(limit).into(),
        Unread::BrokeOff => Refused::bad("it broke off in the middle"),
    })
}

/// Reads a body of at most `longest` bytes.
///
/// # Errors
/// Where it is longer, or ends in the middle.
pub async fn whole(body: Body, longest: usize) -> Result<Vec<u8>, Unread> {
    let mut body = Limited::new(body, longest + DRAIN);
    let (mut whole, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) if error.is::<LengthLimitError>() => return Err(Unread::TooLong),
            Err(_) => return Err(Unread::BrokeOff),
        };
        if let Ok(data) = frame.into_data() {
            length += data.len();
            if length <= longest {
                whole.extend_from_slice(&data);
            }
        }
    }
    if length > longest {
        Err(Unread::TooLong)
    } else {
        Ok(whole)
    }
}

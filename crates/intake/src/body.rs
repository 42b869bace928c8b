//! Reading a request's body: whole, small enough, and in time.

use axum::body::Body;
use http_body_util::BodyExt;
use std::time::Duration;

/// The longest body that is taken, in bytes.
pub const BODY_MAX: usize = 256 * 1024;
/// How much of a body that is too long is read and forgotten, so that its sender gets to hear the answer.
const DRAIN_MAX: usize = 4 * 1024 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Why there is no body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unread {
    /// Longer than [`BODY_MAX`].
    TooLong,
    /// It did not come in time.
    Late,
    /// The sender broke off, or broke the protocol.
    Broken,
}

/// Reads it.
pub async fn read(body: Body) -> Result<Vec<u8>, Unread> {
    tokio::time::timeout(BODY_TIME, all(body))
        .await
        .unwrap_or(Err(Unread::Late))
}

async fn all(mut body: Body) -> Result<Vec<u8>, Unread> {
    let (mut whole, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        length += data.len();
        if length <= BODY_MAX {
            whole.extend_from_slice(&data);
        } else if length > DRAIN_MAX {
            break;
        }
    }
    if length > BODY_MAX {
        Err(Unread::TooLong)
    } else {
        Ok(whole)
    }
}

//! What a service says no with, and what keeps a request from reaching it, as our closed codes.

use chrono::{DateTime, Utc};
use reqwest::blocking::Response;
use reqwest::header::DATE;
use std::error::Error as _;
use std::io::Read as _;

use super::{S3, SAID_MAX};
use crate::shelf::{ShelfCode, ShelfError};

/// A clock that is further off than this is why a signature is refused: services allow a quarter of an hour.
const SKEW_S: i64 = 600;

/// A request that brought no answer.
pub(super) fn unsent(s3: &S3, error: reqwest::Error) -> ShelfError {
    let error = error.without_url();
    let (mut words, mut inner) = (error.to_string(), error.source());
    while let Some(cause) = inner {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        inner = cause.source();
    }
    let lower = words.to_lowercase();
    let code = if lower.contains("certificate") || lower.contains("unknownissuer") {
        ShelfCode::Certificate
    } else {
        ShelfCode::Unreachable
    };
    ShelfError::new(code, s3, words)
}

/// All of an answer that is no backup, within bounds.
pub(super) fn text(s3: &S3, answer: Response) -> Result<String, ShelfError> {
    let mut text = String::new();
    answer
        .take(SAID_MAX)
        .read_to_string(&mut text)
        .map_err(|error| ShelfError::new(ShelfCode::Unreachable, s3, error))?;
    Ok(text)
}

/// An answer that says no.
pub(super) fn refused(s3: &S3, answer: Response) -> ShelfError {
    let status = answer.status().as_u16();
    let its_clock = answer.headers().get(DATE).and_then(|date| {
        let date = DateTime::parse_from_rfc2822(date.to_str().ok()?).ok()?;
        Some(date.to_utc())
    });
    let body = text(s3, answer).unwrap_or_default();
    let key = between(&body, "<Code>", "</Code>").unwrap_or_default();
    let off = its_clock.is_some_and(|its| (its - now()).num_seconds().abs() > SKEW_S);
    let code = code_of(status, key, off);
    let message = between(&body, "<Message>", "</Message>").unwrap_or_default();
    let message: String = message.chars().take(200).collect();
    ShelfError::new(code, s3, format!("{status} {key} {message}").trim_end())
}

#[expect(
    clippy::disallowed_methods,
    reason = "compared with the service's clock alone; nothing is decided by it"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(inner, _)| inner)
}

/// The code for a status, the service's own word and whether the two clocks are far apart.
fn code_of(status: u16, key: &str, off: bool) -> ShelfCode {
    match key {
        "RequestTimeTooSkewed" | "RequestExpired" => return ShelfCode::Clock,
        "NoSuchBucket" => return ShelfCode::NoBucket,
        "NoSuchKey" => return ShelfCode::Gone,
        "PermanentRedirect"
        | "TemporaryRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "AuthorizationQueryParametersError" => {
            return ShelfCode::Region;
        }
        "QuotaExceeded"
        | "QuotaExceededException"
        | "XMinioStorageFull"
        | "InsufficientCapacity"
        | "EntityTooLarge"
        | "ServiceQuotaExceededException"
        | "TooManyBuckets" => return ShelfCode::Full,
        _ => {}
    }
    match status {
        401 | 403 if off => ShelfCode::Clock,
        _ if matches!(
            key,
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "NotSignedUp"
        ) =>
        {
            ShelfCode::WrongKey
        }
        401 => ShelfCode::WrongKey,
        403 => ShelfCode::NotAllowed,
        404 => ShelfCode::Gone,
        301 | 302 | 307 | 308 => ShelfCode::Region,
        413 | 507 => ShelfCode::Full,
        408 | 429 | 500..=599 => ShelfCode::Busy,
        _ => ShelfCode::Io,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::proptest;

    #[test]
    fn services_say_no_in_many_ways() {
        use ShelfCode as S;
        for (status, key, off, code) in [
            (403, "InvalidAccessKeyId", false, S::WrongKey),
            (403, "SignatureDoesNotMatch", false, S::WrongKey),
            (403, "SignatureDoesNotMatch", true, S::Clock),
            (403, "RequestTimeTooSkewed", false, S::Clock),
            (403, "AccessDenied", true, S::Clock),
            (403, "AccessDenied", false, S::NotAllowed),
            (404, "NoSuchBucket", false, S::NoBucket),
            (404, "", false, S::Gone),
            (301, "PermanentRedirect", false, S::Region),
            (400, "AuthorizationHeaderMalformed", false, S::Region),
            (507, "XMinioStorageFull", false, S::Full),
            (503, "SlowDown", false, S::Busy),
            (500, "InternalError", true, S::Busy),
            (418, "", false, S::Io),
        ] {
            assert_eq!(code_of(status, key, off), code, "{status} {key}");
        }
        assert_eq!(between("<Error><Code>X</Code>", "<Code>", "</Code>"), Some("X"));
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(status in 0u16..1000, body in "\\PC{0,60}") {
            let key = between(&body, "<Code>", "</Code>").unwrap_or_default();
            let _ = code_of(status, key, false);
        }
    }
}

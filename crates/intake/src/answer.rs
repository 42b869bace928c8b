//! What a sender hears: a status and JSON. Refusals say which field, by JSON pointer, and what to do.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use ledger::StorageError;
use loyalty::{Code, Currency, Money, Refusal};
use pos::payload::{FieldError, PayloadError};
use pos::signature::SignatureError;
use serde_json::{Value, json};

use crate::body::Unread;

/// A status and what is said with it.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// A JSON object.
    pub json: Value,
}

impl Answer {
    /// Done.
    pub fn done(json: Value) -> Self {
        Self {
            status: StatusCode::OK,
            json,
        }
    }

    /// An error with a closed code.
    pub fn error(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            json: json!({"error": {"code": code, "message": message}}),
        }
    }

    /// No such page.
    pub fn not_found() -> Self {
        Self::error(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here. Check the address.",
        )
    }

    /// The page is there, and takes POST only.
    pub fn not_allowed() -> Self {
        let message = "This address takes POST only. Check how the sender is set up.";
        Self::error(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// Not a JSON content type.
    pub fn not_json() -> Self {
        let message = "Only JSON is taken. Send it with Content-Type: application/json.";
        Self::error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
    }

    /// Something broke that should not.
    pub fn broken() -> Self {
        let message = "Something went wrong here. Send it again; a sale is never counted twice.";
        Self::error(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    fn fields(code: &str, message: &str, fields: &[Value]) -> Self {
        let error = json!({"code": code, "message": message, "fields": fields});
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            json: json!({"error": error}),
        }
    }

    /// The programme says no. `pointer` finds the field in what was sent.
    pub fn refused(refusal: &Refusal, currency: Currency, pointer: impl Fn(&str) -> String) -> Self {
        let (code, message) = (refusal.code.as_str(), refusal.code.sentence());
        let mut answer = Self::fields(
            code,
            message,
            &[field(&pointer(&refusal.field), refusal.code, &refusal.value)],
        );
        if refusal.code == Code::SaleDiffers {
            answer.status = StatusCode::CONFLICT;
        }
        if let (Code::RefundTooLarge, Some(left)) = (refusal.code, refusal.number) {
            answer.json["error"]["left"] = Money::new(left, currency).plain().into();
        }
        answer
    }
}

fn field(pointer: &str, code: Code, value: &str) -> Value {
    json!({"pointer": pointer, "code": code, "message": code.sentence(), "value": value})
}

impl From<Unread> for Answer {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong => Self::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The body is longer than 256 KiB. Send one sale at a time.",
            ),
            Unread::Late => Self::error(
                StatusCode::REQUEST_TIMEOUT,
                "timeout",
                "The body did not come in time. Send it again.",
            ),
            Unread::Broken => Self::error(
                StatusCode::BAD_REQUEST,
                "broken",
                "The body could not be read. Send it again.",
            ),
        }
    }
}

impl From<SignatureError> for Answer {
    fn from(error: SignatureError) -> Self {
        let code = match error {
            SignatureError::Missing => "signature_missing",
            SignatureError::Malformed => "signature_malformed",
            SignatureError::TooOld => "signature_too_old",
            SignatureError::TooEarly => "signature_too_early",
            SignatureError::Wrong => "signature_wrong",
        };
        Self::error(StatusCode::UNAUTHORIZED, code, &error.to_string())
    }
}

impl From<PayloadError> for Answer {
    fn from(error: PayloadError) -> Self {
        match error {
            PayloadError::NotJson => Self::fields(
                "bad_json",
                "The body is not JSON that can be read. Check what the sender writes.",
                &[json!({"pointer": "", "code": "bad_json", "message": "This is not JSON.", "value": ""})],
            ),
            PayloadError::Fields(errors) => {
                let one = |e: &FieldError| field(&e.pointer, e.code, &e.value);
                let all: Vec<Value> = errors.iter().map(one).collect();
                Self::fields(
                    "bad_fields",
                    "Some fields are missing or wrong. Correct them and send it again.",
                    &all,
                )
            }
        }
    }
}

impl From<StorageError> for Answer {
    /// The machine's own words and paths stay here.
    fn from(error: StorageError) -> Self {
        Self::error(
            StatusCode::SERVICE_UNAVAILABLE,
            error.code.as_str(),
            error.code.sentence(),
        )
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.json.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            // The rest of what was sent is not waited for.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

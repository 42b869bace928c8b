//! What a client hears when the answer is no: a status and `{"error": {"code", "message", …}}` with a closed code.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::store::DbError;
use crate::store::tills::Closed;

/// A no. It has happened to nothing: what is refused is not written, not even in part.
#[derive(Clone, Debug)]
pub struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    more: Map<String, Value>,
    retry_after: Option<u64>,
}

/// The code of a refusal, left in the answer for the log and the counters.
#[derive(Clone, Copy, Debug)]
pub struct RefusedCode(pub &'static str);

impl Refused {
    /// A no with a closed code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            more: Map::new(),
            retry_after: None,
        }
    }

    /// With a further field beside code and message.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// With the seconds after which it may be asked again.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// No such page, till or shop.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here. Check the address.",
        )
    }

    /// The page is there and takes other methods.
    #[must_use]
    pub fn not_allowed() -> Self {
        let message = "This address does not take that method. /openapi.json says which it takes.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// What was sent is not what this address takes. `what` says where and why, without repeating the sender's data.
    #[must_use]
    pub fn malformed(what: &str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "malformed",
            format!("This can't be read: {what}."),
        )
    }

    /// More than is taken at once.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let message = format!("This is more than {limit} bytes. Send smaller pages.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// It took too long to come in or to be answered.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "This took too long. Send it again; nothing is done twice.",
        )
    }

    /// Too many requests.
    #[must_use]
    pub fn too_many(seconds: u64) -> Self {
        let message = format!("These are too many requests. Wait {seconds} seconds, then go on.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message).after(seconds)
    }

    /// Something broke that should not.
    #[must_use]
    pub fn broken() -> Self {
        let message = "Something went wrong at the relay. Send it again; nothing is done twice.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<Closed> for Refused {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Unknown => Self::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "The relay does not know this till. Pair it again with a new code.",
            ),
            Closed::Revoked => Self::new(
                StatusCode::UNAUTHORIZED,
                "revoked",
                "This till was taken out of the shop. Pair it again if that was a mistake.",
            ),
            Closed::Suspended => Self::new(
                StatusCode::FORBIDDEN,
                "suspended",
                "This shop is suspended at the relay. Ask whoever runs the relay.",
            ),
        }
    }
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        // A constraint's own words can hold the values that broke it, and those may be a person's: they stay out.
        match error {
            DbError::Away(sqlx) => {
                tracing::warn!(kind = kind(&sqlx), "database_away");
                let message = "The relay can't reach its database just now. Try again in a moment.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message).after(1)
            }
            DbError::Refused(sqlx) => {
                tracing::error!(kind = kind(&sqlx), "database_refused");
                Self::broken()
            }
            DbError::Broken(what) => {
                tracing::error!(what, "database_failed");
                Self::broken()
            }
            DbError::Unknown => Self::broken(),
        }
    }
}

/// What kind of failure it is, in words that hold nobody's data.
fn kind(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(said) => {
            format!(
                "{} {}",
                said.code().unwrap_or_default(),
                said.constraint().unwrap_or_default()
            )
        }
        sqlx::Error::Io(io) => format!("io {:?}", io.kind()),
        sqlx::Error::PoolTimedOut => "pool timed out".into(),
        _ => "connection".into(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut error = self.more;
        error.insert("code".into(), self.code.into());
        error.insert("message".into(), self.message.into());
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(RefusedCode(self.code));
        response
    }
}

//! What a client hears when the answer is no: the status and [`Problem`] of the protocol. A page that is not part of the
//! protocol has three codes more: `not_found`, `method_not_allowed` and `not_believed`.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use sync::{Problem, ProblemCode};

use crate::store::DbError;
use crate::store::tills::Closed;

/// A no. What is refused has changed nothing, not even in part.
#[derive(Clone, Debug)]
pub struct Refused {
    status: StatusCode,
    code: &'static str,
    body: Value,
    retry_ms: Option<u64>,
}

/// The code of a refusal, left in the answer for the log and the counters, with its word for readers of logs.
#[derive(Clone, Debug)]
pub struct Told {
    /// The code.
    pub code: &'static str,
    /// The word.
    pub detail: String,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let mut body = serde_json::to_value(&problem).unwrap_or_default();
        body["message"] = problem.code.sentence().into();
        Self {
            status: StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::BAD_REQUEST),
            code: problem.code.as_str(),
            body,
            retry_ms: problem.retry_ms,
        }
    }
}

impl From<ProblemCode> for Refused {
    fn from(code: ProblemCode) -> Self {
        Problem::from(code).into()
    }
}

impl Refused {
    fn plain(status: StatusCode, code: &'static str, message: &str) -> Self {
        let body = json!({"code": code, "message": message});
        Self {
            status,
            code,
            body,
            retry_ms: None,
        }
    }

    /// No such page.
    #[must_use]
    pub fn not_found() -> Self {
        Self::plain(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here. Check the address.",
        )
    }

    /// The page is there and takes other methods.
    #[must_use]
    pub fn not_allowed() -> Self {
        let message = "This address does not take that method. /openapi.json says which it takes.";
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// A program's key that opens nothing here.
    #[must_use]
    pub fn key(closed: Closed) -> Self {
        match closed {
            Closed::Suspended => ProblemCode::Suspended.into(),
            Closed::Unknown | Closed::Revoked => Self::plain(
                StatusCode::UNAUTHORIZED,
                "unknown_key",
                "This key opens nothing here. Make one with `regulars-relay key add`.",
            ),
        }
    }

    /// A key that may only read.
    #[must_use]
    pub fn read_only() -> Self {
        let message = "This key may only read. Make one with `regulars-relay key add --write`.";
        Self::plain(StatusCode::FORBIDDEN, "read_only", message)
    }

    /// A change that can't be made: why, and what can.
    #[must_use]
    pub fn change(status: StatusCode, code: &'static str, message: &str, free: &[String]) -> Self {
        let mut refused = Self::plain(status, code, message);
        if !free.is_empty() {
            refused.body["free"] = free.into();
        }
        refused
    }

    /// What was sent is not what this address takes. `what` is for the log and holds nobody's data.
    #[must_use]
    pub fn bad(what: &str) -> Self {
        Problem::new(ProblemCode::BadRequest, what).into()
    }

    /// Who sent it did not show that they are who they say. `what` is for the log: by what it was seen.
    #[must_use]
    pub fn not_believed(what: &str) -> Self {
        let message = "The signature or the secret does not fit. Check that both sides have the same.";
        let mut refused = Self::plain(StatusCode::UNAUTHORIZED, "not_believed", message);
        refused.body["detail"] = what.into();
        refused
    }

    /// Try again in `retry_ms`.
    #[must_use]
    pub fn later(code: ProblemCode, detail: &str, retry_ms: u64) -> Self {
        let mut problem = Problem::new(code, detail);
        problem.retry_ms = Some(retry_ms);
        problem.into()
    }

    /// Something broke that should not.
    #[must_use]
    pub fn broken() -> Self {
        Self::later(ProblemCode::Unavailable, "internal error", 5000)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<Closed> for Refused {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Unknown => ProblemCode::UnknownDevice.into(),
            Closed::Revoked => ProblemCode::Revoked.into(),
            Closed::Suspended => ProblemCode::Suspended.into(),
        }
    }
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        // A constraint's own words can hold the values that broke it, and those may be a person's: they stay out.
        match error {
            DbError::Away(sqlx) => {
                tracing::warn!(kind = kind(&sqlx), "database_away");
                Self::later(ProblemCode::Unavailable, "the database is away", 1000)
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
            let (code, constraint) = (said.code().unwrap_or_default(), said.constraint().unwrap_or_default());
            format!("{code} {constraint}")
        }
        sqlx::Error::Io(io) => format!("io {:?}", io.kind()),
        sqlx::Error::PoolTimedOut => "pool timed out".into(),
        _ => "connection".into(),
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let detail = self.body["detail"].as_str().unwrap_or_default().to_owned();
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(ms) = self.retry_ms {
            let seconds = HeaderValue::from(ms.div_ceil(1000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response.extensions_mut().insert(Told {
            code: self.code,
            detail,
        });
        response
    }
}

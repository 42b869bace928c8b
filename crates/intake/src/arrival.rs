//! What happened to a message, for whoever watches: no body, no phone number, no secret is in it.

use axum::http::StatusCode;
use loyalty::UtcMs;
use serde_json::Value;

use crate::answer::Answer;

/// A message that came and was answered.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrival {
    /// When it was answered.
    pub at: UtcMs,
    /// `sale`, `refund`, or the name of the hook; empty for a hook that nobody set up.
    pub page: String,
    /// The sale's number, where the message could be read and its sender was right.
    pub sale_id: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a message.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// A sale, recorded.
    Sale {
        /// `skip`, `add`, `add_reward` or `hold`.
        move_: String,
        /// Points added.
        points: i64,
        /// It was known before: nothing was added.
        duplicate: bool,
        /// Nobody's: kept for statistics only.
        walk_in: bool,
    },
    /// A refund, recorded.
    Refund {
        /// Points taken: zero or below.
        points: i64,
        /// It was known before: nothing was taken.
        duplicate: bool,
    },
    /// Not a sale, as its sender's messages go; nothing to do.
    Ignored(String),
    /// Its sender heard an error.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The closed code.
        code: String,
        /// What its sender heard.
        message: String,
        /// JSON pointers to the fields that were wrong.
        fields: Vec<String>,
    },
}

impl Outcome {
    /// By the answer that the sender hears.
    pub(crate) fn of(answer: &Answer) -> Self {
        let json = &answer.json;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let points = json["points"].as_i64().unwrap_or(0);
        let duplicate = json["duplicate"].as_bool().unwrap_or(false);
        if answer.status != StatusCode::OK {
            let error = &json["error"];
            let fields = error["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
            return Self::Refused {
                status: answer.status.as_u16(),
                code: text(&error["code"]),
                message: text(&error["message"]),
                fields: fields.iter().map(|field| text(&field["pointer"])).collect(),
            };
        }
        if json["ignored"].is_string() {
            return Self::Ignored(text(&json["ignored"]));
        }
        if json["move"].is_string() {
            return Self::Sale {
                move_: text(&json["move"]),
                points,
                duplicate,
                walk_in: json["member_id"].is_null(),
            };
        }
        Self::Refund { points, duplicate }
    }
}

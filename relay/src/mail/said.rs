//! What a queued mail carries of what it speaks of: only what is nobody's personal data. The rest is looked up when it is
//! sent.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use sync::documents::DocumentProblem;

use super::summary::MonthSaid;

/// What was wrong with a document elsewhere when its owner was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSaid {
    /// `rules` or `voice`.
    pub document: String,
    /// Where it is.
    pub address: String,
    /// What is wrong.
    pub problem: DocumentProblem,
}

/// What a mail speaks of that is nobody's personal data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The reward that was earned, and what it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reward: Option<(String, i64)>,
    /// The withdrawals that were known when somebody was asked whether they want mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub covers: Option<Vec<Uuid>>,
    /// Whole weeks since somebody was here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<i64>,
    /// The visit since which they stay away: whoever came after it is not missed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away_since: Option<i64>,
    /// Points that come with the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<i64>,
    /// The owner's month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Box<MonthSaid>>,
    /// The owner's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Box<DocumentSaid>>,
}

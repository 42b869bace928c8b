//! The message with which an owner adds a link of a vendor's or a campaign's, and its answer. It is no part of the log.

use serde::{Deserialize, Serialize};

use crate::limits::Bounded;
use crate::problem::{Problem, ProblemCode};

/// Longest text of one field, in bytes: the relay looks at each more closely.
const TEXT_MAX: usize = 2000;

/// A link that is wanted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkRequest {
    /// As it was typed: 2 to 40 letters, digits and hyphens.
    pub code: String,
    /// Where it is to lead, on one of the shop's hosts; none: to the shop's page.
    #[serde(default)]
    pub landing: Option<String>,
    /// A word for the shop's own statistics; may be empty.
    #[serde(default)]
    pub campaign: String,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkAnswer {
    /// The code, as it is kept.
    pub code: String,
    /// Why there is no link: `code_taken`, `bad_code`, `bad_landing`, `no_landing`, `bad_campaign`; none where there is.
    pub why: Option<String>,
    /// Codes like the taken one that are free.
    pub free: Vec<String>,
}

impl Bounded for LinkRequest {
    fn check(&self) -> Result<(), Problem> {
        let texts = [Some(&self.code), self.landing.as_ref(), Some(&self.campaign)];
        if texts.into_iter().flatten().any(|text| text.len() > TEXT_MAX) {
            return Err(Problem::new(ProblemCode::TooLarge, "a text of the link"));
        }
        Ok(())
    }
}

impl Bounded for LinkAnswer {
    fn check(&self) -> Result<(), Problem> {
        if self.free.len() > 10 {
            return Err(Problem::new(ProblemCode::TooLarge, "more codes than one answer has"));
        }
        Ok(())
    }
}

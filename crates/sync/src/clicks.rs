//! The message with which a till asks for the clicks of the shop's links, and its answer. They are no part of the log.

use loyalty::UtcMs;
use serde::{Deserialize, Serialize};

use crate::limits::Bounded;
use crate::problem::{Problem, ProblemCode};

/// How many days one answer has at most.
pub const CLICK_DAYS_MAX: usize = 50_000;

/// What happened on the shop's links since a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClicksRequest {
    /// The first day to tell, on the shop's calendar: `2026-11-20`; none for all there are.
    #[serde(default)]
    pub since: Option<String>,
}

/// A link that is nobody's of the members.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LinkSeen {
    /// The code.
    pub code: String,
    /// The campaign it is for; may be empty.
    pub campaign: String,
    /// Since when there is one.
    pub created_at: UtcMs,
}

/// A code's clicks on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClickDay {
    /// The code.
    pub code: String,
    /// The day.
    pub day: String,
    /// By people.
    pub clicks: i64,
    /// The same, repeats within an hour counted once.
    pub unique: i64,
    /// By programs.
    pub bots: i64,
}

/// People who came through a code and did not count as brought by it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unbrought {
    /// The code.
    pub code: String,
    /// Why: `member_already`, `own_email`, `own_browser`.
    pub why: String,
    /// How many.
    pub times: i64,
}

/// What the relay knows of a shop's links.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClicksAnswer {
    /// The vendors' and campaigns' links, all of them.
    pub links: Vec<LinkSeen>,
    /// Each day since the one asked for, anew.
    pub days: Vec<ClickDay>,
    /// Who did not count, ever.
    pub refused: Vec<Unbrought>,
}

impl Bounded for ClicksRequest {
    fn check(&self) -> Result<(), Problem> {
        match &self.since {
            Some(day) if day.len() != 10 => Err(Problem::new(ProblemCode::BadRequest, "since is a day")),
            _ => Ok(()),
        }
    }
}

impl Bounded for ClicksAnswer {
    fn check(&self) -> Result<(), Problem> {
        if self.days.len() > CLICK_DAYS_MAX {
            return Err(Problem::new(ProblemCode::TooLarge, "more days than one answer has"));
        }
        Ok(())
    }
}

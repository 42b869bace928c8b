//! The message with which a till asks for more of a member's points than it holds, and its answer. The others are in
//! `wire`.

use loyalty::{MemberId, Origin, Points, UtcMs};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits::Bounded;
use crate::problem::{Problem, ProblemCode};
use crate::wire::{SyncAnswer, SyncRequest};

/// How long a relay waits for other tills to give back what they hold.
pub const ACQUIRE_WAIT_MS: u64 = 2000;

/// A till needs points of a member. What it has not told yet goes up first, as in [`SyncRequest`]; the relay grants all
/// that it holds of the member, asks the tills that are connected to give back theirs, and grants that too.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AcquireRequest {
    /// The same again (an answer was lost) grants nothing more.
    pub request: Uuid,
    /// Whose points: theirs, and those of whoever shows on the same card.
    pub member: MemberId,
    /// How many the till must hold in all.
    pub points: Points,
    /// The till's sync.
    pub sync: SyncRequest,
}

/// What the relay could do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AcquireAnswer {
    /// How many it granted to the till on this request.
    pub granted: Points,
    /// How many the till still lacks.
    pub missing: Points,
    /// Who holds more of the member's points.
    #[serde(default)]
    pub elsewhere: Vec<Elsewhere>,
    /// What is new, the grant among it.
    pub sync: SyncAnswer,
}

/// A till that holds points of the member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its origin.
    pub till: Origin,
    /// What it is called.
    pub name: String,
    /// How many.
    pub points: Points,
    /// Since when nothing was heard of it.
    #[serde(default)]
    pub seen_at: Option<UtcMs>,
    /// Whether it is lost: nobody can spend them until the owner says so.
    #[serde(default)]
    pub lost: bool,
}

impl Bounded for AcquireRequest {
    fn check(&self) -> Result<(), Problem> {
        if self.points < 1 {
            return Err(Problem::new(ProblemCode::BadRequest, "a number below one"));
        }
        self.sync.check()
    }
}

impl Bounded for AcquireAnswer {
    fn check(&self) -> Result<(), Problem> {
        self.sync.check()
    }
}

//! The shop's tills, and how this one stands with the relay between them.

use serde::Serialize;
use specta::Type;

/// How this till stands with its relay.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct RelayState {
    /// How.
    pub way: RelayWay,
    /// Operations that the relay does not have.
    pub pending: i32,
    /// Since when the oldest of them waits.
    pub waiting_since: Option<String>,
    /// When the relay last answered.
    pub seen_at: Option<String>,
    /// This till's clock is ahead of the relay's by so many seconds (behind: below zero).
    pub skew_s: i32,
    /// The closed code of why it is not in sync, such as `offline` or `revoked`; None where nothing is wrong.
    pub code: Option<String>,
}

/// How a till stands with its relay.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum RelayWay {
    /// Not asked yet since the app was started.
    Beginning,
    /// Both have everything.
    InSync,
    /// It answers, and there is something to send.
    Waiting,
    /// It can't be reached, or can't answer now; the till tries again by itself.
    Offline,
    /// It said no, or the till can't take what it says: somebody has to do something.
    Refused,
}

/// What the owner's window shows of the shop's tills.
#[derive(Serialize, Type, Debug)]
pub struct Tills {
    /// How this till stands with the relay; None while the shop has none.
    pub relay: Option<RelayState>,
    /// The relay's address; empty while the shop has none.
    pub address: String,
    /// The shop's tills, as the relay last told.
    pub tills: Vec<Till>,
}

/// A till of the shop.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Till {
    /// Its id.
    pub till_id: String,
    /// What it is called.
    pub name: String,
    /// Whether it is this one.
    pub here: bool,
    /// When it last asked the relay; None before it did.
    pub seen_at: Option<String>,
    /// The app's version there; empty where it is not known.
    pub app_version: String,
    /// Operations that waited there.
    pub pending: i32,
    /// Points that members could spend there without the relay.
    pub held_points: i32,
    /// Its clock was ahead of the relay's by so many seconds (behind: below zero).
    pub skew_s: i32,
    /// Whether it was removed.
    pub revoked: bool,
    /// Whether the owner gave it up: what it held waits, and nobody can spend it.
    pub lost: bool,
    /// Of so many members this till knows that it holds points.
    pub exposed_members: i32,
    /// How many points that are: what waits where it is lost, and what the shop could give twice once it is released.
    pub exposed_points: i32,
    /// What those cost the shop at most, in minor units, by the costs that the rules state; None where they state none.
    pub exposed_minor: Option<i32>,
}

/// A code for a new till.
#[derive(Serialize, Type, Debug)]
pub struct AddedTill {
    /// What is typed there, such as `K7QM-2XRA`.
    pub code: String,
    /// Until when it works.
    pub expires_at: Option<String>,
}

//! Where a member's points are, what tills may do while they are cut off, and what has to be settled afterwards.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Points of a member that are not at this till.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct PointsAt {
    /// What the till is called; empty for the relay.
    pub till: String,
    /// Whether the relay holds them, which gives them to whoever asks.
    pub relay: bool,
    /// How many.
    pub points: i32,
    /// When the relay last heard from that till.
    pub seen_at: Option<String>,
    /// Whether that till was heard of lately, so that asking for them promises something.
    pub near: bool,
    /// Whether that till is lost: nobody can spend them until the owner decides.
    pub lost: bool,
}

/// Somebody who may allow what is above a limit, with their PIN.
#[derive(Deserialize, Type, Clone)]
pub struct Approval {
    /// Who.
    pub staff_id: String,
    /// Their PIN.
    pub pin: String,
}

/// How tills go on redeeming while they can't reach the relay.
#[derive(Serialize, Deserialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct AwayLimits {
    /// For how many days.
    pub days: i32,
    /// How many points of one member; None for no limit.
    pub per_member: Option<i32>,
    /// How many points of all members together; None for no limit.
    pub in_all: Option<i32>,
    /// Above how many points at once a manager's PIN is asked for; None for never.
    pub pin_above: Option<i32>,
}

/// What has to be settled is about this.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum ConflictAbout {
    /// A lost till spent points that somebody else spent, too: the shop's loss.
    LostSpend,
    /// The same sale was recorded at two tills.
    SaleTwice,
    /// The same line was reversed at two tills.
    ReversalTwice,
    /// The same held sale was decided at two tills.
    DecisionTwice,
    /// The same refund was recorded at two tills.
    RefundTwice,
    /// The bonus of the same birthday was granted at two tills.
    BirthdayTwice,
    /// A balance is below zero.
    BelowZero,
}

/// Something that tills did while they were apart, and that waits to be settled.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Conflict {
    /// What it is known by.
    pub key: String,
    /// What it is about.
    pub about: ConflictAbout,
    /// Whose points.
    pub member_code: String,
    /// Empty where the member gave none.
    pub member_name: String,
    /// The last four digits of the member's phone number.
    pub member_last4: String,
    /// How many: lost, below zero, or what the relay took back (below zero: gave back).
    pub points: i32,
    /// What they cost the shop at most, in minor units, by the costs that the rules state; None where they state none.
    pub cost_minor: Option<i32>,
    /// The member's balance now.
    pub balance: i32,
    /// The till it happened at; empty where it is not known.
    pub till: String,
    /// Who did it; empty where it is not known.
    pub by_name: String,
    /// When.
    pub at: Option<String>,
    /// The reward or the sale's number, where there is one.
    pub thing: String,
    /// For what was done twice: the till that was first.
    pub first_till: String,
    /// And when.
    pub first_at: Option<String>,
    /// What was noted by whoever left it open; empty where nothing was.
    pub note: String,
    /// Who that was.
    pub note_by: String,
    /// And when.
    pub note_at: Option<String>,
}

/// How something is settled.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum ConflictVerdict {
    /// The shop gives the points.
    Forgiven,
    /// The member owes them: the next earnings pay them off.
    Owed,
    /// Nothing more is to be done.
    Noted,
    /// It stays open, with a note.
    Asked,
}

/// Something to settle.
#[derive(Deserialize, Type)]
pub struct ConflictSettle {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Which.
    pub key: String,
    /// How.
    pub verdict: ConflictVerdict,
    /// The reason, or what is to be asked.
    pub note: String,
}

/// Something that was settled at this till.
#[derive(Serialize, Type, Clone, Debug)]
pub struct ConflictSettled {
    /// What it is known by.
    pub key: String,
    /// What it was about.
    pub about: ConflictAbout,
    /// Whose points.
    pub member_code: String,
    /// Empty where the member gave none.
    pub member_name: String,
    /// The last four digits of the member's phone number.
    pub member_last4: String,
    /// How many.
    pub points: i32,
    /// How.
    pub verdict: ConflictVerdict,
    /// The reason.
    pub note: String,
    /// Who.
    pub by_name: String,
    /// When.
    pub at: String,
    /// Whether it can be undone.
    pub may_undo: bool,
}

/// What waits to be settled, and what was settled lately.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Conflicts {
    /// What waits.
    pub open: Vec<Conflict>,
    /// What was settled at this till, newest first.
    pub settled: Vec<ConflictSettled>,
}

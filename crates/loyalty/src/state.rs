//! The folded state of a shop as rows of text in one order, and their hash: the same on every till that has caught up,
//! whatever order the operations came in. Where the rows come from (maps, SQL) is the store's.
//!
//! Sections follow each other as [`SECTIONS`] names them; within one, rows are in the order of their first columns
//! (ids as bytes). A row is a JSON array: its section's name, then its columns.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::away::AwayRules;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId, Origin, StaffId};
use crate::lapsing::{Acted, Choice, Usual as UsualChoice};
use crate::op::Kind;
use crate::referral::{Qualified, RewardKey};
use crate::staff::Role;
use crate::{Points, UtcMs};

/// The sections in their order.
pub const SECTIONS: [&str; 23] = [
    "head",
    "member",
    "field",
    "withdrawal",
    "right",
    "lost",
    "suspense",
    "stamp",
    "birthday",
    "referral",
    "reward",
    "grant",
    "look",
    "entry",
    "sale",
    "refund",
    "decision",
    "staff",
    "rules",
    "away",
    "usual",
    "choice",
    "act",
];

/// The end of an origin's log.
#[derive(Serialize)]
pub struct Head(pub Origin, pub i64, pub String);

/// A member: code, phone (as the log has it), whether it finds them, name, email, consent, erased, whose card they show
/// as, since when, visits, the last one.
#[derive(Serialize)]
pub struct Member {
    /// Who.
    pub member: MemberId,
    /// The code on their card.
    pub code: String,
    /// Their number, also where an older member has the same.
    pub phone: Option<String>,
    /// Whether the number finds them.
    pub found: bool,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Their birthday, as it is written; empty where it is not known.
    pub birthday: String,
    /// Whether they get mail.
    pub consent: bool,
    /// Whether their data was erased.
    pub erased: bool,
    /// The member they show as; none for themselves.
    pub card: Option<MemberId>,
    /// Since when.
    pub enrolled_at: UtcMs,
    /// Sales of theirs that count.
    pub visits: i64,
    /// The last of them.
    pub last_visit_at: Option<UtcMs>,
}

/// The last write of a field: subject, field, clock, operation.
#[derive(Serialize)]
pub struct Field(pub String, pub String, pub Hlc, pub OpId);

/// A withdrawal of consent, and whether a later giving overrules it.
#[derive(Serialize)]
pub struct Withdrawal(pub OpId, pub MemberId, pub bool);

/// Who may spend how many points; never a row of none.
#[derive(Serialize)]
pub struct Right(pub MemberId, pub Origin, pub Points);

/// A till that is lost.
#[derive(Serialize)]
pub struct Lost(pub Origin);

/// A member's points at a lost till, with all that its log says, and how many were released; never a row of none. What
/// is below zero was spent twice: see [`loss`].
#[derive(Serialize)]
pub struct Suspense(pub MemberId, pub Origin, pub Points, pub Points);

/// Of what a lost till holds (`net`, which may be below zero), what is the shop's loss: what it spent of rights that
/// were released. The rest stays the member's.
#[must_use]
pub fn loss(net: Points, released: Points) -> Points {
    net.saturating_neg().clamp(0, released.max(0))
}

/// How tills go on without the relay: the last writer's clock and operation, and what was written.
#[derive(Serialize)]
pub struct Away(pub Hlc, pub OpId, pub AwayRules);

/// What is done about members who stay away where nothing was chosen: the last writer's clock and operation, and what was
/// written.
#[derive(Serialize)]
pub struct Usual(pub Hlc, pub OpId, pub UsualChoice);

/// The last word about a member who stays away: clock, operation, when, what.
#[derive(Serialize)]
pub struct Chosen(pub MemberId, pub Hlc, pub OpId, pub UtcMs, pub Option<Choice>);

/// What was done about a member who stays away, by its operation, and when.
#[derive(Serialize)]
pub struct LapsingAct(pub OpId, pub UtcMs, pub Acted);

/// Who may use how many stamps of which card; never a row of none.
#[derive(Serialize)]
pub struct Stamp(pub MemberId, pub String, pub Origin, pub i64);

/// A birthday that has brought its bonus: the line, whose, the year.
#[derive(Serialize)]
pub struct Birthday(pub EntryId, pub MemberId, pub i32);

/// Who came through whom, by its operation: the friend, the code, whose it is, what looked odd, and whether another was
/// first.
#[derive(Serialize)]
pub struct Referral(
    pub OpId,
    pub MemberId,
    pub String,
    pub Option<MemberId>,
    pub Vec<String>,
    pub bool,
);

/// A referral's reward that waits or waited, by its operation; and whether another was first.
#[derive(Serialize)]
pub struct Reward(pub OpId, pub Qualified, pub bool);

/// A referral's reward that was granted, by its line.
#[derive(Serialize)]
pub struct Grant(pub EntryId, pub MemberId, pub RewardKey);

/// The last word about an odd reward, by the operation that qualified it.
#[derive(Serialize)]
pub struct Look(pub OpId, pub bool, pub Hlc, pub OpId);

/// A ledger line: id, member, kind, points, what it takes back.
#[derive(Serialize)]
pub struct Line(pub EntryId, pub MemberId, pub Kind, pub Points, pub Option<EntryId>);

/// A recorded sale, by its operation.
#[derive(Serialize, Clone, Debug, PartialEq)]
pub struct Sale {
    /// The operation that recorded it.
    pub op: OpId,
    /// The system that numbered it.
    pub source: String,
    /// Its number there.
    pub sale_id: String,
    /// It is the one of its number: decisions and refunds are its.
    pub standing: bool,
    /// Another of the same number was first.
    pub settled: bool,
    /// Given back, in minor units.
    pub refunded_minor: i64,
    /// Nothing of it is left.
    pub reversed: bool,
    /// For a held one that was decided: whether it was approved.
    pub approved: Option<bool>,
    /// Its line.
    pub entry: Option<EntryId>,
}

/// A refund or a decision, by its operation: whether another was first.
#[derive(Serialize)]
pub struct Done(pub OpId, pub bool);

/// Somebody of the staff: who, name, role, PIN hash, active.
#[derive(Serialize)]
pub struct Staff(pub StaffId, pub String, pub Role, pub String, pub bool);

/// A version of the rules: version, clock, operation.
#[derive(Serialize)]
pub struct Rules(pub i64, pub Hlc, pub OpId);

/// One row as text.
#[must_use]
pub fn row(section: &str, columns: &impl Serialize) -> String {
    // Strings, numbers and ids always have a JSON.
    serde_json::to_string(&(section, columns)).unwrap_or_default()
}

/// Hashes rows.
#[derive(Default)]
pub struct StateHash(Sha256);

impl StateHash {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One row more.
    pub fn add(&mut self, row: &str) {
        self.0.update(row);
        self.0.update(b"\n");
    }

    /// In hex.
    #[must_use]
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Bytes as hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

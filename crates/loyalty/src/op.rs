//! The operations of a shop's log: what was done, by whom, when. All state is a fold over them.
//!
//! The bodies are serde types on purpose: the hash chain covers the very bytes that are stored and sent, so there is
//! one definition of them, here. A shipped body never changes its meaning; a new meaning gets a new variant.

use serde::{Deserialize, Serialize};

pub use crate::away::AwayRules;
pub use crate::body::{CardStamps, SaleKey};
use crate::body::{is_one, is_zero, one};
pub use crate::by::By;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId, Origin, ShopId, StaffId};
pub use crate::kind::Kind;
use crate::lapsing::{Acted, Chosen, Usual};
pub use crate::private::Private;
use crate::referral::{Qualified, Reviewed, Rewarded};
use crate::rules::Move;
use crate::sale::Item;
use crate::staff::Role;
use crate::time::UtcMs;
pub use crate::twice::{Twice, Undo};
use crate::{Currency, Points};

/// One operation as it is appended. `hash` seals all the rest; see [`crate::chain`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operation {
    /// Made by the caller; a retry reuses it.
    pub op_id: OpId,
    /// Whose log it is in.
    pub shop: ShopId,
    /// Who appended it.
    pub origin: Origin,
    /// Its number there, from 1 without a gap.
    pub origin_seq: i64,
    /// When.
    pub at: UtcMs,
    /// On whose word.
    pub by: By,
    /// What was done, as the exact JSON text that is hashed, stored and sent.
    pub body_json: String,
    /// Digest of the personal data beside it, where there is any.
    pub private_digest: Option<[u8; 32]>,
    /// The hash of the origin's operation before it; zeros for the first.
    pub prev: [u8; 32],
    /// SHA-256 over all of the above.
    pub hash: [u8; 32],
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "body", rename_all = "snake_case", deny_unknown_fields)]
pub enum Body {
    /// The first operation of a shop.
    ShopOpened {
        /// The shop's name as customers know it.
        name: String,
        /// Its only currency.
        currency: Currency,
        /// ISO 3166 region: how its phone numbers are written.
        region: String,
        /// IANA time zone: where its days begin.
        timezone: String,
        /// What the till that opened it is called.
        till_name: String,
    },
    /// New rules are in force from here on.
    RulesPublished {
        /// Counts from 1.
        version: i64,
        /// The document.
        text: String,
        /// When, for the last writer wins; none in operations of the first version (see [`Hlc::of`]).
        #[serde(default, skip_serializing_if = "Hlc::is_none")]
        clock: Hlc,
    },
    /// Somebody joined the staff. Name and PIN hash are private data.
    StaffAdded {
        /// Who.
        staff: StaffId,
        /// What they may do.
        role: Role,
    },
    /// A member of staff changed. A new name or PIN hash is private data.
    StaffChanged {
        /// Who.
        staff: StaffId,
        /// What they may do now.
        role: Role,
        /// Whether they may sign in.
        active: bool,
        /// When, for the last writer wins; none in operations of the first version (see [`Hlc::of`]).
        #[serde(default, skip_serializing_if = "Hlc::is_none")]
        clock: Hlc,
    },
    /// Somebody joined the programme. Phone, name and email are private data.
    MemberEnrolled {
        /// Who.
        member: MemberId,
        /// The code on their card.
        code: String,
    },
    /// A new member came through a code; written with their enrolment. The first one in shop order stands.
    ReferralJoined {
        /// Who came.
        member: MemberId,
        /// The code, in small letters.
        code: String,
        /// The member whose code it is; none for a vendor's or a campaign's.
        referrer: Option<MemberId>,
        /// What looked odd when they joined: what it brings then waits until somebody has looked at it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        doubts: Vec<String>,
    },
    /// A referral brought a reward, which waits for its hold to be over. The first of its key in shop order stands.
    ReferralQualified(Qualified),
    /// That reward was granted. Once for each key.
    ReferralRewarded(Rewarded),
    /// Somebody looked at a reward that seemed odd.
    ReferralReviewed(Reviewed),
    /// A member's name, email or phone changed (private data: only what changed).
    MemberChanged {
        /// Who.
        member: MemberId,
        /// When, for the last writer wins; none in operations of the first version (see [`Hlc::of`]).
        #[serde(default, skip_serializing_if = "Hlc::is_none")]
        clock: Hlc,
    },
    /// The member agreed to get mail.
    ConsentGiven {
        /// Who.
        member: MemberId,
        /// The withdrawals that were known when it was given: only these does it overrule. None in operations of the
        /// first version: all of the same origin before it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        covers: Option<Vec<OpId>>,
    },
    /// The member wants no more mail.
    ConsentWithdrawn {
        /// Who.
        member: MemberId,
    },
    /// A sale came in and was decided.
    SaleRecorded {
        /// The system that numbered it.
        source: String,
        /// Its number there.
        sale_id: String,
        /// Whose it is; none for a walk-in.
        member: Option<MemberId>,
        /// Its line in the ledger; none for a walk-in.
        entry: Option<EntryId>,
        /// What was paid, in minor units of the shop's currency.
        total_minor: i64,
        /// The tax in it; 0 where it is not known.
        #[serde(default, skip_serializing_if = "is_zero")]
        tax_minor: i64,
        /// The tip in it; 0 where it is not known.
        #[serde(default, skip_serializing_if = "is_zero")]
        tip_minor: i64,
        /// What was sold, where known.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<Item>,
        /// When it happened (the operation's own time is when it was recorded).
        occurred_at: UtcMs,
        /// What was done with it.
        #[serde(rename = "move")]
        move_: Move,
        /// Points added.
        points: Points,
        /// The rules it was decided by.
        rules_version: i64,
        /// Why.
        reasons: Vec<String>,
        /// Stamps it brings: at once where it has a line, on approval where it is held.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stamps: Vec<CardStamps>,
    },
    /// Points were moved without a sale: an opening balance, or by hand.
    PointsMoved {
        /// The ledger line.
        entry: EntryId,
        /// Whose.
        member: MemberId,
        /// [`Kind::Opening`], [`Kind::Adjust`], [`Kind::Bonus`] or [`Kind::Expire`].
        kind: Kind,
        /// Signed.
        points: Points,
        /// Why.
        reason: String,
    },
    /// A reward was given.
    RewardRedeemed {
        /// The ledger line.
        entry: EntryId,
        /// Whose.
        member: MemberId,
        /// Which reward, by the name it had.
        reward: String,
        /// What it cost, above zero: all lots together.
        points: Points,
        /// How many times over; more than once only for points that become money.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        lots: i64,
        /// What that came to, where the reward doesn't say.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reasons: Vec<String>,
        /// The rules that offered it.
        rules_version: i64,
        /// The sale it was given with, where known: refunding that whole gives the points back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sale: Option<SaleKey>,
        /// The manager whose PIN allowed somebody else to give it above the owner's limit for a till that is cut off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved_by: Option<StaffId>,
    },
    /// What a full stamp card gives was given.
    StampsClaimed {
        /// The ledger line: of no points, because none move.
        entry: EntryId,
        /// Whose.
        member: MemberId,
        /// The card, by its key.
        card: String,
        /// How many stamps it took, above zero.
        stamps: i64,
        /// What was given, in words.
        reward: String,
        /// Why.
        reasons: Vec<String>,
        /// The rules that offered it.
        rules_version: i64,
        /// The sale it was given with, where known: refunding that whole gives the stamps back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sale: Option<SaleKey>,
    },
    /// A member's birthday brought its bonus, once for that birthday.
    BirthdayGranted {
        /// The ledger line.
        entry: EntryId,
        /// Whose.
        member: MemberId,
        /// The year of the birthday, which may be the one before that of the visit.
        year: i32,
        /// How many, above zero.
        points: Points,
        /// The rules that gave it.
        rules_version: i64,
        /// Why.
        reasons: Vec<String>,
        /// The sale of the visit that brought it: taken back with it.
        sale: SaleKey,
    },
    /// A held sale was decided, once.
    SaleDecided {
        /// The system that numbered it.
        source: String,
        /// Its number there.
        sale_id: String,
        /// Whose it is.
        member: MemberId,
        /// Its line in the ledger, where it was approved.
        entry: Option<EntryId>,
        /// What was paid, in minor units.
        total_minor: i64,
        /// When the sale happened.
        occurred_at: UtcMs,
        /// Points added: those computed, or an edited number.
        points: Points,
        /// The rules it was held by.
        rules_version: i64,
        /// Why: the computation, then the decision.
        reasons: Vec<String>,
        /// Stamps it brings.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stamps: Vec<CardStamps>,
    },
    /// Money was given back for a sale.
    SaleRefunded {
        /// The system that numbered the sale and the refund.
        source: String,
        /// The sale's number there.
        sale_id: String,
        /// The refund's number there.
        refund_id: String,
        /// Whose sale it was; none for a walk-in.
        member: Option<MemberId>,
        /// The ledger line that takes points; none where the sale has none.
        entry: Option<EntryId>,
        /// What was given back, in minor units.
        amount_minor: i64,
        /// Whether nothing of the sale is left: it no longer counts as a visit.
        whole: bool,
        /// Points taken: zero or below.
        points: Points,
        /// Why.
        reasons: Vec<String>,
        /// Stamps taken with the last of the sale: zero or below.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stamps: Vec<CardStamps>,
    },
    /// A line was taken back, whole and once.
    EntryReversed {
        /// The new line.
        entry: EntryId,
        /// The line that it takes back.
        reverses: EntryId,
        /// What kind that was.
        of: Kind,
        /// Whose.
        member: MemberId,
        /// Signed: the other line's points with the other sign.
        points: Points,
        /// The sale that the other line was for, if any: it no longer counts as a visit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sale: Option<SaleKey>,
        /// Stamps, signed: those of a sale go, those of a claim come back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        stamps: Vec<CardStamps>,
    },
    /// Points of a member who was merged moved to the one they show as, to be spent there: the origin's own, and there.
    PointsJoined {
        /// Whose they were.
        from: MemberId,
        /// Whose they are now.
        into: MemberId,
        /// Above zero.
        points: Points,
        /// The line that takes them.
        taken: EntryId,
        /// The line that gives them.
        given: EntryId,
    },
    /// The same for stamps, which have no line.
    StampsJoined {
        /// Whose they were.
        from: MemberId,
        /// Whose they are now.
        into: MemberId,
        /// The card, by its key.
        card: String,
        /// Above zero.
        stamps: i64,
    },
    /// Two members are one person: the older id (the smaller) is the one that shows, whichever is named first. Lines
    /// and rights keep the ids that they have. The last word about the younger one wins.
    MemberMerged {
        /// The younger.
        from: MemberId,
        /// The older.
        into: MemberId,
        /// When.
        clock: Hlc,
    },
    /// A merge is taken back. What was spent since stays with whom it was spent by.
    MemberUnmerged {
        /// Who stands alone again.
        member: MemberId,
        /// When.
        clock: Hlc,
    },
    /// All personal data of a member is deleted, with its salts, wherever it comes up. Lines and points stay.
    MemberErased {
        /// Who.
        member: MemberId,
    },
    /// Something was done twice while tills were apart: the first in shop order stands, this takes the other back.
    /// Written by the relay alone.
    Settled {
        /// What was done twice.
        what: Twice,
        /// The operation that stands.
        first: OpId,
        /// The operation that is taken back.
        second: OpId,
        /// The ledger line that it made, where that must be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Undo>,
    },
    /// A till goes on under another origin (a restored backup): what the old one held, the new one holds; points that it
    /// owed, the relay owes. Written by the relay alone, after the last operation of the old one.
    TillRenewed {
        /// The old origin; it is closed.
        was: Origin,
        /// The new one.
        now: Origin,
    },
    /// Rights of a member's that the relay held are a till's from now on. Written by the relay alone, to a till alone.
    RightsGranted {
        /// Whose points.
        member: MemberId,
        /// Who may spend them now.
        to: Origin,
        /// Above zero.
        points: Points,
    },
    /// A till gave rights back to the relay. It had them.
    RightsReturned {
        /// Whose points.
        member: MemberId,
        /// Above zero.
        points: Points,
    },
    /// A till is lost: what it held waits in suspense, and what its log still says is held against that. Written by the
    /// relay alone, on the owner's word.
    TillLost {
        /// Which.
        till: Origin,
    },
    /// Rights in suspense are the relay's again. What the lost till may have spent of them is the shop's loss. Written by
    /// the relay alone, on the owner's word.
    SuspenseReleased {
        /// The lost till.
        till: Origin,
        /// Whose points.
        member: MemberId,
        /// Above zero.
        points: Points,
    },
    /// What a lost till spent beyond its suspense was decided: forgiven, or owed by the member. Written by the relay
    /// alone, on the owner's word.
    LossSettled {
        /// The lost till.
        till: Origin,
        /// Whose points.
        member: MemberId,
        /// Above zero.
        points: Points,
        /// The line that gives the points; none where the member owes them: the next earnings pay them off.
        forgiven: Option<EntryId>,
    },
    /// The owner chose what is done about a member who stays away.
    LapsingChosen(Chosen),
    /// What is done where nothing was chosen, by the last writer.
    LapsingSet {
        /// The whole of it.
        usual: Usual,
        /// When.
        clock: Hlc,
    },
    /// Something was done about a member who stays away: a mail, or points and a mail. Written by the relay alone.
    LapsingActed(Acted),
    /// How tills may go on without the relay, by the last writer.
    AwayRulesSet {
        /// The whole of it.
        rules: AwayRules,
        /// When.
        clock: Hlc,
    },
}

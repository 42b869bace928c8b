//! The messages, one struct each. Fields may be added with a default; none changes its meaning. Whoever reads an
//! answer ignores fields it doesn't know, so that an older till works with a newer relay.
//!
//! | request | answer | credential |
//! | --- | --- | --- |
//! | `POST /v1/pair` [`PairRequest`] | [`PairAnswer`] | the code's proof |
//! | `POST /v1/sync` [`SyncRequest`] | [`SyncAnswer`] | `Authorization: Bearer …` |
//! | `POST /v1/renew` [`RenewRequest`] | [`RenewAnswer`] | the same |
//! | `POST /v1/tills` [`TillsRequest`] | [`TillsAnswer`] | the same |
//! | `POST /v1/rights/acquire` [`AcquireRequest`] | [`AcquireAnswer`] | the same |
//! | `GET /v1/live?cursor=N` | server-sent events, each one's data a [`LiveEvent`] | the same |
//!
//! Every refusal is a [`crate::Problem`] in JSON with its status.

use loyalty::op::{By, Operation};
use loyalty::{MemberId, OpId, Origin, Points, ShopId, UtcMs};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::acquire::{ACQUIRE_WAIT_MS, AcquireAnswer, AcquireRequest, Elsewhere};
use crate::bytes::{Blob, Hash, Salt};
pub use crate::clicks::{CLICK_DAYS_MAX, ClickDay, ClicksAnswer, ClicksRequest, LinkSeen, Unbrought};
use crate::limits::{Bounded, name, protocol};
pub use crate::page::OriginHead;
use crate::problem::Problem;

/// What a shop is, beside its log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShopFacts {
    /// What customers call it.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166.
    pub region: String,
    /// IANA.
    pub timezone: String,
}

impl Bounded for ShopFacts {
    fn check(&self) -> Result<(), Problem> {
        [&self.name, &self.currency, &self.region, &self.timezone]
            .into_iter()
            .try_for_each(|text| name("shop", text))
    }
}

/// A till asks to belong to a shop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PairRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u16,
    /// Shows that the till knows the code, without telling it: [`crate::pairing::Derived::proof`]. The relay keeps
    /// only its SHA-256.
    pub proof: Hash,
    /// Made by the till and kept before it asks; the same again (an answer was lost) gives the same till. The relay
    /// keeps it with the used code, and answers a repeat with a new credential in place of the first.
    pub attempt: Uuid,
    /// What the till is to be called.
    pub till_name: String,
    /// Of the app.
    pub app_version: String,
    /// The shop that the till has worked for alone until now, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brings: Option<Brings>,
}

/// A shop that began without a relay. The relay takes it where its own shop has no operation yet: `shop` becomes the
/// id of the shop's log (its own key for the shop may be another), `facts` replace what was typed there, and `origin`
/// is the till's. Where the log has this id already, the till joins as the origin it names if that is unknown there.
/// Anything else is `wrong_shop`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Brings {
    /// What its operations say.
    pub shop: ShopId,
    /// The till's origin.
    pub origin: Origin,
    /// Its settings.
    pub facts: ShopFacts,
}

/// The till belongs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PairAnswer {
    /// What the shop's operations carry.
    pub shop: ShopId,
    /// The till's origin: a new one, or the one it brought.
    pub till: Origin,
    /// The origin of the relay's own operations in this shop.
    pub relay: Origin,
    /// For `Authorization: Bearer`; told once, kept hashed.
    pub credential: String,
    /// The shop's settings.
    pub facts: ShopFacts,
    /// The till is the first of the shop and brought none: it writes the operations that open it.
    pub opens: bool,
    /// The newest operation: how much there is to download.
    pub shop_seq: i64,
    /// The relay's; see [`SyncRequest::incarnation`].
    pub incarnation: i64,
    /// What the till that made the code sealed for this one: the pepper of PINs. None for an operator's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Blob>,
}

/// One operation. `body` is the exact text that is hashed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireOp {
    /// Its id.
    pub op_id: OpId,
    /// Who appended it.
    pub origin: Origin,
    /// Its number there, from 1.
    pub origin_seq: i64,
    /// When.
    pub at: UtcMs,
    /// On whose word.
    pub by: String,
    /// JSON as text.
    pub body: String,
    /// Digest of its personal data, where it has any (also when that was erased).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Hash>,
    /// Its personal data, unless it has none or that was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<WirePrivate>,
    /// The hash of the operation before it.
    pub prev: Hash,
    /// Its own.
    pub hash: Hash,
}

/// Personal data with its salt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WirePrivate {
    /// 128 random bits.
    pub salt: Salt,
    /// JSON as text: the exact text that the digest covers.
    pub data: String,
}

impl WireOp {
    /// How much of a page it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        400 + self.body.len() + self.private.as_ref().map_or(0, |p| p.data.len())
    }

    /// From an operation as it is stored.
    #[must_use]
    pub fn of(op: &Operation, private: Option<([u8; 16], String)>) -> Self {
        Self {
            op_id: op.op_id,
            origin: op.origin,
            origin_seq: op.origin_seq,
            at: op.at,
            by: op.by.to_string(),
            body: op.body_json.clone(),
            digest: op.private_digest.map(crate::bytes::Fixed),
            private: private.map(|(salt, data)| WirePrivate {
                salt: crate::bytes::Fixed(salt),
                data,
            }),
            prev: crate::bytes::Fixed(op.prev),
            hash: crate::bytes::Fixed(op.hash),
        }
    }

    /// As an operation of `shop`; nothing of it is checked (see [`crate::page`]). None where `by` is nobody.
    #[must_use]
    pub fn operation(&self, shop: ShopId) -> Option<Operation> {
        let by: By = self.by.parse().ok()?;
        Some(Operation {
            op_id: self.op_id,
            shop,
            origin: self.origin,
            origin_seq: self.origin_seq,
            at: self.at,
            by,
            body_json: self.body.clone(),
            private_digest: self.digest.map(|d| d.0),
            prev: self.prev.0,
            hash: self.hash.0,
        })
    }
}

/// A till tells what is new and asks what is new. Repeating it changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u16,
    /// Of the app.
    pub app_version: String,
    /// The till's origin; must be the credential's.
    pub origin: Origin,
    /// The number of the till's last own operation, sent or not. Where the relay has a higher one: `behind`.
    pub own_seq: i64,
    /// The `cursor` of the last answer; 0 at first.
    pub cursor: i64,
    /// The relay's incarnation that the cursor belongs to; none at first. Where the relay has another, the cursor
    /// still holds as far as `shop_seq` goes, and takes nothing new before the till has shown what it forgot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incarnation: Option<i64>,
    /// The till's operations after what the relay acknowledged, in order. Those it has already are passed over.
    #[serde(default)]
    pub ops: Vec<WireOp>,
    /// What a restored relay forgot: operations of any origin beyond the [`SyncAnswer::heads`] that it told, in the order
    /// in which the till took them. Only under an incarnation that is not the relay's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<WireOp>,
    /// How many remain after these.
    #[serde(default)]
    pub pending: i64,
    /// The points whose rights the till holds, for the owner's list.
    #[serde(default)]
    pub held_points: Points,
    /// The till's clock.
    pub at: UtcMs,
    /// How many operations the answer may hold; none for the relay's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_max: Option<u32>,
}

/// What the relay took and what is new.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncAnswer {
    /// The relay's version.
    pub protocol: u16,
    /// The number up to which the relay has the till's operations, durably.
    pub accepted: i64,
    /// The shop's operations after the request's cursor, in shop order, without those of the till's own origin.
    #[serde(default)]
    pub ops: Vec<ShopOp>,
    /// Where to go on: the highest `shop_seq` that was looked at (own ones are passed over, so it may be above the last
    /// of `ops`).
    pub cursor: i64,
    /// There are more after `cursor`.
    pub more: bool,
    /// The newest operation's number.
    pub shop_seq: i64,
    /// The relay's clock.
    pub at: UtcMs,
    /// Counts up when a relay's database is restored from a backup.
    pub incarnation: i64,
    /// Every till of the shop.
    #[serde(default)]
    pub tills: Vec<TillSeen>,
    /// For a till of another incarnation: up to where the relay has each origin. It took no new operations; the till
    /// shows first what the relay forgot of any origin, and then goes on under the relay's incarnation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<OriginHead>,
}

/// An operation with its place in the shop's order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShopOp {
    /// From 1 in each shop, with gaps at most where nothing was.
    pub shop_seq: i64,
    /// The operation.
    pub op: WireOp,
}

/// A till as the relay knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TillSeen {
    /// Its origin.
    pub till: Origin,
    /// What it is called.
    pub name: String,
    /// Its last request; none before the first.
    #[serde(default)]
    pub seen_at: Option<UtcMs>,
    /// The app's version there.
    #[serde(default)]
    pub app_version: String,
    /// Operations that waited there at its last request.
    #[serde(default)]
    pub pending: i64,
    /// Points that it could spend then.
    #[serde(default)]
    pub held_points: Points,
    /// Its clock was ahead of the relay's by so much (behind: below zero).
    #[serde(default)]
    pub skew_ms: i64,
    /// Whether it was removed.
    #[serde(default)]
    pub revoked: bool,
}

/// A restored till goes on under a new origin, which it made itself. The relay closes the old one, appends
/// `TillRenewed`, and gives the credential to the new one. The same again changes nothing. Where the till went on from
/// the old one before (`closed`), that is over only where somebody put this copy in its place and nothing of it is lost.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RenewRequest {
    /// [`crate::PROTOCOL`].
    pub protocol: u16,
    /// The origin it goes on from.
    pub was: Origin,
    /// The origin it goes on under.
    pub now: Origin,
    /// The number of the last operation that it has of the old one.
    #[serde(default)]
    pub has: i64,
    /// Whether this copy was put in place of the till's file, so that what the till went on as since is over.
    #[serde(default)]
    pub over: bool,
}

/// Done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RenewAnswer {
    /// The till's origin now.
    pub till: Origin,
    /// The newest operation.
    pub shop_seq: i64,
}

/// What an owner does with the shop's tills, from a till.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum TillsRequest {
    /// Only list them.
    List,
    /// Make a pairing code known: it works once, for [`crate::pairing::CODE_MINUTES`].
    AddCode {
        /// SHA-256 of the code's proof.
        proof_digest: Hash,
        /// What the new till gets with it.
        sealed: Option<Blob>,
    },
    /// Call a till otherwise.
    Rename {
        /// Which.
        till: Origin,
        /// How.
        name: String,
    },
    /// Remove a till, at once.
    Revoke {
        /// Which.
        till: Origin,
    },
    /// A till is lost: it is removed, and what it held waits in suspense. The same again changes nothing.
    Lose {
        /// Which.
        till: Origin,
        /// On whose word, as in an operation.
        #[serde(default)]
        by: String,
    },
    /// The disk of a lost till is back: it may send what the relay has not heard, and goes on under a new origin.
    Find {
        /// Which.
        till: Origin,
    },
    /// What a lost till held may be spent again, whatever it spent unheard.
    Release {
        /// Which.
        till: Origin,
        /// Only what it held of this member and whoever shows on the same card; none for all.
        #[serde(default)]
        member: Option<MemberId>,
        /// On whose word, as in an operation.
        #[serde(default)]
        by: String,
    },
    /// What a lost till spent of somebody's points a second time is given by the shop, or owed by the member.
    SettleLoss {
        /// Which.
        till: Origin,
        /// Whose points.
        member: MemberId,
        /// Given; else owed.
        forgive: bool,
        /// On whose word, as in an operation.
        #[serde(default)]
        by: String,
    },
}

/// The tills after it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TillsAnswer {
    /// Every till of the shop.
    pub tills: Vec<TillSeen>,
    /// For [`TillsRequest::AddCode`]: until when the code works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcMs>,
}

/// What a connected till hears. Events it doesn't know it passes over; whatever it misses, its next sync tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LiveEvent {
    /// There are operations up to here: sync.
    Moved {
        /// The newest.
        shop_seq: i64,
    },
    /// Still here; sent at least every [`LIVE_BEAT_S`] seconds.
    Beat {
        /// The relay's clock.
        at: UtcMs,
    },
    /// The relay stops; connect again after so long.
    Bye {
        /// Milliseconds.
        retry_ms: u64,
    },
    /// The till was removed.
    Revoked,
    /// Another till needs a member's points: give back what is held here of theirs, and sync.
    Recall {
        /// Whose.
        member: MemberId,
    },
}

/// A live connection that is silent for twice this long is dead.
pub const LIVE_BEAT_S: u64 = 20;

impl Bounded for RenewRequest {
    fn check(&self) -> Result<(), Problem> {
        protocol(self.protocol)
    }
}

impl Bounded for TillsRequest {
    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Rename { name: text, .. } => name("name", text),
            Self::Lose { by, .. } | Self::Release { by, .. } | Self::SettleLoss { by, .. } => name("by", by),
            _ => Ok(()),
        }
    }
}

macro_rules! unbounded {
    ($($name:ty),+) => {$(
        impl Bounded for $name {
            fn check(&self) -> Result<(), Problem> {
                Ok(())
            }
        }
    )+};
}
unbounded!(PairAnswer, RenewAnswer, TillsAnswer, LiveEvent, Problem);

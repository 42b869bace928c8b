//! The messages of `sync::wire` as `/openapi.json` describes them. Nothing reads or writes these: the real ones are in
//! `sync`, and a test holds the two against each other.

use utoipa::ToSchema;
use uuid::Uuid;

/// Makes descriptions out of what looks like structs.
macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "a description: nothing makes or reads one")]
        pub struct $name { $($(#[$field_doc])* $field: $type),* }
    )+};
}

pub(super) use schemas;

schemas! {
    /// A refusal. `code` is one of a closed list.
    Problem {
        /// Such as `revoked`.
        code: String,
        /// For a reader of logs.
        detail: Option<String>,
        /// What happened and what to do, in plain English.
        message: String,
        /// The number in the origin's log that it is about.
        expected_seq: Option<i64>,
        /// A limit or a version.
        number: Option<i64>,
        /// Milliseconds to wait before the next try.
        retry_ms: Option<u64>,
    }
    /// What a shop is, beside its log.
    ShopFacts {
        /// What customers call it.
        name: String,
        /// ISO 4217.
        #[schema(example = "USD")]
        currency: String,
        /// ISO 3166.
        #[schema(example = "US")]
        region: String,
        /// IANA.
        #[schema(example = "America/Los_Angeles")]
        timezone: String,
    }
    /// A till asks to belong to a shop.
    PairRequest {
        /// The protocol's version.
        protocol: u16,
        /// Made from the pairing code: 32 bytes in base64url.
        proof: String,
        /// The same again gives the same till.
        attempt: Uuid,
        /// What the till is to be called.
        till_name: String,
        /// Of the app.
        app_version: String,
        /// The shop that the till has worked for alone until now.
        brings: Option<Brings>,
    }
    /// A shop that began without a relay.
    Brings {
        /// What its operations say.
        shop: Uuid,
        /// The till's origin.
        origin: Uuid,
        /// Its settings.
        facts: ShopFacts,
    }
    /// The till belongs.
    PairAnswer {
        /// What the shop's operations carry.
        shop: Uuid,
        /// The till's origin.
        till: Uuid,
        /// The origin of the relay's own operations.
        relay: Uuid,
        /// For `Authorization: Bearer`; told once.
        credential: String,
        /// The shop's settings.
        facts: ShopFacts,
        /// The till writes the operations that open the shop.
        opens: bool,
        /// The newest operation.
        shop_seq: i64,
        /// Counts up when the relay's database was restored.
        incarnation: i64,
        /// What the till that made the code sealed for this one.
        sealed: Option<String>,
    }
    /// One operation of a shop's log.
    WireOp {
        /// Its id.
        op_id: Uuid,
        /// Who appended it.
        origin: Uuid,
        /// Its number there, from 1.
        origin_seq: i64,
        /// Milliseconds since 1970 UTC.
        at: i64,
        /// On whose word.
        by: String,
        /// JSON as text: the exact text that is hashed.
        body: String,
        /// Digest of its personal data.
        digest: Option<String>,
        /// Its personal data.
        private: Option<WirePrivate>,
        /// The hash of the operation before it.
        prev: String,
        /// Its own.
        hash: String,
    }
    /// Personal data with its salt.
    WirePrivate {
        /// 16 bytes in base64url.
        salt: String,
        /// JSON as text.
        data: String,
    }
    /// A till tells what is new and asks what is new.
    SyncRequest {
        /// The protocol's version.
        protocol: u16,
        /// Of the app.
        app_version: String,
        /// The till's origin.
        origin: Uuid,
        /// The number of its last own operation.
        own_seq: i64,
        /// Where it has read to.
        cursor: i64,
        /// The relay's incarnation that the cursor belongs to.
        incarnation: Option<i64>,
        /// Its operations after what the relay acknowledged.
        ops: Vec<WireOp>,
        /// What a restored relay forgot, of any origin.
        again: Vec<WireOp>,
        /// How many remain after these.
        pending: i64,
        /// Points that it may spend.
        held_points: i64,
        /// The till's clock.
        at: i64,
        /// How many operations the answer may hold.
        take_max: Option<u32>,
    }
    /// What the relay took and what is new.
    SyncAnswer {
        /// The relay's version of the protocol.
        protocol: u16,
        /// Up to where the relay has the till's operations.
        accepted: i64,
        /// The shop's operations after the cursor.
        ops: Vec<ShopOp>,
        /// Where to go on.
        cursor: i64,
        /// There are more.
        more: bool,
        /// The newest operation.
        shop_seq: i64,
        /// The relay's clock.
        at: i64,
        /// Counts up when the relay's database was restored.
        incarnation: i64,
        /// Every till of the shop.
        tills: Vec<TillSeen>,
        /// For a till of another incarnation: up to where the relay has each origin.
        heads: Vec<OriginHead>,
    }
    /// Up to where a relay has an origin's operations.
    OriginHead {
        /// Whose.
        origin: Uuid,
        /// The number of the last.
        seq: i64,
    }
    /// An operation with its place in the shop's order.
    ShopOp {
        /// From 1.
        shop_seq: i64,
        /// It.
        op: WireOp,
    }
    /// A till as the relay knows it.
    TillSeen {
        /// Its origin.
        till: Uuid,
        /// What it is called.
        name: String,
        /// Its last request.
        seen_at: Option<i64>,
        /// The app's version there.
        app_version: String,
        /// Operations that waited there.
        pending: i64,
        /// Points that it could spend.
        held_points: i64,
        /// How far its clock is ahead.
        skew_ms: i64,
        /// Whether it was removed.
        revoked: bool,
    }
    /// A restored till goes on under a new origin.
    RenewRequest {
        /// The protocol's version.
        protocol: u16,
        /// The old origin.
        was: Uuid,
        /// The new one.
        now: Uuid,
        /// The last operation that it has of the old one.
        has: i64,
        /// Whether what the till went on as since is over.
        over: bool,
    }
    /// Done.
    RenewAnswer {
        /// The till's origin now.
        till: Uuid,
        /// The newest operation.
        shop_seq: i64,
    }
    /// What an owner does with the tills. `do` is `list`, `add_code`, `rename`, `revoke`, `lose`, `find`,
    /// `release` or `settle_loss`.
    TillsRequest {
        /// Which of these.
        r#do: String,
        /// For `add_code`: SHA-256 of the code's proof.
        proof_digest: Option<String>,
        /// For `add_code`: what the new till gets with it.
        sealed: Option<String>,
        /// For all but `list` and `add_code`: which till.
        till: Option<Uuid>,
        /// For `rename`: how.
        name: Option<String>,
        /// For `release` and `settle_loss`: whose points.
        member: Option<Uuid>,
        /// For `settle_loss`: given by the shop, else owed by the member.
        forgive: Option<bool>,
        /// For `lose`, `release` and `settle_loss`: on whose word.
        by: Option<String>,
    }
    /// The tills after it.
    TillsAnswer {
        /// Every till of the shop.
        tills: Vec<TillSeen>,
        /// For `add_code`: until when the code works.
        expires_at: Option<i64>,
    }
    /// What a connected till hears. `event` is `moved`, `beat`, `bye`, `revoked` or `recall`.
    LiveEvent {
        /// Which of these.
        event: String,
        /// For `moved`: the newest operation.
        shop_seq: Option<i64>,
        /// For `beat`: the relay's clock.
        at: Option<i64>,
        /// For `bye`: come back after so many milliseconds.
        retry_ms: Option<u64>,
        /// For `recall`: give back what is held of this member's points.
        member: Option<Uuid>,
    }
    /// A till needs points of a member.
    AcquireRequest {
        /// The same again grants nothing more.
        request: Uuid,
        /// Whose points.
        member: Uuid,
        /// How many it must hold in all.
        points: i64,
        /// The till's sync.
        sync: SyncRequest,
    }
    /// What the relay knows of a shop's links.
    ClicksAnswer {
        /// The vendors' and campaigns' links.
        links: Vec<LinkSeen>,
        /// Each day since the one asked for, anew.
        days: Vec<ClickDay>,
        /// Who came through a code and did not count.
        refused: Vec<Unbrought>,
    }
    /// A link that is nobody's of the members.
    LinkSeen {
        /// The code.
        code: String,
        /// May be empty.
        campaign: String,
        /// UTC milliseconds.
        created_at: i64,
    }
    /// An owner wants a link of a vendor's or a campaign's.
    LinkRequest {
        /// 2 to 40 letters, digits and hyphens.
        #[schema(example = "solare")]
        code: String,
        /// Where it is to lead; none: to the shop's page.
        landing: Option<String>,
        /// A word for the shop's own statistics.
        campaign: String,
    }
    /// What became of it.
    LinkAnswer {
        /// The code, as it is kept.
        code: String,
        /// Why there is no link, such as `code_taken`; none where there is.
        why: Option<String>,
        /// Codes like the taken one that are free.
        free: Vec<String>,
    }
    /// A code's clicks on a day.
    ClickDay {
        /// The code.
        code: String,
        /// On the shop's calendar.
        #[schema(example = "2026-11-20")]
        day: String,
        /// By people.
        clicks: i64,
        /// Repeats within an hour counted once.
        unique: i64,
        /// By programs.
        bots: i64,
    }
    /// People who came through a code and did not count as brought by it.
    Unbrought {
        /// The code.
        code: String,
        /// Why.
        why: String,
        /// How many.
        times: i64,
    }
    /// A till asks for the clicks of the shop's links.
    ClicksRequest {
        /// The first day to tell; none for all.
        #[schema(example = "2026-11-20")]
        since: Option<String>,
    }
    /// What the relay could do.
    AcquireAnswer {
        /// Granted on this request.
        granted: i64,
        /// What the till still lacks.
        missing: i64,
        /// Who holds more.
        elsewhere: Vec<Elsewhere>,
        /// What is new, the grant among it.
        sync: SyncAnswer,
    }
    /// A till that holds points of the member.
    Elsewhere {
        /// Its origin.
        till: Uuid,
        /// What it is called.
        name: String,
        /// How many.
        points: i64,
        /// Since when nothing was heard of it.
        seen_at: Option<i64>,
        /// Whether it is lost.
        lost: bool,
    }
}

//! What the windows see: plain structs for the screens, and the conversions into them.
//!
//! Points and money are `i32` (JavaScript reads them exactly; 21 million dollars are enough for one sale); times are RFC 3339 text in UTC;
//! ids are text. Nothing here decides anything.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The state the app starts in.
#[derive(Serialize, Type)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Startup {
    /// No shop here yet: ask for one.
    Fresh {
        /// Suggestions from the machine's locale.
        region: String,
        currency: String,
        timezone: String,
        /// Lists to choose from: every currency, region and zone known.
        currencies: Vec<Choice>,
        regions: Vec<Choice>,
        timezones: Vec<String>,
    },
    /// A shop, locked until somebody signs in.
    Ready { shop: Shop, staff: Vec<StaffTile>, session: Option<Session> },
    /// The store can't be used: say what, where, and the safe way on.
    Problem { problem: StorageProblem },
}

#[derive(Serialize, Type)]
pub struct Choice { pub code: String, pub name: String }

/// What a first start asks.
#[derive(Deserialize, Type)]
pub struct FirstStart {
    pub shop_name: String,
    pub currency: String,
    pub region: String,
    pub timezone: String,
    pub owner_name: String,
    pub owner_pin: String,
    /// The first reward: its name, its points, and (optional, decimal text) what it costs the shop.
    pub reward_name: String,
    pub reward_points: i32,
    pub reward_cost: Option<String>,
}

#[derive(Serialize, Type, Clone)]
pub struct Shop {
    pub name: String,
    pub till_name: String,
    pub currency: String,
    /// Decimal digits of the currency: 2 for USD.
    pub currency_digits: i32,
    pub currency_symbol: String,
    pub region: String,
    pub timezone: String,
    /// Lock after this long without input.
    pub lock_after_s: i32,
    pub rewards: Vec<Reward>,
    pub rules_version: i32,
}

#[derive(Serialize, Type, Clone)]
pub struct Reward { pub name: String, pub points: i32, pub cost_minor: Option<i32> }

#[derive(Serialize, Type, Clone)]
#[serde(rename_all = "snake_case")]
pub enum Role { Cashier, Manager, Owner }

#[derive(Serialize, Type, Clone)]
pub struct StaffTile {
    pub staff_id: String,
    pub name: String,
    pub role: Role,
    pub active: bool,
    /// How long this person must still wait after wrong PINs; 0 when they may try.
    pub wait_ms: i32,
}

#[derive(Serialize, Type, Clone)]
pub struct Session { pub staff_id: String, pub name: String, pub role: Role }

/// One line of the search results, best first.
#[derive(Serialize, Type)]
pub struct Hit {
    pub member_id: String,
    /// Empty where the member gave none.
    pub name: String,
    pub phone_last4: String,
    pub email_hint: Option<String>,
    pub balance: i32,
    pub last_visit_at: Option<String>,
}

#[derive(Serialize, Type)]
pub struct SearchResult {
    /// The query this answers, so that a late answer is not shown.
    pub query: String,
    pub hits: Vec<Hit>,
    /// Set where the query names exactly one member (a scanned code, a whole phone number).
    pub exact: Option<String>,
    /// Set where the query is a valid phone number nobody has: Enter enrols it.
    pub enrol: Option<EnrolOffer>,
}

#[derive(Serialize, Type)]
pub struct EnrolOffer { pub phone: String, pub display: String }

#[derive(Deserialize, Type)]
pub struct Enrol {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    pub phone: String,
    pub name: String,
    pub email: String,
    pub email_consent: bool,
}

#[derive(Deserialize, Type)]
pub struct MemberEdit { pub op_id: String, pub member_id: String, pub name: String, pub email: String, pub email_consent: bool }

/// The member card.
#[derive(Serialize, Type)]
pub struct Card {
    pub member_id: String,
    pub code: String,
    pub name: String,
    pub phone_last4: String,
    pub phone_display: String,
    pub email: String,
    pub email_consent: bool,
    pub balance: i32,
    /// What can be spent at this till now (all of it while the shop has one till).
    pub spendable: i32,
    pub visits: i32,
    pub enrolled_at: String,
    pub last_visit_at: Option<String>,
    pub rewards: Vec<CardReward>,
    /// Newest first, at most 20.
    pub recent: Vec<Line>,
    /// True where this answer made the member.
    pub just_enrolled: bool,
}

#[derive(Serialize, Type)]
pub struct CardReward { pub name: String, pub points: i32, pub claimable: bool, pub to_go: i32 }

#[derive(Serialize, Type, Clone)]
#[serde(rename_all = "snake_case")]
pub enum Kind { Opening, Earn, Adjust, Redeem, Reverse }

/// One line of the ledger.
#[derive(Serialize, Type, Clone)]
pub struct Line {
    pub entry_id: String,
    pub member_id: String,
    pub member_name: String,
    pub member_last4: String,
    pub kind: Kind,
    /// For a reversal: what kind of line it took back.
    pub reverses_kind: Option<Kind>,
    pub points: i32,
    pub at: String,
    pub by_name: String,
    pub total_minor: Option<i32>,
    pub sale_id: Option<String>,
    pub reward: Option<String>,
    pub reasons: Vec<String>,
    pub rules_version: Option<i32>,
    /// Taken back by a later line.
    pub reversed: bool,
    /// Whether the person signed in may reverse it now.
    pub may_reverse: bool,
}

#[derive(Serialize, Type, Clone)]
#[serde(rename_all = "snake_case")]
pub enum Move { Skip, Add, AddReward, Hold }

#[derive(Serialize, Type)]
pub struct Preview { pub r#move: Move, pub points: i32, pub reasons: Vec<String>, pub balance_after: i32, pub announces: Option<String> }

#[derive(Deserialize, Type)]
pub struct Credit {
    pub op_id: String,
    pub member_id: String,
    /// Decimal text with a point: `12.50`.
    pub amount: String,
    /// The till's sale number, where typed.
    pub sale_id: Option<String>,
}

#[derive(Serialize, Type)]
pub struct Credited {
    pub r#move: Move,
    pub points: i32,
    pub entry_id: String,
    pub reasons: Vec<String>,
    pub announces: Option<String>,
    /// Set where this sale was credited before: when. Nothing was added.
    pub credited_before_at: Option<String>,
    pub card: Card,
}

#[derive(Deserialize, Type)]
pub struct Redeem { pub op_id: String, pub member_id: String, pub reward: String }

#[derive(Serialize, Type)]
pub struct Redeemed { pub points: i32, pub entry_id: String, pub reward: String, pub card: Card }

#[derive(Deserialize, Type)]
pub struct Reverse { pub op_id: String, pub entry_id: String }

/// `points` as signed in the new line.
#[derive(Serialize, Type)]
pub struct Reversed { pub points: i32, pub entry_id: String, pub card: Card }

#[derive(Deserialize, Type)]
pub struct Adjust { pub op_id: String, pub member_id: String, pub points: i32, pub reason: String }

#[derive(Deserialize, Type)]
pub struct StaffEdit {
    pub op_id: String,
    /// None adds somebody.
    pub staff_id: Option<String>,
    pub name: String,
    pub role: String,
    /// None keeps the PIN.
    pub pin: Option<String>,
    pub active: bool,
}

/// The status bar.
#[derive(Serialize, Type)]
pub struct Status {
    pub shop_name: String,
    pub till_name: String,
    pub session: Option<Session>,
    /// Operations not yet sent to a relay; None while the shop has no relay.
    pub pending: Option<i32>,
    pub storage: Storage,
    /// The shop's wall clock, `HH:MM`.
    pub clock: String,
}

#[derive(Serialize, Type)]
pub struct Storage { pub ok: bool, pub problem: Option<StorageProblem>, pub free_mb: i32, pub last_backup_at: Option<String>, pub secrets_in_keyring: bool }

/// Closed codes of what can be wrong with the machine; the window has a sentence for each.
#[derive(Serialize, Type, Clone)]
#[serde(rename_all = "snake_case")]
pub enum StorageCode { DiskFull, ReadOnly, InUse, Busy, Damaged, TooNew, Io }

#[derive(Serialize, Type, Clone)]
pub struct StorageProblem { pub code: StorageCode, pub path: String, pub detail: String }

/// What a command answers when it can't do what was asked.
#[derive(Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// A rule of the programme says no; `code` is one of `loyalty::Code`.
    Refused { code: String, field: String, value: String, number: Option<i32> },
    /// The machine says no.
    Storage { problem: StorageProblem },
}

/// The owner's window at its start.
#[derive(Serialize, Type)]
pub struct OwnerContext {
    pub shop: Shop,
    /// The database as tauri-plugin-sql names it, read-only.
    pub reports: String,
    pub rules_text: String,
}

#[derive(Serialize, Type)]
pub struct RuleError { pub line: i32, pub column: i32, pub length: i32, pub expected: String, pub suggestion: Option<String> }

#[derive(Serialize, Type)]
pub struct RulesCheck { pub errors: Vec<RuleError>, pub summary: Vec<String> }

#[derive(Serialize, Type)]
pub struct Exported { pub path: String, pub rows: i32 }

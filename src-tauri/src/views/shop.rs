//! The shop, its people, the machine, and what a command answers when it can't do what was asked.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{RelayState, SalesInTrouble};

/// The state the app starts in.
#[derive(Serialize, Type, Debug)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Startup {
    /// No shop here yet: ask for one.
    Fresh {
        /// Suggested region, from the machine's locale: two letters of ISO 3166.
        region: String,
        /// Suggested currency: three letters of ISO 4217.
        currency: String,
        /// Suggested time zone, the machine's own: a name of the IANA database.
        timezone: String,
        /// Every currency known, by code.
        currencies: Vec<Choice>,
        /// Every region known, by code.
        regions: Vec<Choice>,
        /// Every time zone known.
        timezones: Vec<String>,
    },
    /// A shop, locked until somebody signs in.
    Ready {
        /// The shop.
        shop: Shop,
        /// Who may sign in.
        staff: Vec<StaffTile>,
        /// Who is signed in, where the window was only reloaded.
        session: Option<Session>,
        /// Nobody can sign in before an owner has chosen a PIN anew: the shop's PINs did not come with the code.
        needs_pin: bool,
    },
    /// A till that has joined a shop, which is being downloaded.
    Joining {
        /// What customers call the shop.
        shop_name: String,
        /// The relay's address.
        address: String,
        /// How much is here.
        done: i32,
        /// Of how much; 0 while the shop's first till has sent nothing.
        of: i32,
        /// How the line to the relay stands.
        relay: RelayState,
    },
    /// The store can't be used: say what, where, and the safe way on. Asking again tries again.
    Problem {
        /// What is wrong.
        problem: StorageProblem,
    },
}

/// One line of a list to choose from.
#[derive(Serialize, Type, Debug)]
pub struct Choice {
    /// What is stored, such as `USD`.
    pub code: String,
    /// What people call it, such as `United States dollar`.
    pub name: String,
}

/// What a first start asks.
#[derive(Deserialize, Type)]
pub struct FirstStart {
    /// 1 to 80 characters.
    pub shop_name: String,
    /// Three letters of ISO 4217. It can't be changed later.
    pub currency: String,
    /// Two letters of ISO 3166: how phone numbers are written here.
    pub region: String,
    /// A name of the IANA database.
    pub timezone: String,
    /// 1 to 80 characters.
    pub owner_name: String,
    /// 4 to 8 digits.
    pub owner_pin: String,
    /// The first reward's name.
    pub reward_name: String,
    /// What it costs the member, 1 or more.
    pub reward_points: i32,
    /// What it costs the shop, as decimal text, where the owner says so.
    pub reward_cost: Option<String>,
}

/// What joining a shop that runs already asks.
#[derive(Deserialize, Type)]
pub struct JoinShop {
    /// The relay's address.
    pub address: String,
    /// The code from a till of that shop, or from whoever runs the relay.
    pub code: String,
    /// What to call this till: 1 to 80 characters.
    pub till_name: String,
}

/// An owner's PIN, chosen anew at a till that the shop's PINs did not come to.
#[derive(Deserialize, Type)]
pub struct OwnerPin {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Which owner.
    pub staff_id: String,
    /// 4 to 8 digits.
    pub pin: String,
}

/// The shop, as the screens need it.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Shop {
    /// Its name.
    pub name: String,
    /// This till's name, such as `Till 1`.
    pub till_name: String,
    /// Three letters of ISO 4217.
    pub currency: String,
    /// Decimal digits of the currency: 2 for USD.
    pub currency_digits: i32,
    /// The currency's sign, such as `$`.
    pub currency_symbol: String,
    /// Two letters of ISO 3166.
    pub region: String,
    /// A name of the IANA database.
    pub timezone: String,
    /// Lock after this long without input.
    pub lock_after_s: i32,
    /// The rewards of the rules in force, cheapest first.
    pub rewards: Vec<Reward>,
    /// The version of the rules in force, from 1.
    pub rules_version: i32,
}

/// A reward of the rules in force.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Reward {
    /// Its name.
    pub name: String,
    /// What it costs the member.
    pub points: i32,
    /// What it costs the shop, in minor units, where the rules say so.
    pub cost_minor: Option<i32>,
}

/// What somebody may do; each may do all that the one before may.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds, enrols, credits, redeems, undoes their own.
    Cashier,
    /// Also reverses others' lines, adjusts points, changes staff.
    Manager,
    /// Everything, and the owner's window.
    Owner,
}

/// Somebody who works here, as a tile on the lock screen.
#[derive(Serialize, Type, Clone, Debug)]
pub struct StaffTile {
    /// Their id.
    pub staff_id: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// False for somebody who left: no tile, but still in the staff list.
    pub active: bool,
    /// How long this person must still wait after wrong PINs; 0 when they may try.
    pub wait_ms: i32,
}

/// Who is signed in.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// Their id.
    pub staff_id: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// A change to the staff.
#[derive(Deserialize, Type)]
pub struct StaffEdit {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// None adds somebody.
    pub staff_id: Option<String>,
    /// 1 to 80 characters.
    pub name: String,
    /// Their role from now on.
    pub role: Role,
    /// 4 to 8 digits; None keeps the PIN. Somebody new needs one.
    pub pin: Option<String>,
    /// False lets them go: they can't sign in, their lines stay.
    pub active: bool,
}

/// The status bar. It is answered while the till is locked too, and asking does not count as input.
#[derive(Serialize, Type, Debug)]
pub struct Status {
    /// The shop's name.
    pub shop_name: String,
    /// This till's name.
    pub till_name: String,
    /// Who is signed in; None while locked.
    pub session: Option<Session>,
    /// How this till stands with its relay; None while the shop has none.
    pub relay: Option<RelayState>,
    /// Why webhooks are not taken though they should be; None where all is well or they are off.
    pub sales_in: Option<SalesInTrouble>,
    /// Held sales that wait for a decision.
    pub held: i32,
    /// The health of the data folder.
    pub storage: Storage,
    /// The shop's wall clock, `HH:MM`.
    pub clock: String,
}

/// The health of the data folder.
#[derive(Serialize, Type, Debug)]
pub struct Storage {
    /// False where `problem` is set.
    pub ok: bool,
    /// What is wrong now.
    pub problem: Option<StorageProblem>,
    /// Free space on its disk.
    pub free_mb: i32,
    /// When the last backup was made.
    pub last_backup_at: Option<String>,
    /// False where this machine has no keyring and the secrets are in a file that only this user may read.
    pub secrets_in_keyring: bool,
}

/// Closed codes of what can be wrong with the machine; the window has a sentence for each.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum StorageCode {
    /// No space left; nothing was changed.
    DiskFull,
    /// The folder or the file can't be written.
    ReadOnly,
    /// Another desktop app has this data folder open.
    InUse,
    /// Another program kept the store busy for too long; trying again is safe.
    Busy,
    /// The file is not a sound store.
    Damaged,
    /// A newer version of this app wrote it.
    TooNew,
    /// The secret that PINs are mixed with can't be had: the system's keyring is locked or away, or this folder came
    /// from another machine without it. Nobody can sign in until it is back.
    Secrets,
    /// Anything else the machine said; `detail` has it.
    Io,
}

/// What is wrong with the machine, and where.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct StorageProblem {
    /// The closed code.
    pub code: StorageCode,
    /// The file or folder it is about.
    pub path: String,
    /// What the system said, for whoever helps; not for the shop.
    pub detail: String,
}

/// What a command answers when it can't do what was asked.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// A rule of the programme says no.
    Refused {
        /// The closed code, one of `loyalty::Code`, such as `not_enough_points`.
        code: String,
        /// The field it is about; empty where it is about the whole.
        field: String,
        /// The value that was refused; empty where there is none to show.
        value: String,
        /// A number that belongs to it: points that are missing, milliseconds to wait.
        number: Option<i32>,
    },
    /// The machine says no.
    Storage {
        /// What is wrong.
        problem: StorageProblem,
    },
}

impl StorageProblem {
    /// A problem that has no better code.
    #[must_use]
    pub fn io(path: &str, detail: &str) -> Self {
        Self {
            code: StorageCode::Io,
            path: path.to_owned(),
            detail: detail.to_owned(),
        }
    }
}

impl Failure {
    /// A failure of the machine that has no better code.
    #[must_use]
    pub fn io(path: &str, detail: &str) -> Self {
        Self::Storage {
            problem: StorageProblem::io(path, detail),
        }
    }
}

//! How sales come in by themselves: the webhooks, the watched folder, and what came lately.

use serde::{Deserialize, Serialize};
use specta::Type;

/// All that the settings show of it.
#[derive(Serialize, Type, Debug)]
pub struct SalesIn {
    /// Whether the till takes webhooks.
    pub on: bool,
    /// On which port.
    pub port: i32,
    /// From other machines, too; else only from this one.
    pub network: bool,
    /// A sale with an unknown phone number enrols it.
    pub enrol_unknown: bool,
    /// Where it listens now, such as `127.0.0.1:4180`; None while it does not.
    pub listening: Option<String>,
    /// Why it does not listen though it should.
    pub trouble: Option<SalesInTrouble>,
    /// The addresses to give to a sender, this machine's own first.
    pub addresses: Vec<String>,
    /// There is a secret of ours for senders to sign with.
    pub secret: bool,
    /// Until when the secret before still works.
    pub older_until: Option<String>,
    /// The senders that are set up.
    pub senders: Vec<Sender>,
    /// The folder that is watched.
    pub watch: Option<WatchedFolder>,
    /// Messages taken since the app was started.
    pub taken: i32,
    /// Messages refused since the app was started.
    pub refused: i32,
    /// The last messages and files, newest first, since the app was started.
    pub recent: Vec<Arrived>,
}

/// What keeps the till from taking webhooks.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct SalesInTrouble {
    /// The closed code.
    pub code: SalesInCode,
    /// What the system said, for whoever helps.
    pub detail: String,
}

/// Closed codes of what keeps the till from taking webhooks; the window has a sentence for each.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum SalesInCode {
    /// Another program has the port.
    PortTaken,
    /// There is no secret yet: make one.
    NoSecret,
    /// The secret can't be read: the keyring is locked or away.
    Secrets,
    /// The machine said no otherwise.
    Machine,
}

/// A sender other than one that signs with our secret.
#[derive(Serialize, Deserialize, Type, Clone, Debug)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sender {
    /// Square.
    Square {
        /// How many keys it signs with.
        keys: i32,
        /// The notification URL as Square has it.
        url: String,
    },
    /// Shopify.
    Shopify {
        /// How many secrets it signs with.
        keys: i32,
    },
    /// Stripe.
    Stripe {
        /// How many secrets it signs with.
        keys: i32,
    },
    /// Another till's own JSON.
    Mapped {
        /// The last part of its address.
        name: String,
        /// Where things are in it.
        pointers: Box<MappedSender>,
    },
}

/// Where another till's JSON has what, by JSON pointers such as `/ticket/number`. Empty: it has no such thing.
#[derive(Serialize, Deserialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct MappedSender {
    /// The source its sales get.
    pub source: String,
    /// The sale's number.
    pub sale_id: String,
    /// When it was.
    pub occurred_at: String,
    /// `text`, `seconds` or `milliseconds`.
    pub time: String,
    /// What was paid.
    pub total: String,
    /// The tax in it.
    pub tax: String,
    /// The tip in it.
    pub tip: String,
    /// `decimal` or `minor`.
    pub unit: String,
    /// The customer's phone number.
    pub phone: String,
    /// The list of items.
    pub items: String,
    /// An item's name, from the item.
    pub item_name: String,
    /// How many of it, from the item.
    pub item_quantity: String,
    /// Where it says what kind of message it is.
    pub only: String,
    /// What it says there for a sale.
    pub only_value: String,
}

/// The folder that is watched for files.
#[derive(Serialize, Type, Clone, Debug)]
pub struct WatchedFolder {
    /// The folder.
    pub folder: String,
    /// The system that numbered the sales in its files.
    pub source: String,
    /// Why it can't be used now.
    pub trouble: Option<String>,
}

/// Something that came in by itself.
#[derive(Serialize, Type, Clone, Debug)]
pub struct Arrived {
    /// When.
    pub at: String,
    /// `sale`, `refund`, `square`, …: the page it came to; `file` for a file. Empty for a page nobody set up.
    pub page: String,
    /// The sale's number or the file's name, where it is known.
    pub name: String,
    /// What came of it.
    pub outcome: ArrivedOutcome,
    /// Points added or taken.
    pub points: i32,
    /// For a refusal: the closed code.
    pub code: String,
    /// For a refusal, what the sender heard; for a file, the report.
    pub words: String,
    /// For a refusal: the fields it is about, as JSON pointers.
    pub fields: Vec<String>,
}

/// What came of it.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum ArrivedOutcome {
    /// A sale of a member, recorded.
    Sale,
    /// A sale of nobody known, kept for statistics.
    WalkIn,
    /// A sale that waits for a decision.
    Held,
    /// A sale that the rules skip.
    Skipped,
    /// A refund, recorded.
    Refund,
    /// Known before: nothing was changed.
    Duplicate,
    /// Not a sale; nothing to do.
    Ignored,
    /// Refused; `code` and `words` say why.
    Refused,
    /// A file, imported and moved.
    File,
    /// A file that has to be put right.
    ToFix,
}

/// Whether and where the till takes webhooks.
#[derive(Deserialize, Type, Clone)]
pub struct SalesInEdit {
    /// Whether.
    pub on: bool,
    /// 1 to 65535.
    pub port: i32,
    /// From other machines, too.
    pub network: bool,
    /// Enrol unknown phone numbers.
    pub enrol_unknown: bool,
}

/// A new secret, shown this once.
#[derive(Serialize, Type, Debug)]
pub struct NewSecret {
    /// `whsec_…`
    pub secret: String,
    /// The settings afterwards.
    pub sales_in: SalesIn,
}

/// A sender to set up.
#[derive(Deserialize, Type, Clone)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SenderEdit {
    /// Square.
    Square {
        /// Its signature key.
        key: String,
        /// The notification URL, exactly as Square's settings have it.
        url: String,
    },
    /// Shopify.
    Shopify {
        /// Its secret.
        key: String,
    },
    /// Stripe.
    Stripe {
        /// Its endpoint's secret.
        key: String,
    },
    /// Another till's own JSON.
    Mapped {
        /// 1 to 20 small letters, digits and dashes.
        name: String,
        /// Where things are in it.
        pointers: Box<MappedSender>,
    },
}

//! The mails to other shops, as the relay tells of them.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{MailSaid, VoiceError};

/// All that the owner's window shows of them.
#[derive(Serialize, Type, Debug)]
pub struct Outreach {
    /// Whether the shop sends mail.
    pub sends: bool,
    /// Whom the shop could write to.
    pub vendors: Vec<OutreachVendor>,
    /// Those that wait, and then those that don't, the newest first.
    pub mails: Vec<OutreachMail>,
    /// All that wait for a yes.
    pub waiting: i32,
    /// Who got no draft just now.
    pub passed: Vec<OutreachPassed>,
}

/// A vendor: whoever has a link of the shop's that is no member's.
#[derive(Serialize, Type, Debug)]
pub struct OutreachVendor {
    /// The code of its link.
    pub code: String,
    /// What the link is for; may be empty.
    pub campaign: String,
    /// What it was called the last time.
    pub name: Option<String>,
    /// Where it was written to the last time.
    pub address: Option<String>,
    /// When it was last drafted to.
    pub last_at: Option<String>,
    /// Whether a mail to it waits for a yes.
    pub waits: bool,
    /// Why nothing goes to that address: `not_wanted` or `suppressed`.
    pub closed: Option<String>,
}

/// A mail to a vendor.
#[derive(Serialize, Type, Debug)]
pub struct OutreachMail {
    /// Its id.
    pub mail: String,
    /// The vendor's code.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Where it goes.
    pub address: String,
    /// On one line.
    pub subject: String,
    /// `drafted`, `rejected`, `queued`, `sending`, `stopped`, `sent`, `failed`, `unknown`, `cancelled`, `bounced`, `bounced_softly`, `complained`.
    pub state: String,
    /// Since when it is so; for `queued`, when it goes at the soonest.
    pub at: String,
    /// Why it was put off or ended so: a word of the relay's, or the server's digits.
    pub why: Option<String>,
    /// Whether it can be made to wait for a yes again.
    pub undo: bool,
    /// What says that it is still as it was seen.
    pub seen: String,
    /// For one that waits: its words, to be changed.
    pub words: Option<String>,
    /// For one that waits: as it goes out.
    pub said: Option<MailSaid>,
    /// Who had it drafted.
    pub drafted_by: String,
    /// When.
    pub drafted_at: String,
    /// Who changed its words last.
    pub edited_by: Option<String>,
    /// When.
    pub edited_at: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<String>,
}

/// A vendor that got no draft.
#[derive(Serialize, Type, Debug)]
pub struct OutreachPassed {
    /// Whose code.
    pub code: String,
    /// `unknown_code`, `waits`, `not_wanted` or `suppressed`.
    pub why: String,
}

/// A vendor to be written to.
#[derive(Deserialize, Type, Debug)]
pub struct OutreachTo {
    /// The code of its link.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Where it gets mail.
    pub address: String,
}

/// A mail as somebody saw it.
#[derive(Deserialize, Type, Debug)]
pub struct OutreachSeen {
    /// Which.
    pub mail: String,
    /// What the relay said of it.
    pub seen: String,
}

/// How other words would read.
#[derive(Serialize, Type, Debug)]
pub struct OutreachTried {
    /// The mail; None while something is wrong.
    pub said: Option<MailSaid>,
    /// What is wrong.
    pub errors: Vec<VoiceError>,
}

//! `POST /v1/outreach`: what an owner sees of the mails to other shops and does about them, from a till. No member's data
//! is in these messages.

use loyalty::UtcMs;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits::{Bounded, NAME_BYTES_MAX, too_large};
use crate::mail::{MailRefusal, MailSaid, VOICE_BYTES_MAX, VoiceProblem};
use crate::problem::Problem;

/// Vendors or mails that one request names, at the most.
pub const OUTREACH_MAX: usize = 100;

/// What an owner does about mails to other shops.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum OutreachRequest {
    /// Only look.
    Look,
    /// Only how many wait for a yes.
    Count,
    /// Drafts a mail to each, in the words of the voice. Nothing goes out.
    Draft {
        /// To whom.
        to: Vec<OutreachTo>,
        /// Who says so: a name of the staff's.
        by: String,
    },
    /// How other words would read, and what is wrong with them. Changes nothing.
    Try {
        /// The mail that would say them.
        mail: Uuid,
        /// A subject line, an empty line, the text.
        words: String,
    },
    /// Other words for a mail that waits.
    Edit {
        /// Which.
        mail: Uuid,
        /// A subject line, an empty line, the text.
        words: String,
        /// Who says so.
        by: String,
    },
    /// Yes to all of these, or no: all or none.
    Decide {
        /// Which, as they were seen.
        mails: Vec<OutreachSeen>,
        /// Yes: they go out.
        approve: bool,
        /// Who says so.
        by: String,
    },
    /// These wait again, if they have not gone yet.
    Undo {
        /// Which.
        mails: Vec<Uuid>,
    },
    /// What a mail said that does not wait any more.
    Show {
        /// Which.
        mail: Uuid,
    },
}

/// A vendor to be written to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutreachTo {
    /// The code of its link.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Where it gets mail.
    pub address: String,
}

/// A mail as somebody saw it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutreachSeen {
    /// Which.
    pub mail: Uuid,
    /// [`OutreachMail::seen`].
    pub seen: String,
}

/// A vendor: whoever has a link of the shop's that is no member's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
    pub last_at: Option<UtcMs>,
    /// Whether a mail to it waits for a yes.
    pub waits: bool,
    /// Why nothing goes to that address: `not_wanted` (they stopped it) or `suppressed` (it bounced, or they complained).
    pub closed: Option<String>,
}

/// A mail to a vendor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutreachMail {
    /// Its id.
    pub mail: Uuid,
    /// The vendor's code.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Where it goes.
    pub address: String,
    /// On one line.
    pub subject: String,
    /// `drafted` (waits for a yes), `rejected`, or what has become of it since the yes: `queued`, `sending`, `stopped`
    /// (that can be undone), `sent`, `failed`, `unknown`, `cancelled`, `bounced`, `bounced_softly`, `complained`.
    pub state: String,
    /// Since when it is so; for `queued`, when it goes at the soonest.
    pub at: UtcMs,
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
    pub drafted_at: UtcMs,
    /// Who changed its words last.
    pub edited_by: Option<String>,
    /// When.
    pub edited_at: Option<UtcMs>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<UtcMs>,
}

/// All that an owner sees of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutreachState {
    /// Whether the shop sends mail.
    pub sends: bool,
    /// Whom the shop could write to.
    pub vendors: Vec<OutreachVendor>,
    /// Those that wait, the oldest first, and then those that don't, the newest first.
    pub mails: Vec<OutreachMail>,
    /// All that wait: `mails` may hold fewer.
    pub waiting: i64,
}

/// A vendor that got no draft.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutreachPassed {
    /// Whose.
    pub code: String,
    /// `unknown_code`, `waits`, `not_wanted` or `suppressed`.
    pub why: String,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct OutreachAnswer {
    /// How it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<OutreachState>,
    /// How many wait for a yes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<i64>,
    /// Who got no draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Vec<OutreachPassed>>,
    /// The mail, as it is or as it would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<MailSaid>,
    /// What is wrong with the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<VoiceProblem>>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<MailRefusal>,
}

fn short(what: &str, text: &str) -> Result<(), Problem> {
    if text.len() > NAME_BYTES_MAX {
        return Err(too_large(what, NAME_BYTES_MAX));
    }
    Ok(())
}

fn few(what: &str, n: usize) -> Result<(), Problem> {
    if n > OUTREACH_MAX {
        return Err(too_large(what, OUTREACH_MAX));
    }
    Ok(())
}

impl Bounded for OutreachRequest {
    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Look | Self::Count | Self::Show { .. } => Ok(()),
            Self::Draft { to, by } => {
                few("to", to.len())?;
                short("by", by)?;
                to.iter()
                    .flat_map(|one| [&one.code, &one.name, &one.address])
                    .try_for_each(|text| short("to", text))
            }
            Self::Try { words, .. } | Self::Edit { words, .. } if words.len() > VOICE_BYTES_MAX => {
                Err(too_large("words", VOICE_BYTES_MAX))
            }
            Self::Try { .. } => Ok(()),
            Self::Edit { by, .. } => short("by", by),
            Self::Decide { mails, by, .. } => {
                few("mails", mails.len())?;
                short("by", by)?;
                mails.iter().try_for_each(|one| short("seen", &one.seen))
            }
            Self::Undo { mails } => few("mails", mails.len()),
        }
    }
}

impl Bounded for OutreachAnswer {
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

//! The shop's mail, as the relay tells of it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// All that the owner's window shows of it.
#[derive(Serialize, Type, Debug)]
pub struct Mail {
    /// How it is sent; None: not at all yet.
    pub settings: Option<MailSettings>,
    /// Whether the relay can keep a password.
    pub keeps_passwords: bool,
    /// What is about to go out, the next first; at most some hundred.
    pub waiting: Vec<MailLine>,
    /// All that waits, by kind.
    pub kinds: Vec<MailCount>,
    /// What ended, the newest first; at most some hundred.
    pub gone: Vec<MailLine>,
    /// How it ended, of the last thirty days.
    pub ends: Vec<MailEnds>,
    /// What keeps mail from going out.
    pub stuck: MailStuck,
    /// The jobs there are.
    pub jobs: Vec<MailJob>,
    /// When they ran, the newest first.
    pub runs: Vec<MailRun>,
    /// The voices that were published, the newest first: that one is in force.
    pub voices: Vec<VoiceVersion>,
    /// What goes out while none was published.
    pub built_in: String,
    /// The mails that can be written and previewed.
    pub mails: Vec<String>,
}

/// How the shop sends mail, but for its password.
#[derive(Serialize, Deserialize, Type, Clone, Debug)]
pub struct MailSettings {
    /// The address that mail comes from.
    pub sender: String,
    /// Where answers go; empty: to the sender.
    pub reply_to: String,
    /// The owner's own address; may be empty.
    pub owner: String,
    /// Where the shop is.
    pub postal: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The name there; empty: none is needed.
    pub username: String,
    /// Whether there is a password.
    pub has_password: bool,
    /// Mails in an hour at the most.
    pub per_hour: i32,
    /// Mails of the shop's own idea to one person in seven days at the most.
    pub per_week: i32,
    /// When members get no mail: `21:00-09:00` or `none`.
    pub quiet: String,
    /// Whether nothing is sent.
    pub paused: bool,
}

/// A mail that waits, has gone, or is planned.
#[derive(Serialize, Type, Debug)]
pub struct MailLine {
    /// What it is stopped by.
    pub id: String,
    /// Which mail, such as `reward_earned`.
    pub kind: String,
    /// To whom, as the reports name members; None for what is no member's.
    pub member_id: Option<String>,
    /// `planned`, `queued`, `sending`, `stopped`, `sent`, `failed`, `unknown`, `cancelled`, `bounced`, `bounced_softly`, `complained`.
    pub state: String,
    /// When it goes at the soonest, or when it ended.
    pub at: String,
    /// Why it was put off or ended so: a word of the relay's, or the server's digits.
    pub why: Option<String>,
    /// The reward it tells of.
    pub reward: Option<String>,
    /// The other shop that it is for.
    pub partner: Option<String>,
}

/// How many of a kind wait.
#[derive(Serialize, Type, Debug)]
pub struct MailCount {
    /// Which mail.
    pub kind: String,
    /// Queued or planned.
    pub waiting: i32,
    /// Stopped, and that can be undone.
    pub stopped: i32,
}

/// How many mails ended so.
#[derive(Serialize, Type, Debug)]
pub struct MailEnds {
    /// `sent`, `failed`, `unknown`, `cancelled`, `bounced`, `bounced_softly` or `complained`.
    pub state: String,
    /// So many.
    pub mails: i32,
}

/// What keeps mail from going out.
#[derive(Serialize, Type, Debug)]
pub struct MailStuck {
    /// Mails that should have gone by now.
    pub mails: i32,
    /// The oldest should have gone then.
    pub since: Option<String>,
    /// What the server last complained of, in English.
    pub problem: Option<String>,
    /// When it did.
    pub problem_at: Option<String>,
}

/// A job.
#[derive(Serialize, Type, Debug)]
pub struct MailJob {
    /// Which, such as `balance`.
    pub job: String,
    /// Five fields by the shop's own clock; None: it is off.
    pub calendar: Option<String>,
    /// When it runs next.
    pub next_at: Option<String>,
}

/// That a job ran.
#[derive(Serialize, Type, Debug)]
pub struct MailRun {
    /// Which job.
    pub job: String,
    /// For which moment.
    pub planned_at: String,
    /// When.
    pub ran_at: String,
    /// `done`, or `skipped` because it was too late.
    pub outcome: String,
    /// What it made: mails, mostly.
    pub made: i32,
}

/// A voice that was published.
#[derive(Serialize, Type, Debug)]
pub struct VoiceVersion {
    /// From 1.
    pub version: i32,
    /// When.
    pub at: String,
    /// All of it.
    pub text: String,
    /// By whom, as the log says it; empty: by the owner.
    pub by: String,
}

/// Something that is wrong with a voice.
#[derive(Serialize, Type, Debug)]
pub struct VoiceError {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters it is about; 0: the place itself.
    pub length: u32,
    /// What it is and what to do, in English.
    pub words: String,
    /// The same as a code; empty from an older relay.
    pub code: String,
    /// What its sentence names, in order.
    pub values: Vec<String>,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

/// A record to enter in the DNS.
#[derive(Serialize, Type, Debug)]
pub struct MailRecord {
    /// Under which name.
    pub name: String,
    /// Of which kind: `TXT`.
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// What was found of one thing that decides whether mail arrives.
#[derive(Serialize, Type, Debug)]
pub struct MailFinding {
    /// `server`, `spf`, `dkim`, `dmarc` or `mx`.
    pub what: String,
    /// What was found, such as `spf_not_named`.
    pub code: String,
    /// What its sentence names, in order.
    pub values: Vec<String>,
    /// Whether it is as it should be.
    pub good: bool,
    /// The sentence, in English.
    pub said: String,
    /// The record that would be right.
    pub record: Option<MailRecord>,
}

/// A mail as its reader sees it.
#[derive(Serialize, Type, Debug)]
pub struct MailSaid {
    /// Its subject.
    pub subject: String,
    /// The part in plain text.
    pub text: String,
    /// The part in HTML.
    pub html: String,
}

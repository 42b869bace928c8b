//! `POST /v1/mail`: what an owner sees of the shop's mail and does about it, from a till. No name and no address of a
//! member is in these messages: the till knows them itself.

use loyalty::{MemberId, UtcMs};
use serde::{Deserialize, Serialize};

use crate::limits::{Bounded, NAME_BYTES_MAX, too_large};
use crate::problem::Problem;

/// Bytes of a voice, at the most.
pub const VOICE_BYTES_MAX: usize = 128 << 10;
/// Mails that one request names, at the most.
pub const MAILS_MAX: usize = 1000;

/// What an owner does about mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum MailRequest {
    /// Only look.
    Look,
    /// These do not go out.
    Stop {
        /// As [`MailLine::id`] names them.
        #[serde(default)]
        mails: Vec<String>,
        /// And all of this kind that wait now.
        #[serde(default)]
        kind: Option<String>,
    },
    /// These do go out, if their time is not over.
    Undo {
        /// As [`MailLine::id`] names them.
        #[serde(default)]
        mails: Vec<String>,
        /// And all of this kind that were stopped.
        #[serde(default)]
        kind: Option<String>,
    },
    /// How the shop sends.
    Set {
        /// All of it.
        settings: MailSettings,
        /// A new password; none keeps the one there is.
        #[serde(default)]
        password: Option<String>,
    },
    /// A test to the owner's own address, now.
    Test,
    /// Whether mail can arrive: the records of the sender's domain, and the server. Nothing is sent.
    Arrives,
    /// When a job runs.
    Job {
        /// Which.
        job: String,
        /// Five fields by the shop's own clock; none: never.
        #[serde(default)]
        calendar: Option<String>,
    },
    /// Runs a job once, now.
    Run {
        /// Which.
        job: String,
    },
    /// What is wrong with a voice.
    Check {
        /// It.
        voice: String,
    },
    /// This voice from now on.
    Publish {
        /// It.
        voice: String,
    },
    /// An earlier version of the voice from now on, as the next version.
    RollBack {
        /// Which.
        version: i64,
    },
    /// A mail as its reader would see it.
    Preview {
        /// Which mail.
        kind: String,
        /// In this voice; none: in the one in force.
        #[serde(default)]
        voice: Option<String>,
        /// To this member; none: to somebody made up.
        #[serde(default)]
        member: Option<MemberId>,
    },
}

/// How a shop sends mail, but for its password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailSettings {
    /// The address that mail comes from.
    pub sender: String,
    /// Where answers go; empty: to the sender.
    pub reply_to: String,
    /// The owner's own address; empty: none.
    pub owner: String,
    /// Where the shop is, for the foot of every mail.
    pub postal: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The name there; empty: none is needed.
    pub username: String,
    /// Whether there is a password. What is sent here is not looked at.
    #[serde(default)]
    pub has_password: bool,
    /// Mails in an hour at the most.
    pub per_hour: i64,
    /// Mails of the shop's own idea to one person in seven days at the most.
    pub per_week: i64,
    /// When members get no mail: `21:00-09:00` or `none`.
    pub quiet: String,
    /// Whether nothing is sent.
    pub paused: bool,
}

/// A mail that waits, has gone, or is planned.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailLine {
    /// What it is stopped by.
    pub id: String,
    /// Which mail.
    pub kind: String,
    /// To whom; none for what is no member's.
    pub member: Option<MemberId>,
    /// The other shop that it is for.
    #[serde(default)]
    pub partner: Option<String>,
    /// `planned` (a job is going to queue it), `queued`, `sending`, `sent`, `failed`, `unknown`, `cancelled`; `stopped`
    /// while that can be undone; `bounced`, `bounced_softly` (it did not arrive this time) or `complained` of, after the
    /// server had taken it.
    pub state: String,
    /// When it goes at the soonest, or when it ended.
    pub at: UtcMs,
    /// Why it was put off or ended so: a word of the relay's, or the server's digits.
    pub why: Option<String>,
    /// The reward it tells of.
    pub reward: Option<String>,
}

/// How many of a kind wait.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailCount {
    /// Which mail.
    pub kind: String,
    /// Queued or planned.
    pub waiting: i64,
    /// Stopped, and that can be undone.
    pub stopped: i64,
}

/// How many mails ended so in the last thirty days.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailEnds {
    /// `sent`, `failed`, `unknown`, `cancelled`, `bounced`, `bounced_softly` or `complained`.
    pub state: String,
    /// So many.
    pub mails: i64,
}

/// What keeps mail from going out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailStuck {
    /// Mails that should have gone by now.
    pub mails: i64,
    /// The oldest should have gone then.
    pub since: Option<UtcMs>,
    /// What the server last complained of, in English.
    pub problem: Option<String>,
    /// When it did.
    pub problem_at: Option<UtcMs>,
}

/// A job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailJob {
    /// Which.
    pub job: String,
    /// Five fields by the shop's own clock; none: it is off.
    pub calendar: Option<String>,
    /// When it runs next.
    pub next_at: Option<UtcMs>,
}

/// That a job ran.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailRun {
    /// Which job.
    pub job: String,
    /// For which moment.
    pub planned_at: UtcMs,
    /// When.
    pub ran_at: UtcMs,
    /// `done`, or `skipped` because it was too late.
    pub outcome: String,
    /// What it made: mails, mostly.
    pub made: i64,
}

/// A voice that was published.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VoiceVersion {
    /// From 1.
    pub version: i64,
    /// When.
    pub at: UtcMs,
    /// All of it.
    pub text: String,
    /// By whom, as the log says it; none: by the owner, or the relay is older.
    #[serde(default)]
    pub by: Option<String>,
}

/// All that an owner sees of the shop's mail.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailState {
    /// How it sends; none: it does not yet.
    pub settings: Option<MailSettings>,
    /// Whether the relay can keep a password.
    pub keeps_passwords: bool,
    /// What is about to go out, the next first.
    pub waiting: Vec<MailLine>,
    /// All that waits, by kind: `waiting` may hold fewer.
    pub kinds: Vec<MailCount>,
    /// What ended, the newest first.
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

/// Something that is wrong with a voice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VoiceProblem {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters it is about; 0: the place itself.
    pub length: u32,
    /// What it is and what to do, in English.
    pub words: String,
    /// The same as a code; empty from an older relay.
    #[serde(default)]
    pub code: String,
    /// What its sentence names, in order.
    #[serde(default)]
    pub values: Vec<String>,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

/// A record to enter in the DNS.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailRecord {
    /// Under which name.
    pub name: String,
    /// Of which kind: `TXT`.
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// What was found of one thing that decides whether mail arrives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
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
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailSaid {
    /// Its subject.
    pub subject: String,
    /// The part in plain text.
    pub text: String,
    /// The part in HTML.
    pub html: String,
}

/// Why something was not done. Nothing was changed then.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MailRefusal {
    /// One of [`MailRefusal::CODES`].
    pub code: String,
    /// The field that it is about; may be empty.
    pub field: String,
    /// For the owner: what the server said, in English; may be empty.
    pub said: String,
}

impl MailRefusal {
    /// Every code there is.
    pub const CODES: &[&str] = &[
        "mail_not_set",
        "mail_no_key",
        "mail_password_needed",
        "mail_bad_address",
        "mail_missing",
        "mail_bad_host",
        "mail_private_host",
        "mail_bad_number",
        "mail_bad_quiet",
        "mail_no_owner",
        "mail_not_taken",
        "mail_bad_calendar",
        "mail_unknown_job",
        "mail_unknown",
        "mail_bad_voice",
        "mail_no_version",
        "mail_gone",
        "mail_asked_too_soon",
        "mail_no_name_server",
        "outreach_gone",
        "outreach_changed",
        "outreach_waits",
        "mail_backup_soon",
        "mail_no_backups",
    ];
}

/// What came of it: one of these.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MailAnswer {
    /// How it stands now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<MailState>,
    /// What is wrong with the voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<VoiceProblem>>,
    /// Whether mail can arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<MailFinding>>,
    /// The mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<MailSaid>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<MailRefusal>,
}

fn short(what: &str, texts: &[&str]) -> Result<(), Problem> {
    if texts.iter().any(|text| text.len() > NAME_BYTES_MAX) {
        return Err(too_large(what, NAME_BYTES_MAX));
    }
    Ok(())
}

fn voice(text: &str) -> Result<(), Problem> {
    if text.len() > VOICE_BYTES_MAX {
        return Err(too_large("voice", VOICE_BYTES_MAX));
    }
    Ok(())
}

impl Bounded for MailRequest {
    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::Stop { mails, kind } | Self::Undo { mails, kind } => {
                if mails.len() > MAILS_MAX {
                    return Err(too_large("mails", MAILS_MAX));
                }
                short("kind", &[kind.as_deref().unwrap_or_default()])?;
                mails.iter().try_for_each(|mail| short("mail", &[mail]))
            }
            Self::Set { settings: s, password } => short(
                "settings",
                &[
                    &s.sender,
                    &s.reply_to,
                    &s.owner,
                    &s.postal,
                    &s.host,
                    &s.security,
                    &s.username,
                    &s.quiet,
                    password.as_deref().unwrap_or_default(),
                ],
            ),
            Self::Job { job, calendar } => short("job", &[job, calendar.as_deref().unwrap_or_default()]),
            Self::Run { job } => short("job", &[job]),
            Self::Check { voice: text } | Self::Publish { voice: text } => voice(text),
            Self::Preview { kind, voice: text, .. } => {
                short("kind", &[kind])?;
                voice(text.as_deref().unwrap_or_default())
            }
            Self::Look | Self::Test | Self::Arrives | Self::RollBack { .. } => Ok(()),
        }
    }
}

impl Bounded for MailAnswer {
    fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

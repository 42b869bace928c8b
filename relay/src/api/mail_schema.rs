//! The messages of `sync::mail` as `/openapi.json` describes them; see `schema`.

use utoipa::ToSchema;
use uuid::Uuid;

use super::schema::schemas;

schemas! {
    /// What an owner does about mail. `do` is `look`, `stop`, `undo`, `set`, `test`, `arrives`, `job`, `run`, `check`,
    /// `publish`, `roll_back` or `preview`.
    MailRequest {
        /// Which of these.
        r#do: String,
        /// For `stop` and `undo`: which mails, as their lines name them.
        mails: Option<Vec<String>>,
        /// For `stop` and `undo`: all of this kind; for `preview`: which mail.
        kind: Option<String>,
        /// For `set`: all of them.
        settings: Option<MailSettings>,
        /// For `set`: a new password; none keeps the one there is.
        password: Option<String>,
        /// For `job` and `run`: which.
        job: Option<String>,
        /// For `job`: five fields by the shop's own clock; none ends it.
        calendar: Option<String>,
        /// For `check`, `publish` and `preview`: the document.
        voice: Option<String>,
        /// For `roll_back`: which.
        version: Option<i64>,
        /// For `preview`: to whom; none for somebody made up.
        member: Option<Uuid>,
    }
    /// How a shop sends mail, but for its password.
    MailSettings {
        /// The address that mail comes from.
        sender: String,
        /// Where answers go; empty: to the sender.
        reply_to: String,
        /// The owner's own address; may be empty.
        owner: String,
        /// Where the shop is.
        postal: String,
        /// The server.
        host: String,
        /// Its port.
        port: u16,
        /// `tls`, `starttls` or `none`.
        security: String,
        /// The name there; may be empty.
        username: String,
        /// Whether there is a password.
        has_password: bool,
        /// Mails in an hour at the most.
        per_hour: i64,
        /// Mails of the shop's own idea to one person in seven days at the most.
        per_week: i64,
        /// When members get no mail.
        #[schema(example = "21:00-09:00")]
        quiet: String,
        /// Whether nothing is sent.
        paused: bool,
    }
    /// A mail that waits, has gone, or is planned.
    MailLine {
        /// What it is stopped by.
        id: String,
        /// Which mail.
        kind: String,
        /// To whom.
        member: Option<Uuid>,
        /// The other shop that it is for.
        partner: Option<String>,
        /// `planned`, `queued`, `sending`, `stopped`, `sent`, `failed`, `unknown`, `cancelled`, `bounced`,
        /// `bounced_softly` or `complained`.
        state: String,
        /// When it goes at the soonest, or when it ended.
        at: i64,
        /// Why it was put off or ended so.
        why: Option<String>,
        /// The reward it tells of.
        reward: Option<String>,
    }
    /// How many of a kind wait.
    MailCount {
        /// Which mail.
        kind: String,
        /// Queued or planned.
        waiting: i64,
        /// Stopped, and that can be undone.
        stopped: i64,
    }
    /// How many mails ended so in the last thirty days.
    MailEnds {
        /// How.
        state: String,
        /// So many.
        mails: i64,
    }
    /// What keeps mail from going out.
    MailStuck {
        /// Mails that should have gone by now.
        mails: i64,
        /// The oldest should have gone then.
        since: Option<i64>,
        /// What the server last complained of.
        problem: Option<String>,
        /// When it did.
        problem_at: Option<i64>,
    }
    /// A job.
    MailJob {
        /// Which.
        job: String,
        /// Five fields by the shop's own clock; none: it is off.
        calendar: Option<String>,
        /// When it runs next.
        next_at: Option<i64>,
    }
    /// That a job ran.
    MailRun {
        /// Which job.
        job: String,
        /// For which moment.
        planned_at: i64,
        /// When.
        ran_at: i64,
        /// `done` or `skipped`.
        outcome: String,
        /// What it made: mails, mostly.
        made: i64,
    }
    /// A voice that was published.
    VoiceVersion {
        /// From 1.
        version: i64,
        /// When.
        at: i64,
        /// All of it.
        text: String,
        /// By whom; none: by the owner.
        #[schema(example = "job:document https://example.com/words.txt")]
        by: Option<String>,
    }
    /// All that an owner sees of the shop's mail.
    MailState {
        /// How it sends.
        settings: Option<MailSettings>,
        /// Whether the relay can keep a password.
        keeps_passwords: bool,
        /// What is about to go out.
        waiting: Vec<MailLine>,
        /// All that waits, by kind.
        kinds: Vec<MailCount>,
        /// What ended.
        gone: Vec<MailLine>,
        /// How it ended.
        ends: Vec<MailEnds>,
        /// What keeps mail from going out.
        stuck: MailStuck,
        /// The jobs there are.
        jobs: Vec<MailJob>,
        /// When they ran.
        runs: Vec<MailRun>,
        /// The voices that were published.
        voices: Vec<VoiceVersion>,
        /// What goes out while none was published.
        built_in: String,
        /// The mails that can be written and previewed.
        mails: Vec<String>,
    }
    /// Something that is wrong with a voice.
    VoiceProblem {
        /// From 1.
        line: u32,
        /// From 1.
        column: u32,
        /// How many characters it is about.
        length: u32,
        /// What it is and what to do, in English.
        words: String,
        /// The same as a code, such as `unknown_name_like`.
        code: String,
        /// What its sentence names, in order.
        values: Vec<String>,
        /// What may have been meant.
        suggestion: Option<String>,
    }
    /// A record to enter in the DNS.
    MailRecord {
        /// Under which name.
        name: String,
        /// Of which kind.
        #[schema(example = "TXT")]
        kind: String,
        /// What it says.
        text: String,
    }
    /// What was found of one thing that decides whether mail arrives.
    MailFinding {
        /// `server`, `spf`, `dkim`, `dmarc` or `mx`.
        what: String,
        /// What was found, such as `spf_not_named`.
        code: String,
        /// What its sentence names, in order.
        values: Vec<String>,
        /// Whether it is as it should be.
        good: bool,
        /// The sentence, in English.
        said: String,
        /// The record that would be right.
        record: Option<MailRecord>,
    }
    /// A mail as its reader sees it.
    MailSaid {
        /// Its subject.
        subject: String,
        /// The part in plain text.
        text: String,
        /// The part in HTML.
        html: String,
    }
    /// Why something was not done.
    MailRefusal {
        /// One of a closed list, such as `mail_bad_host`.
        code: String,
        /// The field that it is about.
        field: String,
        /// What the server said.
        said: String,
    }
    /// What came of it: one of these.
    MailAnswer {
        /// How it stands now.
        state: Option<MailState>,
        /// What is wrong with the voice.
        problems: Option<Vec<VoiceProblem>>,
        /// Whether mail can arrive.
        findings: Option<Vec<MailFinding>>,
        /// The mail.
        said: Option<MailSaid>,
        /// Why it was not done.
        refused: Option<MailRefusal>,
    }
}

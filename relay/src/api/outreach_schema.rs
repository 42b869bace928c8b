//! The messages of `sync::outreach` as `/openapi.json` describes them; see `schema`.

use utoipa::ToSchema;
use uuid::Uuid;

use super::mail_schema::{MailRefusal, MailSaid, VoiceProblem};
use super::schema::schemas;

schemas! {
    /// What an owner does about mails to other shops. `do` is `look`, `count`, `draft`, `try`, `edit`, `decide`, `undo` or
    /// `show`.
    OutreachRequest {
        /// Which of these.
        r#do: String,
        /// For `draft`: to whom.
        to: Option<Vec<OutreachTo>>,
        /// For `draft`, `edit` and `decide`: who says so.
        by: Option<String>,
        /// For `try`, `edit` and `show`: which mail.
        mail: Option<Uuid>,
        /// For `try` and `edit`: a subject line, an empty line, the text.
        words: Option<String>,
        /// For `decide`: which, as they were seen. For `undo`: their ids alone.
        mails: Option<Vec<OutreachSeen>>,
        /// For `decide`: yes.
        approve: Option<bool>,
    }
    /// A vendor to be written to.
    OutreachTo {
        /// The code of its link.
        code: String,
        /// What it is called.
        name: String,
        /// Where it gets mail.
        address: String,
    }
    /// A mail as somebody saw it.
    OutreachSeen {
        /// Which.
        mail: Uuid,
        /// What the relay said of it.
        seen: String,
    }
    /// A vendor.
    OutreachVendor {
        /// The code of its link.
        code: String,
        /// What the link is for; may be empty.
        campaign: String,
        /// What it was called the last time.
        name: Option<String>,
        /// Where it was written to the last time.
        address: Option<String>,
        /// When it was last drafted to.
        last_at: Option<i64>,
        /// Whether a mail to it waits for a yes.
        waits: bool,
        /// Why nothing goes to that address: `not_wanted` or `suppressed`.
        closed: Option<String>,
    }
    /// A mail to a vendor.
    OutreachMail {
        /// Its id.
        mail: Uuid,
        /// The vendor's code.
        code: String,
        /// What it is called.
        name: String,
        /// Where it goes.
        address: String,
        /// On one line.
        subject: String,
        /// `drafted`, `rejected`, `queued`, `sending`, `stopped`, `sent`, `failed`, `unknown`, `cancelled`, `bounced`,
        /// `bounced_softly` or `complained`.
        state: String,
        /// Since when it is so; for `queued`, when it goes at the soonest.
        at: i64,
        /// Why it was put off or ended so.
        why: Option<String>,
        /// Whether it can be made to wait for a yes again.
        undo: bool,
        /// What says that it is still as it was seen.
        seen: String,
        /// For one that waits: its words, to be changed.
        words: Option<String>,
        /// For one that waits: as it goes out.
        said: Option<MailSaid>,
        /// Who had it drafted.
        drafted_by: String,
        /// When.
        drafted_at: i64,
        /// Who changed its words last.
        edited_by: Option<String>,
        /// When.
        edited_at: Option<i64>,
        /// Who decided.
        decided_by: Option<String>,
        /// When.
        decided_at: Option<i64>,
    }
    /// All that an owner sees of it.
    OutreachState {
        /// Whether the shop sends mail.
        sends: bool,
        /// Whom the shop could write to.
        vendors: Vec<OutreachVendor>,
        /// Those that wait, and then those that don't.
        mails: Vec<OutreachMail>,
        /// All that wait.
        waiting: i64,
    }
    /// A vendor that got no draft.
    OutreachPassed {
        /// Whose.
        code: String,
        /// `unknown_code`, `waits`, `not_wanted` or `suppressed`.
        why: String,
    }
    /// What came of it.
    OutreachAnswer {
        /// How it stands now.
        state: Option<OutreachState>,
        /// How many wait for a yes.
        waiting: Option<i64>,
        /// Who got no draft.
        passed: Option<Vec<OutreachPassed>>,
        /// The mail.
        said: Option<MailSaid>,
        /// What is wrong with the words.
        problems: Option<Vec<VoiceProblem>>,
        /// Why it was not done.
        refused: Option<MailRefusal>,
    }
}

//! The shop's mail, from the owner's window: all of it is the relay's, which is asked each time.

use link::mail_messages::{self as wire, MailAnswer, MailRequest};
use loyalty::{MemberId, UtcMs};

use super::{Answer, App, id};
use crate::views::{
    Failure, Mail, MailCount, MailEnds, MailFinding, MailJob, MailLine, MailRecord, MailRun, MailSaid, MailSettings,
    MailStuck, VoiceError, VoiceVersion, small,
};

impl App {
    /// How the shop's mail stands.
    ///
    /// # Errors
    /// `not_paired`, `relay_too_old`, `offline`, what the relay refuses; `locked`; the machine's.
    pub fn mail(&self) -> Answer<Mail> {
        self.mail_state(&MailRequest::Look)
    }

    /// These do not go out, and all of a kind.
    ///
    /// # Errors
    /// `mail_gone`; as [`App::mail`].
    pub fn mail_stop(&self, mails: Vec<String>, kind: Option<String>) -> Answer<Mail> {
        self.mail_state(&MailRequest::Stop { mails, kind })
    }

    /// These do go out after all.
    ///
    /// # Errors
    /// `mail_gone` where their time is over; as [`App::mail`].
    pub fn mail_undo(&self, mails: Vec<String>, kind: Option<String>) -> Answer<Mail> {
        self.mail_state(&MailRequest::Undo { mails, kind })
    }

    /// How the shop sends. Without a password the one there is stays, as long as server and name do.
    ///
    /// # Errors
    /// Codes that begin with `mail_`, with their field; as [`App::mail`].
    pub fn mail_set(&self, said: MailSettings, password: Option<String>) -> Answer<Mail> {
        let settings = wire::MailSettings {
            sender: said.sender,
            reply_to: said.reply_to,
            owner: said.owner,
            postal: said.postal,
            host: said.host,
            port: said.port,
            security: said.security,
            username: said.username,
            has_password: said.has_password,
            per_hour: said.per_hour.into(),
            per_week: said.per_week.into(),
            quiet: said.quiet,
            paused: said.paused,
        };
        self.mail_state(&MailRequest::Set { settings, password })
    }

    /// Sends a test to the owner's address.
    ///
    /// # Errors
    /// `mail_not_taken` with what the server said; as [`App::mail_set`].
    pub fn mail_test(&self) -> Answer<Mail> {
        self.mail_state(&MailRequest::Test)
    }

    /// Whether mail can arrive: the records of the sender's domain, and the server. Nothing is sent.
    ///
    /// # Errors
    /// `mail_asked_too_soon`, `mail_no_name_server`, `mail_not_set`; as [`App::mail`].
    pub fn mail_arrives(&self) -> Answer<Vec<MailFinding>> {
        let asked = self.ask_mail(&MailRequest::Arrives);
        let found = asked.map_err(older_than_the_question)?.findings;
        Ok(all(found.ok_or_else(not_understood)?, |found| MailFinding {
            what: found.what,
            code: found.code,
            values: found.values,
            good: found.good,
            said: found.said,
            record: found.record.map(|record| MailRecord {
                name: record.name,
                kind: record.kind,
                text: record.text,
            }),
        }))
    }

    /// When a job runs; None: never.
    ///
    /// # Errors
    /// `mail_bad_calendar`; as [`App::mail`].
    pub fn mail_job(&self, job: String, calendar: Option<String>) -> Answer<Mail> {
        self.mail_state(&MailRequest::Job { job, calendar })
    }

    /// Runs a job once, now.
    ///
    /// # Errors
    /// As [`App::mail`].
    pub fn mail_run(&self, job: String) -> Answer<Mail> {
        self.mail_state(&MailRequest::Run { job })
    }

    /// What is wrong with a voice.
    ///
    /// # Errors
    /// As [`App::mail`].
    pub fn mail_voice_check(&self, voice: String) -> Answer<Vec<VoiceError>> {
        let found = self.ask_mail(&MailRequest::Check { voice })?.problems;
        Ok(voice_errors(found.unwrap_or_default()))
    }

    /// This voice from now on.
    ///
    /// # Errors
    /// `mail_bad_voice`; as [`App::mail`].
    pub fn mail_voice_publish(&self, voice: String) -> Answer<Mail> {
        self.mail_state(&MailRequest::Publish { voice })
    }

    /// An earlier version of the voice again, as the next one.
    ///
    /// # Errors
    /// `mail_no_version`; as [`App::mail`].
    pub fn mail_voice_roll_back(&self, version: i32) -> Answer<Mail> {
        self.mail_state(&MailRequest::RollBack {
            version: version.into(),
        })
    }

    /// A mail as its reader would see it: in a voice or the one in force, to a member or somebody made up.
    ///
    /// # Errors
    /// `mail_bad_voice`; as [`App::mail`].
    pub fn mail_preview(&self, kind: String, voice: Option<String>, member: Option<&str>) -> Answer<MailSaid> {
        let member = member.map(|member| id::<MemberId>("member_id", member)).transpose()?;
        let shown = self.ask_mail(&MailRequest::Preview { kind, voice, member })?.said;
        shown.map(said).ok_or_else(not_understood)
    }

    fn mail_state(&self, request: &MailRequest) -> Answer<Mail> {
        self.ask_mail(request)?.state.map(shown).ok_or_else(not_understood)
    }

    fn ask_mail(&self, request: &MailRequest) -> Answer<MailAnswer> {
        let (store, _) = self.owning()?;
        let asked = link::mail(&store, &self.vault.another()?, request);
        let answer = self.linked(asked)?;
        match answer.refused {
            None => Ok(answer),
            Some(no) => Err(refused(no)),
        }
    }
}

/// What the owner can mend.
pub(super) fn refused(no: wire::MailRefusal) -> Failure {
    Failure::Refused {
        code: no.code,
        field: no.field,
        value: no.said,
        number: None,
    }
}

pub(super) fn said(said: wire::MailSaid) -> MailSaid {
    MailSaid {
        subject: said.subject,
        text: said.text,
        html: said.html,
    }
}

pub(super) fn voice_errors(found: Vec<wire::VoiceProblem>) -> Vec<VoiceError> {
    all(found, |problem| VoiceError {
        line: problem.line,
        column: problem.column,
        length: problem.length,
        words: problem.words,
        code: problem.code,
        values: problem.values,
        suggestion: problem.suggestion,
    })
}

/// An answer without what was asked for: of a relay that means something else by it.
pub(super) fn not_understood() -> Failure {
    Failure::Refused {
        code: "relay_too_old".to_owned(),
        field: String::new(),
        value: String::new(),
        number: None,
    }
}

/// A relay that can't read what it is asked is older than the question.
fn older_than_the_question(failure: Failure) -> Failure {
    match failure {
        Failure::Refused { ref code, .. } if code == "bad_request" => not_understood(),
        other => other,
    }
}

fn shown(state: wire::MailState) -> Mail {
    Mail {
        settings: state.settings.map(|settings| MailSettings {
            sender: settings.sender,
            reply_to: settings.reply_to,
            owner: settings.owner,
            postal: settings.postal,
            host: settings.host,
            port: settings.port,
            security: settings.security,
            username: settings.username,
            has_password: settings.has_password,
            per_hour: small(settings.per_hour),
            per_week: small(settings.per_week),
            quiet: settings.quiet,
            paused: settings.paused,
        }),
        keeps_passwords: state.keeps_passwords,
        waiting: state.waiting.into_iter().map(line).collect(),
        kinds: all(state.kinds, |count| MailCount {
            kind: count.kind,
            waiting: small(count.waiting),
            stopped: small(count.stopped),
        }),
        gone: state.gone.into_iter().map(line).collect(),
        ends: all(state.ends, |ends| MailEnds {
            state: ends.state,
            mails: small(ends.mails),
        }),
        stuck: MailStuck {
            mails: small(state.stuck.mails),
            since: state.stuck.since.map(UtcMs::rfc3339),
            problem: state.stuck.problem,
            problem_at: state.stuck.problem_at.map(UtcMs::rfc3339),
        },
        jobs: all(state.jobs, |job| MailJob {
            job: job.job,
            calendar: job.calendar,
            next_at: job.next_at.map(UtcMs::rfc3339),
        }),
        runs: all(state.runs, |run| MailRun {
            job: run.job,
            planned_at: run.planned_at.rfc3339(),
            ran_at: run.ran_at.rfc3339(),
            outcome: run.outcome,
            made: small(run.made),
        }),
        voices: all(state.voices, |voice| VoiceVersion {
            version: small(voice.version),
            at: voice.at.rfc3339(),
            text: voice.text,
            by: voice.by.unwrap_or_default(),
        }),
        built_in: state.built_in,
        mails: state.mails,
    }
}

fn all<T, S>(from: Vec<T>, of: impl Fn(T) -> S) -> Vec<S> {
    from.into_iter().map(of).collect()
}

fn line(line: wire::MailLine) -> MailLine {
    MailLine {
        id: line.id,
        kind: line.kind,
        // As the report views write ids.
        member_id: line.member.map(|member| member.0.simple().to_string()),
        state: line.state,
        at: line.at.rfc3339(),
        why: line.why,
        reward: line.reward,
        partner: line.partner,
    }
}

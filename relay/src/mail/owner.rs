//! What an owner does about mail from a till: the answer to each of `sync::mail::MailRequest`. What an operator types is
//! in `commands`.

use ::mail::{Kind, Problem, Voice, What};
use loyalty::contact;
use sync::mail::{MailAnswer, MailRefusal, MailRequest, MailSaid, MailSettings, MailState, VoiceProblem, VoiceVersion};

use super::check::{
    self,
    names::{Away, Names},
};
use super::commands::{self, MailError};
use super::compose::Shared;
use super::jobs::{self, Calendar, Job};
use super::people;
use super::queue::Said;
use super::quiet::Quiet;
use super::seal::Key;
use super::settings::{self, MailShop, Security};
use super::{documented, tonight, trial, voices};
use crate::backup::told;
use crate::clock;
use crate::outside::{self, Unreachable};
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::store::DbError;
use crate::store::shops;

/// Versions of the voice that are shown.
const VERSIONS: i64 = 30;

/// Why something that the owner asked for was not done.
pub(super) enum Not {
    /// For the owner: they can mend it.
    Done(MailRefusal),
    /// For the till.
    Broken(Refused),
}

impl From<DbError> for Not {
    fn from(error: DbError) -> Self {
        Self::Broken(error.into())
    }
}

/// What the owner can mend, by its code and field.
pub(super) fn no(code: &str, field: &str) -> Not {
    no_since(code, field, String::new())
}

fn no_since(code: &str, field: &str, said: String) -> Not {
    Not::Done(MailRefusal {
        code: code.to_owned(),
        field: field.to_owned(),
        said,
    })
}

/// Does it.
///
/// # Errors
/// Where the database is away. What the owner can mend is an answer.
pub async fn does(app: &App, shop: loyalty::ShopId, request: MailRequest) -> Result<MailAnswer, Refused> {
    let desk = Desk { app, shop };
    match desk.does(request).await {
        Ok(answer) => Ok(answer),
        Err(Not::Done(refused)) => Ok(MailAnswer {
            refused: Some(refused),
            ..MailAnswer::default()
        }),
        Err(Not::Broken(refused)) => Err(refused),
    }
}

struct Desk<'a> {
    app: &'a App,
    shop: loyalty::ShopId,
}

impl Desk<'_> {
    async fn does(&self, request: MailRequest) -> Result<MailAnswer, Not> {
        let (db, now) = (&self.app.db, clock::now());
        match request {
            MailRequest::Look => {}
            MailRequest::Stop { mails, kind } => {
                let kind = kind.as_deref().map(known).transpose()?;
                some(tonight::stop(db, self.shop, &mails, kind, now).await?)?;
            }
            MailRequest::Undo { mails, kind } => {
                let kind = kind.as_deref().map(known).transpose()?;
                some(tonight::undo(db, self.shop, &mails, kind, now).await?)?;
            }
            MailRequest::Set { settings, password } => self.set(settings, password).await?,
            MailRequest::Test => self.test().await?,
            MailRequest::Arrives => return self.arrives().await,
            MailRequest::Job { job, calendar } => {
                let job = Job::named(&job).ok_or_else(|| no("mail_unknown_job", "job"))?;
                self.sends().await?;
                let bad = |_| no("mail_bad_calendar", "calendar");
                calendar
                    .as_deref()
                    .map(str::parse::<Calendar>)
                    .transpose()
                    .map_err(bad)?;
                jobs::set(db, self.shop, job, calendar.as_deref(), now).await?;
            }
            MailRequest::Run { job } if job == told::JOB => match told::ask(db, now).await? {
                told::Asked::Yes => {}
                told::Asked::Soon => return Err(no("mail_backup_soon", "job")),
                told::Asked::Nobody => return Err(no("mail_no_backups", "job")),
            },
            MailRequest::Run { job } => {
                let job = Job::named(&job).ok_or_else(|| no("mail_unknown_job", "job"))?;
                self.sends().await?;
                // A month may be told by a model, whose secret the relay's key opens.
                let key = Key::read(self.app.settings.key_file.as_deref()).ok();
                jobs::run(db, key.as_ref(), self.shop, job, now, now).await?;
            }
            MailRequest::Check { voice } => {
                let found = Voice::read(&voice).err().unwrap_or_default();
                let problems = found.iter().map(|problem| shown(problem, &voice)).collect();
                return Ok(MailAnswer {
                    problems: Some(problems),
                    ..MailAnswer::default()
                });
            }
            MailRequest::Publish { voice } => self.publish(&voice).await?,
            MailRequest::RollBack { version } => {
                let text = voices::version(db, self.shop, version).await?;
                self.publish(&text.ok_or_else(|| no("mail_no_version", "version"))?)
                    .await?;
            }
            MailRequest::Preview { kind, voice, member } => return self.preview(&kind, voice.as_deref(), member).await,
        }
        self.state().await
    }

    async fn sends(&self) -> Result<MailShop, Not> {
        let settings = settings::get(&self.app.db, self.shop).await?;
        settings.ok_or_else(|| no("mail_not_set", ""))
    }

    async fn publish(&self, text: &str) -> Result<(), Not> {
        Voice::read(text).map_err(|_| no("mail_bad_voice", "voice"))?;
        voices::publish(&self.app.db, self.shop, text, clock::now()).await?;
        Ok(())
    }

    async fn set(&self, said: MailSettings, password: Option<String>) -> Result<(), Not> {
        let before = settings::get(&self.app.db, self.shop).await?;
        let mut to = changed(before.unwrap_or_else(|| commands::blank(self.shop)), &said)?;
        if let Some(password) = password.filter(|password| !password.is_empty()) {
            let key = Key::read(self.app.settings.key_file.as_deref()).map_err(|_| no("mail_no_key", "password"))?;
            let sealed = key.seal(self.shop, &password);
            to.password = Some(sealed.map_err(|_| no("mail_bad_number", "password"))?);
        }
        if to.username.is_none() {
            to.password = None;
        } else if to.password.is_none() {
            return Err(no("mail_password_needed", "password"));
        }
        let allowed = self.app.settings.allow_private_addresses || to.inside;
        if let Err(Unreachable::Private) = outside::resolved(&to.host, to.port, allowed).await {
            // A name that nobody knows just now may be right; the test says so.
            return Err(no("mail_private_host", "host"));
        }
        let mut tx = self.app.db.begin().await?;
        to.write(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn test(&self) -> Result<(), Not> {
        let settings = self.sends().await?;
        let allowed = self.app.settings.allow_private_addresses;
        let inside = allowed || settings.inside;
        if let Err(Unreachable::Private) = outside::resolved(&settings.host, settings.port, inside).await {
            return Err(no("mail_private_host", "host"));
        }
        let key_file = self.app.settings.key_file.as_deref();
        let sent = trial::send_test(&self.app.db, key_file, &settings, allowed).await;
        sent.map(drop).map_err(|error| match error {
            MailError::Db(error) => error.into(),
            MailError::Missing(_) => no("mail_no_owner", "owner"),
            MailError::BadAddress(_) => no("mail_bad_address", "owner"),
            other => no_since("mail_not_taken", "", other.to_string()),
        })
    }

    async fn arrives(&self) -> Result<MailAnswer, Not> {
        let settings = self.sends().await?;
        // It asks servers that the owner names: not so often that anything could be searched by it.
        if !self.app.limits.arrives(self.shop) {
            return Err(no("mail_asked_too_soon", ""));
        }
        let (key_file, allowed) = (
            self.app.settings.key_file.as_deref(),
            self.app.settings.allow_private_addresses,
        );
        let names = Names::new(self.app.settings.name_server).map_err(|Away| no("mail_no_name_server", ""))?;
        let found = check::look(&self.app.db, key_file, &settings, &names, None, allowed).await;
        let found = found.map_err(|error| match error {
            MailError::Db(error) => error.into(),
            other => no_since("mail_not_taken", "", other.to_string()),
        })?;
        Ok(MailAnswer {
            findings: Some(found.into_iter().map(check::told).collect()),
            ..MailAnswer::default()
        })
    }

    async fn preview(
        &self,
        kind: &str,
        voice: Option<&str>,
        member: Option<loyalty::MemberId>,
    ) -> Result<MailAnswer, Not> {
        let (db, kind) = (&self.app.db, known(kind)?);
        let facts = shops::get(db, self.shop).await?;
        let facts = facts.ok_or_else(|| no("mail_not_set", ""))?;
        // How a mail reads can be seen before it is known how it is sent.
        let settings = settings::get(db, self.shop).await?;
        let settings = settings.unwrap_or_else(|| commands::blank(self.shop));
        let mut shared = Shared::with(db, facts, settings, &self.app.settings.public_url).await?;
        if let Some(voice) = voice {
            shared = shared.with_voice(Voice::read(voice).map_err(|_| no("mail_bad_voice", "voice"))?);
        }
        let person = match member {
            Some(member) => {
                let mut tx = db.begin().await?;
                people::person(&mut tx, self.shop, member).await?
            }
            None => trial::somebody(),
        };
        let said = Said {
            reward: (kind == Kind::RewardEarned).then(|| shared.a_reward()),
            document: (kind == Kind::DocumentProblem).then(documented::example),
            ..Said::default()
        };
        let said = shared.say(kind, uuid::Uuid::nil(), &person, &said);
        Ok(MailAnswer {
            said: Some(MailSaid {
                subject: said.subject,
                text: said.text,
                html: said.html,
            }),
            ..MailAnswer::default()
        })
    }

    async fn state(&self) -> Result<MailAnswer, Not> {
        let (db, shop, now) = (&self.app.db, self.shop, clock::now());
        let (waiting, kinds) = tonight::waiting(db, shop, now).await?;
        let (gone, ends) = tonight::gone(db, shop, now).await?;
        let (jobs, mut runs) = tonight::all_jobs(db, shop, now).await?;
        runs.extend(told::runs(db).await?);
        let versions = voices::versions(db, shop, VERSIONS).await?;
        let state = MailState {
            settings: settings::get(db, shop).await?.map(|settings| told(&settings)),
            keeps_passwords: Key::read(self.app.settings.key_file.as_deref()).is_ok(),
            waiting,
            kinds,
            gone,
            ends,
            stuck: tonight::stuck(db, shop, now).await?,
            jobs,
            runs,
            voices: versions
                .into_iter()
                .map(|one| VoiceVersion {
                    version: one.version,
                    at: one.at,
                    text: one.text,
                    by: one.by,
                })
                .collect(),
            built_in: Voice::built_in(::mail::Language::En).to_owned(),
            mails: Kind::ALL.iter().map(|kind| kind.key().to_owned()).collect(),
        };
        Ok(MailAnswer {
            state: Some(state),
            ..MailAnswer::default()
        })
    }
}

fn known(kind: &str) -> Result<Kind, Not> {
    Kind::named(kind).ok_or_else(|| no("mail_unknown", "kind"))
}

/// What was named must have been there.
fn some(how_many: u64) -> Result<(), Not> {
    if how_many == 0 {
        Err(no("mail_gone", ""))
    } else {
        Ok(())
    }
}

fn address(text: &str, field: &str) -> Result<String, Not> {
    let bad = |_| no("mail_bad_address", field);
    contact::optional_email(text).map_err(bad)
}

/// The settings with what an owner said.
fn changed(mut to: MailShop, said: &MailSettings) -> Result<MailShop, Not> {
    let optional = |text: String| Some(text).filter(|text| !text.is_empty());
    to.sender = address(&said.sender, "sender")?;
    to.reply_to = optional(address(&said.reply_to, "reply_to")?);
    to.owner = optional(address(&said.owner, "owner")?);
    to.postal = said.postal.trim().to_owned();
    let before = (to.host.clone(), to.username.clone());
    to.host = said.host.trim().to_owned();
    to.username = optional(said.username.trim().to_owned());
    for (text, field) in [(&to.sender, "sender"), (&to.host, "host"), (&to.postal, "postal")] {
        if text.is_empty() {
            return Err(no("mail_missing", field));
        }
    }
    if to
        .host
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || "/@?#".contains(c))
    {
        return Err(no("mail_bad_host", "host"));
    }
    if before != (to.host.clone(), to.username.clone()) {
        // Another server must not be told this one's password, and trusts no certificate of its own.
        (to.password, to.ca) = (None, to.ca.filter(|_| before.0 == to.host));
    }
    // A way in that was opened for one server leads to no other.
    to.inside = to.inside && before.0 == to.host && to.port == said.port;
    to.port = said.port;
    to.security = match said.security.as_str() {
        "tls" => Security::Tls,
        "starttls" => Security::Starttls,
        "none" => Security::None,
        _ => return Err(no("mail_bad_number", "security")),
    };
    (to.per_hour, to.per_week) = (said.per_hour, said.per_week);
    to.quiet = said.quiet.parse::<Quiet>().map_err(|_| no("mail_bad_quiet", "quiet"))?;
    to.paused = said.paused;
    let within = [
        (to.port > 0, "port"),
        ((1..=1_000_000).contains(&to.per_hour), "per_hour"),
        ((0..=50).contains(&to.per_week), "per_week"),
    ];
    match within.iter().find(|(good, _)| !good) {
        Some((_, field)) => Err(no("mail_bad_number", field)),
        None => Ok(to),
    }
}

fn told(settings: &MailShop) -> MailSettings {
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    MailSettings {
        sender: settings.sender.clone(),
        reply_to: or_empty(&settings.reply_to),
        owner: or_empty(&settings.owner),
        postal: settings.postal.clone(),
        host: settings.host.clone(),
        port: settings.port,
        security: format!("{:?}", settings.security).to_lowercase(),
        username: or_empty(&settings.username),
        has_password: settings.password.is_some(),
        per_hour: settings.per_hour,
        per_week: settings.per_week,
        quiet: settings.quiet.to_string(),
        paused: settings.paused,
    }
}

/// A problem at its place in the text, with what can be put there in its stead.
#[must_use]
pub fn shown(problem: &Problem, voice: &str) -> VoiceProblem {
    let line: Vec<char> = voice
        .lines()
        .nth(problem.line.saturating_sub(1))
        .unwrap_or_default()
        .chars()
        .collect();
    let from = problem.column.saturating_sub(1).min(line.len());
    let (said, like) = match &problem.what {
        What::UnknownMail { said, like } | What::UnknownName { said, like, .. } => (said.as_str(), *like),
        _ => ("", None),
    };
    // The place is that of the braces; what was misspelt stands a little after it.
    let said: Vec<char> = said.chars().collect();
    let found = (!said.is_empty())
        .then(|| line[from..].windows(said.len()).position(|window| window == said))
        .flatten();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (code, values) = problem.what.told();
    VoiceProblem {
        code: code.to_owned(),
        values,
        line: number(problem.line),
        column: number(found.map_or(problem.column, |at| from + at + 1)),
        length: number(found.map_or(0, |_| said.len())),
        words: problem.what.to_string(),
        suggestion: found.and(like).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_says_what_can_stand_there_instead() {
        let voice = "[balence]\nSubject: Hi\n\nÄ {{ naem }} and {{ reward\n";
        let found = Voice::read(voice).unwrap_err();
        let shown: Vec<VoiceProblem> = found.iter().map(|problem| shown(problem, voice)).collect();
        assert_eq!((shown[0].line, shown[0].column, shown[0].length), (1, 2, 7));
        assert_eq!(shown[0].suggestion.as_deref(), Some("balance"));
        assert_eq!(
            (shown[0].code.as_str(), shown[0].values[0].as_str()),
            ("unknown_mail_like", "balence")
        );
        let voice = voice.replace("balence", "balance");
        let found = Voice::read(&voice).unwrap_err();
        let shown: Vec<VoiceProblem> = found.iter().map(|problem| super::shown(problem, &voice)).collect();
        assert_eq!((shown[0].line, shown[0].column, shown[0].length), (4, 6, 4));
        assert_eq!(shown[0].suggestion.as_deref(), Some("name"));
        assert_eq!((shown[1].suggestion.as_deref(), shown[1].length), (None, 0));
    }
}

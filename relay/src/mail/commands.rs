//! The operator's commands about mail: settings, a test, the queue, the voice. Each says what it did.

use ::mail::{Kind, Problem, Rendered, Voice};
use loyalty::{ShopId, UtcMs, contact};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use uuid::Uuid;

use super::args::{JobsArgs, MailCommand, PreviewArgs, SettingsArgs, VoiceCommand};
use super::compose::Shared;
use super::dkim;
use super::documented;
pub use super::error::MailError;
use super::hooks;
use super::jobs::{self, Calendar, Job};
use super::people;
use super::queue::{self, Said};
use super::quiet::Quiet;
use super::seal::Key;
use super::settings::{self, MailShop, Security};
use super::{check, choices, listed, narrative, outreach, summary, trial, voices, who};
use crate::clock;
use crate::store::db::Db;
use crate::store::shops;

/// Does a command: what to print.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, key_file: Option<&Path>, command: MailCommand) -> Result<String, MailError> {
    match command {
        MailCommand::Settings(args) => set(db, key_file, args).await,
        MailCommand::Test { shop, json } => test(db, key_file, shop, json).await,
        MailCommand::Queue { shop, json } => listed_queue(db, shop, json).await,
        MailCommand::Stop { shop, mail } => {
            known(db, shop).await?;
            let stopped = queue::stop(db, shop, mail, clock::now()).await?;
            Ok(format!("{stopped} mails were stopped. They will not be sent."))
        }
        MailCommand::Check(args) => check::run(db, key_file, args).await,
        MailCommand::Dkim(args) => dkim::run(db, key_file, args).await,
        MailCommand::Hooks(args) => hooks::commands::run(db, key_file, args).await,
        MailCommand::Who(args) => who::run(db, args).await,
        MailCommand::Jobs(args) => calendar(db, key_file, args).await,
        MailCommand::Outreach { command } => outreach::commands::run(db, command).await,
        MailCommand::Narrative(args) => narrative::commands::run(db, key_file, args).await,
        MailCommand::Preview(args) => preview(db, args).await,
        MailCommand::Voice { command } => voice(db, command).await,
    }
}

pub(super) async fn known(db: &Db, shop: ShopId) -> Result<MailShop, MailError> {
    shops::get(db, shop).await?.ok_or(MailError::UnknownShop(shop))?;
    settings::get(db, shop).await?.ok_or(MailError::NotSet(shop))
}

pub(super) fn read(path: &Path) -> Result<String, MailError> {
    std::fs::read_to_string(path).map_err(|error| MailError::File(path.to_owned(), error))
}

pub(super) fn address(text: &str) -> Result<String, MailError> {
    let wrong = || MailError::BadAddress(text.to_owned());
    let address = contact::optional_email(text).map_err(|_| wrong())?;
    if address.is_empty() { Err(wrong()) } else { Ok(address) }
}

fn optional(text: &str) -> Result<Option<String>, MailError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    address(text).map(Some)
}

/// Settings of a shop that has none.
pub(super) fn blank(shop: ShopId) -> MailShop {
    MailShop {
        shop,
        sender: String::new(),
        reply_to: None,
        owner: None,
        postal: String::new(),
        host: String::new(),
        port: 0,
        inside: false,
        security: Security::Tls,
        username: None,
        password: None,
        ca: None,
        per_hour: 500,
        per_week: 2,
        quiet: Quiet::USUAL,
        paused: false,
        link_key: clock::random(),
        since: clock::now(),
        problem: None,
    }
}

/// The settings with what was said.
fn changed(mut to: MailShop, args: &SettingsArgs, key_file: Option<&Path>) -> Result<MailShop, MailError> {
    if let Some(sender) = &args.sender {
        to.sender = address(sender)?;
    }
    if let Some(reply_to) = &args.reply_to {
        to.reply_to = optional(reply_to)?;
    }
    if let Some(owner) = &args.owner {
        to.owner = optional(owner)?;
    }
    if let Some(postal) = &args.postal {
        to.postal = postal.trim().to_owned();
    }
    let server_before = (to.host.clone(), to.username.clone());
    if let Some(host) = &args.host {
        // Whoever runs the relay knows its network.
        (to.host, to.inside) = (host.trim().to_owned(), true);
    }
    if let Some(security) = args.security {
        (to.security, to.port) = (security, 0);
    }
    to.port = args.port.unwrap_or(match (to.port, to.security) {
        (0, Security::Tls) => 465,
        (0, Security::Starttls) => 587,
        (0, Security::None) => 25,
        (port, _) => port,
    });
    if let Some(username) = &args.username {
        to.username = Some(username.trim().to_owned()).filter(|name| !name.is_empty());
    }
    if server_before != (to.host.clone(), to.username.clone()) {
        // Another server must not be told this one's password.
        to.password = None;
    }
    if let Some(file) = &args.password_file {
        let password = read(file)?;
        let key = Key::read_or_make(key_file)?;
        to.password = Some(key.seal(to.shop, password.trim_end_matches(['\r', '\n']))?);
    }
    if let Some(file) = &args.ca_file {
        to.ca = if file.as_os_str().is_empty() {
            None
        } else {
            Some(read(file)?)
        };
    }
    to.per_hour = args.per_hour.unwrap_or(to.per_hour);
    to.per_week = args.per_week.unwrap_or(to.per_week);
    to.quiet = args.quiet.unwrap_or(to.quiet);
    to.paused = (to.paused || args.pause) && !args.resume;
    checked(to)
}

fn checked(to: MailShop) -> Result<MailShop, MailError> {
    for (said, name) in [(&to.sender, "--sender"), (&to.host, "--host"), (&to.postal, "--postal")] {
        if said.is_empty() {
            return Err(MailError::Missing(name));
        }
    }
    if !(1..=1_000_000).contains(&to.per_hour) {
        return Err(MailError::Bad("--per-hour is from 1 to 1000000."));
    }
    if !(0..=50).contains(&to.per_week) {
        return Err(MailError::Bad("--per-week is from 0 to 50."));
    }
    if to.port == 0 {
        return Err(MailError::Bad("--port is from 1 to 65535."));
    }
    if to.username.is_some() != to.password.is_some() {
        return Err(MailError::Bad(
            "A name and a password belong together: say --username and --password-file, or neither.",
        ));
    }
    Ok(to)
}

async fn set(db: &Db, key_file: Option<&Path>, args: SettingsArgs) -> Result<String, MailError> {
    shops::get(db, args.shop)
        .await?
        .ok_or(MailError::UnknownShop(args.shop))?;
    let before = settings::get(db, args.shop).await?;
    let says_nothing = before.is_none() && args.sender.is_none() && args.host.is_none();
    if says_nothing {
        return Err(MailError::NotSet(args.shop));
    }
    let to = changed(before.unwrap_or_else(|| blank(args.shop)), &args, key_file)?;
    let mut tx = db.begin().await?;
    to.write(&mut tx).await?;
    tx.commit().await?;
    if args.json {
        return Ok(json!(to).to_string());
    }
    let user = to.username.as_deref().unwrap_or("nobody");
    let state = if to.paused { "Mail is paused." } else { "Mail is on." };
    Ok(format!(
        "{state} From {} by {}:{} ({}), signed in as {user}; at most {} in an hour; quiet: {}.",
        to.sender,
        to.host,
        to.port,
        format!("{:?}", to.security).to_lowercase(),
        to.per_hour,
        to.quiet
    ))
}

async fn test(db: &Db, key_file: Option<&Path>, shop: ShopId, as_json: bool) -> Result<String, MailError> {
    let settings = known(db, shop).await?;
    let owner = trial::send_test(db, key_file, &settings, true).await?;
    if as_json {
        return Ok(json!({"sent": true, "to": owner}).to_string());
    }
    Ok(format!(
        "A test is on its way to {owner}: the welcome, as a made-up member would get it."
    ))
}

/// A state as people read it.
fn words(state: &str) -> String {
    state.replace('_', " ")
}

async fn listed_queue(db: &Db, shop: ShopId, as_json: bool) -> Result<String, MailError> {
    let settings = known(db, shop).await?;
    let mut mails = listed::list(db, shop, 100).await?;
    mails.extend(listed::returned(db, shop, 20).await?);
    let counts = listed::counts(db, shop).await?;
    let unwanted = choices::counts(db, shop).await?;
    if as_json {
        let map = |all: Vec<(String, i64)>| all.into_iter().map(|(name, n)| (name, json!(n))).collect();
        let (counts, unwanted): (serde_json::Map<_, _>, serde_json::Map<_, _>) = (map(counts), map(unwanted));
        return Ok(
            json!({"paused": settings.paused, "problem": settings.problem, "counts": counts, "unwanted": unwanted,
                "mails": mails})
            .to_string(),
        );
    }
    let mut text = String::new();
    for mail in &mails {
        let member = mail
            .member
            .map_or_else(|| "the owner".to_owned(), |member| member.to_string());
        let why = mail.why.as_deref().unwrap_or_default();
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "{}  {:<14} {:<16} {}  {member}  {why}",
            mail.mail_id,
            words(&mail.state),
            mail.kind,
            mail.due_at.rfc3339()
        );
    }
    if let Some(problem) = &settings.problem {
        let _ = writeln!(text, "The mail server: {problem}");
    }
    for (kind, n) in &unwanted {
        let _ = writeln!(text, "{n} don't want {kind}");
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(state, n)| format!("{n} {}", words(state)))
        .collect();
    let _ = write!(
        text,
        "{}",
        if counts.is_empty() {
            "No mail yet".to_owned()
        } else {
            counts.join(", ")
        }
    );
    Ok(text)
}

async fn calendar(db: &Db, key_file: Option<&Path>, args: JobsArgs) -> Result<String, MailError> {
    known(db, args.shop).await?;
    let key = Key::read(key_file).ok();
    let now = clock::now();
    if let Some(calendar) = &args.set {
        calendar.parse::<Calendar>().map_err(MailError::Calendar)?;
    }
    if args.set.is_some() || args.off {
        jobs::set(db, args.shop, args.job, args.set.as_deref(), now).await?;
    }
    if args.run {
        jobs::run(db, key.as_ref(), args.shop, args.job, now, now).await?;
    }
    let (all, runs) = jobs::list(db, args.shop, now).await?;
    if args.json {
        return Ok(json!({"jobs": all, "runs": runs}).to_string());
    }
    let mut text = String::new();
    for run in &runs {
        let (planned, outcome, made) = (run.planned_at.rfc3339(), &run.outcome, run.made);
        // Writing to a text can't fail.
        let _ = writeln!(text, "{planned}  {:<8} {outcome:<8} {made} mails", run.job);
    }
    for job in &all {
        let next = job.next_at.map_or_else(|| "never".to_owned(), UtcMs::rfc3339);
        let _ = writeln!(text, "{:<8} at {:?}: next at {next}", job.job, job.calendar);
    }
    if all.iter().all(|job| job.job != Job::Balance.key()) {
        text.push_str("Points are told at no time. Set one with --set \"0 19 * * *\".");
    }
    Ok(text)
}

async fn preview(db: &Db, args: PreviewArgs) -> Result<String, MailError> {
    let kind = Kind::named(&args.kind).ok_or_else(|| MailError::UnknownMail(args.kind.clone()))?;
    known(db, args.shop).await?;
    let shared = Shared::load(db, args.shop, args.public_url.trim_end_matches('/')).await?;
    let mut shared = shared.ok_or(MailError::NotSet(args.shop))?;
    if let Some(file) = &args.voice {
        shared = shared.with_voice(Voice::read(&read(file)?).map_err(MailError::Voice)?);
    }
    let person = match args.member {
        Some(member) => {
            let mut tx = db.begin().await?;
            people::person(&mut tx, args.shop, member).await?
        }
        None => trial::somebody(),
    };
    let month = match kind {
        Kind::MonthlySummary => summary::prepare(db, None, args.shop, clock::now()).await?,
        _ => None,
    };
    let said = Said {
        month: month.map(|(said, _)| Box::new(said)),
        reward: (kind == Kind::RewardEarned).then(|| shared.a_reward()),
        document: (kind == Kind::DocumentProblem).then(documented::example),
        ..Said::default()
    };
    let Rendered { subject, text, html } = shared.say(kind, Uuid::nil(), &person, &said);
    Ok(match (args.json, args.html) {
        (true, _) => json!({"subject": subject, "text": text, "html": html}).to_string(),
        (false, true) => html,
        (false, false) => format!("Subject: {subject}\n\n{text}"),
    })
}

async fn voice(db: &Db, command: VoiceCommand) -> Result<String, MailError> {
    match command {
        VoiceCommand::Check { file, json } => {
            let read = Voice::read(&read(&file)?);
            let problems = read.as_ref().err().map_or(&[][..], Vec::as_slice);
            let say = |p: &Problem| json!({"line": p.line, "column": p.column, "message": p.what.to_string()});
            let all: Vec<_> = problems.iter().map(say).collect();
            match (json, problems.is_empty()) {
                (true, good) => Ok(json!({"good": good, "problems": all}).to_string()),
                (false, true) => {
                    Ok("The voice is good. `regulars-relay mail voice publish` puts it in force.".to_owned())
                }
                (false, false) => Err(MailError::Voice(problems.to_vec())),
            }
        }
        VoiceCommand::Publish { shop, file, json } => {
            known(db, shop).await?;
            let text = read(&file)?;
            Voice::read(&text).map_err(MailError::Voice)?;
            said_version(voices::publish(db, shop, &text, clock::now()).await?, json)
        }
        VoiceCommand::Show { shop, version } => {
            known(db, shop).await?;
            let text = match version {
                Some(version) => Some(
                    voices::version(db, shop, version)
                        .await?
                        .ok_or(MailError::NoVersion(version))?,
                ),
                None => voices::newest(db, shop).await?.map(|(_, text)| text),
            };
            Ok(text.unwrap_or_else(|| Voice::built_in(::mail::Language::En).to_owned()))
        }
        VoiceCommand::Rollback { shop, version } => {
            known(db, shop).await?;
            let text = voices::version(db, shop, version).await?;
            let text = text.ok_or(MailError::NoVersion(version))?;
            said_version(voices::publish(db, shop, &text, clock::now()).await?, false)
        }
    }
}

fn said_version(version: i64, as_json: bool) -> Result<String, MailError> {
    Ok(if as_json {
        json!({"version": version}).to_string()
    } else {
        format!("Version {version} of the voice is in force.")
    })
}

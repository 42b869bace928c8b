//! What an operator types about mail: the commands and their arguments. Doing them is in `commands`.

use clap::{Args, Subcommand};
use loyalty::{MemberId, ShopId};
use std::path::PathBuf;
use uuid::Uuid;

use super::check::CheckArgs;
use super::dkim::DkimArgs;
use super::hooks::commands::HooksArgs;
use super::jobs::Job;
use super::quiet::Quiet;
use super::settings::Security;
use super::who::WhoArgs;

/// What can be done about mail.
#[derive(Subcommand, Debug)]
pub enum MailCommand {
    /// Shows how a shop sends mail, and changes what is said
    Settings(SettingsArgs),
    /// Sends a test to the owner's address, and says how that went
    Test {
        /// The shop's id
        shop: ShopId,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows what is about to go out, what failed, and how many of each there are
    Queue {
        /// The shop's id
        shop: ShopId,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Stops one mail that has not gone, or all of them
    Stop {
        /// The shop's id
        shop: ShopId,
        /// Which; without it: all
        #[arg(long, value_name = "ID")]
        mail: Option<Uuid>,
    },
    /// Sets when jobs run, and shows when they did
    Jobs(JobsArgs),
    /// Looks whether the shop's mail can arrive, and says what to enter in the DNS
    Check(CheckArgs),
    /// Makes keys with which the shop signs its mail itself, and shows their records for the DNS
    Dkim(DkimArgs),
    /// Sets by which providers the shop is told of bounces and complaints, and shows it
    Hooks(HooksArgs),
    /// Shows whether somebody gets mail, and which mails they don't want
    Who(WhoArgs),
    /// Shows a mail as a member would get it
    Preview(PreviewArgs),
    /// Checks, publishes and shows a shop's own words
    Voice {
        /// Which of these.
        #[command(subcommand)]
        command: VoiceCommand,
    },
}

/// `mail settings`.
#[derive(Args, Debug)]
pub struct SettingsArgs {
    /// The shop's id
    pub shop: ShopId,
    /// The address that mail comes from, of a domain of the shop's own
    #[arg(long, value_name = "EMAIL")]
    pub sender: Option<String>,
    /// Where answers go; empty: to the sender
    #[arg(long, value_name = "EMAIL")]
    pub reply_to: Option<String>,
    /// The owner's own address, for tests and summaries; empty: none
    #[arg(long, value_name = "EMAIL")]
    pub owner: Option<String>,
    /// Where the shop is, for the foot of every mail
    #[arg(long, value_name = "TEXT")]
    pub postal: Option<String>,
    /// The mail server
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
    /// Its port [default: 465 for tls, 587 for starttls, 25 for none]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// How the line to it is kept from others [default: tls]
    #[arg(long)]
    pub security: Option<Security>,
    /// The name there; empty: none is needed
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// A file with the password there. It is stored sealed with the relay's key
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// A file with a certificate (PEM) to trust for this server; empty: none
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// Mails in an hour at the most [default: 500]
    #[arg(long, value_name = "N")]
    pub per_hour: Option<i64>,
    /// Mails of the shop's own idea to one person in seven days at the most [default: 2]
    #[arg(long, value_name = "N")]
    pub per_week: Option<i64>,
    /// When members get no mail, such as 21:00-09:00, or none
    #[arg(long, value_name = "TIMES")]
    pub quiet: Option<Quiet>,
    /// Sends nothing until it is told to resume
    #[arg(long, conflicts_with = "resume")]
    pub pause: bool,
    /// Sends again
    #[arg(long)]
    pub resume: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// `mail jobs`.
#[derive(Args, Debug)]
pub struct JobsArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Which job is set, ended or run
    #[arg(long, default_value = "balance")]
    pub job: Job,
    /// When, as five fields by the shop's own clock: "0 19 * * *" is every day at seven in the evening
    #[arg(long, value_name = "CALENDAR", conflicts_with = "off")]
    pub set: Option<String>,
    /// Not any more
    #[arg(long)]
    pub off: bool,
    /// Once now, whatever the calendar says
    #[arg(long)]
    pub run: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// `mail preview`.
#[derive(Args, Debug)]
pub struct PreviewArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Which mail, such as reward_earned
    pub kind: String,
    /// For this member; without it: for a made-up one
    #[arg(long, value_name = "ID")]
    pub member: Option<MemberId>,
    /// In these words, not yet published
    #[arg(long, value_name = "FILE")]
    pub voice: Option<PathBuf>,
    /// The relay's address for others, as the links will have it
    #[arg(long, value_name = "URL", default_value = "https://relay.example.com")]
    pub public_url: String,
    /// Only the HTML, to be opened in a browser
    #[arg(long, conflicts_with = "json")]
    pub html: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// `mail voice`.
#[derive(Subcommand, Debug)]
pub enum VoiceCommand {
    /// Checks a voice without publishing it
    Check {
        /// The document
        file: PathBuf,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Publishes a voice: the mails that go out from now on
    Publish {
        /// The shop's id
        shop: ShopId,
        /// The document
        file: PathBuf,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows the voice in force, or an earlier version; where none was published, the built-in one
    Show {
        /// The shop's id
        shop: ShopId,
        /// Which version
        #[arg(long, value_name = "N")]
        version: Option<i64>,
    },
    /// Publishes an earlier version again, as the next one
    Rollback {
        /// The shop's id
        shop: ShopId,
        /// Which version
        version: i64,
    },
}

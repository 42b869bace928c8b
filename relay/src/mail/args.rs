//! What an operator types about mail: the commands and their arguments. Doing them is in `commands`.

use clap::{Args, Subcommand};
use loyalty::{MemberId, ShopId};
use std::path::PathBuf;
use uuid::Uuid;

use super::check::CheckArgs;
use super::dkim::DkimArgs;
use super::hooks::commands::HooksArgs;
use super::jobs::Job;
use super::narrative::Provider;
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
    /// Sets the language model that writes the month in words, or shows what it would write now
    Narrative(NarrativeArgs),
    /// Drafts mails to other shops, shows them, and sends those that you approve
    Outreach {
        /// Which of these.
        #[command(subcommand)]
        command: OutreachCommand,
    },
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

/// `mail narrative`.
#[derive(Args, Debug)]
pub struct NarrativeArgs {
    /// The shop's id
    pub shop: ShopId,
    /// Whose words the endpoint speaks
    #[arg(long, requires = "model", conflicts_with = "off")]
    pub provider: Option<Provider>,
    /// Which model
    #[arg(long, value_name = "NAME", requires = "provider")]
    pub model: Option<String>,
    /// Where it is; without it the provider's own
    #[arg(long, value_name = "URL", requires = "provider")]
    pub url: Option<String>,
    /// Bedrock's region
    #[arg(long, value_name = "NAME", requires = "provider")]
    pub region: Option<String>,
    /// The id of Bedrock's key
    #[arg(long, value_name = "ID", requires = "provider")]
    pub key_id: Option<String>,
    /// A file with the secret. It is stored sealed with the relay's key
    #[arg(long, value_name = "FILE", requires = "provider")]
    pub secret_file: Option<PathBuf>,
    /// Not any more: the template's words
    #[arg(long)]
    pub off: bool,
    /// Shows the last month's figures and what is told of them; asks the model
    #[arg(long, conflicts_with = "off")]
    pub show: bool,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// `mail outreach`.
#[derive(Subcommand, Debug)]
pub enum OutreachCommand {
    /// Drafts a mail to each partner, in the voice's words: a task to review and approve. Nothing goes out
    Draft {
        /// The shop's id
        shop: ShopId,
        /// A vendor: the code of its link, its address and its name, such as "solare,hello@solare.example,Solare Bakery"
        #[arg(long, required = true, value_name = "CODE,EMAIL,NAME")]
        partner: Vec<String>,
        /// The relay's address for others, as the links will have it
        #[arg(long, value_name = "URL")]
        public_url: String,
        /// On whose word
        #[arg(long, value_name = "NAME", default_value = "operator")]
        by: String,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows the mails, those that wait first
    Show {
        /// The shop's id
        shop: ShopId,
        /// One mail or one task, with its text
        #[arg(long, value_name = "ID")]
        of: Option<Uuid>,
        /// Only the HTML of the one, to be opened in a browser
        #[arg(long, requires = "of", conflicts_with = "json")]
        html: bool,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Gives one that waits other words
    Edit {
        /// The shop's id
        shop: ShopId,
        /// Which
        mail: Uuid,
        /// A line `Subject: …`, an empty one, and the words, as in the voice
        file: PathBuf,
        /// The relay's address for others, as the links will have it
        #[arg(long, value_name = "URL")]
        public_url: String,
        /// On whose word
        #[arg(long, value_name = "NAME", default_value = "operator")]
        by: String,
    },
    /// Says yes: it goes out
    Approve(Which),
    /// Says no
    Reject(Which),
}

/// Which mails are decided.
#[derive(Args, Debug)]
pub struct Which {
    /// The shop's id
    pub shop: ShopId,
    /// One mail, or all of one task
    #[arg(long, value_name = "ID", required_unless_present = "all")]
    pub of: Option<Uuid>,
    /// All that wait
    #[arg(long, conflicts_with = "of")]
    pub all: bool,
    /// On whose word
    #[arg(long, value_name = "NAME", default_value = "operator")]
    pub by: String,
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

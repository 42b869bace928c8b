//! What an operator types: the commands and their arguments. Doing them is in [`crate::commands`].

use clap::{Parser, Subcommand};
use loyalty::time::ShopZone;
use loyalty::{Currency, Region, ShopId};

use crate::api::commands::KeyCommand;
use crate::backup::commands::BackupCommand;
use crate::documents::commands::DocumentArgs;
use crate::mail::args::MailCommand;
use crate::settings::{Given, Where};
use crate::web::commands::{ClicksArgs, CodeCommand, SetArgs};

/// Lets several tills be one shop.
#[derive(Parser, Debug)]
#[command(name = "regulars-relay", version)]
pub struct Cli {
    /// The database and the file of settings.
    #[command(flatten)]
    pub place: Where,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serves tills until it is told to stop (SIGTERM or Ctrl-C)
    Serve {
        /// The settings.
        #[command(flatten)]
        given: Box<Given>,
        /// Only checks the settings and shows those in force
        #[arg(long)]
        check_config: bool,
    },
    /// Adds and lists the codes of links
    Code {
        /// Which of these.
        #[command(subcommand)]
        command: CodeCommand,
    },
    /// Makes, lists and puts back backups
    Backup {
        /// Which of these.
        #[command(subcommand)]
        command: BackupCommand,
    },
    /// Sets how a shop sends mail, and looks at what it sends
    Mail {
        /// Which of these.
        #[command(subcommand)]
        command: Box<MailCommand>,
    },
    /// Shows and sets where a shop's rules and voice are kept, if that is in a document elsewhere
    Document(Box<DocumentArgs>),
    /// Makes, lists and takes back keys, with which programs ask for a shop's referrals (/v1/referrals)
    Key {
        /// Which of these.
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Tells how often a shop's links were used
    Clicks(ClicksArgs),
    /// Makes, lists, suspends and resumes shops
    Shop {
        /// Which of these.
        #[command(subcommand)]
        command: ShopCommand,
    },
    /// Makes a further pairing code for a shop: good for ten minutes, once
    PairCode {
        /// The shop's id
        shop: ShopId,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Run once after the database was restored from a backup, before serving: tills then send again what it forgot
    Restored,
    /// Makes invites, with which shops make themselves
    Invite {
        /// Which of these.
        #[command(subcommand)]
        command: InviteCommand,
    },
}

/// What can be done with shops.
#[derive(Subcommand, Debug)]
pub enum ShopCommand {
    /// Makes a shop, and a pairing code for its first till
    Create {
        /// As customers know it
        #[arg(long)]
        name: String,
        /// Its currency's three letters, such as USD
        #[arg(long)]
        currency: Currency,
        /// Its country's two letters, such as US
        #[arg(long)]
        region: Region,
        /// Its time zone, such as America/Los_Angeles
        #[arg(long)]
        timezone: ShopZone,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists the shops
    List {
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Changes what the shop says of its web side: its page, where links may lead, how they are remembered
    Set(SetArgs),
    /// Lets a shop's tills in no longer; nothing of it is lost
    Suspend {
        /// The shop's id
        shop: ShopId,
    },
    /// Lets them in again
    Resume {
        /// The shop's id
        shop: ShopId,
    },
}

/// What can be done with invites.
#[derive(Subcommand, Debug)]
pub enum InviteCommand {
    /// Makes one: good for seven days, once
    Create {
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
}

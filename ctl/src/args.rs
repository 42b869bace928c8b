//! The words and options of the command line. What they do is in the modules named after them.

mod lapsing;
mod member;
mod referrals;
mod rights;
mod sale;
mod till;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub use lapsing::{Decide, LapsingCommand};
pub use member::{MemberAdd, MemberCommand, MemberEdit, MemberKey, MemberList};
pub use referrals::ReferralsCommand;
pub use rights::{Limits, RightsCommand};
pub use sale::{Credit, Try};
pub use till::TillCommand;

/// Regulars without a window: the same shop from the command line, safe while the till runs.
#[derive(Parser, Debug)]
#[command(
    name = "regularsctl",
    version,
    after_help = "Exit codes: 0 done, 2 usage, 3 refused by a rule, 4 damaged data or a failing disk."
)]
pub struct Args {
    /// The shop's folder. Without it: REGULARS_DATA, else the system's place for apps' data.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "REGULARS_DATA",
        hide_env_values = true
    )]
    pub data: Option<PathBuf>,
    /// Answer in JSON, errors too.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a shop in the folder.
    Init(Init),
    /// Bring in a file of sales or members.
    Import {
        #[command(subcommand)]
        kind: ImportKind,
    },
    /// Add, show or list members.
    Member {
        #[command(subcommand)]
        what: MemberCommand,
    },
    /// Credit a sale to a member.
    Credit(Credit),
    /// Give a member a reward for points.
    Redeem {
        /// The member's phone number.
        #[arg(long)]
        phone: String,
        /// The reward, by its name in the rules.
        #[arg(long, value_name = "NAME", required_unless_present = "stamps")]
        reward: Option<String>,
        /// How many times over, for points that become money.
        #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true)]
        lots: i64,
        /// What a full stamp card gives, by the items that fill it, instead of a reward for points.
        #[arg(long, value_name = "CARD", conflicts_with_all = ["reward", "lots"])]
        stamps: Option<String>,
        /// The sale it is given with, also one that is still to come: refunding that whole gives the reward back.
        #[arg(long, value_name = "ID")]
        sale_id: Option<String>,
        /// The system that numbered the sale.
        #[arg(long, value_name = "NAME", default_value = loyalty::sale::SOURCE_POS)]
        source: String,
    },
    /// Members who stay away: who they are, what was done about it, and what comes next.
    Lapsing {
        #[command(subcommand)]
        what: LapsingCommand,
    },
    /// What came of members who bring friends: from clicks to rewards, what is due, what seemed odd.
    Referrals {
        #[command(subcommand)]
        what: ReferralsCommand,
    },
    /// Where points are, and how tills go on without the relay.
    Rights {
        #[command(subcommand)]
        what: RightsCommand,
    },
    /// Take back a line of the ledger, whole and once.
    Reverse {
        /// The line's id.
        entry: String,
    },
    /// Add or take points by hand.
    Adjust {
        /// The member's phone number.
        #[arg(long)]
        phone: String,
        /// How many; below zero takes them.
        #[arg(long, allow_negative_numbers = true, value_name = "N")]
        points: i64,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// The programme in a few figures.
    Stats,
    /// Make this till one of a shop on a relay; a shop in the folder goes with it.
    Pair {
        /// The pairing code, such as K7QM-2XRA.
        code: String,
        /// The relay's address.
        #[arg(long, value_name = "URL")]
        relay: String,
        /// What to call this till, where there is no shop in the folder yet.
        #[arg(long, default_value = "Till")]
        till: String,
    },
    /// Send what is new here to the relay, and take what is new there, until Ctrl-C.
    Sync {
        /// Only until both have everything, then end.
        #[arg(long)]
        once: bool,
    },
    /// The shop's tills, as the relay knows them.
    Till {
        #[command(subcommand)]
        what: TillCommand,
    },
    /// The hash of all this till knows: the same on every till that has caught up.
    StateHash,
    /// Check or export the ledger.
    Ledger {
        #[command(subcommand)]
        what: LedgerCommand,
    },
    /// Copy the shop into FILE while it works, and check the copy.
    Backup {
        /// The file to make.
        file: PathBuf,
        /// Seal it with the passphrase in this file.
        #[arg(long, value_name = "FILE")]
        encrypt: Option<PathBuf>,
    },
    /// Put a backup in the place of the shop. What was there is kept.
    Restore {
        /// The backup: a file, or s3://BUCKET/PREFIX/NAME.
        file: PathBuf,
        /// The file that says where in S3-compatible storage it is, and with which key.
        #[arg(long, value_name = "FILE")]
        s3: Option<PathBuf>,
        /// The file with the passphrase that it was sealed with.
        #[arg(long, value_name = "FILE")]
        decrypt: Option<PathBuf>,
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Show, check, try, back-test or publish the rules.
    Rules {
        #[command(subcommand)]
        what: RulesCommand,
    },
    /// Held sales: list and decide them.
    Review {
        #[command(subcommand)]
        what: ReviewCommand,
    },
    /// Take back the points of a sale whose money was given back.
    Refund(Refund),
    /// Let points expire now that have run out of time.
    Expire,
    /// Take sales that tills and web shops send, until told to stop (Ctrl-C).
    Serve(Serve),
    /// Make a made-up shop to try things on.
    #[command(hide = true)]
    Demo(Demo),
}

#[derive(ClapArgs, Debug)]
pub struct Init {
    /// What customers call it.
    #[arg(long, value_name = "NAME")]
    pub shop: String,
    /// Three letters, such as USD.
    #[arg(long)]
    pub currency: String,
    /// The country whose phone numbers are written without a prefix: two letters, such as US.
    #[arg(long)]
    pub region: String,
    /// Such as America/Los_Angeles.
    #[arg(long)]
    pub timezone: String,
    /// What this till is called.
    #[arg(long, value_name = "NAME", default_value = "Till 1")]
    pub till: String,
    /// The first rules; without it: 1 point per $1, and a free coffee for 100.
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub enum ImportKind {
    /// Columns sale_id, occurred_at, phone, total and, if you like, items, tax and tip.
    Sales(ImportSales),
    /// Columns phone and, if you like, name, email, consent, birthday and balance.
    Members(ImportFile),
}

#[derive(ClapArgs, Debug)]
pub struct ImportFile {
    /// The CSV file.
    pub file: PathBuf,
    /// Say what would come of it, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// A column that has another name here: total="Net Sales". May be given several times.
    #[arg(long, value_name = "FIELD=HEADER")]
    pub map: Vec<String>,
    /// Where to write the rows to fix; without it, beside FILE as FILE.rejected.csv.
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<PathBuf>,
}

#[derive(ClapArgs, Debug)]
pub struct ImportSales {
    #[command(flatten)]
    pub file: ImportFile,
    /// The system that numbered the sales.
    #[arg(long, default_value = loyalty::sale::SOURCE_POS)]
    pub source: String,
}

#[derive(Subcommand, Debug)]
pub enum LedgerCommand {
    /// Compute everything again from the log, and compare.
    Verify,
    /// Write every line.
    Export {
        /// How.
        #[arg(long, value_enum)]
        format: Format,
        /// Into this file; without it, to standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// How the ledger is written.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For a spreadsheet.
    Csv,
    /// One JSON object a line, for a program.
    Jsonl,
}

#[derive(Subcommand, Debug)]
pub enum RulesCommand {
    /// The rules in force.
    Show,
    /// Look for errors in a file, and publish nothing.
    Check {
        /// The rules.
        file: PathBuf,
        /// Check for this currency, without a shop.
        #[arg(long)]
        currency: Option<String>,
    },
    /// Put the rules of a file in force.
    Publish {
        /// The rules.
        file: PathBuf,
    },
    /// Write the rules of a file in one way; notes stay.
    Fmt {
        /// The rules.
        file: PathBuf,
        /// Into the file itself; without it, to standard output.
        #[arg(long)]
        write: bool,
        /// Format for this currency, without a shop.
        #[arg(long)]
        currency: Option<String>,
    },
    /// Every version: who put it in force, when, and what changed.
    History,
    /// Put an older version in force again, as a new version.
    Rollback {
        /// Its number.
        version: i64,
    },
    /// What rules would make of a sale. Nothing is recorded.
    Try(Try),
    /// What rules would have made of the shop's past, compared with what happened. Nothing is recorded.
    Backtest {
        /// The draft rules.
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
pub enum ReviewCommand {
    /// The sales that wait, oldest first, and why.
    List,
    /// Credit a held sale: what was computed, or another number of points with a reason.
    Approve {
        /// The sale's number.
        sale_id: String,
        /// The system that numbered it.
        #[arg(long, default_value = loyalty::sale::SOURCE_POS)]
        source: String,
        /// So many instead of those computed.
        #[arg(long, value_name = "N", requires = "reason")]
        points: Option<i64>,
        /// Why so many.
        #[arg(long, value_name = "TEXT", requires = "points")]
        reason: Option<String>,
    },
    /// Credit nothing for a held sale.
    Reject {
        /// The sale's number.
        sale_id: String,
        /// The system that numbered it.
        #[arg(long, default_value = loyalty::sale::SOURCE_POS)]
        source: String,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(ClapArgs, Debug)]
pub struct Refund {
    /// The sale's number.
    pub sale_id: String,
    /// How much was given back; without it, all that is left of the sale.
    #[arg(long)]
    pub amount: Option<String>,
    /// The refund's number: the same one again changes nothing.
    #[arg(long, value_name = "ID")]
    pub refund_id: Option<String>,
    /// The system that numbered the sale and the refund.
    #[arg(long, default_value = loyalty::sale::SOURCE_POS)]
    pub source: String,
    /// Say what it would do, and change nothing.
    #[arg(long)]
    pub preview: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Serve {
    /// Where to listen; port 0 lets the system choose one.
    #[arg(long, value_name = "ADDRESS", default_value_t = std::net::SocketAddr::from(([127, 0, 0, 1], intake::PORT)))]
    pub listen: std::net::SocketAddr,
    /// Let other machines send, too: without it, only addresses of this machine are listened on.
    #[arg(long)]
    pub allow_network: bool,
    /// The secrets that senders sign with: whsec_…, one a line, newest first. Without it one is made and kept.
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Make a new secret and show it, once. The one before works for 24 hours more.
    #[arg(long, conflicts_with = "secret_file")]
    pub new_secret: bool,
    /// Refuse sales with a phone number that nobody has, instead of enrolling it.
    #[arg(long)]
    pub no_enrol: bool,
    /// Square's, Shopify's, Stripe's and other tills' webhooks: JSON, as docs/webhooks.md has it.
    #[arg(long, value_name = "FILE")]
    pub hooks: Option<PathBuf>,
    /// Also import the CSV files that are put into this folder, each once, and move them to done/ or to-fix/ in it.
    #[arg(long, value_name = "DIR")]
    pub watch: Option<PathBuf>,
    /// The system that numbered the sales in those files.
    #[arg(long, requires = "watch", default_value = loyalty::sale::SOURCE_POS)]
    pub source: String,
}

#[derive(ClapArgs, Debug)]
pub struct Demo {
    /// The same seed and the same day make the same shop.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// How many members.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u16).range(1..=2000))]
    pub members: u16,
    /// The last day of its year; without it, now.
    #[arg(long, value_name = "DATE")]
    pub today: Option<chrono::NaiveDate>,
}

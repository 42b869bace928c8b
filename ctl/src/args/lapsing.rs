//! The words and options of `lapsing`. What they do is in the module of that name.

use clap::{Subcommand, ValueEnum};
use loyalty::lapsing::Choice;

/// What is asked of members who stay away.
#[derive(Subcommand, Debug)]
pub enum LapsingCommand {
    /// List who stays away by the rules: weeks, mails so far, what comes next; and what came of it all.
    List {
        /// As comma-separated values.
        #[arg(long)]
        csv: bool,
    },
    /// Choose what the relay's next weekly look does about members who stay away.
    Decide {
        /// What.
        choice: Decide,
        /// Their phone numbers.
        #[arg(long, value_name = "PHONE", required_unless_present = "all")]
        phone: Vec<String>,
        /// Everybody on the list.
        #[arg(long, conflicts_with = "phone")]
        all: bool,
    },
    /// Show or set what is done where nothing was chosen, and the points of a bonus.
    Usual {
        /// What is done.
        choice: Option<Decide>,
        /// How many points a bonus is; 0: none.
        #[arg(long, value_name = "POINTS")]
        bonus: Option<i64>,
    },
}

/// What can be done about somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Decide {
    /// A mail.
    Nudge,
    /// Points, and a mail that tells of them.
    Bonus,
    /// Nothing.
    Rest,
    /// What is usual: takes back a choice that was not carried out.
    Usual,
}

impl Decide {
    /// The choice; none for what is usual.
    pub fn choice(self) -> Option<Choice> {
        match self {
            Self::Nudge => Some(Choice::Nudge),
            Self::Bonus => Some(Choice::Bonus),
            Self::Rest => Some(Choice::Rest),
            Self::Usual => None,
        }
    }
}

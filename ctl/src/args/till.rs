//! The words and options of `till`. What they do is in the module of that name.

use clap::Subcommand;

/// What is done with the shop's tills.
#[derive(Subcommand, Debug)]
pub enum TillCommand {
    /// List them.
    List,
    /// Make a pairing code for a new one: good for ten minutes, once. Staff's PINs work there, too.
    Add,
    /// Call one otherwise.
    Rename {
        /// Its id.
        till: String,
        /// Its new name.
        name: String,
    },
    /// Remove one, at once.
    Revoke {
        /// Its id.
        till: String,
    },
    /// Give one up that won't come back: it is removed, and the points it held wait.
    Lost {
        /// Its id.
        till: String,
        /// Do it. Without this, only say what it would expose.
        #[arg(long)]
        yes: bool,
    },
    /// The disk of a lost one is back: let it tell what it did.
    Found {
        /// Its id.
        till: String,
    },
    /// Make this till's file anew, where it does not fit the relay's log because it was put back from a copy and worked on.
    /// What was done here is kept. The app must be closed.
    StartOver,
    /// Let the points be spent again that a lost one held, whatever it spent unheard.
    Release {
        /// Its id.
        till: String,
        /// Only those of the member with this phone number.
        #[arg(long)]
        phone: Option<String>,
        /// Do it. Without this, only say what it would expose.
        #[arg(long)]
        yes: bool,
    },
}

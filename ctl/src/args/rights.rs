//! The words and options of `rights`. What they do is in the module of that name.

use clap::{Args, Subcommand};

/// What is asked of points in several tills.
#[derive(Subcommand, Debug)]
pub enum RightsCommand {
    /// Say which till holds a member's points, and since when it was not heard of.
    Show {
        /// The member's phone number.
        #[arg(long)]
        phone: String,
    },
    /// Get a member's points to this till, as far as the relay and the tills that are connected have them.
    Acquire {
        /// The member's phone number.
        #[arg(long)]
        phone: String,
        /// How many this till must hold.
        #[arg(long, value_name = "N")]
        points: i64,
    },
    /// Give what this till holds back to the relay, as closing it does: of one member, or of all.
    Return {
        /// Only the member's with this phone number.
        #[arg(long)]
        phone: Option<String>,
    },
    /// Say how tills may go on redeeming while they can't reach the relay, or change it.
    Limits(Limits),
    /// Decide what a lost till spent of a member's points a second time.
    Settle {
        /// The lost till's id.
        till: String,
        /// The member's phone number.
        #[arg(long)]
        phone: String,
        /// The shop gives it.
        #[arg(long, conflicts_with = "owed", required_unless_present = "owed")]
        forgive: bool,
        /// The member owes it: the next earnings pay it off.
        #[arg(long)]
        owed: bool,
    },
}

/// The limits; what is not named stays.
#[derive(Args, Debug)]
pub struct Limits {
    /// For how many days since it last heard from the relay a till goes on redeeming.
    #[arg(long, value_name = "N")]
    pub days: Option<i64>,
    /// How many points of one member it may redeem meanwhile; `none` for no limit.
    #[arg(long, value_name = "N")]
    pub per_member: Option<String>,
    /// How many of all members together; `none` for no limit.
    #[arg(long, value_name = "N")]
    pub in_all: Option<String>,
    /// Above how many at once it needs a manager's PIN; `none` for no limit.
    #[arg(long, value_name = "N")]
    pub pin_above: Option<String>,
    /// The till that keeps its points when it is closed, because it opens first; `none` for no till.
    #[arg(long, value_name = "TILL")]
    pub opens_first: Option<String>,
}

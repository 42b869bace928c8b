//! The words and options of `referrals`. What they do is in the module of that name.

use clap::Subcommand;

/// What is asked of referrals.
#[derive(Subcommand, Debug)]
pub enum ReferralsCommand {
    /// Count, code by code, from clicks to rewards. Clicks are as the relay last told.
    Funnel {
        /// As comma-separated values.
        #[arg(long)]
        csv: bool,
    },
    /// Grant what has waited long enough, and take back what was for something that is gone. An open till does this by
    /// itself.
    Work,
    /// List the rewards that wait for somebody to look at them, each with what seems odd.
    Odd,
    /// Let such a reward be granted.
    Allow {
        /// Its id, as `referrals odd` shows it.
        reward: String,
    },
    /// Turn such a reward down.
    Reject {
        /// Its id, as `referrals odd` shows it.
        reward: String,
    },
}

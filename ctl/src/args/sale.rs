//! The options that say what a sale is: of `regularsctl credit` and `rules try`.

use clap::Args as ClapArgs;
use std::path::PathBuf;

#[derive(ClapArgs, Debug)]
pub struct Credit {
    /// The member's phone number.
    #[arg(long)]
    pub phone: String,
    /// What was paid: 12.50
    #[arg(long, allow_negative_numbers = true)]
    pub total: String,
    /// The tax in it.
    #[arg(long, value_name = "AMOUNT")]
    pub tax: Option<String>,
    /// The tip in it.
    #[arg(long, value_name = "AMOUNT")]
    pub tip: Option<String>,
    /// The till's number of the sale: the same one again changes nothing.
    #[arg(long, value_name = "ID")]
    pub sale_id: Option<String>,
    /// The system that numbered it.
    #[arg(long, default_value = loyalty::sale::SOURCE_POS, requires = "sale_id")]
    pub source: String,
    /// What was sold: "Coffee x2". May be given several times.
    #[arg(long, value_name = "ITEM")]
    pub item: Vec<String>,
    /// When it was sold: 2026-11-20T14:05 on the shop's clock, or with an offset. Without it: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Enrol the number if nobody has it.
    #[arg(long)]
    pub enrol: bool,
}

#[derive(ClapArgs, Debug)]
pub struct Try {
    /// What would be paid: 12.50
    #[arg(long, allow_negative_numbers = true)]
    pub total: String,
    /// The tax in it.
    #[arg(long, value_name = "AMOUNT")]
    pub tax: Option<String>,
    /// The tip in it.
    #[arg(long, value_name = "AMOUNT")]
    pub tip: Option<String>,
    /// Whose sale it would be; without it, somebody's who has just joined.
    #[arg(long)]
    pub phone: Option<String>,
    /// What would be sold: "Flat white x2". May be given several times.
    #[arg(long, value_name = "ITEM")]
    pub item: Vec<String>,
    /// When: 2026-11-20T14:05 on the shop's clock, or with an offset. Without it: now.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Draft rules; without it, those in force.
    pub file: Option<PathBuf>,
}

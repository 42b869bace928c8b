//! The words and options of `regularsctl member`. What they do is in the module `member` of the program.

use clap::{Args as ClapArgs, Subcommand};

#[derive(Subcommand, Debug)]
pub enum MemberCommand {
    /// Enrol somebody. Whoever has the number already is shown instead.
    Add(MemberAdd),
    /// Change what is known of somebody; what is not named stays.
    Edit(MemberEdit),
    /// Show one member and their newest lines.
    Show(MemberKey),
    /// List members, oldest first.
    List(MemberList),
    /// Make two members one: the older shows, with the points of both.
    Merge {
        /// The one: an id, a phone number or a code.
        one: String,
        /// The other.
        other: String,
    },
    /// Take a merge back.
    Unmerge {
        /// The id of whoever was merged into another.
        member_id: String,
    },
}

#[derive(ClapArgs, Debug)]
pub struct MemberAdd {
    /// Their phone number.
    #[arg(long)]
    pub phone: String,
    /// Their name.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub name: String,
    /// Their email address.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub email: String,
    /// They agreed to get mail.
    #[arg(long, requires = "email")]
    pub consent: bool,
    /// Their birthday: month and day like 02-29, or with the year like 1984-02-29.
    #[arg(long, value_name = "DATE", default_value = "", hide_default_value = true)]
    pub birthday: String,
    /// Who sent them: a member's code, phone number or name, or the code of a link.
    #[arg(long, value_name = "CODE_OR_PHONE")]
    pub referred_by: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub struct MemberEdit {
    /// The member's phone number.
    #[arg(long)]
    pub phone: String,
    /// Their name; "" takes it away.
    #[arg(long)]
    pub name: Option<String>,
    /// Their email address; "" takes it away, and their consent.
    #[arg(long)]
    pub email: Option<String>,
    /// Whether they agree to get mail.
    #[arg(long, value_name = "true|false")]
    pub consent: Option<bool>,
    /// Their birthday: month and day like 02-29, or with the year like 1984-02-29; "" takes it away.
    #[arg(long, value_name = "DATE")]
    pub birthday: Option<String>,
}

#[derive(ClapArgs, Debug)]
#[group(required = true, multiple = false)]
pub struct MemberKey {
    /// Their phone number.
    #[arg(long)]
    pub phone: Option<String>,
    /// The code on their card.
    #[arg(long)]
    pub code: Option<String>,
    /// Their id.
    #[arg(long)]
    pub id: Option<String>,
}

#[derive(ClapArgs, Debug)]
pub struct MemberList {
    /// How many at most.
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
    /// Only those found by this, best first: part of a number, a name, an email, a code.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

//! Why a command about mail was not done, in words for whoever typed it.

use ::mail::{Kind, Problem};
use loyalty::ShopId;
use std::path::PathBuf;

use super::dkim::SignerError;
use super::seal::KeyError;
use crate::store::db::DbError;

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No shop has this id.
    #[error("There is no shop {0}. `regulars-relay shop list` shows them.")]
    UnknownShop(ShopId),
    /// The shop sends no mail yet.
    #[error("Shop {0} sends no mail yet. Set it up with `regulars-relay mail settings`.")]
    NotSet(ShopId),
    /// Something that the first settings must say.
    #[error("Say {0} as well: a shop that sends mail has one.")]
    Missing(&'static str),
    /// Not an address.
    #[error("{0:?} is not an email address. Write it like hello@example.com.")]
    BadAddress(String),
    /// A setting that can't be.
    #[error("{0}")]
    Bad(&'static str),
    /// The relay's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The shop's own key for signing mail.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A file.
    #[error("{0} can't be read: {1}. Check its name and who may read it.")]
    File(PathBuf, std::io::Error),
    /// A voice with problems.
    #[error("The voice is not good yet.\n{all}", all = listed(.0))]
    Voice(Vec<Problem>),
    /// The server did not take the test.
    #[error("The test was not sent. {0}")]
    NotSent(String),
    /// Not a calendar.
    #[error("{0}")]
    Calendar(String),
    /// No mail is called so.
    #[error("No mail is called {0:?}. There are: {all}.", all = Kind::ALL.map(Kind::key).join(", "))]
    UnknownMail(String),
    /// There is no such version.
    #[error("The shop's voice has no version {0}.")]
    NoVersion(i64),
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

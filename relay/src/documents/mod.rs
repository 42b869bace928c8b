//! Rules and voice that an owner keeps in a document elsewhere, at a web address or in Google Docs: looked at every quarter
//! of an hour, published where it changed and reads well; else the last good one stays and the owner is told.
//!
//! [`source`] says where a document is, [`fetch`] and [`google`] read it, [`normal`] takes out what nobody sees, [`judge`]
//! says whether it can be published, [`look`] does one look from the claim to the operation, [`desk`] is what owners ask
//! for, [`commands`] what operators type. How rules and voices are kept is not here.

pub mod commands;
pub mod desk;
pub mod fetch;
pub mod google;
pub mod judge;
pub mod kept;
pub mod look;
pub mod normal;
pub mod problem;
pub mod service_account;
pub mod source;
pub mod work;

use serde::Serialize;

/// What is kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// The programme's rules.
    Rules,
    /// The words of the shop's mails, in all its languages.
    Voice,
}

impl What {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rules, Self::Voice];

    /// As it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Voice => "voice",
        }
    }

    /// The one that is stored so.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.key() == key)
    }
}

//! On whose word something was done: somebody of the shop, the member, a job, or a provider's message.
//!
//! Not here: what they may do (`staff`).

use std::fmt;
use std::str::FromStr;

use crate::ids::StaffId;

/// On whose word something was done.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum By {
    /// Somebody of the shop, signed in.
    Staff(StaffId),
    /// The member, on the web.
    Member,
    /// A job or a tool, by name: `job:import`.
    Job(String),
    /// A sale that a provider sent: `webhook:square`.
    Webhook(String),
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(id) => id.fmt(f),
            Self::Member => f.write_str("member"),
            Self::Job(name) => write!(f, "job:{name}"),
            Self::Webhook(provider) => write!(f, "webhook:{provider}"),
        }
    }
}

impl FromStr for By {
    type Err = uuid::Error;
    fn from_str(s: &str) -> Result<Self, uuid::Error> {
        Ok(match s.split_once(':') {
            Some(("job", name)) => Self::Job(name.to_owned()),
            Some(("webhook", provider)) => Self::Webhook(provider.to_owned()),
            _ if s == "member" => Self::Member,
            _ => Self::Staff(s.parse()?),
        })
    }
}

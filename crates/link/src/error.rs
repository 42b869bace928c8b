//! What can go wrong between a till and its relay.

use sync::Problem;

/// Why something was not done. What was done before it stays done.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The relay can't be reached, or its answer was cut. The till goes on; the next try repeats it.
    #[error("the relay can't be reached ({0})")]
    Offline(String),
    /// The relay refused.
    #[error("{}", .0.code.sentence())]
    Refused(Problem),
    /// The relay's log and this till's go apart: the till's file was put back from a copy and worked on. Nothing was
    /// taken, on either side, and nothing is lost: [`crate::start_over`].
    #[error(
        "this till's file does not fit the relay's log ({0}). Most likely it was put back from a copy and worked on. \
         Make it anew with `regularsctl till start-over`, or in the owner's window under Tills; what was done here is kept"
    )]
    Unfit(Problem),
    /// The relay knows no such address: it is older than this till.
    #[error("the relay is older than this app and can't do that; ask whoever runs it to update it")]
    TooOld,
    /// The till has no relay.
    #[error("this till has no relay")]
    NotPaired,
    /// The till has one already.
    #[error("this till belongs to a shop on a relay already")]
    AlreadyPaired,
    /// Not a code that can be one.
    #[error("this is not a pairing code")]
    BadCode,
    /// Not an address of a relay.
    #[error("this is not a relay's address: use one that begins with https://")]
    BadAddress,
    /// The till's file says no.
    #[error("{0}")]
    Ledger(#[from] ledger::Error),
    /// Secrets can't be read or kept.
    #[error("{0}")]
    Secrets(#[from] secrets::SecretsError),
}

impl LinkError {
    /// Whether the same may work later without anybody doing anything.
    #[must_use]
    pub fn passes(&self) -> bool {
        use sync::ProblemCode as P;
        match self {
            Self::Offline(_) => true,
            Self::Refused(problem) => matches!(
                problem.code,
                P::SlowDown | P::Unavailable | P::Suspended | P::ProtocolTooNew
            ),
            Self::Ledger(ledger::Error::Storage(failed)) => failed.code == ledger::StorageCode::Busy,
            _ => false,
        }
    }

    /// How long the relay asked to wait.
    #[must_use]
    pub fn retry_ms(&self) -> Option<u64> {
        match self {
            Self::Refused(problem) => problem.retry_ms,
            _ => None,
        }
    }

    /// The closed code, for JSON and for windows.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Offline(_) => "offline",
            Self::Refused(problem) => problem.code.as_str(),
            Self::Unfit(_) => "unfit",
            Self::TooOld => "relay_too_old",
            Self::NotPaired => "not_paired",
            Self::AlreadyPaired => "already_paired",
            Self::BadCode => "bad_code",
            Self::BadAddress => "bad_address",
            Self::Ledger(ledger::Error::Refused(refusal)) => refusal.code.as_str(),
            Self::Ledger(ledger::Error::Storage(failed)) => failed.code.as_str(),
            Self::Ledger(ledger::Error::Rules(_)) => "bad_rules",
            Self::Secrets(_) => "secrets",
        }
    }
}

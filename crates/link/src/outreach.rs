//! The mails to other shops, which the relay keeps and sends: what the owner asks and says about them.

use ledger::Store;
use secrets::Secrets;
use sync::outreach::{OutreachAnswer, OutreachRequest};

use crate::Result;
use crate::once::client;

/// Asks the till's relay about the mails to other shops.
///
/// # Errors
/// `NotPaired`, `Offline`, `TooOld`, `Refused`; those of the file and of the secrets.
pub fn outreach(store: &Store, secrets: &Secrets, request: &OutreachRequest) -> Result<OutreachAnswer> {
    client(store, secrets)?.post("/v1/outreach", request)
}

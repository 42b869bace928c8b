//! The shop's mail, which the relay sends: what the owner asks and says about it.

use ledger::Store;
use secrets::Secrets;
use sync::mail::{MailAnswer, MailRequest};

use crate::Result;
use crate::once::client;

/// Asks the till's relay about the shop's mail.
///
/// # Errors
/// `NotPaired`, `Offline`, `TooOld`, `Refused`; those of the file and of the secrets.
pub fn mail(store: &Store, secrets: &Secrets, request: &MailRequest) -> Result<MailAnswer> {
    client(store, secrets)?.post("/v1/mail", request)
}

//! Rules and voice in documents elsewhere, which the relay reads: what the owner asks and says about them.

use ledger::Store;
use secrets::Secrets;
use sync::documents::{DocumentAnswer, DocumentRequest};

use crate::Result;
use crate::once::client;

/// Asks the till's relay about the shop's documents elsewhere.
///
/// # Errors
/// `NotPaired`, `Offline`, `TooOld`, `Refused`; those of the file and of the secrets.
pub fn documents(store: &Store, secrets: &Secrets, request: &DocumentRequest) -> Result<DocumentAnswer> {
    client(store, secrets)?.post("/v1/documents", request)
}

//! The shop's tills, from one of them: a code for a new one, renaming, removing.

use ledger::{Ids, Store, SystemIds};
use loyalty::UtcMs;
use secrets::Secrets;
use sync::pairing::PairCode;
use sync::wire::{TillsAnswer, TillsRequest};

use crate::once::client;
use crate::{PEPPER, Result};

/// A code for a new till.
#[derive(Clone, Debug)]
pub struct AddedTill {
    /// What is typed there, such as `K7QM-2XRA`.
    pub code: String,
    /// Until when.
    pub expires_at: Option<UtcMs>,
}

/// Asks the till's relay about the shop's tills.
///
/// # Errors
/// `NotPaired`, `Offline`, `Refused`; those of the file and of the secrets.
pub fn tills(store: &Store, secrets: &Secrets, request: &TillsRequest) -> Result<TillsAnswer> {
    client(store, secrets)?.post("/v1/tills", request)
}

/// Makes a code for a new till. The relay gets a digest of what the code stretches to, and the pepper of PINs sealed
/// under what it never sees.
///
/// # Errors
/// As [`tills`].
pub fn add_till(store: &Store, secrets: &Secrets) -> Result<AddedTill> {
    let code = PairCode::from_random(SystemIds.random());
    let derived = code.derive();
    let mut nonce = [0; 24];
    nonce[..16].copy_from_slice(&SystemIds.random());
    nonce[16..].copy_from_slice(&SystemIds.random()[..8]);
    let sealed = secrets.get(PEPPER)?.and_then(|pepper| derived.seal(nonce, &pepper));
    let request = TillsRequest::AddCode {
        proof_digest: derived.proof_digest(),
        sealed,
    };
    let answer = tills(store, secrets, &request)?;
    Ok(AddedTill {
        code: code.to_string(),
        expires_at: answer.expires_at,
    })
}

//! The shop's tills, from one of them: a code for a new one, renaming, removing.

use ledger::{Ids, Options, Store, SystemIds};
use loyalty::UtcMs;
use secrets::Secrets;
use std::path::Path;
use sync::pairing::PairCode;
use sync::wire::{TillsAnswer, TillsRequest};

use crate::{CREDENTIAL, Client, LinkError, PEPPER, Result};

/// A code for a new till.
#[derive(Clone, Debug)]
pub struct AddedTill {
    /// What is typed there, such as `K7QM-2XRA`.
    pub code: String,
    /// Until when.
    pub expires_at: Option<UtcMs>,
}

/// Asks the relay of the till in `dir` about the shop's tills.
///
/// # Errors
/// `NotPaired`, `Offline`, `Refused`; those of the file and of the secrets.
pub fn tills(dir: &Path, secrets: &Secrets, request: &TillsRequest) -> Result<TillsAnswer> {
    let relay = Store::open(dir, Options::default())?
        .relay()?
        .ok_or(LinkError::NotPaired)?;
    let credential = secrets.get(CREDENTIAL)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Client::new(&relay.url, Some(credential.ok_or(LinkError::NotPaired)?))?.post("/v1/tills", request)
}

/// Makes a code for a new till. The relay gets a digest of what the code stretches to, and the pepper of PINs sealed
/// under what it never sees.
///
/// # Errors
/// As [`tills`].
pub fn add_till(dir: &Path, secrets: &Secrets) -> Result<AddedTill> {
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
    let answer = tills(dir, secrets, &request)?;
    Ok(AddedTill {
        code: code.to_string(),
        expires_at: answer.expires_at,
    })
}

//! A till's past must not come back: how far its log has come is kept beside the file, in the keyring. A file that is
//! behind it (a restored backup, a copied folder) goes on under a new origin, which holds no rights until the relay has
//! handed over what the old one held.

use ledger::Store;
use loyalty::Origin;
use secrets::Secrets;
use serde::{Deserialize, Serialize};

use crate::Result;

/// The secret that holds it.
const MARK: &str = "till-mark";

/// How far a till's log had come.
#[derive(Serialize, Deserialize)]
struct Mark {
    origin: Origin,
    seq: i64,
}

/// Notes how far the log has come, after what takes points from this till. Only for a till of several: one alone has
/// nobody to spend them a second time.
///
/// # Errors
/// Those of the file and of the secrets.
pub fn keep_mark(store: &Store, secrets: &Secrets) -> Result<()> {
    if store.relay()?.is_none() {
        return Ok(());
    }
    let mark = Mark {
        origin: store.shop().till_id,
        seq: store.own_seq()?,
    };
    Ok(secrets.set(MARK, &serde_json::to_vec(&mark).unwrap_or_default())?)
}

/// Before anything is done with a file that was just opened. True: it was behind, goes on under a new origin, and must
/// be opened anew.
///
/// # Errors
/// Those of the file and of the secrets.
pub fn guard(store: &Store, secrets: &Secrets) -> Result<bool> {
    if store.relay()?.is_none() {
        return Ok(false);
    }
    let mark = secrets
        .get(MARK)?
        .and_then(|bytes| serde_json::from_slice::<Mark>(&bytes).ok());
    let behind = match mark {
        Some(mark) if mark.origin == store.shop().till_id => mark.seq > store.own_seq()?,
        _ => false,
    };
    if behind {
        store.write(|tx| tx.begin_renewal())?;
    }
    Ok(behind)
}

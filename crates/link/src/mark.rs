//! A till's past must not come back: how far its log has come is kept beside the file, in the keyring. A file that lacks
//! it (a restored backup, a copied folder, one that went on apart from it) goes on under a new origin, which holds no
//! rights until the relay has handed over what the old one held.

use ledger::{Renews, Store};
use loyalty::Origin;
use secrets::Secrets;
use serde::{Deserialize, Serialize};
use sync::bytes::{Fixed, Hash};

use crate::Result;

/// The secret that holds it.
pub(crate) const MARK: &str = "till-mark";

/// How far a till's log had come.
#[derive(Serialize, Deserialize)]
struct Mark {
    origin: Origin,
    seq: i64,
    /// The hash of that operation: another past of the same length has another.
    #[serde(default)]
    head: Option<Hash>,
}

/// Notes how far the log has come, after what takes points from this till, and after what the relay has heard. Only for a
/// till of several: one alone has nobody to spend them a second time.
///
/// # Errors
/// Those of the file and of the secrets.
pub fn keep_mark(store: &Store, secrets: &Secrets) -> Result<()> {
    if store.relay()?.is_none() {
        return Ok(());
    }
    let (seq, head) = store.own_head()?;
    let mark = Mark {
        origin: store.shop().till_id,
        seq,
        head: Some(Fixed(head)),
    };
    Ok(secrets.set(MARK, &serde_json::to_vec(&mark).unwrap_or_default())?)
}

/// Before anything is done with a file that was just opened. True: it lacked what was noted, goes on under a new origin,
/// and must be opened anew.
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
        Some(mark) => !store.has_come_to(mark.origin, mark.seq, mark.head.map(|head| head.0))?,
        None => false,
    };
    if behind {
        let now = store.write(|tx| tx.begin_renewal(Renews::Restored))?;
        let mark = Mark {
            origin: now,
            seq: 0,
            head: None,
        };
        secrets.set(MARK, &serde_json::to_vec(&mark).unwrap_or_default())?;
    }
    Ok(behind)
}

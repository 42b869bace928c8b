//! Starting a till over whose file the relay's log does not fit: the relay closes its origin and hands over what that
//! held, and a new file takes the old one's place. It downloads the shop with the next sync, which then takes over what
//! was done here and the relay never had.

use ledger::{Options, PairedWith, Store};
use secrets::Secrets;
use std::path::{Path, PathBuf};
use sync::wire::{RenewAnswer, RenewRequest};
use sync::{PROTOCOL, ProblemCode};

use crate::mark::MARK;
use crate::once::client;
use crate::once::sync;
use crate::{LinkError, Result};

/// Makes the file of the till in `dir` anew, where it must be. Nobody may have it open. Answers where the old file is;
/// none where nothing was wrong: the till has synced. It may be asked again after whatever cut it.
///
/// # Errors
/// As [`sync`], but for `Unfit`.
pub fn start_over(dir: &Path, secrets: &Secrets, options: Options) -> Result<Option<PathBuf>> {
    let tried = sync(dir, secrets, |_| {});
    let store = Store::open(dir, options.clone())?;
    match tried {
        Ok(_) => return Ok(None),
        Err(LinkError::Unfit(_)) => {}
        // A try before this one was cut after the relay had heard of it.
        Err(LinkError::Refused(problem)) if problem.code == ProblemCode::Closed && store.has_successor()? => {}
        Err(e) => return Err(e),
    }
    let relay = store.relay()?.ok_or(LinkError::NotPaired)?;
    let waiting = store.renewals()?;
    let renew = RenewRequest {
        protocol: PROTOCOL,
        // What the relay knows it as.
        was: waiting.first().map_or(store.shop().till_id, |(was, _)| *was),
        now: store.successor()?,
        has: 0,
        over: false,
    };
    let answer: RenewAnswer = client(&store, secrets)?.post("/v1/renew", &renew)?;
    // The new file knows nothing of the old one's past.
    secrets.delete(MARK)?;
    let with = PairedWith {
        url: relay.url,
        relay: relay.origin,
        incarnation: relay.incarnation,
        shop_seq: answer.shop_seq,
    };
    Ok(Some(ledger::make_anew(dir, store, with, options)?))
}

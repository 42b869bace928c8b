//! A till that was restored goes on under another origin: what its file has of the old one and the relay has not is told
//! first, then the relay closes the old one. A till may have been restored several times before it reaches the relay.

use ledger::Store;
use loyalty::Origin;
use std::collections::HashMap;
use sync::limits::PAGE_BYTES;
use sync::wire::{RenewAnswer, RenewRequest, SyncAnswer, SyncRequest, WireOp};
use sync::{PROTOCOL, ProblemCode};

use crate::{Client, LinkError, Result};

/// Tells the relay under which origin this till goes on, where it does not know.
///
/// # Errors
/// `Offline`, `Refused`; those of the file.
pub(crate) fn renew(store: &Store, client: &Client) -> Result<()> {
    for (was, now) in store.renewals()? {
        tell_the_rest(store, client, was)?;
        let has = seq_of(store, was)?;
        let over = store.renews_over()?;
        let renew = RenewRequest {
            protocol: PROTOCOL,
            was,
            now,
            has,
            over,
        };
        let _: RenewAnswer = client.post("/v1/renew", &renew)?;
        store.write(|tx| tx.renewed())?;
    }
    Ok(())
}

fn seq_of(store: &Store, origin: Origin) -> Result<i64> {
    let heads = store.heads()?;
    Ok(heads.iter().find(|(o, _)| *o == origin).map_or(0, |(_, head)| head.0))
}

/// Sends what the relay lacks of an origin that this till has left. A relay that has more of it, or has closed it, lacks
/// nothing.
fn tell_the_rest(store: &Store, client: &Client, was: Origin) -> Result<()> {
    let own_seq = seq_of(store, was)?;
    let mut incarnation = store.relay()?.map(|relay| relay.incarnation);
    let mut again = Vec::new();
    // What it has is asked for first.
    let mut accepted = None;
    loop {
        let stored = match accepted {
            None => Vec::new(),
            Some(seq) => store.outbox_of(was, seq, client.page, PAGE_BYTES)?,
        };
        let request = SyncRequest {
            protocol: PROTOCOL,
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            origin: was,
            own_seq,
            cursor: 0,
            incarnation,
            again: std::mem::take(&mut again),
            ops: stored.into_iter().map(|(op, kept)| WireOp::of(&op, kept)).collect(),
            pending: 0,
            held_points: 0,
            at: store.now(),
            take_max: Some(1),
        };
        match client.post::<SyncAnswer>("/v1/sync", &request) {
            Ok(answer) if !answer.heads.is_empty() => {
                // It was restored as well: what it forgot is shown first, but for what is not begun there.
                let ends: HashMap<Origin, i64> = answer.heads.iter().map(|head| (head.origin, head.seq)).collect();
                let mut forgot = store.beyond(&ends, client.page, PAGE_BYTES)?;
                let new: Vec<Origin> = store.renewals()?.into_iter().map(|(_, now)| now).collect();
                forgot.retain(|(op, _)| !new.contains(&op.origin));
                if forgot.is_empty() {
                    incarnation = Some(answer.incarnation);
                    store.write(move |tx| tx.is_known_to(answer.incarnation))?;
                }
                again = forgot.into_iter().map(|(op, kept)| WireOp::of(&op, kept)).collect();
            }
            Ok(answer) if answer.accepted >= own_seq => return Ok(()),
            Ok(answer) if accepted.is_some_and(|before| answer.accepted <= before) => {
                return Err(LinkError::Offline("it does not take what is left".into()));
            }
            Ok(answer) => accepted = Some(answer.accepted),
            // It was worked on after it was put back: the relay has another past of it.
            Err(LinkError::Refused(problem)) if problem.code == ProblemCode::BrokenChain => {
                return Err(LinkError::Unfit(problem));
            }
            Err(LinkError::Refused(problem))
                if matches!(
                    problem.code,
                    ProblemCode::Behind | ProblemCode::Closed | ProblemCode::Forged
                ) =>
            {
                return Ok(());
            }
            Err(e) => return Err(e),
        }
    }
}

//! Syncing until both sides have everything. Each page is one transaction with the cursor that follows it, so that
//! whatever is cut is only asked again.

use ledger::{Foreign, Options, Relay, Renews, Store, Synced};
use loyalty::Origin;
use secrets::Secrets;
use std::collections::HashMap;
use std::path::Path;
use sync::limits::{PAGE_BYTES, PAGE_OPS_MAX};
use sync::page::{Head, check_one};
use sync::wire::{SyncAnswer, SyncRequest, TillSeen, WireOp};
use sync::{PROTOCOL, Problem, ProblemCode};

use crate::renew::renew;
use crate::{CREDENTIAL, Client, LinkError, Result, guard, keep_mark};

/// What a sync came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    /// Operations that went up.
    pub pushed: i64,
    /// Operations that came down and were new.
    pub pulled: i64,
    /// Operations that wait here.
    pub pending: i64,
    /// The newest operation of the shop.
    pub shop_seq: i64,
    /// Whether the relay told other things of members' addresses than before.
    #[serde(skip)]
    pub confirmed: bool,
}

/// What a round over an open file came to.
#[derive(Debug)]
pub enum Round {
    /// Both sides have everything.
    Done,
    /// The till goes on under a new origin: its file must be opened anew.
    Reopen,
}

/// What one request came to.
pub(crate) enum Step {
    Done,
    More,
    /// The relay was restored, and has so much of each origin: what it forgot is shown next.
    Show(HashMap<Origin, i64>),
    /// The till goes on under a new origin: its file must be opened anew.
    Reopen,
}

/// Syncs the till in `dir`. `progress` hears how far it is after each page.
///
/// # Errors
/// `NotPaired`, `Offline`, `Refused`, `Unfit`; those of the file and of the secrets. What was done before stays done.
pub fn sync(dir: &Path, secrets: &Secrets, mut progress: impl FnMut(&Report)) -> Result<Report> {
    let mut report = Report::default();
    let mut store = Store::open(dir, Options::default())?;
    if guard(&store, secrets)? {
        drop(store);
        store = Store::open(dir, Options::default())?;
    }
    let client = client(&store, secrets)?;
    loop {
        match round(&store, &client, &mut report, &mut progress)? {
            Round::Done => {
                // What the relay has heard must not be forgotten here.
                if report.pushed > 0 {
                    keep_mark(&store, secrets)?;
                }
                // Clicks are only shown: a relay that does not tell them is no trouble.
                let _ = crate::clicks(&store, &client);
                // So are confirmed addresses.
                let _ = crate::standing(&store, &client);
                return Ok(report);
            }
            Round::Reopen => {
                drop(store);
                store = Store::open(dir, Options::default())?;
            }
        }
    }
}

/// The till's line, with its credential.
pub(crate) fn client(store: &Store, secrets: &Secrets) -> Result<Client> {
    let relay = store.relay()?.ok_or(LinkError::NotPaired)?;
    let credential = secrets.get(CREDENTIAL)?.and_then(|bytes| String::from_utf8(bytes).ok());
    Client::new(&relay.url, Some(credential.ok_or(LinkError::NotPaired)?))
}

/// Syncs an open file until both sides have everything. What whoever keeps a till open calls again and again.
///
/// # Errors
/// As [`sync`].
pub fn round(store: &Store, client: &Client, report: &mut Report, mut progress: impl FnMut(&Report)) -> Result<Round> {
    let mut forgot = None;
    loop {
        // Another program on the same folder may have made it go on.
        if !store.is_current()? {
            return Ok(Round::Reopen);
        }
        store.take_over()?;
        match step(store, client, forgot.take(), report)? {
            Step::Done if store.begin_take_over()? => return Ok(Round::Reopen),
            // What came down, or the time, may have made something due; it goes up at once.
            Step::Done if store.look_after_referrals()? > 0 => {}
            Step::Done => return Ok(Round::Done),
            Step::More => progress(report),
            Step::Show(heads) => forgot = Some(heads),
            Step::Reopen => return Ok(Round::Reopen),
        }
    }
}

fn step(store: &Store, client: &Client, forgot: Option<HashMap<Origin, i64>>, report: &mut Report) -> Result<Step> {
    let relay = store.relay()?.ok_or(LinkError::NotPaired)?;
    renew(store, client)?;
    let mut request = request(store, &relay, client.page)?;
    if let Some(ends) = forgot {
        let again = store.beyond(&ends, client.page, PAGE_BYTES)?;
        request.again = again.into_iter().map(|(op, kept)| WireOp::of(&op, kept)).collect();
        request.ops.clear();
    }
    match client.post::<SyncAnswer>("/v1/sync", &request) {
        Ok(answer) => take(store, &relay, request.own_seq, &answer, report),
        Err(LinkError::Refused(problem)) => recover(store, &relay, problem),
        Err(e) => Err(e),
    }
}

/// What the till has to tell, at most a page of it, and where it stands.
pub(crate) fn request(store: &Store, relay: &Relay, page: usize) -> Result<SyncRequest> {
    let stored = store.outbox(relay.accepted, page, PAGE_BYTES)?;
    let own_seq = store.own_seq()?;
    let sent = stored
        .last()
        .map_or(relay.accepted.min(own_seq), |(op, _)| op.origin_seq);
    Ok(SyncRequest {
        protocol: PROTOCOL,
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
        origin: store.shop().till_id,
        own_seq,
        cursor: relay.cursor,
        incarnation: Some(relay.incarnation),
        again: Vec::new(),
        ops: stored.into_iter().map(|(op, kept)| WireOp::of(&op, kept)).collect(),
        pending: own_seq - sent,
        held_points: store.held_points()?,
        at: store.now(),
        take_max: u32::try_from(page).ok().filter(|_| page < PAGE_OPS_MAX),
    })
}

/// What can be put right without anybody: the relay forgot, or the till did.
fn recover(store: &Store, relay: &Relay, problem: Problem) -> Result<Step> {
    match (problem.code, problem.expected_seq, problem.number) {
        (ProblemCode::Gap, Some(expected), _) if expected <= relay.accepted => {
            let accepted = expected - 1;
            store.write(move |tx| tx.relay_stands_at(accepted, None))?;
            Ok(Step::More)
        }
        (ProblemCode::RelayBehind, _, Some(newest)) if newest < relay.cursor => {
            store.write(move |tx| tx.relay_stands_at(0, Some(newest)))?;
            Ok(Step::More)
        }
        // The till's own log is another than the one that was sent from here before.
        (ProblemCode::BrokenChain, ..) => Err(LinkError::Unfit(problem)),
        (ProblemCode::Behind, ..) if overtaken(store, &problem)? => Ok(Step::More),
        (ProblemCode::Behind, ..) => {
            store.write(|tx| tx.begin_renewal(Renews::Told))?;
            Ok(Step::Reopen)
        }
        _ => Err(LinkError::Refused(problem)),
    }
}

/// Whether a request was only overtaken by a later one of this till, from another thread or program: by now its log has
/// come to where the relay stands, and what is there is asked anew. A file that lacks it has not.
pub(crate) fn overtaken(store: &Store, problem: &Problem) -> Result<bool> {
    match (problem.code, problem.expected_seq) {
        (ProblemCode::Behind, Some(next)) => Ok(store.own_seq()? + 1 >= next),
        _ => Ok(false),
    }
}

pub(crate) fn take(
    store: &Store,
    relay: &Relay,
    own_seq: i64,
    answer: &SyncAnswer,
    report: &mut Report,
) -> Result<Step> {
    let foreign = checked(store, answer)?;
    let accepted = answer.accepted.clamp(0, own_seq);
    let ends: HashMap<Origin, i64> = answer.heads.iter().map(|head| (head.origin, head.seq)).collect();
    let synced = Synced {
        accepted,
        cursor: answer.cursor,
        shop_seq: answer.shop_seq,
        // What it forgot is shown under the incarnation that knew it.
        incarnation: if ends.is_empty() {
            answer.incarnation
        } else {
            relay.incarnation
        },
        tills: answer.tills.iter().map(till).collect(),
    };
    let new = store.write(move |tx| {
        let new = tx.take(&foreign)?;
        tx.synced(&synced)?;
        Ok(new)
    })?;
    report.pushed += (accepted - relay.accepted).max(0);
    report.pulled += i64::try_from(new).unwrap_or(i64::MAX);
    report.pending = store.own_seq()? - accepted;
    report.shop_seq = answer.shop_seq;
    let moved = accepted != relay.accepted || answer.cursor != relay.cursor;
    if !ends.is_empty() {
        if !store.beyond(&ends, 1, 0)?.is_empty() {
            return Ok(Step::Show(ends));
        }
        let incarnation = answer.incarnation;
        store.write(move |tx| tx.is_known_to(incarnation))?;
        return Ok(Step::More);
    }
    if accepted >= own_seq && !answer.more && store.is_lost()? {
        // The owner gave this till up, and has its disk again. It has told all it did, and goes on as another.
        store.write(|tx| tx.begin_renewal(Renews::Told))?;
        return Ok(Step::Reopen);
    }
    // An answer that moves nothing on would be asked for without end.
    let more = moved && (answer.more || accepted < own_seq || answer.cursor < answer.shop_seq);
    Ok(if more { Step::More } else { Step::Done })
}

/// Every operation of the answer against the log that it continues.
fn checked(store: &Store, answer: &SyncAnswer) -> Result<Vec<Foreign>> {
    let mut heads: HashMap<Origin, Head> = store.heads()?.into_iter().collect();
    let mut foreign = Vec::with_capacity(answer.ops.len());
    for wire in answer
        .ops
        .iter()
        .map(|o| &o.op)
        .filter(|wire| wire.origin != store.shop().till_id)
    {
        if let Some(c) = check_one(store.shop().shop_id, &mut heads, wire).map_err(LinkError::Unfit)? {
            foreign.push(Foreign {
                op: c.op,
                body: c.body,
                private: c.private,
                kept: c.kept,
            });
        }
    }
    Ok(foreign)
}

fn till(seen: &TillSeen) -> ledger::TillInfo {
    ledger::TillInfo {
        till: seen.till,
        name: seen.name.clone(),
        seen_at: seen.seen_at,
        app_version: seen.app_version.clone(),
        pending: seen.pending,
        held_points: seen.held_points,
        skew_ms: seen.skew_ms,
        revoked: seen.revoked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::tests::till;

    #[test]
    fn what_was_overtaken_is_asked_anew_and_no_past_that_came_back() {
        let dir = tempfile::tempdir().unwrap();
        let (store, ..) = till(dir.path());
        let relay = store.relay().unwrap().unwrap();
        let here = store.own_seq().unwrap();
        let behind = |next| Problem::from(ProblemCode::Behind).at(next);
        assert!(matches!(recover(&store, &relay, behind(here + 1)).unwrap(), Step::More));
        assert!(store.renews().unwrap().is_none(), "it is the till that it was");
        assert!(matches!(
            recover(&store, &relay, behind(here + 2)).unwrap(),
            Step::Reopen
        ));
        assert!(store.renews().unwrap().is_some(), "the relay has what this file lacks");
    }
}

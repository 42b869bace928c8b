//! Syncing for as long as the till runs: at once when something was done here or the relay tells of news, now and then
//! besides, and after longer waits while the relay is away.
//!
//! The stream of news has a thread of its own, which only wakes this one. It is opened again after a sync that worked.

use ledger::{Ids, Store, SystemIds};
use loyalty::MemberId;
use secrets::Secrets;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use sync::wire::LiveEvent;

use crate::once::{Round, client, round};
use crate::{Client, LinkError, Report, Result, guard, keep_mark, live, wait_ms};

/// How often a till asks for news while none are told to it.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// The same while they are.
const ASK_LIVE: Duration = Duration::from_secs(60);

/// Why the loop should look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// There is something to send or to fetch. While the relay is away it waits for its turn.
    News,
    /// Try now, also while the relay is away.
    Now,
    /// End.
    Stop,
}

/// What the loop tells.
#[derive(Debug)]
pub enum Told<'a> {
    /// A page went or came.
    Moving(&'a Report),
    /// Both sides had everything.
    Synced(&'a Report),
    /// A try failed. Where [`LinkError::passes`] says no, somebody has to do something first.
    Lost(LinkError),
}

/// The two ends of the loop's bell, and whether the relay tells of news.
#[derive(Debug)]
pub struct Keeper {
    bell: Sender<Wake>,
    heard: Mutex<Receiver<Wake>>,
    live: Arc<AtomicBool>,
    /// Whose points other tills need.
    recalled: Arc<Mutex<Vec<MemberId>>>,
}

impl Default for Keeper {
    fn default() -> Self {
        let (bell, heard) = channel();
        Self {
            bell,
            heard: Mutex::new(heard),
            live: Arc::default(),
            recalled: Arc::default(),
        }
    }
}

impl Keeper {
    /// A loop that was not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What wakes the loop, from any thread.
    #[must_use]
    pub fn waker(&self) -> Sender<Wake> {
        self.bell.clone()
    }

    /// Listens for news beside the loop, where nobody does yet. Answers whether somebody did already.
    fn listen(&self, client: Client, cursor: i64) -> bool {
        if self.live.swap(true, Ordering::SeqCst) {
            return true;
        }
        let since = Instant::now();
        let (bell, live) = (self.bell.clone(), Arc::clone(&self.live));
        let recalled = Arc::clone(&self.recalled);
        let begun = std::thread::Builder::new().name("relay-news".into()).spawn(move || {
            // Without a stream the loop asks by itself.
            let _ = live::listen(&client, cursor, |event| match event {
                LiveEvent::Moved { .. } => bell.send(Wake::News).is_ok(),
                LiveEvent::Recall { member } => {
                    recalled.lock().unwrap_or_else(PoisonError::into_inner).push(member);
                    bell.send(Wake::News).is_ok()
                }
                LiveEvent::Beat { .. } => true,
                LiveEvent::Bye { .. } | LiveEvent::Revoked => false,
            });
            live.store(false, Ordering::SeqCst);
            // A stream that never came is tried again at the loop's own pace.
            if since.elapsed() > ASK_EVERY {
                let _ = bell.send(Wake::News);
            }
        });
        if begun.is_err() {
            self.live.store(false, Ordering::SeqCst);
        }
        false
    }
}

/// Syncs until it is told to stop, or `tell` says so. `store` hands out the open file, opened anew where it is asked to.
pub fn keep(
    keeper: &Keeper,
    secrets: &Secrets,
    mut store: impl FnMut(bool) -> Result<Arc<Store>>,
    mut tell: impl FnMut(Told<'_>) -> ControlFlow<()>,
) {
    let heard = keeper.heard.lock().unwrap_or_else(PoisonError::into_inner);
    let mut failures = 0;
    loop {
        match once(secrets, &mut store, &keeper.recalled, &mut tell) {
            Ok((report, line, cursor)) => {
                failures = 0;
                let ends = tell(Told::Synced(&report)).is_break();
                let every = if keeper.listen(line, cursor) {
                    ASK_LIVE
                } else {
                    ASK_EVERY
                };
                if ends || stopped_within(&heard, every, Wake::News) {
                    return;
                }
            }
            Err(e) => {
                failures += 1;
                let wait = Duration::from_millis(wait_ms(failures, random(), e.retry_ms()));
                if tell(Told::Lost(e)).is_break() || stopped_within(&heard, wait, Wake::Now) {
                    return;
                }
            }
        }
    }
}

/// One sync; answers with the line that it went over, and how far it came.
fn once(
    secrets: &Secrets,
    store: &mut impl FnMut(bool) -> Result<Arc<Store>>,
    recalled: &Mutex<Vec<MemberId>>,
    tell: &mut impl FnMut(Told<'_>) -> ControlFlow<()>,
) -> Result<(Report, Client, i64)> {
    let mut report = Report::default();
    let mut open = store(false)?;
    if guard(&open, secrets)? {
        drop(open);
        open = store(true)?;
    }
    let line = client(&open, secrets)?;
    for member in std::mem::take(&mut *recalled.lock().unwrap_or_else(PoisonError::into_inner)) {
        if open.return_rights(member)? > 0 {
            keep_mark(&open, secrets)?;
        }
    }
    while let Round::Reopen = round(&open, &line, &mut report, |report| {
        // Who wants to end says so again after the round.
        let _ = tell(Told::Moving(report));
    })? {
        drop(open);
        open = store(true)?;
    }
    // What the relay has heard must not be forgotten here.
    if report.pushed > 0 {
        keep_mark(&open, secrets)?;
    }
    // Confirmed addresses are only shown: a relay that does not tell them is no trouble.
    report.confirmed = crate::standing(&open, &line).unwrap_or_default();
    let cursor = open.relay()?.map_or(0, |relay| relay.cursor);
    Ok((report, line, cursor))
}

/// Waits; answers whether to stop. `News` ends the wait only where `least` lets it.
fn stopped_within(heard: &Receiver<Wake>, wait: Duration, least: Wake) -> bool {
    let end = Instant::now() + wait;
    loop {
        match heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return true,
            Ok(Wake::News) if least == Wake::Now => {}
            Ok(Wake::News | Wake::Now) => break,
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
    // What came together is one reason.
    heard.try_iter().any(|wake| wake == Wake::Stop)
}

fn random() -> u64 {
    let random = SystemIds.random();
    u64::from_le_bytes(std::array::from_fn(|i| random[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_wait_while_the_relay_is_away_and_whoever_asks_does_not() {
        let (bell, heard) = channel();
        let long = Duration::from_secs(600);
        bell.send(Wake::News).unwrap();
        bell.send(Wake::Now).unwrap();
        assert!(!stopped_within(&heard, long, Wake::Now));
        bell.send(Wake::News).unwrap();
        bell.send(Wake::News).unwrap();
        assert!(!stopped_within(&heard, long, Wake::News));
        assert!(heard.try_recv().is_err(), "one reason for both");
        bell.send(Wake::News).unwrap();
        bell.send(Wake::Stop).unwrap();
        assert!(stopped_within(&heard, long, Wake::News));
        assert!(!stopped_within(&heard, Duration::ZERO, Wake::News));
    }
}

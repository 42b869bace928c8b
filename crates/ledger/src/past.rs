//! Draft rules over the shop's past: one thread reads, the others think, each of its own members.
//!
//! Not here: reading the past (`history`), and what it means for a draft (`loyalty::backtest`).

use loyalty::backtest::{Backtest, Past, Report};
use loyalty::rules::Rules;
use loyalty::{MemberId, ShopZone};
use rusqlite::Connection;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::error::Result;
use crate::history::{Progress, Told, stamps_given, walk};
use crate::store::Store;

/// What the reading thread hands to another at once, and how often before it waits for it.
const BATCH: usize = 1024;
const BATCHES: usize = 4;
/// With more threads than these, all of them would wait for the one that reads.
const THINKERS_MAX: usize = 4;

/// What happened, one after the other, and the items of the sales in it. They lie in one text: a thread that makes a
/// small one for each sale and another that frees it would wait for each other.
#[derive(Default)]
struct Batch {
    /// Each with the place where its items end; they begin where those before end.
    pasts: Vec<(Past, usize)>,
    items: String,
}

impl Batch {
    fn push(&mut self, told: Told<'_>) {
        self.items.push_str(told.items);
        self.pasts.push((told.past, self.items.len()));
    }

    fn feed(self, test: &mut Backtest<'_>) -> Result<()> {
        let mut from = 0;
        for (past, to) in self.pasts {
            let items = &self.items[std::mem::replace(&mut from, to)..to];
            test.feed(&Told { past, items }.read()?);
        }
        Ok(())
    }
}

/// What goes to one of the threads that think.
struct Lane {
    batch: Batch,
    to: SyncSender<Batch>,
}

impl Lane {
    fn hand(&mut self, told: Told<'_>) {
        self.batch.push(told);
        if self.batch.pasts.len() == BATCH {
            let batch = std::mem::take(&mut self.batch);
            // Nobody hears where the thread ended early; joining it says why.
            let _ = self.to.send(batch);
        }
    }

    fn end(self) {
        let _ = self.to.send(self.batch);
    }
}

/// The reading thread takes a core of its own, where there are several.
fn thinkers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).clamp(1, THINKERS_MAX)
}

/// A member's past goes through one lane, in order. Sales of nobody touch nobody: they may go anywhere.
fn lane_of(member: Option<MemberId>, lanes: usize) -> usize {
    let of = member.map_or(0, |m| m.0.as_u128() % (lanes as u128));
    // Below `lanes`, so it fits.
    usize::try_from(of).unwrap_or(0)
}

fn think<'r>(mut test: Backtest<'r>, heard: &Receiver<Batch>, stopped: &AtomicBool) -> Result<Backtest<'r>> {
    for batch in heard {
        if stopped.load(Ordering::Relaxed) {
            break;
        }
        batch.feed(&mut test)?;
    }
    Ok(test)
}

/// Walks through the whole past; nothing where `watch` stopped it. Stopping throws away what was read but not thought
/// about, so that it takes as long as one batch.
fn tested<'r>(
    conn: &Connection,
    (draft, zone): (&'r Rules, ShopZone),
    thinkers: usize,
    mut watch: impl FnMut(Progress) -> ControlFlow<()>,
) -> Result<Option<Backtest<'r>>> {
    let stopped = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (mut lanes, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..thinkers {
            let (to, heard) = sync_channel(BATCHES);
            let (test, stopped) = (Backtest::new(draft, zone), &stopped);
            threads.push(scope.spawn(move || think(test, &heard, stopped)));
            let batch = Batch::default();
            lanes.push(Lane { batch, to });
        }
        let walked = walk(conn, draft.needs(), |told, progress| {
            let lane = lane_of(told.member(), thinkers);
            lanes[lane].hand(told);
            watch(progress)
        });
        let whole = matches!(walked, Ok(ControlFlow::Continue(())));
        stopped.store(!whole, Ordering::Relaxed);
        lanes.into_iter().filter(|_| whole).for_each(Lane::end);
        let mut all: Option<Backtest<'_>> = None;
        for thread in threads {
            let test = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            match &mut all {
                Some(all) => all.join(test),
                None => all = Some(test),
            }
        }
        walked.map(|_| all.filter(|_| whole))
    })
}

impl Store {
    /// What `draft` would have made of the past, compared with what happened; nothing where `watch` stopped it, which
    /// it is asked after every sale. Nothing is recorded.
    ///
    /// # Errors
    /// A storage error.
    pub fn backtest(&self, draft: &Rules, watch: impl FnMut(Progress) -> ControlFlow<()>) -> Result<Option<Report>> {
        let of = (draft, self.shop().zone);
        self.read(|c| {
            let in_force = self.scope.rulebook.current(c)?;
            let Some(test) = tested(c, of, thinkers(), watch)? else {
                return Ok(None);
            };
            Ok(Some(test.report(&in_force.rules, &stamps_given(c)?)))
        })
    }
}

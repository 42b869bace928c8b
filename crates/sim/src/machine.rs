//! What a machine is handed: its clock, which may be wrong, and its chance.

use ledger::{Clock, Ids, Options};
use loyalty::UtcMs;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

use crate::dice::Dice;

/// 2026-11-20 10:00 in San Diego.
pub const START_MS: i64 = 1_795_197_600_000;

/// The true time, and how far a machine is from it.
#[derive(Debug)]
pub struct Machine {
    time: Arc<AtomicI64>,
    skew_ms: AtomicI64,
    dice: Mutex<Dice>,
}

impl Machine {
    /// A machine whose clock is right.
    #[must_use]
    pub fn new(time: Arc<AtomicI64>, dice: Dice) -> Arc<Self> {
        Arc::new(Self {
            time,
            skew_ms: AtomicI64::new(0),
            dice: Mutex::new(dice),
        })
    }

    /// Its clock jumps to so far from the true time.
    pub fn skew(&self, ms: i64) {
        self.skew_ms.store(ms, Ordering::SeqCst);
    }

    /// What it rolls from here on, so that a run with fewer steps rolls the same in those that are left.
    pub fn reroll(&self, dice: Dice) {
        *self.dice.lock().unwrap_or_else(PoisonError::into_inner) = dice;
    }

    /// For a store on this machine.
    #[must_use]
    pub fn options(self: &Arc<Self>) -> Options {
        Options {
            clock: self.clone(),
            ids: self.clone(),
            busy: Duration::from_secs(1),
        }
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

impl Clock for Machine {
    fn now(&self) -> UtcMs {
        UtcMs(self.time.load(Ordering::SeqCst) + self.skew_ms.load(Ordering::SeqCst))
    }
}

impl Ids for Machine {
    fn uuid(&self, now: UtcMs) -> Uuid {
        let mut random = [0; 10];
        self.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(now.0.max(0).unsigned_abs(), &random).into_uuid()
    }

    fn random(&self) -> [u8; 16] {
        let mut random = [0; 16];
        self.fill(&mut random);
        random
    }
}

/// The relay's machine, as the relay asks it.
pub struct RelayMachine(pub Arc<Machine>);

impl relay::clock::Source for RelayMachine {
    fn now(&self) -> UtcMs {
        Clock::now(&*self.0)
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}

/// Hands this thread's relay its machine.
pub fn hand_to_relay(machine: &Arc<Machine>) {
    relay::clock::hand_in(Some(Rc::new(RelayMachine(machine.clone()))));
}

thread_local! {
    static RUNTIME: RefCell<Option<Rc<tokio::runtime::Runtime>>> = const { RefCell::new(None) };
}

/// This thread's runtime, for the relay.
///
/// # Panics
/// Where the machine has none left.
pub fn runtime() -> Rc<tokio::runtime::Runtime> {
    RUNTIME.with_borrow_mut(|kept| {
        kept.get_or_insert_with(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            Rc::new(runtime.expect("a runtime on one thread asks for nothing but a few file handles"))
        })
        .clone()
    })
}

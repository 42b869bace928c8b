//! Time and randomness of the made-up year: both are handed in, so that a seed makes the same shop again.

use ledger::{Clock, Ids};
use loyalty::UtcMs;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A clock that is moved by hand, and never back.
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows this.
    pub fn at(at: UtcMs) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Moves on to `at`, or a little further where it is past that already.
    pub fn move_to(&self, at: UtcMs) {
        let now = self.0.load(Ordering::SeqCst);
        self.0.store(at.0.max(now + 250), Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

/// Ids from a seed.
pub struct SeededIds(Mutex<ChaCha8Rng>);

impl SeededIds {
    /// A generator of its own, seeded by another.
    pub fn new(rng: &mut ChaCha8Rng) -> Self {
        Self(Mutex::new(ChaCha8Rng::seed_from_u64(rng.next_u64())))
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

impl Ids for SeededIds {
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

//! The only place of the relay that asks the machine for the time or for randomness; and where a simulation hands in
//! both, for its own thread.

use loyalty::UtcMs;
use std::cell::RefCell;
use std::rc::Rc;
use uuid::Uuid;

/// Where time and randomness come from, in place of the machine.
pub trait Source {
    /// Now.
    fn now(&self) -> UtcMs;
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

thread_local! {
    static HANDED_IN: RefCell<Option<Rc<dyn Source>>> = const { RefCell::new(None) };
}

/// From here on this thread takes time and randomness from `source`; with none, from the machine again. For a relay that
/// runs on this thread alone, so that its run can be replayed.
pub fn hand_in(source: Option<Rc<dyn Source>>) {
    HANDED_IN.set(source);
}

fn handed_in() -> Option<Rc<dyn Source>> {
    HANDED_IN.with_borrow(Clone::clone)
}

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the relay's one place that asks the machine")]
pub fn now() -> UtcMs {
    handed_in().map_or_else(|| UtcMs(chrono::Utc::now().timestamp_millis()), |source| source.now())
}

/// Bytes fit for secrets.
///
/// # Panics
/// Where the system has no randomness: nothing safe can be done without.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    match handed_in() {
        Some(source) => source.fill(&mut bytes),
        None => getrandom::fill(&mut bytes)
            .expect("the system's random generator answers on every system the relay runs on"),
    }
    bytes
}

/// A new UUIDv7 of the moment `now`.
#[must_use]
pub fn uuid(now: UtcMs) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.0.max(0).unsigned_abs(), &random()).into_uuid()
}

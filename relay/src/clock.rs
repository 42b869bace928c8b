//! The only place of the relay that asks the machine for the time or for randomness.

use loyalty::UtcMs;
use uuid::Uuid;

/// Now.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the relay's one place that asks the machine")]
pub fn now() -> UtcMs {
    UtcMs(chrono::Utc::now().timestamp_millis())
}

/// Bytes fit for secrets.
///
/// # Panics
/// Where the system has no randomness: nothing safe can be done without.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random generator answers on every system the relay runs on");
    bytes
}

/// A new UUIDv7 of the moment `now`.
#[must_use]
pub fn uuid(now: UtcMs) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(now.0.max(0).unsigned_abs(), &random()).into_uuid()
}

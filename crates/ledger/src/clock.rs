//! The only place that asks the machine for the time or for randomness. Everything else takes a [`Clock`] and [`Ids`],
//! so that a run can be replayed.

use loyalty::UtcMs;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UtcMs;
}

/// Makes ids and randomness.
pub trait Ids: Send + Sync {
    /// A new UUIDv7 for the moment `now`.
    fn uuid(&self, now: UtcMs) -> Uuid;
    /// 128 random bits, fit for secrets.
    fn random(&self) -> [u8; 16];
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    fn now(&self) -> UtcMs {
        UtcMs(chrono::Utc::now().timestamp_millis())
    }
}

/// The machine's randomness.
pub struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&self, now: UtcMs) -> Uuid {
        let mut random = [0; 10];
        random.copy_from_slice(&self.random()[..10]);
        uuid::Builder::from_unix_timestamp_millis(now.0.max(0).unsigned_abs(), &random).into_uuid()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine; from the system's generator, less six fixed bits each"
    )]
    fn random(&self) -> [u8; 16] {
        // A version 4 UUID fixes six of its bits; two of them folded together leave none fixed.
        let (a, b) = (
            Uuid::new_v4().into_bytes(),
            Uuid::new_v4().as_u128().rotate_left(64).to_be_bytes(),
        );
        std::array::from_fn(|i| a[i] ^ b[i])
    }
}

//! A hybrid logical clock: later than everything its writer had seen, and close to the wall clock where clocks are right.
//! Whoever keeps the last value (a store) hands it in.

use serde::{Deserialize, Serialize};

use crate::time::UtcMs;

/// Milliseconds since 1970 times 65,536, plus a counter within the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hlc(pub i64);

const COUNTER_BITS: u32 = 16;

impl Hlc {
    /// Whether none was written: in operations of the first version.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// The first value of a millisecond.
    #[must_use]
    pub fn at(time: UtcMs) -> Self {
        Self(time.0.clamp(0, i64::MAX >> COUNTER_BITS) << COUNTER_BITS)
    }

    /// What counts for an operation: what it carries. One of the first version carries none; then it is its number in
    /// its log, which is lower than any clock (those were logs of one till alone).
    #[must_use]
    pub fn of(carried: Self, origin_seq: i64) -> Self {
        if carried.is_none() { Self(origin_seq) } else { carried }
    }

    /// The next value of a writer that has seen `last`.
    #[must_use]
    pub fn next(last: Self, now: UtcMs) -> Self {
        Self::at(now).max(Self(last.0.saturating_add(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_is_later_than_all_it_has_seen() {
        let ahead = Hlc::at(UtcMs(2_000));
        assert!(Hlc::next(ahead, UtcMs(1_000)) > ahead);
        assert_eq!(Hlc::next(ahead, UtcMs(3_000)), Hlc::at(UtcMs(3_000)));
        assert_eq!(Hlc::of(Hlc::default(), 7), Hlc(7));
        assert!(Hlc::of(Hlc::default(), 1 << 40) < Hlc::at(UtcMs(1_795_197_600_000)));
        assert_eq!(Hlc::at(UtcMs(-5)), Hlc::default());
        assert!(Hlc::next(Hlc(i64::MAX), UtcMs(i64::MAX)).0 > 0);
    }
}

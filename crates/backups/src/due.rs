//! When a daily backup is due. Times are milliseconds since 1970, UTC; no clock is asked here.

/// After one that failed, before the next try.
pub const AGAIN_MS: i64 = 15 * 60_000;
/// A backup from further ahead than this was made by a clock that was wrong, and says nothing about today.
const AHEAD_MS: i64 = 86_400_000;

/// Whether one is due now: none was made since `planned`, the last moment at which one was to be made (today's, or
/// yesterday's where that is still to come), and none was tried just now.
#[must_use]
pub fn is_due(planned: i64, now: i64, last: Option<i64>, tried: Option<i64>) -> bool {
    let missing = last
        .filter(|last| *last <= now + AHEAD_MS)
        .is_none_or(|last| last < planned);
    missing && tried.is_none_or(|tried| now < tried || now - tried >= AGAIN_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;

    #[test]
    fn one_a_day_also_after_a_night_without_power() {
        let (planned, now) = (100 * DAY, 100 * DAY + 10_000);
        assert!(is_due(planned, now, None, None));
        assert!(is_due(planned, now, Some(99 * DAY), None));
        assert!(!is_due(planned, now, Some(planned), None));
        assert!(
            is_due(planned, planned + 11 * HOUR, Some(98 * DAY), None),
            "the night was missed"
        );
        // It failed: not every minute.
        assert!(!is_due(planned, now, None, Some(now - AGAIN_MS + 1)));
        assert!(is_due(planned, now, None, Some(now - AGAIN_MS)));
    }

    #[test]
    fn a_clock_that_was_ahead_does_not_end_backups() {
        let (planned, now) = (100 * DAY, 100 * DAY + 10_000);
        assert!(is_due(planned, now, Some(400 * DAY), None));
        assert!(is_due(planned, now, None, Some(400 * DAY)));
        assert!(!is_due(planned, now, Some(now + HOUR), None));
    }
}

//! How long to wait after a try that failed: longer each time, and never the same for two tills.

/// The longest wait, before its jitter.
const MOST_MS: u64 = 300_000;

/// The wait after so many failures in a row: between half of and the whole of 1 s, 2 s, 4 s, … 5 min. `random` is any
/// number; `asked` is what the relay asked for at least.
#[must_use]
pub fn wait_ms(failures: u32, random: u64, asked: Option<u64>) -> u64 {
    let whole = 1_000_u64
        .saturating_mul(1 << failures.saturating_sub(1).min(20))
        .min(MOST_MS);
    let wait = whole / 2 + random % (whole / 2 + 1);
    wait.max(asked.unwrap_or(0).min(MOST_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_differ() {
        assert!((500..=1_000).contains(&wait_ms(1, 7_919, None)));
        assert!((150_000..=MOST_MS).contains(&wait_ms(40, u64::MAX, None)));
        assert_ne!(wait_ms(5, 1, None), wait_ms(5, 2, None));
        assert_eq!(wait_ms(1, 0, Some(9_000)), 9_000);
        assert_eq!(
            wait_ms(1, 0, Some(u64::MAX)),
            MOST_MS,
            "a relay can't send a till to sleep for ever"
        );
    }
}

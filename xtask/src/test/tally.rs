//! Counting tests in what test programs print: libtest, vitest and Playwright. A line that isn't a summary counts 0.

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// Adds what another program counted.
    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// How many there were in all.
    pub fn all(self) -> u64 {
        self.passed + self.failed + self.skipped
    }
}

/// Whose summaries a step prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `test result: ok. 3 passed; 0 failed; 0 ignored; …`, one a test binary.
    Libtest,
    /// `Tests  1 failed | 5 passed | 2 skipped (8)`, one a run.
    Vitest,
    /// `12 passed (4.2s)`, each outcome on a line of its own.
    Playwright,
}

impl Dialect {
    /// What this line (without colours) adds to the count.
    pub fn read(self, line: &str) -> Tally {
        match self {
            Dialect::Libtest => line
                .trim()
                .strip_prefix("test result: ")
                .map(|rest| sum(rest.split([';', '.']))),
            Dialect::Vitest => line
                .trim()
                .strip_prefix("Tests ")
                .map(|rest| sum(rest.split(['|', '(']))),
            Dialect::Playwright => {
                // The summary is set in by two spaces and has nothing but a count, an outcome and maybe a time.
                let whole = line
                    .strip_prefix("  ")
                    .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                whole.map(|rest| sum(std::iter::once(rest.split(" (").next().unwrap_or_default())))
            }
        }
        .unwrap_or_default()
    }
}

/// Adds parts such as `3 passed`. A part that isn't a count and an outcome adds nothing.
fn sum<'a>(parts: impl Iterator<Item = &'a str>) -> Tally {
    let mut all = Tally::default();
    for part in parts {
        let Some((count, outcome)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(count) = count.parse::<u64>() else { continue };
        match outcome {
            "passed" => all.passed += count,
            // A flaky test has failed, and it will again.
            "failed" | "flaky" | "interrupted" => all.failed += count,
            "ignored" | "skipped" | "todo" | "did not run" => all.skipped += count,
            _ => (),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn libtest_is_counted() {
        let read = |line| Dialect::Libtest.read(line);
        let ok = "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        assert_eq!(read(ok), tally(12, 0, 3));
        let bad = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";
        assert_eq!(read(bad), tally(3, 1, 0));
        assert_eq!(read("test money::adds ... ok"), Tally::default());
        assert_eq!(read("running 12 tests"), Tally::default());
    }

    #[test]
    fn vitest_is_counted() {
        let read = |line| Dialect::Vitest.read(line);
        assert_eq!(read("      Tests  5 passed (5)"), tally(5, 0, 0));
        assert_eq!(
            read("      Tests  1 failed | 5 passed | 2 skipped | 1 todo (9)"),
            tally(5, 1, 3)
        );
        assert_eq!(read(" Test Files  2 passed (2)"), Tally::default());
        assert_eq!(read("      Tests  no tests"), Tally::default());
    }

    #[test]
    fn playwright_is_counted() {
        let read = |line| Dialect::Playwright.read(line);
        assert_eq!(read("  12 passed (4.2s)"), tally(12, 0, 0));
        assert_eq!(read("  1 failed"), tally(0, 1, 0));
        assert_eq!(read("  2 flaky"), tally(0, 2, 0));
        assert_eq!(read("  3 skipped"), tally(0, 0, 3));
        assert_eq!(read("  4 did not run"), tally(0, 0, 4));
        assert_eq!(
            read("  ✓   1 [1280x800] › till.spec.ts:3:1 › 3 passed (1.2s)"),
            Tally::default()
        );
        assert_eq!(read("Running 12 tests using 2 workers"), Tally::default());
    }

    #[test]
    fn no_line_makes_it_stumble() {
        for line in [
            "",
            " ",
            "test result: ",
            "Tests ",
            "  ",
            "  9",
            "  99999999999999999999 passed",
            "Tests  é|é(",
            "  1é",
        ] {
            for dialect in [Dialect::Libtest, Dialect::Vitest, Dialect::Playwright] {
                assert_eq!(dialect.read(line), Tally::default(), "{line:?}");
            }
        }
    }
}

//! The end of a test run: one table of the steps, and the line that says how many tests passed.

use std::time::Duration;

use super::tally::Tally;

/// How one step went.
pub struct Line {
    pub step: &'static str,
    pub took: Duration,
    /// None for a step that isn't made of tests.
    pub tests: Option<Tally>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl Line {
    /// What this step adds to the last line. A failing step without a failing test is a failure all the same.
    fn tally(&self) -> Tally {
        let mut tally = self.tests.unwrap_or_default();
        if self.failure.is_some() && tally.failed == 0 {
            tally.failed = 1;
        }
        tally
    }
}

/// The table, and as its very last line `N passed, M failed` (and `, K skipped` if any).
pub fn render(lines: &[Line]) -> String {
    let mut text = format!("\n{:<10} {:>8} {:>7}  result\n", "step", "seconds", "tests");
    let mut total = Tally::default();
    for line in lines {
        total.add(line.tally());
        let tests = line
            .tests
            .map_or_else(|| "-".to_string(), |tests| tests.all().to_string());
        let result = line
            .failure
            .as_ref()
            .map_or_else(|| "ok".to_string(), |why| format!("FAILED: {why}"));
        text += &format!(
            "{:<10} {:>8.1} {tests:>7}  {result}\n",
            line.step,
            line.took.as_secs_f64()
        );
    }
    text += &format!("{} passed, {} failed", total.passed, total.failed);
    if total.skipped > 0 {
        text += &format!(", {} skipped", total.skipped);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: &'static str, tests: Option<(u64, u64, u64)>, failure: Option<&str>) -> Line {
        let tests = tests.map(|(passed, failed, skipped)| Tally {
            passed,
            failed,
            skipped,
        });
        Line {
            step,
            took: Duration::from_millis(1250),
            tests,
            failure: failure.map(String::from),
        }
    }

    fn last(lines: &[Line]) -> String {
        render(lines).lines().last().unwrap().to_string()
    }

    #[test]
    fn the_last_line_adds_the_tests_up() {
        let lines = [
            line("fmt", None, None),
            line("rust", Some((10, 0, 0)), None),
            line("ui", Some((5, 0, 0)), None),
        ];
        assert_eq!(last(&lines), "15 passed, 0 failed");
        assert!(
            render(&lines).contains("rust            1.2      10  ok"),
            "{}",
            render(&lines)
        );
    }

    #[test]
    fn a_failing_step_without_a_failing_test_counts_as_one() {
        let lines = [
            line("clippy", None, Some("it failed")),
            line("rust", Some((10, 2, 1)), Some("they failed")),
        ];
        assert_eq!(last(&lines), "10 passed, 3 failed, 1 skipped");
        assert!(render(&lines).contains("FAILED: it failed"));
    }
}

//! What failing tests said, kept while a run goes on, so that its end can say it again in a few lines each.

/// So many lines of each failing test are kept.
const LINES: usize = 14;

/// The first lines of what each failing test printed.
#[derive(Default)]
pub struct Failures {
    kept: Vec<String>,
    /// Lines still to keep of the last one.
    left: usize,
}

impl Failures {
    /// Reads one line of a test program's output, without its colours.
    pub fn read(&mut self, line: &str) {
        if starts(line) {
            self.kept.push(line.trim().to_owned());
            self.left = LINES;
        } else if line.trim() == "stack backtrace:" || line.trim() == "failures:" {
            self.left = 0;
        } else if self.left > 0
            && !line.trim().is_empty()
            && let Some(last) = self.kept.last_mut()
        {
            last.push('\n');
            last.push_str(line.trim_end());
            self.left -= 1;
        }
    }

    /// What was kept, a text for each failing test.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.kept)
    }
}

/// `---- name stdout ----` of libtest, ` FAIL  file > name` of vitest, `  1) [size] › file` of Playwright.
fn starts(line: &str) -> bool {
    let libtest = line.starts_with("---- ") && line.trim_end().ends_with(" stdout ----");
    let vitest = line.trim_start().starts_with("FAIL  ");
    let numbered = line.trim_start().split_once(") ");
    let playwright = numbered.is_some_and(|(number, rest)| number.parse::<u32>().is_ok() && rest.contains(" › "));
    libtest || vitest || playwright
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(output: &str) -> Vec<String> {
        let mut failures = Failures::default();
        output.lines().for_each(|line| failures.read(line));
        failures.take()
    }

    #[test]
    fn the_words_of_each_failing_test_are_kept_without_the_stack() {
        let output = "test a ... FAILED\n\nfailures:\n\n---- a stdout ----\n\nthread 'a' panicked at x.rs:1:2:\nno hit\n\
                      stack backtrace:\n   0: std\n\n---- b stdout ----\nleft: 1\n\nfailures:\n    a\n    b\n";
        assert_eq!(
            kept(output),
            [
                "---- a stdout ----\nthread 'a' panicked at x.rs:1:2:\nno hit",
                "---- b stdout ----\nleft: 1"
            ]
        );
    }

    #[test]
    fn a_long_one_is_cut() {
        let output = format!("---- a stdout ----\n{}", "word\n".repeat(100));
        assert_eq!(kept(&output)[0].lines().count(), 1 + LINES);
    }

    #[test]
    fn a_failure_of_the_pages_is_kept() {
        let output = "  1) [1280x800] › tests/pages/counter.spec.ts:5:1 › a sale\n\n    Error: no button\n";
        assert_eq!(kept(output).len(), 1);
        assert!(kept("1) is a list item\nok").is_empty());
    }
}

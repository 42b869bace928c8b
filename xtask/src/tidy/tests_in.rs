//! Tests all run, and none of them waits for a time instead of for a thing.

use super::Problem;
use super::tree::{Tree, ending};

/// A poll may pause between two looks, where nothing can tell it that the thing has happened. Its pause has this name.
const POLL: &str = "LOOK_EVERY";

/// Left out of a run, in any Rust source.
const IGNORED: &str = concat!("#[", "ignore");

/// Waits in tests.
const RUST_WAITS: &[&str] = &[
    concat!("thread::", "sleep"),
    concat!("time::", "sleep"),
    concat!(" ", "sleep("),
];
const TS_WAITS: &[&str] = &[concat!("set", "Timeout("), concat!("waitFor", "Timeout(")];

/// Ways to run some tests and not others.
const TS_LEFT_OUT: &[&str] = &[
    concat!(".", "only("),
    concat!(".", "skip("),
    concat!(".", "fixme("),
    concat!(".", "todo("),
    concat!("x", "it("),
];

pub fn check(tree: &Tree) -> Vec<Problem> {
    tree.texts()
        .flat_map(|(path, text)| match ending(path) {
            "rs" => check_rust(path, text),
            "ts" | "js" if is_ts_test(path) => check_ts(path, text),
            _ => Vec::new(),
        })
        .collect()
}

fn check_rust(path: &str, text: &str) -> Vec<Problem> {
    let mut in_tests = is_rust_test(path);
    let mut attribute = false;
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let code = line.trim_start();
        in_tests |= attribute && code.starts_with("mod ") && code.ends_with('{');
        attribute = code.starts_with("#[cfg(test)]") || (attribute && code.starts_with("#["));
        if code.starts_with("//") {
            continue;
        }
        if code.contains(IGNORED) {
            problems.push(Problem::new(
                path,
                at + 1,
                "leaves a test out. Make it pass, or assert what happens today.",
            ));
        }
        if in_tests && RUST_WAITS.iter().any(|wait| line.contains(wait)) && !line.contains(POLL) {
            problems.push(wait(path, at + 1));
        }
    }
    problems
}

fn check_ts(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
    {
        if TS_WAITS.iter().any(|wait| line.contains(wait)) {
            problems.push(wait(path, at + 1));
        }
        if TS_LEFT_OUT.iter().any(|way| line.contains(way)) {
            problems.push(Problem::new(
                path,
                at + 1,
                "leaves tests out. Make them pass, or assert what happens today.",
            ));
        }
    }
    problems
}

fn wait(path: &str, line: usize) -> Problem {
    let what = "waits for a time. Wait for the thing itself: an event, an answer, or looking again with a bound";
    Problem::new(path, line, format!("{what} (in Rust, every {POLL})."))
}

fn is_rust_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| part == "tests")
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
        || name.ends_with("_test.rs")
}

fn is_ts_test(path: &str) -> bool {
    path.starts_with("ui/") && (path.contains("/tests/") || path.contains(".test.") || path.contains(".spec."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)]))
            .into_iter()
            .map(|problem| problem.line)
            .collect()
    }

    #[test]
    fn waits_in_rust_tests_are_found_and_those_of_the_product_are_not() {
        let wait = format!("    std::{}(SECOND);", RUST_WAITS[0]);
        assert_eq!(lines("tests/a.rs", &wait), [1]);
        assert_eq!(lines("crates/ledger/tests/a.rs", &wait), [1]);
        assert_eq!(lines("crates/ledger/src/a.rs", &wait), NONE);
        assert_eq!(
            lines("a/src/b.rs", &format!("{wait}\n#[cfg(test)]\nmod tests {{\n{wait}\n}}")),
            [4]
        );
        assert_eq!(lines("a/src/b.rs", &format!("#[cfg(test)]\nmod tests;\n{wait}")), NONE);
        assert_eq!(lines("tests/a.rs", &format!("// {wait}")), NONE);
    }

    #[test]
    fn a_poll_may_look_again() {
        assert_eq!(lines("tests/a.rs", &format!("{}({POLL});", RUST_WAITS[0])), NONE);
    }

    #[test]
    fn tests_that_are_left_out_are_found() {
        assert_eq!(lines("a/src/b.rs", &format!("#[test]\n{}]\nfn x() {{}}", IGNORED)), [2]);
        for way in TS_LEFT_OUT {
            assert_eq!(
                lines("ui/src/x.test.ts", &format!("test{way}\"x\", go);")),
                [1],
                "{way}"
            );
        }
        assert_eq!(lines("ui/src/x.ts", &format!("rows{}2);", TS_LEFT_OUT[1])), NONE);
    }

    #[test]
    fn waits_in_page_tests_are_found() {
        for wait in TS_WAITS {
            assert_eq!(
                lines("ui/tests/pages/x.spec.ts", &format!("await page.{wait}50);")),
                [1],
                "{wait}"
            );
            assert_eq!(lines("ui/src/undo.ts", &format!("{wait}go, 50);")), NONE);
        }
    }
}

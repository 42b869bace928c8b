//! `cargo xtask test`: everything CI does, the cheap and likely failures first. A failing step does not keep later ones
//! from running, so that one run shows everything; it always fails the whole.

mod failures;
mod table;
mod tally;

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crate::{build, program, repo, setup, take_option, tidy};
use failures::Failures;
use table::Line;
use tally::{Dialect, Tally};

/// One step of the run.
struct Step {
    name: &'static str,
    why: &'static str,
    /// A file without which there is nothing to test; its absence fails the step.
    place: &'static str,
    /// Steps whose failure would only fail this one again, slowly.
    needs: &'static [&'static str],
    work: Work,
}

enum Work {
    /// xtask's own.
    Own(fn() -> Result<(), String>),
    /// Programs one after another, each of them run whatever became of the one before.
    Programs(fn() -> Vec<Command>),
    /// Programs one after another until one fails, their output counted. A count of nothing is a failure: something
    /// was not found.
    Tests(Dialect, fn() -> Vec<Command>),
}

const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        why: "one layout of the Rust sources",
        place: "rustfmt.toml",
        needs: &[],
        work: Work::Programs(fmt),
    },
    Step {
        name: "tidy",
        why: "the house rules a compiler can't check",
        place: "xtask/src/tidy/mod.rs",
        needs: &[],
        work: Work::Own(tidy::check_repository),
    },
    Step {
        name: "setup",
        why: "what building and testing need",
        place: "xtask/src/setup/mod.rs",
        needs: &[],
        work: Work::Own(|| setup::run(setup::Part::Everything)),
    },
    Step {
        name: "ui-check",
        why: "types of the windows' sources",
        place: "ui/package.json",
        needs: &[],
        work: Work::Programs(|| vec![npm(&["run", "check"])]),
    },
    Step {
        name: "ui-lint",
        why: "lints of the windows' sources",
        place: "ui/package.json",
        needs: &[],
        work: Work::Programs(|| vec![npm(&["run", "lint"])]),
    },
    Step {
        name: "ui-unit",
        why: "component tests",
        place: "ui/package.json",
        needs: &[],
        work: Work::Tests(Dialect::Vitest, || vec![npm(&["test"])]),
    },
    Step {
        name: "ui-build",
        why: "the windows' pages, which the app embeds",
        place: "ui/package.json",
        needs: &[],
        work: Work::Programs(|| vec![npm(&["run", "build"])]),
    },
    Step {
        name: "clippy",
        why: "lints of the Rust sources",
        place: "src-tauri/src/lib.rs",
        needs: &[],
        work: Work::Programs(clippy),
    },
    Step {
        name: "rust",
        why: "unit, property, crash and command-line tests",
        place: "src-tauri/src/lib.rs",
        needs: &[],
        work: Work::Tests(Dialect::Libtest, || {
            vec![cargo(&["test", "--workspace", "--no-fail-fast"])]
        }),
    },
    Step {
        name: "pages",
        why: "the pages in a browser, and their accessibility",
        place: "ui/playwright.config.ts",
        needs: &["setup", "ui-build"],
        work: Work::Tests(Dialect::Playwright, || vec![npm(&["run", "test:pages"])]),
    },
    Step {
        name: "window",
        why: "the whole app in its real window",
        place: "tests/tests/window",
        needs: &["setup", "ui-build"],
        work: Work::Tests(Dialect::Libtest, build::window_tests),
    },
];

/// `cargo xtask test [--only STEP,…] [--list]`.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let only = take_option(&mut args, "--only")?;
    if args == ["--list"] {
        STEPS.iter().for_each(|step| println!("{:<10} {}", step.name, step.why));
        return Ok(());
    }
    crate::none(&args)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut words = Vec::new();
    for step in chosen(only.as_deref())? {
        println!("\n== {}: {}", step.name, step.why);
        let began = Instant::now();
        let (tests, failure) = match blocked(step, &lines) {
            Some(by) => (None, Some(format!("not run, because {by} failed"))),
            None => step.run(&mut words),
        };
        if let Some(why) = &failure {
            println!("== {}: FAILED: {why}", step.name);
        }
        lines.push(Line {
            step: step.name,
            took: began.elapsed(),
            tests,
            failure,
        });
    }
    // Said again here, because what came in between may be long.
    for word in words {
        println!("\n{word}");
    }
    println!("{}", table::render(&lines));
    // The table is the last word: exit at once, and say nothing more.
    std::process::exit(i32::from(lines.iter().any(|line| line.failure.is_some())));
}

/// The steps to run, in their order.
fn chosen(only: Option<&str>) -> Result<Vec<&'static Step>, String> {
    let Some(only) = only else {
        return Ok(STEPS.iter().collect());
    };
    let names: Vec<&str> = only.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    match names.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        Some(unknown) => Err(format!(
            "There is no step `{unknown}`. `cargo xtask test --list` shows them."
        )),
        None if names.is_empty() => Err("--only needs the names of steps after it.".into()),
        None => Ok(STEPS.iter().filter(|step| names.contains(&step.name)).collect()),
    }
}

/// The failed step that this one would only fail after.
fn blocked(step: &Step, before: &[Line]) -> Option<&'static str> {
    before
        .iter()
        .find(|line| line.failure.is_some() && step.needs.contains(&line.step))
        .map(|line| line.step)
}

impl Step {
    /// Runs it; what failing tests said is added to `words`.
    fn run(&self, words: &mut Vec<String>) -> (Option<Tally>, Option<String>) {
        if !repo::root().join(self.place).exists() && !repo::root().join(format!("{}.rs", self.place)).exists() {
            return (None, Some(format!("not there yet: {}", self.place)));
        }
        match &self.work {
            Work::Own(work) => (None, work().err()),
            Work::Programs(commands) => {
                let failures = commands()
                    .iter_mut()
                    .filter_map(|command| program::finish(command).err())
                    .collect();
                (None, together(failures))
            }
            Work::Tests(dialect, commands) => {
                let (tally, failures, said) = count(*dialect, commands());
                words.extend(said);
                (Some(tally), verdict(tally, failures))
            }
        }
    }
}

/// Runs test programs and counts what they say.
fn count(dialect: Dialect, commands: Vec<Command>) -> (Tally, Vec<String>, Vec<String>) {
    let seen = Arc::new(Mutex::new((Tally::default(), Failures::default())));
    let mut failures = Vec::new();
    for mut command in commands {
        let seeing = Arc::clone(&seen);
        let watch = move |line: &str| {
            if let Ok(mut seen) = seeing.lock() {
                seen.0.add(dialect.read(line));
                seen.1.read(line);
            }
        };
        if let Err(failure) = program::finish_watched(&mut command, watch) {
            failures.push(failure);
            break;
        }
    }
    let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    (seen.0, failures, seen.1.take())
}

/// Whether a step of tests failed: by its exit, by a test, or because no test was found.
fn verdict(tally: Tally, mut failures: Vec<String>) -> Option<String> {
    if failures.is_empty() && tally.failed > 0 {
        failures.push(format!("{} failed, though the program ended well.", tally.failed));
    }
    if failures.is_empty() && tally.passed == 0 {
        failures.push("No test was counted.".into());
    }
    together(failures)
}

fn together(failures: Vec<String>) -> Option<String> {
    (!failures.is_empty()).then(|| failures.join(" "))
}

fn fmt() -> Vec<Command> {
    vec![cargo(&["fmt", "--all", "--check"])]
}

/// The window tests are left out of `cargo test --workspace` by their manifest entry (`test = false`), and so of
/// `--all-targets` too: they are named.
fn clippy() -> Vec<Command> {
    let lints = ["--", "-D", "warnings"];
    let selections: [&[&str]; 2] = [&["--all-targets"], &["--test", "window"]];
    let clippy = |selection: &&[&str]| cargo(&[&["clippy", "--workspace"], *selection, &lints].concat());
    selections.iter().map(clippy).collect()
}

fn cargo(args: &[&str]) -> Command {
    let mut command = program::cargo();
    command.args(args);
    command
}

fn npm(args: &[&str]) -> Command {
    let mut command = program::npm();
    command.args(args);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn line(step: &'static str, failure: Option<&str>) -> Line {
        Line {
            step,
            took: Duration::ZERO,
            tests: None,
            failure: failure.map(String::from),
        }
    }

    fn sh(script: &str) -> Vec<Command> {
        let mut command = program::program("sh");
        command.args(["-c", script]);
        vec![command]
    }

    #[test]
    fn steps_are_named_once_and_need_earlier_ones() {
        for (at, step) in STEPS.iter().enumerate() {
            let before = &STEPS[..at];
            assert!(
                before.iter().all(|other| other.name != step.name),
                "{} is there twice",
                step.name
            );
            let known = |need: &&str| before.iter().any(|other| other.name == *need);
            assert!(
                step.needs.iter().all(known),
                "{} needs a step that does not come before it",
                step.name
            );
        }
    }

    #[test]
    fn only_keeps_the_order_and_refuses_the_unknown() {
        let names: Vec<&str> = chosen(Some("tidy, fmt"))
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect();
        assert_eq!(names, ["fmt", "tidy"]);
        assert_eq!(chosen(None).unwrap().len(), STEPS.len());
        assert!(chosen(Some("fmt,nonsense")).err().unwrap().contains("`nonsense`"));
        assert!(chosen(Some(",")).is_err());
    }

    #[test]
    fn a_step_is_blocked_by_what_it_needs_alone() {
        let window = STEPS.iter().find(|step| step.name == "window").unwrap();
        assert_eq!(
            blocked(window, &[line("clippy", Some("bad")), line("setup", None)]),
            None
        );
        assert_eq!(blocked(window, &[line("setup", Some("bad"))]), Some("setup"));
    }

    #[test]
    fn an_exit_a_failed_test_and_no_test_at_all_each_fail_a_step() {
        let judge = |script: &str| {
            // Vitest's words: what is printed here must not be counted by a run of these tests themselves.
            let (tally, failures, _) = count(Dialect::Vitest, sh(script));
            verdict(tally, failures)
        };
        assert_eq!(judge("echo 'Tests 2 passed (2)'"), None);
        assert!(judge("echo 'Tests 2 passed (2)'; exit 1").is_some());
        assert!(judge("echo 'Tests 2 passed | 1 failed (3)'").is_some());
        assert!(judge("true").unwrap().contains("No test was counted"));
    }

    #[test]
    fn a_step_whose_place_is_missing_fails() {
        let step = Step {
            name: "x",
            why: "",
            place: "no/such/place",
            needs: &[],
            work: Work::Own(|| Ok(())),
        };
        assert!(step.run(&mut Vec::new()).1.unwrap().contains("not there yet"));
    }
}

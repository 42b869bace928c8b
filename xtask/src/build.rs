//! The small commands that start one of the workspace's own programs: bench, demo-data, bindings, screenshots.

use std::process::Command;

use crate::{program, repo, setup, take_option};

/// Makes a demo shop. One seed for everybody, so that two people can speak about the same member.
pub const DEMO: [&str; 3] = ["demo", "--seed", DEMO_SEED];
const DEMO_SEED: &str = "7";

/// `cargo xtask bench [--quick] [ARGS]`: the bench package in a release build; the arguments are its own. With no name
/// of a figure, or with `window`, first the figures of the window, from the window test that measures them.
pub fn bench(args: &[String]) -> Result<(), String> {
    if named(args).is_none_or(|only| "window".contains(only)) {
        measure_window()?;
    }
    if named(args).is_none_or(|only| "sync".contains(only)) {
        // The relay that the bench starts.
        program::finish(program::cargo().args(["build", "--release", "-p", "regulars-relay", "-p", "bench"]))?;
    }
    program::finish(
        program::cargo()
            .args(["run", "--release", "-p", "bench", "--"])
            .args(args),
    )
}

/// The word that names the figures: what is neither an option nor its value.
fn named(args: &[String]) -> Option<&str> {
    let takes_value = |arg: &str| ["--json", "--dir", "--window", "--operations"].contains(&arg);
    let mut before = "";
    args.iter().map(String::as_str).find(|arg| {
        let value = takes_value(std::mem::replace(&mut before, arg));
        !value && !arg.starts_with('-')
    })
}

/// Starts the app, built for release, beside an empty window, and leaves the figures where the bench finds them.
fn measure_window() -> Result<(), String> {
    setup::run(setup::Part::Everything)?;
    program::finish(program::npm().args(["run", "build"]))?;
    let programs = [
        "-p",
        "regulars",
        "-p",
        "regularsctl",
        "--bins",
        "--example",
        "empty_window",
    ];
    program::finish(program::cargo().args(["build", "--release"]).args(programs))?;
    let figures = repo::target().join("bench/window.json");
    std::fs::create_dir_all(repo::target().join("bench")).map_err(|e| format!("target/bench can't be made: {e}."))?;
    let mut test = window_test();
    test.args(["start_up", "--", "--test-threads=1"])
        .env("REGULARS_BIN_DIR", repo::target().join("release"))
        .env("REGULARS_WINDOW_FIGURES", figures);
    program::finish(&mut test)
}

/// `cargo xtask demo-data [--data DIR] [--seed N]`.
pub fn demo_data(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let data = take_option(&mut args, "--data")?;
    let seed = take_option(&mut args, "--seed")?.unwrap_or_else(|| DEMO_SEED.to_string());
    crate::none(&args)?;
    let data = data.map_or_else(|| repo::target().join("demo-shop"), |dir| repo::root().join(dir));
    let mut ctl = program::cargo();
    ctl.args(["run", "--quiet", "-p", "regularsctl", "--", "--data"])
        .arg(&data)
        .args(["demo", "--seed", &seed]);
    program::finish(&mut ctl)
}

/// `cargo xtask bindings`: the test that checks the generated TypeScript, told to write it.
pub fn bindings() -> Result<(), String> {
    let mut test = program::cargo();
    test.args(["test", "-p", "regulars", "bindings_are_current"])
        .env("REGULARS_WRITE_BINDINGS", "1");
    program::finish(&mut test)
}

/// `cargo xtask screenshots`: the window tests, which leave a picture of every screen they come to.
pub fn screenshots() -> Result<(), String> {
    let pictures = repo::target().join("screenshots");
    for mut command in window_tests() {
        program::finish(command.env("REGULARS_SCREENSHOTS", &pictures))?;
    }
    println!("The pictures are in {}.", pictures.display());
    Ok(())
}

/// Everything of the workspace, the programs too. Built with one selection of packages, because another selection
/// means other features of shared libraries, and building those again.
pub fn everything() -> Command {
    let mut command = program::cargo();
    command.args(["build", "--workspace", "--all-targets"]);
    command
}

/// The tests in the real window, after the programs that they start. They set up their display themselves; the
/// message bus is one of their own, so that nothing of the developer's session answers.
pub fn window_tests() -> Vec<Command> {
    vec![everything(), window_test()]
}

fn window_test() -> Command {
    let mut test = program::cargo();
    if cfg!(target_os = "linux") {
        let cargo = test.get_program().to_owned();
        test = program::program("dbus-run-session");
        test.arg("--").arg(cargo);
    }
    test.args(["test", "--workspace", "--test", "window", "--no-fail-fast"]);
    test
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_figures_are_told_from_an_options_value() {
        let of = |words: &str| named(&words.split_whitespace().map(String::from).collect::<Vec<_>>()).map(String::from);
        assert_eq!(of(""), None);
        assert_eq!(of("--quick --json out.json"), None);
        assert_eq!(of("--json out.json credit").as_deref(), Some("credit"));
        assert_eq!(of("window").as_deref(), Some("window"));
    }
}

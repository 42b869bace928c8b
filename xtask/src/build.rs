//! The small commands that start one of the workspace's own programs: bench, demo-data, bindings, screenshots.

use std::path::Path;
use std::process::Command;

use crate::{program, repo, take_option};

/// The seed of the demo shop that everybody sees, so that two people can speak about the same member.
const DEMO_SEED: &str = "7";

/// `cargo xtask bench [--quick] [ARGS]`: the bench package in a release build; the arguments are its own.
pub fn bench(args: &[String]) -> Result<(), String> {
    if !repo::root().join("crates/bench/Cargo.toml").is_file() {
        return Err("Not there yet: crates/bench, which holds the measurements.".into());
    }
    program::finish(
        program::cargo()
            .args(["run", "--release", "-p", "bench", "--"])
            .args(args),
    )
}

/// `cargo xtask demo-data [--data DIR] [--seed N]`.
pub fn demo_data(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let data = take_option(&mut args, "--data")?;
    let seed = take_option(&mut args, "--seed")?;
    crate::none(&args)?;
    let data = data.map_or_else(|| repo::target().join("demo-shop"), |dir| repo::root().join(dir));
    program::finish(&mut demo_shop(&data, seed.as_deref()))
}

/// The command that makes a demo shop in `data`, and says who works there and with which PINs.
pub fn demo_shop(data: &Path, seed: Option<&str>) -> Command {
    let mut ctl = program::cargo();
    ctl.args(["run", "--quiet", "-p", "regularsctl", "--", "--data"])
        .arg(data);
    ctl.args(["demo", "--seed", seed.unwrap_or(DEMO_SEED)]);
    ctl
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
    program::finish(window_tests().env("REGULARS_SCREENSHOTS", &pictures))?;
    println!("The pictures are in {}.", pictures.display());
    Ok(())
}

/// The tests in the real window. They start what they need themselves, inside a message bus of their own.
pub fn window_tests() -> Command {
    let mut command = if cfg!(target_os = "linux") {
        let mut bus = program::program("dbus-run-session");
        bus.arg("--").arg(program::cargo().get_program());
        bus
    } else {
        program::cargo()
    };
    command.args(["test", "-p", "regulars", "--test", "window"]);
    command
}

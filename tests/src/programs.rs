//! The programs under test and those the tests need, each found or missed with a clear message.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A program of this workspace, built beside the tests.
///
/// # Panics
/// Where it has not been built.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test has a path");
    // target/debug/deps/window-… -> target/debug
    let dir = tests.parent().and_then(Path::parent).expect("tests are built in deps/");
    let path = std::env::var_os("REGULARS_BIN_DIR")
        .map_or_else(|| dir.to_owned(), PathBuf::from)
        .join(name);
    assert!(
        path.exists(),
        "{} is not there: build it first (cargo build -p regulars -p regularsctl)",
        path.display()
    );
    path
}

/// Runs `regularsctl --data DIR --json …` and answers what it printed as JSON.
///
/// # Panics
/// Where it fails or prints no JSON.
#[must_use]
pub fn ctl(data: &Path, args: &[&str]) -> serde_json::Value {
    let out = ctl_raw(data, args);
    assert!(
        out.status.success(),
        "regularsctl {args:?} failed: {}{}",
        text(&out.stdout),
        text(&out.stderr)
    );
    serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("regularsctl {args:?} printed no JSON ({e}): {}", text(&out.stdout)))
}

/// Runs `regularsctl --data DIR --json …`.
///
/// # Panics
/// Where it can't be started.
#[must_use]
pub fn ctl_raw(data: &Path, args: &[&str]) -> Output {
    Command::new(built("regularsctl"))
        .env("REGULARS_SECRETS", "file")
        .arg("--data")
        .arg(data)
        .arg("--json")
        .args(args)
        .output()
        .expect("regularsctl starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

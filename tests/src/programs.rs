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

/// The memory of a running program and all it has started, in KiB: each page counted once, shared ones in parts (Linux's
/// proportional set size).
///
/// # Panics
/// Where it does not run, or not on Linux.
#[must_use]
pub fn memory_kib(binary: &Path) -> u32 {
    let binary = binary.canonicalize().expect("the program is there");
    let mut family: Vec<u32> = processes()
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == binary))
        .collect();
    assert!(!family.is_empty(), "{} does not run", binary.display());
    let mut at = 0;
    while let Some(&parent) = family.get(at) {
        family.extend(processes().filter(|&pid| parent_of(pid) == Some(parent)));
        at += 1;
    }
    family.into_iter().filter_map(pss_kib).sum()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc can be read");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything: what follows it is state and parent.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss_kib(pid: u32) -> Option<u32> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs `regularsctl --data DIR --json …` and answers what it printed as JSON.
///
/// # Panics
/// Where it fails or prints no JSON.
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

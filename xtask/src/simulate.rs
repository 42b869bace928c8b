//! `cargo xtask simulate …`: seeds through the simulation; and `--planted`: whether it finds bugs that are planted on
//! purpose, each in a copy of the tree. What is simulated is in `crates/sim`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::program::{answer, cargo, finish, finish_watched, program};
use crate::{repo, take_option};

/// How long a planted bug has to be found, in seconds, and how many steps each seed has.
const SECONDS: &str = "60";
const STEPS: &str = "300";
/// Where the bugs are kept.
const PLANTED: &str = "crates/sim/planted";

/// `cargo xtask simulate [--seed S | --seeds N] [--ops N] [--jobs N] [--seconds N]`, `--planted [NAME …] [--seconds N]
/// [--ops N]`.
pub fn run(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((first, rest)) if first == "--planted" => planted(rest),
        _ => finish(
            cargo()
                .args(["run", "-q", "--profile", "simulation", "-p", "sim", "--"])
                .args(args),
        ),
    }
}

/// One planted bug: what became of it.
struct Row {
    name: String,
    /// The seed that failed, and after how many seconds of running.
    found: Option<(String, f64)>,
    said: String,
}

/// What each bug is hunted with.
struct Hunt {
    copy: PathBuf,
    seconds: String,
    steps: String,
}

/// Plants one bug after another in a copy of the tree, and looks how soon seeds find it. Only what a bug touches is
/// built anew, and not optimised: that takes seconds, and nearly all bugs are found within the first few seeds.
fn planted(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let hunt = Hunt {
        seconds: take_option(&mut args, "--seconds")?.unwrap_or_else(|| SECONDS.to_owned()),
        steps: take_option(&mut args, "--ops")?.unwrap_or_else(|| STEPS.to_owned()),
        copy: repo::target().join("planted"),
    };
    let began = Instant::now();
    copy_tree(&hunt.copy)?;
    // As it is, nothing is found.
    let healthy = hunt.one("(none)")?;
    let mut rows = Vec::new();
    for patch in patches()? {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !args.is_empty() && !args.contains(&name) {
            continue;
        }
        apply(&hunt.copy, &patch, &[])?;
        let row = hunt.one(&name);
        apply(&hunt.copy, &patch, &["-R"])?;
        rows.push(row?);
    }
    println!("\n| planted | seed | seconds | what the simulation says |\n| --- | --- | --- | --- |");
    for Row { name, found, said } in std::iter::once(&healthy).chain(&rows) {
        match found {
            Some((seed, seconds)) => println!("| {name} | {seed} | {seconds:.0} | {said} |"),
            None => println!("| {name} | | | {said} |"),
        }
    }
    let found = rows.iter().filter(|row| row.found.is_some()).count();
    let took = began.elapsed().as_secs() / 60;
    println!(
        "\n{found} of {} planted bugs were found, in {took} minutes.",
        rows.len()
    );
    match (healthy.found, rows.len() - found) {
        (Some(_), _) => Err("A bug was found where none is planted.".into()),
        (None, 0) => Ok(()),
        (None, n) => Err(format!("{n} planted bugs were not found.")),
    }
}

/// The patches, by name.
pub fn patches() -> Result<Vec<PathBuf>, String> {
    let dir = repo::root().join(PLANTED);
    let entries = std::fs::read_dir(&dir).map_err(|e| format!("{PLANTED} can't be read: {e}."))?;
    let mut all: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    all.retain(|path| path.extension().is_some_and(|ending| ending == "patch"));
    all.sort();
    Ok(all)
}

/// The tracked and new files of the tree, in another folder; what is the same there stays, so that little is built anew.
fn copy_tree(to: &Path) -> Result<(), String> {
    let mut git = program("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(repo::root());
    let said = answer(&mut git).ok_or("git does not say which files there are.")?;
    for name in said.split('\0').filter(|name| !name.is_empty()) {
        let (from, into) = (repo::root().join(name), to.join(name));
        let Ok(bytes) = std::fs::read(&from) else { continue };
        if std::fs::read(&into).is_ok_and(|there| there == bytes) {
            continue;
        }
        let made = into.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&into, bytes))
            .map_err(|e| format!("{name} can't be copied: {e}."))?;
    }
    Ok(())
}

fn apply(copy: &Path, patch: &Path, how: &[&str]) -> Result<(), String> {
    // Outside of any repository, or git would look for the files there.
    finish(
        program("git")
            .arg("apply")
            .args(how)
            .arg(patch)
            .current_dir(copy)
            .env("GIT_CEILING_DIRECTORIES", copy.parent().unwrap_or(copy)),
    )
}

impl Hunt {
    /// Builds what is in the copy now, and runs it until a seed fails or the time is over.
    fn one(&self, name: &str) -> Result<Row, String> {
        println!("== {name}");
        let target = repo::target();
        finish(
            cargo()
                .args(["build", "-q", "-p", "sim"])
                .current_dir(&self.copy)
                .env("CARGO_TARGET_DIR", &target)
                .env("CARGO_INCREMENTAL", "1"),
        )?;
        let began = Instant::now();
        let mut sim = Command::new(
            target
                .join("debug")
                .join(format!("sim{}", std::env::consts::EXE_SUFFIX)),
        );
        sim.args(["--brief", "--jobs", "2", "--seeds", "1000000"]);
        sim.args(["--seconds", &self.seconds, "--ops", &self.steps]);
        let (tell, told) = std::sync::mpsc::channel();
        let well = finish_watched(&mut sim, move |line| drop(tell.send(line.to_owned()))).is_ok();
        let took = began.elapsed().as_secs_f64();
        let lines: Vec<String> = told.try_iter().collect();
        let failure = lines
            .iter()
            .find_map(|line| line.strip_prefix("seed ")?.split_once(": "));
        let (found, said) = match failure {
            Some((seed, said)) => (Some((seed.to_owned(), took)), said.to_owned()),
            None if well => (None, format!("nothing in {took:.0} seconds")),
            // With some bugs no shop of several tills can be made.
            None => (
                Some(("none".to_owned(), took)),
                "it ends before the first step".to_owned(),
            ),
        };
        Ok(Row {
            name: name.to_owned(),
            found,
            said: said.replace('|', "/"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A patch that no longer fits would look like a bug that is found.
    #[test]
    fn every_planted_bug_can_still_be_planted() {
        let patches = patches().unwrap();
        assert!(patches.len() >= 20, "{} are too few", patches.len());
        for patch in patches {
            let mut git = program("git");
            git.args(["apply", "--check"]).arg(&patch).current_dir(repo::root());
            assert!(finish(&mut git).is_ok(), "{} does not fit any more", patch.display());
        }
    }
}

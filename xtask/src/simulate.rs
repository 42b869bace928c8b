//! `cargo xtask simulate …`: seeds through the simulation; and `--planted`: whether it finds bugs that are planted on
//! purpose, each in a copy of the tree. What is simulated is in `crates/sim`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::program::{answer, cargo, finish, finish_watched, program};
use crate::{repo, take_option};

/// Seeds that a planted bug gets to be found.
const SEEDS: &str = "400";
/// Where the bugs are kept, and what is copied besides the sources that git knows.
const PLANTED: &str = "crates/sim/planted";

/// `cargo xtask simulate [--seed S | --seeds N] [--ops N] [--jobs N] [--seconds N]`, `--planted [NAME]`.
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
    said: String,
    found: bool,
}

/// Plants one bug after another in a copy of the tree, and looks how soon seeds find it.
fn planted(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let seeds = take_option(&mut args, "--seeds")?.unwrap_or_else(|| SEEDS.to_owned());
    let copy = repo::target().join("planted");
    let target = repo::target();
    copy_tree(&copy)?;
    // As it is, nothing is found.
    let mut rows = vec![hunt(&copy, &target, "(none)", &seeds)?];
    for patch in patches()? {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !args.is_empty() && !args.contains(&name) {
            continue;
        }
        apply(&copy, &patch, &[])?;
        let row = hunt(&copy, &target, &name, &seeds);
        apply(&copy, &patch, &["-R"])?;
        rows.push(row?);
    }
    println!("\n| planted | found | |\n| --- | --- | --- |");
    for row in &rows {
        println!(
            "| {} | {} | {} |",
            row.name,
            if row.found { "yes" } else { "no" },
            row.said
        );
    }
    let missed = rows.iter().skip(1).filter(|row| !row.found).count();
    match (rows[0].found, missed) {
        (true, _) => Err("A bug was found where none is planted.".into()),
        (false, 0) => Ok(()),
        (false, n) => Err(format!("{n} planted bugs were not found.")),
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

fn hunt(copy: &Path, target: &Path, name: &str, seeds: &str) -> Result<Row, String> {
    println!("== {name}");
    let build = ["build", "-q", "--profile", "simulation", "-p", "sim"];
    finish(cargo().args(build).current_dir(copy).env("CARGO_TARGET_DIR", target))?;
    let began = Instant::now();
    let mut sim = Command::new(
        target
            .join("simulation")
            .join(format!("sim{}", std::env::consts::EXE_SUFFIX)),
    );
    sim.args(["--brief", "--seeds", seeds]);
    let (tell, told) = std::sync::mpsc::channel();
    let well = finish_watched(&mut sim, move |line| drop(tell.send(line.to_owned()))).is_ok();
    let lines: Vec<String> = told.try_iter().collect();
    let failure = lines.iter().find(|line| line.starts_with("seed "));
    let said = match failure {
        Some(line) => format!("{line} ({:.0} s)", began.elapsed().as_secs_f64()),
        None if well => format!("not in {seeds} seeds"),
        None => return Err(format!("{name}: the simulation itself failed.")),
    };
    Ok(Row {
        name: name.to_owned(),
        said: said.replace('|', "/"),
        found: failure.is_some(),
    })
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

//! `cargo xtask tidy`: the house rules that no compiler checks. Here: which checks there are and how a problem is told.
//!
//! Every check is a pure function from the files to its problems, and is itself tested with a sample that breaks the
//! rule: a check that can't fail is worth nothing.

mod arrows;
mod heads;
mod imports;
mod links;
mod machine_paths;
mod messages;
mod migrations;
mod tests_in;
mod tree;

use crate::program::{answer, cargo};
use crate::repo;
use tree::Tree;

/// A broken rule: where, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    path: String,
    /// From 1. Problems of a whole file name its first line.
    line: usize,
    what: String,
}

impl Problem {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Problem {
        Problem {
            path: path.to_string(),
            line,
            what: what.into(),
        }
    }
}

/// The checks of files alone. The dependency arrows come from cargo and are checked besides.
const CHECKS: &[fn(&Tree) -> Vec<Problem>] = &[
    heads::check,
    imports::check,
    links::check,
    machine_paths::check,
    messages::check,
    migrations::check,
    tests_in::check,
];

/// `cargo xtask tidy [--record-migrations]`.
pub fn run(args: &[String]) -> Result<(), String> {
    if args == ["--record-migrations"] {
        return migrations::record(&repo::root());
    }
    crate::none(args)?;
    check_repository()
}

/// Every check, on the repository.
pub fn check_repository() -> Result<(), String> {
    let tree = Tree::read(&repo::root())?;
    let mut metadata = cargo();
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = answer(&mut metadata).ok_or("`cargo metadata` failed; is Cargo.toml in order?")?;
    let mut problems = arrows::check(&metadata)?;
    problems.extend(CHECKS.iter().flat_map(|check| check(&tree)));
    if problems.is_empty() {
        println!("{} files are tidy", tree.paths().count());
        return Ok(());
    }
    problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    problems
        .iter()
        .for_each(|problem| println!("{}:{}: {}", problem.path, problem.line, problem.what));
    Err(format!("{} problems.", problems.len()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_tidy() {
        // The problems are in the test's output, each with its place.
        super::check_repository().unwrap();
    }
}

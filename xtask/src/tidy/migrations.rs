//! Migrations are numbered without gaps and never change once they have landed: a till somewhere has run them.
//!
//! What has landed is written down in a CHECKSUMS file beside them, in the form that `sha256sum --check` reads.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Problem;
use super::tree::Tree;

const FOLDER: &str = "migrations/";
const CHECKSUMS: &str = "CHECKSUMS";

pub fn check(tree: &Tree) -> Vec<Problem> {
    stores(tree)
        .into_iter()
        .flat_map(|store| check_store(tree, &store))
        .collect()
}

/// Every folder of migrations: one for each kind of store.
fn stores(tree: &Tree) -> BTreeSet<String> {
    let inside = tree
        .paths()
        .filter_map(|path| path.strip_prefix(FOLDER)?.split_once('/'));
    inside.map(|(store, _)| format!("{FOLDER}{store}/")).collect()
}

fn check_store(tree: &Tree, store: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let migrations = migrations(tree, store);
    for (at, name) in migrations.keys().enumerate() {
        if number(name) != Some(at + 1) {
            let what = format!(
                "is number {} in its folder. Name it {:04}_what_it_does.sql: no gaps, nothing twice.",
                at + 1,
                at + 1
            );
            problems.push(Problem::new(&format!("{store}{name}"), 1, what));
        }
    }
    let list = format!("{store}{CHECKSUMS}");
    let mut listed = BTreeSet::new();
    for (at, line) in tree.text(&list).unwrap_or_default().lines().enumerate() {
        let Some((checksum, name)) = line.split_once("  ") else {
            problems.push(Problem::new(
                &list,
                at + 1,
                "is not `checksum  name`. `sha256sum` writes it so.",
            ));
            continue;
        };
        listed.insert(name);
        let path = format!("{store}{name}");
        match migrations.get(name) {
            Some(text) if sha256(text) == checksum => (),
            Some(_) => problems.push(Problem::new(
                &path,
                1,
                "has landed and must not change. Undo that, and add a new migration.",
            )),
            None => problems.push(Problem::new(&path, 1, "has landed and must not go. Bring it back.")),
        }
    }
    for name in migrations.keys().filter(|name| !listed.contains(*name)) {
        let what = format!("is not in {list}. Write it down with `cargo xtask tidy --record-migrations`.");
        problems.push(Problem::new(&format!("{store}{name}"), 1, what));
    }
    problems
}

/// The SQL files of one store, in the order of their names.
fn migrations<'a>(tree: &'a Tree, store: &str) -> BTreeMap<&'a str, &'a str> {
    let own = tree
        .ending(&["sql"])
        .filter_map(|(path, text)| Some((path.strip_prefix(store)?, text)));
    own.filter(|(name, _)| !name.contains('/')).collect()
}

/// The number that a name such as `0012_staff.sql` begins with.
fn number(name: &str) -> Option<usize> {
    let digits = name.split('_').next().filter(|digits| digits.len() == 4)?;
    digits.parse().ok()
}

fn sha256(text: &str) -> String {
    format!("{:x}", Sha256::digest(text))
}

/// `cargo xtask tidy --record-migrations`: adds new migrations to the lists. A line that is there is never changed.
pub fn record(root: &Path) -> Result<(), String> {
    let tree = Tree::read(root)?;
    for store in stores(&tree) {
        let list = format!("{store}{CHECKSUMS}");
        let old = tree.text(&list).unwrap_or_default();
        let added = unlisted(old, &migrations(&tree, &store));
        if !added.is_empty() {
            let written = std::fs::write(root.join(&list), format!("{old}{added}"));
            written.map_err(|error| format!("{list} can't be written: {error}."))?;
        }
        println!("{list}: {} added", added.lines().count());
    }
    Ok(())
}

/// The lines that the list lacks.
fn unlisted(old: &str, migrations: &BTreeMap<&str, &str>) -> String {
    let listed: BTreeSet<&str> = old.lines().filter_map(|line| Some(line.split_once("  ")?.1)).collect();
    let new = migrations.iter().filter(|(name, _)| !listed.contains(*name));
    new.map(|(name, text)| format!("{}  {name}\n", sha256(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-- one\n";
    const TWO: &str = "-- two\n";

    fn problems(files: &[(&str, &str)], list: &str) -> Vec<String> {
        let paths: Vec<String> = files
            .iter()
            .map(|(name, _)| format!("migrations/till/{name}"))
            .collect();
        let mut all: Vec<(&str, &str)> = paths
            .iter()
            .zip(files)
            .map(|(path, (_, text))| (path.as_str(), *text))
            .collect();
        all.push(("migrations/till/CHECKSUMS", list));
        check(&Tree::of(&all))
            .into_iter()
            .map(|found| format!("{}: {}", found.path, found.what))
            .collect()
    }

    fn list(files: &[(&str, &str)]) -> String {
        unlisted("", &files.iter().copied().collect())
    }

    #[test]
    fn listed_and_unchanged_migrations_pass() {
        let files = [("0001_a.sql", ONE), ("0002_b.sql", TWO)];
        assert_eq!(problems(&files, &list(&files)), Vec::<String>::new());
    }

    #[test]
    fn gaps_twins_and_bad_names_are_found() {
        for names in [
            ["0001_a.sql", "0003_b.sql"],
            ["0001_a.sql", "0001_b.sql"],
            ["0001_a.sql", "2_b.sql"],
            ["0001_a.sql", "b.sql"],
        ] {
            let files = [(names[0], ONE), (names[1], TWO)];
            let found = problems(&files, &list(&files));
            assert!(found[0].contains(&format!("{}: is number 2", names[1])), "{found:?}");
        }
    }

    #[test]
    fn changed_lost_and_unlisted_migrations_are_found() {
        let landed = list(&[("0001_a.sql", ONE)]);
        assert!(problems(&[("0001_a.sql", TWO)], &landed)[0].contains("must not change"));
        assert!(problems(&[("0001_b.sql", TWO)], &landed)[0].contains("0001_a.sql: has landed and must not go"));
        assert!(problems(&[("0001_a.sql", ONE), ("0002_b.sql", TWO)], &landed)[0].contains("is not in"));
        assert!(
            problems(&[("0001_a.sql", ONE)], "nonsense")
                .iter()
                .any(|what| what.contains("checksum  name"))
        );
    }

    #[test]
    fn recording_keeps_what_is_written() {
        let old = list(&[("0001_a.sql", ONE)]);
        let now = [("0001_a.sql", TWO), ("0002_b.sql", TWO)];
        let added = unlisted(&old, &now.into_iter().collect());
        assert_eq!(added, format!("{}  0002_b.sql\n", sha256(TWO)));
    }
}

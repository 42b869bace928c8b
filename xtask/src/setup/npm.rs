//! The windows' npm packages: exactly those of package-lock.json, installed again only when that has changed.

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

use crate::program::{answer, finish, npm, program};
use crate::repo;

/// The first Node that the pages' build tool runs on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Written after an installation, inside the folder it is about, so that both go together.
const STAMP: &str = "node_modules/.installed-from";

/// Checks Node's version.
pub fn check_node() -> Result<String, String> {
    let wanted = format!("Install Node {}.{} or newer (with npm).", NODE_MIN.0, NODE_MIN.1);
    let said = answer(program("node").arg("--version")).ok_or(format!("There is no `node` on the path. {wanted}"))?;
    match version(&said) {
        Some(found) if found >= NODE_MIN => Ok(said.trim().to_string()),
        _ => Err(format!("Node is {}. {wanted}", said.trim())),
    }
}

/// The first two numbers of `v20.19.4`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Installs what package-lock.json says, unless that was done.
///
/// Not with `npm ci`: that refuses a lock file in which an optional package of another platform is missing, and some
/// of ours name packages that were never published. What it guards is checked here instead.
pub fn install() -> Result<String, String> {
    let ui = repo::ui();
    let (package, lock) = (read(&ui, "package.json")?, read(&ui, "package-lock.json")?);
    let fingerprint = format!(
        "{:x}",
        Sha256::new().chain_update(&package).chain_update(&lock).finalize()
    );
    if std::fs::read_to_string(ui.join(STAMP)).is_ok_and(|stamp| stamp == fingerprint) {
        return Ok("as package-lock.json says".into());
    }
    if !belongs_to(&lock, &package) {
        return Err(
            "ui/package-lock.json is not of this package.json. Run `npm install` in ui/ and commit both.".into(),
        );
    }
    println!("npm packages   installing what package-lock.json says");
    finish(npm().args(["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline"]))?;
    std::fs::write(ui.join(STAMP), fingerprint).map_err(|error| format!("ui/{STAMP} can't be written: {error}."))?;
    Ok("installed".into())
}

fn read(ui: &Path, name: &str) -> Result<String, String> {
    std::fs::read_to_string(ui.join(name)).map_err(|error| format!("ui/{name} can't be read: {error}."))
}

/// Whether the lock file was made for these direct dependencies.
fn belongs_to(lock: &str, package: &str) -> bool {
    let (Ok(lock), Ok(package)) = (
        serde_json::from_str::<Value>(lock),
        serde_json::from_str::<Value>(package),
    ) else {
        return false;
    };
    let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
    kinds.iter().all(|kind| lock["packages"][""][kind] == package[kind])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert!(version("v20.19.0\n").unwrap() >= NODE_MIN);
        assert!(version("v22.1.0").unwrap() >= NODE_MIN);
        assert!(version("v20.9.0").unwrap() < NODE_MIN);
        assert_eq!(version("twenty"), None);
    }

    #[test]
    fn a_lock_file_of_other_dependencies_is_found() {
        let lock = r#"{"packages": {"": {"dependencies": {"a": "1"}}, "node_modules/a": {}}}"#;
        assert!(belongs_to(lock, r#"{"name": "x", "dependencies": {"a": "1"}}"#));
        assert!(!belongs_to(lock, r#"{"dependencies": {"a": "2"}}"#));
        assert!(!belongs_to(
            lock,
            r#"{"dependencies": {"a": "1"}, "devDependencies": {"b": "1"}}"#
        ));
        assert!(!belongs_to("{", "{}"));
    }
}

//! The windows' npm packages: exactly those of package-lock.json, installed again only when that has changed.

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
pub fn install() -> Result<String, String> {
    let ui = repo::ui();
    if !ui.join("package.json").is_file() {
        return Err("Not there yet: ui/package.json.".into());
    }
    let fingerprint = fingerprint(&ui)?;
    if std::fs::read_to_string(ui.join(STAMP)).is_ok_and(|stamp| stamp == fingerprint) {
        return Ok("as package-lock.json says".into());
    }
    println!("npm packages   installing what package-lock.json says");
    finish(npm().args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?;
    std::fs::write(ui.join(STAMP), fingerprint).map_err(|error| format!("ui/{STAMP} can't be written: {error}."))?;
    Ok("installed".into())
}

/// Tells one pair of package.json and package-lock.json from another.
fn fingerprint(ui: &Path) -> Result<String, String> {
    let mut hash = Sha256::new();
    for name in ["package.json", "package-lock.json"] {
        let text = std::fs::read(ui.join(name))
            .map_err(|error| format!("ui/{name} can't be read: {error}. `npm install` in ui/ makes it; commit it."))?;
        hash.update(Sha256::digest(text));
    }
    Ok(format!("{:x}", hash.finalize()))
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
    fn the_fingerprint_changes_with_either_file() {
        let dir = std::env::temp_dir().join(format!("xtask-npm-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("package.json"), "a").unwrap();
        assert!(fingerprint(&dir).unwrap_err().contains("package-lock.json"));
        std::fs::write(dir.join("package-lock.json"), "b").unwrap();
        let first = fingerprint(&dir).unwrap();
        std::fs::write(dir.join("package-lock.json"), "c").unwrap();
        assert_ne!(first, fingerprint(&dir).unwrap());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}

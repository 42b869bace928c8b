//! What tidy looks at: the repository's own files, tracked or new but not ignored, and the text of each.

use std::collections::BTreeMap;
use std::path::Path;

use crate::program::{answer, program};

/// Folders that hold nothing of ours, for a copy of the repository that has no git.
const NOT_OURS: &[&str] = &[
    ".git",
    "node_modules",
    "gen",
    "ui/dist",
    "ui/dist-fake",
    "ui/src/paraglide",
];

/// The files by their path from the root, with `/`, and the text of those that are text.
#[derive(Default)]
pub struct Tree(BTreeMap<String, Option<String>>);

impl Tree {
    /// Reads the repository at `root`.
    pub fn read(root: &Path) -> Result<Tree, String> {
        let mut git = program("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
            .current_dir(root);
        let paths = match answer(&mut git) {
            Some(said) => said
                .split('\0')
                .filter(|path| !path.is_empty())
                .map(String::from)
                .collect(),
            None => {
                let mut found = Vec::new();
                walk(root, "", &mut found)?;
                found
            }
        };
        let mut files = BTreeMap::new();
        for path in paths {
            let whole = root.join(&path);
            // Deleted, and not yet committed so; or a link to elsewhere.
            if whole.is_file() {
                let bytes = std::fs::read(&whole).map_err(|error| format!("{path} can't be read: {error}."))?;
                files.insert(path, String::from_utf8(bytes).ok());
            }
        }
        Ok(Tree(files))
    }

    /// A tree made up for a test.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Tree {
        Tree(
            files
                .iter()
                .map(|(path, text)| (path.to_string(), Some(text.to_string())))
                .collect(),
        )
    }

    /// Every file that is text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Every text file with one of these endings (without the dot).
    pub fn ending<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| endings.contains(&ending(path)))
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.as_deref()
    }

    /// Every path.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a file, or a folder with files in it. The root is the empty path.
    pub fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        path.is_empty() || self.0.contains_key(path) || self.paths().any(|file| file.starts_with(&folder))
    }
}

/// What stands after the last dot of the file's name, or nothing.
pub fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn walk(root: &Path, under: &str, found: &mut Vec<String>) -> Result<(), String> {
    let entries = std::fs::read_dir(root.join(under)).map_err(|error| format!("{under} can't be read: {error}."))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if under.is_empty() {
            name.clone()
        } else {
            format!("{under}/{name}")
        };
        let built = under.is_empty() && name.starts_with("target");
        if built || NOT_OURS.contains(&path.as_str()) || NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(root, &path, found)?,
            Ok(kind) if kind.is_file() => found.push(path),
            _ => (),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_there_when_files_are_in_them() {
        let tree = Tree::of(&[("docs/a.md", "")]);
        assert!(tree.has("docs") && tree.has("docs/a.md") && tree.has(""));
        assert!(!tree.has("doc") && !tree.has("docs/b.md"));
    }

    #[test]
    fn a_copy_without_git_is_walked() {
        let dir = std::env::temp_dir().join(format!("xtask-tree-{}", std::process::id()));
        for path in [
            "src/a.rs",
            "target/b.rs",
            "target-x/c.rs",
            "ui/node_modules/d.ts",
            "ui/dist/e.ts",
        ] {
            let file = dir.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let mut found = Vec::new();
        walk(&dir, "", &mut found).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(found, ["src/a.rs"]);
    }

    #[test]
    fn endings() {
        assert_eq!(
            (ending("a/b.test.ts"), ending("a.b/c"), ending(".gitignore")),
            ("ts", "", "gitignore")
        );
    }
}

//! One folder of the windows' sources talks to the shell; all others run against a stand-in as well as the real thing.

use super::Problem;
use super::tree::{Tree, ending};

const SHELL: &str = "@tauri-apps/";
const MAY: &str = "ui/src/shared/backend/";

pub fn check(tree: &Tree) -> Vec<Problem> {
    let sources = tree.texts().filter(|(path, _)| {
        path.starts_with("ui/src/") && !path.starts_with(MAY) && ["ts", "js", "svelte"].contains(&ending(path))
    });
    let mut problems = Vec::new();
    for (path, text) in sources {
        for (at, line) in text.lines().enumerate() {
            if line.contains(&format!("\"{SHELL}")) || line.contains(&format!("'{SHELL}")) {
                let what = format!("only {MAY} may import {SHELL}*. Add what you need to the backend there.");
                problems.push(Problem::new(path, at + 1, what));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_is_imported_in_its_folder_alone() {
        let import = "// head\nimport { invoke } from \"@tauri-apps/api/core\";";
        let tree = Tree::of(&[
            ("ui/src/shared/backend/tauri.ts", import),
            ("ui/src/till/App.svelte", import),
            (
                "ui/src/owner/x.ts",
                "const plugin = await import('@tauri-apps/plugin-sql');",
            ),
            ("ui/eslint.config.js", "files: [\"@tauri-apps/*\"]"),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|problem| (problem.path, problem.line))
            .collect();
        assert_eq!(
            found,
            [
                ("ui/src/owner/x.ts".to_string(), 1),
                ("ui/src/till/App.svelte".to_string(), 2)
            ]
        );
    }
}

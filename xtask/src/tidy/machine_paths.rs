//! No file names a place on somebody's machine.

use super::Problem;
use super::tree::Tree;

/// Folders of people and of workplaces, in pieces so that this file does not name them itself.
const PLACES: &[&str] = &[
    concat!("/", "home/"),
    concat!("/", "Users/"),
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("C:", "\\Users\\"),
    concat!("C:", "\\\\Users\\\\"),
];

/// Made-up people, for samples of what somebody sees.
const NOBODY: &[&str] = &["ana", "you"];

pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.texts() {
        for (at, line) in text.lines().enumerate() {
            if let Some(place) = PLACES.iter().find(|place| names(line, place)) {
                let what =
                    format!("names a machine's own folder ({place}…). Start from the repository or the environment.");
                problems.push(Problem::new(path, at + 1, what));
            }
        }
    }
    problems
}

/// Whether the place stands at the beginning of a path: `src/home/` and `https://x.example/home/` are something else.
fn names(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + place.len()..]
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or_default();
        if NOBODY.contains(&after) {
            return false;
        }
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '}' | ')' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_machines_are_found_and_look_alikes_are_not() {
        let [home, users, windows] = [PLACES[0], PLACES[1], PLACES[4]];
        let text = format!(
            "see src{home}x\nopen {home}eva/x\nhttps://shop.example{home}\n\"{users}ben\"\n{windows}Cid\n{home}you/x"
        );
        let found: Vec<usize> = check(&Tree::of(&[("a.txt", &text)]))
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(found, [2, 4, 5]);
    }
}

//! What became of each backup: a line of JSON each, in a file beside what is backed up or beside the backups.

use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Beyond this many bytes the older half goes.
const BYTES_MAX: u64 = 128 * 1024;

/// That one was made, or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Whether it was made.
    pub made: bool,
    /// Its file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Its bytes.
    #[serde(default)]
    pub bytes: u64,
    /// Where it lies, or should.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Why it was not made, or what could not be done after it was: a closed code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The same, for whoever helps.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Somebody asked for it, not the clock.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

/// The file of notes.
#[derive(Clone, Debug)]
pub struct Notes(PathBuf);

impl Notes {
    /// In this file, which need not be there.
    #[must_use]
    pub fn at(file: &Path) -> Self {
        Self(file.to_owned())
    }

    /// The newest so many, the newest first. A line that can't be read is left out.
    #[must_use]
    pub fn newest(&self, count: usize) -> Vec<Note> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        let all = text.lines().rev().filter_map(|line| serde_json::from_str(line).ok());
        all.take(count).collect()
    }

    /// Adds one. A disk that takes no note takes no backup either, and that was said: nothing fails here.
    pub fn add(&self, note: &Note) {
        let Ok(mut line) = serde_json::to_string(note) else {
            return;
        };
        line.push('\n');
        let _ = self.shorten();
        let file = OpenOptions::new().append(true).create(true).open(&self.0);
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }

    fn shorten(&self) -> std::io::Result<()> {
        if std::fs::metadata(&self.0).map_or(0, |file| file.len()) < BYTES_MAX {
            return Ok(());
        }
        let text = std::fs::read_to_string(&self.0)?;
        let half = text.len() / 2;
        let from = text
            .bytes()
            .enumerate()
            .find_map(|(at, byte)| (at >= half && byte == b'\n').then_some(at + 1));
        let shorter = self.0.with_extension("part");
        std::fs::write(&shorter, &text.as_bytes()[from.unwrap_or(text.len())..])?;
        std::fs::rename(shorter, &self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay_however_many_there_were() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("notes.jsonl");
        let notes = Notes::at(&file);
        assert!(notes.newest(5).is_empty());
        // A line of before there were codes, and one that was cut off.
        std::fs::write(&file, "{\"at\":\"a\",\"made\":false,\"why\":\"x\"}\n{\"at\":\n").unwrap();
        assert_eq!(notes.newest(5).len(), 1);
        for n in 0..3000 {
            notes.add(&Note {
                at: n.to_string(),
                file: "x".repeat(60),
                ..Note::default()
            });
        }
        let newest: Vec<String> = notes.newest(3).into_iter().map(|note| note.at).collect();
        assert_eq!(newest, ["2999", "2998", "2997"]);
        assert!(std::fs::metadata(&file).unwrap().len() < BYTES_MAX + 1000);
        assert!(notes.newest(10_000).len() > 400);
    }
}

//! What happened in a run, as lines to read and as one hash: two runs of a seed have the same.

use sha2::{Digest, Sha256};

/// The lines.
#[derive(Clone, Default)]
pub struct Trace {
    hash: Sha256,
    kept: Option<Vec<String>>,
}

impl Trace {
    /// Keeps the lines too where somebody will read them.
    #[must_use]
    pub fn new(keeps: bool) -> Self {
        Self {
            hash: Sha256::new(),
            kept: keeps.then(Vec::new),
        }
    }

    /// Adds a line.
    pub fn note(&mut self, line: impl FnOnce() -> String) {
        let line = line();
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        if let Some(kept) = &mut self.kept {
            kept.push(line);
        }
    }

    /// The hash so far, and the lines.
    #[must_use]
    pub fn end(self) -> (String, Vec<String>) {
        let hash = self.hash.finalize();
        let short = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        (short, self.kept.unwrap_or_default())
    }
}

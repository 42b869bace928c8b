//! A folder that tills drop their exports into: each new file is brought in once, by the mapping remembered for its
//! source, and moved to `done/` or `to-fix/` with a report beside it.
//!
//! A file is left alone until it has stopped changing. What was brought in and not yet moved when the machine went
//! down is met again as known sales. Not here: when to look, which is the caller's.

use ledger::Store;
use loyalty::{Refusal, UtcMs, sale};
use pos::detect::SAMPLE_BYTES;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::{ImportError, Result};
use crate::remembered::choose;
use crate::run::{Import, Report, Tally, What};
use crate::words;

/// Where files go that were brought in.
pub const DONE: &str = "done";
/// Where files go that can't be read, and rows to fix.
pub const TO_FIX: &str = "to-fix";
/// How long a file must have been the same before it is taken for whole.
pub const SETTLE_MS: i64 = 3_000;

/// A folder that is watched.
pub struct Watched {
    folder: PathBuf,
    source: String,
    seen: BTreeMap<PathBuf, Seen>,
}

/// A file as it was seen first in this state.
struct Seen {
    stamp: (u64, Option<SystemTime>),
    since: UtcMs,
    /// It was brought in and can't be moved: not again before it changes.
    stuck: bool,
}

/// A file that was dealt with.
#[derive(Clone, Debug)]
pub struct Handled {
    /// Its name.
    pub file: String,
    /// When.
    pub at: UtcMs,
    /// Where it is now.
    pub moved_to: PathBuf,
    /// What came of its rows; none where it can't be read.
    pub report: Option<Report>,
    /// The same in words, as in the report beside it.
    pub words: String,
}

impl Watched {
    /// Watches `folder`, whose files have sales numbered by `source`. Makes the folders for what is done and to fix.
    ///
    /// # Errors
    /// `bad_sale_id` (field `source`) for a source that is no name; `Write` where the folders can't be made.
    pub fn new(folder: &Path, source: &str) -> Result<Self> {
        sale::check_sale_id(source).map_err(|r| {
            ledger::Error::from(Refusal {
                field: "source".into(),
                ..r
            })
        })?;
        for name in [DONE, TO_FIX] {
            let inside = folder.join(name);
            fs::create_dir_all(&inside).map_err(ImportError::write(&inside))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            source: source.to_owned(),
            seen: BTreeMap::new(),
        })
    }

    /// Looks once, and deals with one file that has stopped changing; none where there is none. Ask again until then.
    /// `go_on` as in [`Import::run`]: a file that was stopped stays, and goes on the next time.
    ///
    /// # Errors
    /// See [`ImportError`]: the folder or the shop can't be read or written now. The file stays, for the next time.
    pub fn next(&mut self, store: &Store, go_on: &mut dyn FnMut(&Tally) -> bool) -> Result<Option<Handled>> {
        self.look(store.now())?;
        let now = store.now();
        let still = |seen: &Seen| !seen.stuck && now.0.abs_diff(seen.since.0) >= SETTLE_MS.unsigned_abs();
        let ready = self
            .seen
            .iter()
            .find(|(_, seen)| still(seen))
            .map(|(path, _)| path.clone());
        let Some(path) = ready else { return Ok(None) };
        match self.bring_in(store, &path, go_on) {
            // Somebody took it away meanwhile.
            Err(ImportError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            done => done,
        }
    }

    /// How many files wait to stop changing, or to be dealt with.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.seen.values().filter(|seen| !seen.stuck).count()
    }

    fn look(&mut self, now: UtcMs) -> Result<()> {
        let mut there = BTreeMap::new();
        let unread = ImportError::read(&self.folder);
        for entry in fs::read_dir(&self.folder).map_err(&unread)? {
            let entry = entry.map_err(&unread)?;
            let path = entry.path();
            // One that vanishes between two looks is no error.
            let Ok(meta) = entry.metadata() else { continue };
            if !meta.is_file() || !is_csv(&path) {
                continue;
            }
            let stamp = (meta.len(), meta.modified().ok());
            let seen = match self.seen.remove(&path) {
                Some(seen) if seen.stamp == stamp => seen,
                _ => Seen {
                    stamp,
                    since: now,
                    stuck: false,
                },
            };
            // An empty one is about to be written.
            if stamp.0 > 0 {
                there.insert(path, seen);
            }
        }
        self.seen = there;
        Ok(())
    }

    fn bring_in(
        &mut self,
        store: &Store,
        path: &Path,
        go_on: &mut dyn FnMut(&Tally) -> bool,
    ) -> Result<Option<Handled>> {
        let mut sample = Vec::new();
        let unread = ImportError::read(path);
        let file = File::open(path).map_err(&unread)?;
        file.take(SAMPLE_BYTES as u64)
            .read_to_end(&mut sample)
            .map_err(&unread)?;
        let mapping = match choose(store, &self.source, &sample)? {
            Ok(chosen) => chosen.into_mapping(),
            Err(unsure) => {
                return self
                    .unread(store, path, &words::unsure(&unsure, &self.source))
                    .map(Some);
            }
        };
        let rejects = free(&self.folder.join(TO_FIX), &rejects_name(path));
        let import = Import::new(path, What::Sales(self.source.clone()), mapping, Some(rejects))?;
        let reader = File::open(path).map_err(&unread)?;
        let report = match import.run(store, reader, go_on) {
            Err(ImportError::Header(e)) => return self.unread(store, path, &words::header(&e)).map(Some),
            done => done?,
        };
        if report.stopped {
            return Ok(None);
        }
        let words = words::report(&report);
        let handled = self.moved(store, path, DONE, &words, Some(report))?;
        import.forget(store)?;
        Ok(Some(handled))
    }

    fn unread(&mut self, store: &Store, path: &Path, words: &str) -> Result<Handled> {
        self.moved(store, path, TO_FIX, words, None)
    }

    /// Moves a file out of the way, with a report beside it.
    fn moved(&mut self, store: &Store, path: &Path, to: &str, words: &str, report: Option<Report>) -> Result<Handled> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let target = free(&self.folder.join(to), &name);
        if let Err(e) = fs::rename(path, &target) {
            if let Some(seen) = self.seen.get_mut(path) {
                seen.stuck = true;
            }
            return Err(ImportError::write(&target)(e));
        }
        self.seen.remove(path);
        let said = target.with_extension("report.txt");
        let local = store.shop().zone.local(store.now()).format("%Y-%m-%d %H:%M");
        fs::write(&said, format!("{name}, {local}\n\n{words}\n")).map_err(ImportError::write(&said))?;
        Ok(Handled {
            file: name,
            at: store.now(),
            moved_to: target,
            report,
            words: words.to_owned(),
        })
    }
}

fn is_csv(path: &Path) -> bool {
    let hidden = path
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
    !hidden && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"))
}

/// `sales.csv` has `sales.rejected.csv`, and so has that one, when it was fixed and comes back.
fn rejects_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    format!("{}.rejected.csv", stem.trim_end_matches(".rejected"))
}

/// A name in `folder` that no file has: `sales.csv`, `sales (2).csv` …
fn free(folder: &Path, name: &str) -> PathBuf {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let numbered = |n: u32| match n {
        1 => folder.join(name),
        n => folder.join(format!("{stem} ({n}).{extension}")),
    };
    let mut n = 1;
    while numbered(n).exists() {
        n += 1;
    }
    numbered(n)
}

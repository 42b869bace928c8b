//! An import under way on a thread of its own: how far it is, and stopping it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use imports::{Import, ImportError, Report, Tally, What, rehearse, remember};
use ledger::{StorageCode, StorageError, Store};
use loyalty::{Code, Refusal};
use pos::file::Mapping;

use super::look::shown_error;
use crate::app::lock;
use crate::views::{Failure, FileProgress, FileState, small};

/// How many refused cells are shown; the rest is in the file of them.
const SHOWN_MAX: usize = 200;

/// The job. Dropping it stops it and waits.
pub struct Job {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    bytes: AtomicU64,
    of_bytes: u64,
    stop: AtomicBool,
    progress: Mutex<FileProgress>,
}

/// A file that counts what was read of it.
struct Counted<R> {
    from: R,
    shared: Arc<Shared>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(into)?;
        self.shared.bytes.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl Job {
    /// Starts it: a rehearsal where no rows to fix are wanted.
    pub fn start(
        store: Arc<Store>,
        path: &Path,
        source: String,
        mapping: Mapping,
        rejects: Option<PathBuf>,
    ) -> ledger::Result<Self> {
        let failed = |e: io::Error| StorageError::of_io(&e, path);
        let dry_run = rejects.is_none();
        let shared = Arc::new(Shared {
            bytes: AtomicU64::new(0),
            of_bytes: path.metadata().map_err(failed)?.len(),
            stop: AtomicBool::new(false),
            progress: Mutex::new(FileProgress {
                state: FileState::Running,
                dry_run,
                ..idle()
            }),
        });
        if let Some(folder) = rejects.as_deref().and_then(Path::parent) {
            std::fs::create_dir_all(folder).map_err(|e| StorageError::of_io(&e, folder))?;
        }
        let (shares, path) = (Arc::clone(&shared), path.to_owned());
        let work = move || {
            let done = if dry_run {
                let import = |copy: &Store| run(copy, &path, source, mapping, None, &shares);
                rehearse(&store, import)
            } else {
                run(&store, &path, source, mapping, rejects, &shares)
            };
            shares.ended(done);
        };
        let thread = std::thread::Builder::new()
            .name("import".into())
            .spawn(work)
            .map_err(|e| StorageError::of_io(&e, Path::new("")))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// How far it is.
    pub fn progress(&self) -> FileProgress {
        let mut progress = lock(&self.shared.progress).clone();
        let bytes = self.shared.bytes.load(Ordering::Relaxed).min(self.shared.of_bytes);
        let percent = bytes * 100 / self.shared.of_bytes.max(1);
        progress.percent = match progress.state {
            FileState::Done => 100,
            _ => i32::try_from(percent).unwrap_or(100),
        };
        progress
    }

    /// Whether it is under way.
    pub fn is_running(&self) -> bool {
        lock(&self.shared.progress).state == FileState::Running
    }

    /// Tells it to stop after the rows it is at.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn run(
    store: &Store,
    path: &Path,
    source: String,
    mapping: Mapping,
    rejects: Option<PathBuf>,
    shared: &Arc<Shared>,
) -> Result<Report, ImportError> {
    let for_good = rejects.is_some();
    if for_good {
        let (source, mapping) = (source.clone(), mapping.clone());
        store.write(move |tx| remember(tx, &source, &mapping))?;
    }
    let import = Import::new(path, What::Sales(source), mapping, rejects)?;
    let from = File::open(path).map_err(|e| ledger::Error::from(StorageError::of_io(&e, path)))?;
    let counted = Counted {
        from,
        shared: Arc::clone(shared),
    };
    let report = import.run(store, counted, &mut |tally| {
        shared.counts(tally);
        !shared.stop.load(Ordering::Relaxed)
    })?;
    if for_good && !report.stopped {
        import.forget(store)?;
    }
    Ok(report)
}

impl Shared {
    fn counts(&self, tally: &Tally) {
        put(&mut lock(&self.progress), tally);
    }

    fn ended(&self, done: Result<Report, ImportError>) {
        let mut progress = lock(&self.progress);
        match done {
            Ok(report) => {
                put(&mut progress, &report.tally);
                progress.state = if report.stopped {
                    FileState::Stopped
                } else {
                    FileState::Done
                };
                progress.rejected_rows = count(report.rejected_rows);
                progress.rejected = report.rejected.iter().take(SHOWN_MAX).map(shown_error).collect();
                progress.rejects_file = report.rejects.map(|path| path.display().to_string());
            }
            Err(e) => {
                progress.state = FileState::Failed;
                progress.failure = Some(failure(e));
            }
        }
    }
}

fn put(progress: &mut FileProgress, tally: &Tally) {
    progress.rows = count(tally.rows);
    progress.recorded = count(tally.recorded);
    progress.duplicates = count(tally.duplicates);
    progress.members_created = count(tally.members_created);
    progress.points = small(tally.points);
}

fn count(n: u64) -> i32 {
    small(i64::try_from(n).unwrap_or(i64::MAX))
}

fn failure(e: ImportError) -> Failure {
    match e {
        ImportError::Ledger(e) => e.into(),
        ImportError::Header(e) => Refusal::of(Code::Missing, "header", &e.columns.join(", ")).into(),
        ImportError::Read { path, source } | ImportError::Write { path, source } => {
            ledger::Error::from(StorageError::of_io(&source, &path)).into()
        }
        ImportError::Elsewhere => busy(&e),
        ImportError::SameFile => Failure::io("", &e.to_string()),
    }
}

fn busy(e: &ImportError) -> Failure {
    ledger::Error::from(StorageError::new(StorageCode::Busy, Path::new(""), e.to_string())).into()
}

/// Nothing was asked for yet.
pub fn idle() -> FileProgress {
    FileProgress {
        state: FileState::Idle,
        dry_run: false,
        percent: 0,
        rows: 0,
        recorded: 0,
        duplicates: 0,
        members_created: 0,
        points: 0,
        rejected_rows: 0,
        rejected: Vec::new(),
        rejects_file: None,
        failure: None,
    }
}

/// Where refused rows of a file called `name` go: a name that no file there has.
pub fn rejects(folder: &Path, name: &str) -> PathBuf {
    let stem = Path::new(name)
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let stem = stem.trim_end_matches(".rejected");
    let numbered = |n: u32| match n {
        1 => folder.join(format!("{stem}.rejected.csv")),
        n => folder.join(format!("{stem}.rejected ({n}).csv")),
    };
    let mut n = 1;
    while numbered(n).exists() {
        n += 1;
    }
    numbered(n)
}

//! The import screen: one file at a time, taken in piece by piece, looked at, rehearsed, brought in.
//!
//! The file lies in the data folder until it is done with. Not here: reading rows (`pos`), the run (`imports`).

mod job;
mod look;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ledger::StorageError;
use loyalty::{Code, Refusal};
use pos::file::Mapping;
use tempfile::TempDir;

use super::{Answer, App, lock};
use crate::views::{FileAsk, FileLook, FileMapping, FileProgress, FileRun};
use job::Job;

/// The file on the import screen, if there is one.
#[derive(Default)]
pub struct Files(Mutex<Option<Opened>>);

/// A file taken in. Its folder goes with it.
struct Opened {
    id: String,
    /// As the owner knows it.
    name: String,
    path: PathBuf,
    job: Option<Job>,
    _folder: TempDir,
}

impl App {
    /// Makes room for a file called `name`, in place of the one before; answers the id it is known by.
    ///
    /// # Errors
    /// `not_allowed` while another is being brought in; `locked`; the machine's.
    pub fn file_begin(&self, name: &str) -> Answer<String> {
        let (store, _) = self.owning()?;
        let mut open = lock(&self.files.0);
        if open.as_ref().is_some_and(Opened::is_busy) {
            return Err(Refusal::of(Code::NotAllowed, "file", name).into());
        }
        // The one before goes first: two of them may be more than the disk has room for.
        *open = None;
        let folder = tempfile::Builder::new().prefix("import-").tempdir_in(store.dir());
        let folder = self.told(folder.map_err(|e| StorageError::of_io(&e, store.dir()).into()))?;
        let id = store.new_op().to_string();
        let path = folder.path().join("sales.csv");
        self.told(std::fs::File::create(&path).map_err(|e| StorageError::of_io(&e, &path).into()))?;
        *open = Some(Opened {
            id: id.clone(),
            name: name.to_owned(),
            path,
            job: None,
            _folder: folder,
        });
        Ok(id)
    }

    /// Adds a piece to it, in base64.
    ///
    /// # Errors
    /// `missing` for another file or a piece that is no base64; `locked`; the machine's.
    pub fn file_bytes(&self, file_id: &str, piece: &str) -> Answer<()> {
        self.owning()?;
        let bytes = BASE64_STANDARD.decode(piece);
        let bytes = bytes.map_err(|_| Refusal::of(Code::Missing, "piece", ""))?;
        self.with_file(file_id, |file| {
            let written = std::fs::OpenOptions::new()
                .append(true)
                .open(&file.path)
                .and_then(|mut to| to.write_all(&bytes));
            self.told(written.map_err(|e| StorageError::of_io(&e, &file.path).into()))
        })
    }

    /// What the file looks like, and its first rows as they would be recorded.
    ///
    /// # Errors
    /// `missing` for another file or a mapping that can't be read; `bad_sale_id` (field `source`); `locked`; the
    /// machine's.
    pub fn file_look(&self, ask: &FileAsk) -> Answer<FileLook> {
        let (store, _) = self.owning()?;
        let mapping = ask.mapping.as_ref().map(read).transpose()?;
        let source = ask.source.as_deref().map(checked).transpose()?;
        let path = self.with_file(&ask.file_id, |file| Ok(file.path.clone()))?;
        self.told(look::look(&store, &path, source, mapping))
    }

    /// Brings the file in, or rehearses that, on a thread of its own; how it reads the file is remembered.
    /// Rows to fix go to `folder`, or, where this user has none for documents, to `exports` in the data folder.
    ///
    /// # Errors
    /// As [`App::file_look`]; `not_allowed` while it is under way already.
    pub fn file_run(&self, run: &FileRun, folder: Option<&Path>) -> Answer<FileProgress> {
        let (store, _) = self.owning()?;
        let (mapping, source) = (read(&run.mapping)?, checked(&run.source)?);
        let own = self.place.folder().join("exports");
        let folder = folder.unwrap_or(&own);
        self.with_file(&run.file_id, |file| {
            if file.is_busy() {
                return Err(Refusal::of(Code::NotAllowed, "file", &file.name).into());
            }
            let rejects = (!run.dry_run).then(|| job::rejects(folder, &file.name));
            let job = Job::start(Arc::clone(&store), &file.path, source, mapping, rejects);
            let job = self.told(job)?;
            let progress = job.progress();
            file.job = Some(job);
            Ok(progress)
        })
    }

    /// How far it has come.
    ///
    /// # Errors
    /// `missing` for another file; `locked`.
    pub fn file_progress(&self, file_id: &str) -> Answer<FileProgress> {
        self.owning()?;
        self.with_file(file_id, |file| {
            Ok(file.job.as_ref().map_or_else(job::idle, Job::progress))
        })
    }

    /// Tells it to stop, soon.
    ///
    /// # Errors
    /// `missing` for another file; `locked`.
    pub fn file_stop(&self, file_id: &str) -> Answer<()> {
        self.owning()?;
        self.with_file(file_id, |file| {
            if let Some(job) = &file.job {
                job.stop();
            }
            Ok(())
        })
    }

    /// Ends what is under way, and forgets the file.
    pub fn end_files(&self) {
        *lock(&self.files.0) = None;
    }

    fn with_file<T>(&self, id: &str, work: impl FnOnce(&mut Opened) -> Answer<T>) -> Answer<T> {
        let mut open = lock(&self.files.0);
        let file = open.as_mut().filter(|file| file.id == id);
        work(file.ok_or_else(|| Refusal::of(Code::Missing, "file", id))?)
    }
}

impl Opened {
    fn is_busy(&self) -> bool {
        self.job.as_ref().is_some_and(Job::is_running)
    }
}

/// A mapping as the window wrote it. Both sides have the same JSON.
fn read(mapping: &FileMapping) -> Result<Mapping, Refusal> {
    let bad = || Refusal::of(Code::Missing, "mapping", "");
    let json = serde_json::to_value(mapping).map_err(|_| bad())?;
    let mapping: Mapping = serde_json::from_value(json).map_err(|_| bad())?;
    if mapping.delimiter.is_ascii() {
        Ok(mapping)
    } else {
        Err(bad())
    }
}

fn checked(source: &str) -> Result<String, Refusal> {
    let source = source.trim();
    loyalty::sale::check_sale_id(source).map_err(|r| Refusal {
        field: "source".to_owned(),
        ..r
    })?;
    Ok(source.to_owned())
}

//! A folder of backups: a part is written under a hidden name, read back, and only then gets its own.

use chrono::{DateTime, Days, Utc};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::file;
use crate::keep::Name;
use crate::shelf::{Progress, ShelfCode, ShelfError};

/// A folder of backups. It is never made: where a disk is not plugged in its folder is not there, and a new one would be
/// on the wrong disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// A file that has to be in it, so that the empty folder that a disk is mounted on is not taken for the disk.
    pub mark: Option<&'static str>,
}

const PIECE: usize = 1 << 16;

impl Folder {
    fn io<T>(&self, result: std::io::Result<T>) -> Result<T, ShelfError> {
        result.map_err(|error| ShelfError::of_io(&error, &self.path))
    }

    /// Whether it can be used at all.
    ///
    /// # Errors
    /// `Missing`, also where its mark is not in it.
    pub fn look(&self) -> Result<(), ShelfError> {
        let whole = self.path.is_dir() && self.mark.is_none_or(|mark| self.path.join(mark).is_file());
        if whole {
            Ok(())
        } else {
            Err(ShelfError::new(ShelfCode::Missing, self.path.display(), ""))
        }
    }

    /// The backups of `what`, the oldest first.
    ///
    /// # Errors
    /// Where the folder can't be read.
    pub fn list(&self, what: &str) -> Result<Vec<(Name, u64)>, ShelfError> {
        self.look()?;
        let mut all = Vec::new();
        for entry in self.io(std::fs::read_dir(&self.path))? {
            let entry = self.io(entry)?;
            if let Some(name) = entry.file_name().to_str().and_then(|name| Name::read(what, name)) {
                all.push((name, self.io(entry.metadata())?.len()));
            }
        }
        all.sort();
        Ok(all)
    }

    /// Puts a sealed file there.
    ///
    /// # Errors
    /// Where the folder can't be written; `Changed` where something else was read back.
    pub fn put(&self, what: &str, name: &Name, sealed: &Path, progress: &Progress) -> Result<(), ShelfError> {
        self.look()?;
        self.clear_parts(what, name.at)?;
        let file = name.write(what);
        let part = self.path.join(format!(".{file}{PART}"));
        let done = self
            .written(&part, sealed, progress)
            .and_then(|()| self.io(std::fs::rename(&part, self.path.join(&file))))
            .and_then(|()| self.io(sync(&self.path)));
        if done.is_err() {
            // Where that fails too, it is hidden, and goes with one of the next.
            let _ = std::fs::remove_file(&part);
        }
        done
    }

    fn written(&self, part: &Path, sealed: &Path, progress: &Progress) -> Result<(), ShelfError> {
        let of_work = |error| ShelfError::of_io(&error, sealed);
        if part.exists() {
            self.io(std::fs::remove_file(part))?;
        }
        let mut from = File::open(sealed).map_err(of_work)?;
        let all = from.metadata().map_err(of_work)?.len();
        let mut to = self.io(file::create(part))?;
        let (mut digest, mut piece, mut done) = (Sha256::new(), vec![0; PIECE], 0_u64);
        loop {
            let filled = from.read(&mut piece).map_err(of_work)?;
            if filled == 0 {
                break;
            }
            self.io(to.write_all(&piece[..filled]))?;
            digest.update(&piece[..filled]);
            done += filled as u64;
            progress.between(60, 90, done, all);
        }
        self.io(to.sync_all())?;
        let mut back = Sha256::new();
        self.io(File::open(part).and_then(|mut part| std::io::copy(&mut part, &mut back)))?;
        if back.finalize() == digest.finalize() {
            Ok(())
        } else {
            Err(ShelfError::new(ShelfCode::Changed, self.path.display(), ""))
        }
    }

    /// What somebody left half written: a process that was killed, a disk that was pulled out. Not what another one may
    /// be writing now.
    fn clear_parts(&self, what: &str, now: DateTime<Utc>) -> Result<(), ShelfError> {
        let before = now.checked_sub_days(Days::new(1)).unwrap_or(now);
        for entry in self.io(std::fs::read_dir(&self.path))? {
            let entry = self.io(entry)?;
            let name = entry.file_name();
            let named = name
                .to_str()
                .and_then(|name| name.strip_prefix('.')?.strip_suffix(PART));
            if named
                .and_then(|name| Name::read(what, name))
                .is_some_and(|name| name.at < before)
            {
                self.io(std::fs::remove_file(entry.path()))?;
            }
        }
        Ok(())
    }

    /// Takes a file of ours away.
    ///
    /// # Errors
    /// Where the folder can't be written.
    pub fn remove(&self, file: &str) -> Result<(), ShelfError> {
        self.io(std::fs::remove_file(self.path.join(file)))
    }
}

const PART: &str = ".part";

/// Makes a new name durable, where folders can be synced.
fn sync(folder: &Path) -> std::io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some network and FUSE disks don't know that of a folder; the file itself is synced.
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::InvalidInput | std::io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        done => done,
    }
}

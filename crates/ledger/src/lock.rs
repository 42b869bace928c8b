//! One desktop app a data folder: an OS lock on `app.lock`, let go by the system when the process ends, however.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Result, StorageCode, StorageError};
use crate::private;

/// Held for as long as the app uses the folder. `regularsctl` works beside it and takes it only to replace the file.
#[derive(Debug)]
pub struct AppLock {
    _file: File,
}

impl AppLock {
    /// Takes the folder.
    ///
    /// # Errors
    /// `in_use` where another app has it; `read_only` and the like.
    pub fn take(dir: &Path) -> Result<Self> {
        let path = dir.join("app.lock");
        let io = |e: std::io::Error| StorageError::of_io(&e, &path);
        private::folder(dir).map_err(|e| StorageError::of_io(&e, dir))?;
        let file = private::creating().open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(StorageError::new(StorageCode::InUse, dir, "another Regulars has this folder open").into())
            }
            Err(TryLockError::Error(e)) => Err(io(e).into()),
        }
    }
}

//! Sealing a file into another, and opening it again: what counts is what could be read back.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use crate::seal::{RANDOM_BYTES, SealError, Sealed, open, seal};

/// A new file that only its owner may read, where the system has such a thing. Refused where there is one.
///
/// # Errors
/// The system's.
pub fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Seals `from` into the new file `to`, which is on the disk, opened again and compared when this returns.
///
/// # Errors
/// `Short`; `Io`; `Closed` where it does not open to what was sealed. What is at `to` is worth nothing then.
pub fn seal_file(passphrase: &str, random: &[u8; RANDOM_BYTES], from: &Path, to: &Path) -> Result<Sealed, SealError> {
    let mut file = BufWriter::new(create(to)?);
    let written = seal(passphrase, random, BufReader::new(File::open(from)?), &mut file)?;
    file.flush()?;
    file.get_ref().sync_all()?;
    let read = open(passphrase, BufReader::new(File::open(to)?), std::io::sink())?;
    if read == written {
        Ok(written)
    } else {
        Err(SealError::Closed)
    }
}

/// Opens the sealed file `from` into the new file `to`.
///
/// # Errors
/// See [`SealError`]. What is at `to` is worth nothing then.
pub fn open_file(passphrase: &str, from: &Path, to: &Path) -> Result<Sealed, SealError> {
    let mut file = BufWriter::new(create(to)?);
    let opened = open(passphrase, BufReader::new(File::open(from)?), &mut file)?;
    file.flush()?;
    Ok(opened)
}

//! Backups that are sealed with a passphrase: made from a checked copy, opened before they are restored. How the shop is
//! copied and put back is in `safety`.

use backups::{RANDOM_BYTES, SealError};
use ledger::{Ids, SystemIds};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::place;

/// The passphrase in a file.
pub fn passphrase(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).map_err(place::io(file))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Whether a file is one.
pub fn is_sealed(file: &Path) -> bool {
    File::open(file).is_ok_and(backups::is_sealed)
}

fn said(error: &SealError, file: &Path) -> Failure {
    Failure::usage(format!("{}: {error}", file.display()))
}

/// Seals a copy into `file`, which gets its name only when it was read back and compared.
pub fn seal(copy: &Path, passphrase: &str, file: &Path) -> Result<()> {
    let mut random = [0; RANDOM_BYTES];
    for piece in random.chunks_mut(16) {
        piece.copy_from_slice(&SystemIds.random()[..piece.len()]);
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(place::io(file))?;
    let from = BufReader::new(File::open(copy).map_err(place::io(copy))?);
    let mut to = BufWriter::new(made.as_file());
    let written = backups::seal(passphrase, &random, from, &mut to).map_err(|error| said(&error, file))?;
    to.flush().map_err(place::io(file))?;
    drop(to);
    made.as_file().sync_all().map_err(place::io(file))?;
    let back = BufReader::new(File::open(made.path()).map_err(place::io(file))?);
    let read = backups::open(passphrase, back, std::io::sink()).map_err(|error| said(&error, file))?;
    if read != written {
        return Err(said(&SealError::Closed, file));
    }
    made.persist(file).map_err(|error| place::io(file)(error.error))?;
    Ok(())
}

/// Opens a sealed file into `to`.
pub fn open(file: &Path, passphrase: &str, to: &Path) -> Result<()> {
    let from = BufReader::new(File::open(file).map_err(place::io(file))?);
    let copy = BufWriter::new(File::create_new(to).map_err(place::io(to))?);
    backups::open(passphrase, from, copy).map_err(|error| said(&error, file))?;
    Ok(())
}

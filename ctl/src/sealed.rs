//! Backups that are sealed with a passphrase: made from a checked copy, opened before they are restored. How the shop is
//! copied and put back is in `safety`.

use backups::s3::Account;
use backups::{RANDOM_BYTES, S3, SealError};
use ledger::{Ids, SystemIds};
use std::fs::File;
use std::path::{Path, PathBuf};

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
    let work = tempfile::Builder::new()
        .prefix(".backup-")
        .tempdir_in(folder.unwrap_or(Path::new(".")));
    let work = work.map_err(place::io(file))?;
    let made = work.path().join("sealed");
    backups::file::seal_file(passphrase, &random, copy, &made).map_err(|error| said(&error, file))?;
    std::fs::rename(&made, file).map_err(place::io(file))
}

/// Brings what lies in storage, `s3://…`, into the folder `to`; none where `file` is a file.
pub fn fetched(file: &Path, s3: Option<&Path>, to: &Path) -> Result<Option<PathBuf>> {
    let named = file.to_string_lossy();
    let Some(address) = named.strip_prefix("s3://") else {
        return Ok(None);
    };
    let settings = s3.ok_or_else(|| Failure::usage("Say where that storage is, and with which key: --s3 FILE."))?;
    let text = std::fs::read_to_string(settings).map_err(place::io(settings))?;
    let fetch = || {
        let s3 = S3::new(Account::read(&text)?)?;
        let name = s3.name_of(address)?;
        let there = to.join("fetched");
        s3.get(&name, &there).map(|()| there)
    };
    fetch().map(Some).map_err(|error| Failure::usage(error.to_string()))
}

/// Opens a sealed file into `to`.
pub fn open(file: &Path, passphrase: &str, to: &Path) -> Result<()> {
    backups::file::open_file(passphrase, file, to).map_err(|error| said(&error, file))?;
    Ok(())
}

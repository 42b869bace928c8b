//! Names, phones and emails are in these files: on Unix the folder is its owner's alone (0700), and so is every file
//! in it (0600). What was made looser is tightened when it is opened. Elsewhere the system's own folders for apps' data
//! are private already; nothing is done there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder, and those above it that are missing, for its owner alone.
///
/// # Errors
/// Those of the file system.
pub fn folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Options that make a file for its owner alone.
pub fn creating() -> OpenOptions {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file for its owner alone, before SQLite does for everybody: what SQLite puts beside it (its log) has
/// the same mode.
///
/// # Errors
/// Those of the file system.
pub fn file(path: &Path) -> io::Result<()> {
    creating().open(path).map(drop)
}

/// Takes a shop's folder, its database with what is beside it, and its backups away from everybody else.
///
/// Where that fails nothing is said: a memory stick has no modes, and whether the folder can be used at all is found
/// out by using it.
pub fn tighten(dir: &Path, backups: &Path) {
    for folder in [dir, backups] {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        for file in files.filter(|f| folder == backups || f.file_name().to_string_lossy().starts_with("regulars.db")) {
            drop(only_owner(&file.path()));
        }
        drop(only_owner(folder));
    }
}

#[cfg(unix)]
fn only_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    /// Of a folder that everybody shares, such as /tmp: whoever keeps a shop there has only its files closed.
    const STICKY: u32 = 0o1000;
    let found = fs::symlink_metadata(path)?;
    let mode = found.permissions().mode();
    if mode & 0o077 == 0 || mode & STICKY != 0 || found.is_symlink() {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
}

#[cfg(not(unix))]
fn only_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

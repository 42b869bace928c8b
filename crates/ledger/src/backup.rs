//! Backups: taken while the shop works, checked, and only then under their name. Restoring keeps what was there.

use loyalty::{Origin, UtcMs};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::{Clock, Ids, SystemClock, SystemIds};
use crate::connect;
use crate::error::{Error, Result, StorageCode, StorageError};
use crate::lock::AppLock;
use crate::migrate::{self, Needs};
use crate::private;
use crate::shop::Shop;
use crate::verify::{self, Verified};

/// Pages copied in one step: 4 MiB, so that a writer never waits long.
const STEP_PAGES: i32 = 1024;

/// Copies a shop into `to`, checks the copy by folding its whole log, and puts it under its name only then.
///
/// # Errors
/// A storage error; `to` is then as it was.
pub(crate) fn backup(file: &Path, to: &Path, mut progress: impl FnMut(u8)) -> Result<Verified> {
    if let (Ok(a), Ok(b)) = (file.canonicalize(), to.canonicalize())
        && a == b
    {
        return Err(StorageError::new(StorageCode::Io, to, "this is the shop's own file; choose another name").into());
    }
    let part = to.with_extension("part");
    let io = |e: &std::io::Error| Error::from(StorageError::of_io(e, to));
    if let Some(dir) = to.parent().filter(|d| !d.as_os_str().is_empty()) {
        private::folder(dir).map_err(|e| io(&e))?;
    }
    let copied = copy(file, &part, &mut progress).and_then(|()| check(&part));
    let verified = copied.inspect_err(|_| drop(std::fs::remove_file(&part)))?;
    if !verified.ok {
        drop(std::fs::remove_file(&part));
        let what = verified.problem.map_or_else(String::new, |p| p.what);
        return Err(StorageError::new(StorageCode::Damaged, to, format!("the copy does not verify: {what}")).into());
    }
    File::open(&part).and_then(|f| f.sync_all()).map_err(|e| io(&e))?;
    rename(&part, to)?;
    progress(100);
    Ok(verified)
}

fn copy(file: &Path, part: &Path, progress: &mut impl FnMut(u8)) -> Result<()> {
    drop(std::fs::remove_file(part));
    let from = connect::reader(file, connect::BUSY)?;
    // One moment of the shop. Without this the copy begins again with every sale, and a busy till has no backup.
    let moment = from.unchecked_transaction()?;
    let _: i64 = moment.query_row("SELECT count(*) FROM shop", [], |r| r.get(0))?;
    private::file(part).map_err(|e| StorageError::of_io(&e, part))?;
    let mut copy = Connection::open(part)?;
    {
        let backup = Backup::new(&moment, &mut copy)?;
        loop {
            match backup.step(STEP_PAGES)? {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(5)),
                _ => {}
            }
            let p = backup.progress();
            let done = i64::from(p.pagecount - p.remaining) * 95 / i64::from(p.pagecount.max(1));
            progress(u8::try_from(done).unwrap_or(0));
        }
    }
    // One file, no log beside it.
    let _: String = copy.pragma_update_and_check(None, "journal_mode", "delete", |r| r.get(0))?;
    Ok(())
}

/// Keeps a copy of an older file before it is migrated.
///
/// # Errors
/// A storage error; nothing was migrated then.
pub(crate) fn before_update(conn: &Connection, dir: &Path, now: UtcMs) -> Result<()> {
    let folder = connect::backups(dir);
    private::folder(&folder).map_err(|e| StorageError::of_io(&e, &folder))?;
    let to = dated(dir, "before-update", now);
    // Two processes may update at once, each with a copy of its own until it is whole.
    let part = to.with_extension(format!("{}.part", std::process::id()));
    drop(std::fs::remove_file(&part));
    private::file(&part).map_err(|e| StorageError::of_io(&e, &part))?;
    let kept = conn
        .execute("VACUUM INTO ?1", [part.display().to_string()])
        .map_err(Error::from);
    kept.and_then(|_| {
        File::open(&part)
            .and_then(|f| f.sync_all())
            .map_err(|e| StorageError::of_io(&e, &part).into())
    })
    .and_then(|()| rename(&part, &to))
    .inspect_err(|_| drop(std::fs::remove_file(&part)))
}

/// Folds the log of a shop's file that nobody uses.
///
/// # Errors
/// `damaged`, `too_new`; a storage error.
pub(crate) fn check(path: &Path) -> Result<Verified> {
    if !path.is_file() {
        return Err(StorageError::new(StorageCode::Io, path, "there is no such file").into());
    }
    let fill = |e: Error| match e {
        Error::Storage(s) => Error::Storage(s.at(path)),
        e => e,
    };
    let conn =
        Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|e| fill(e.into()))?;
    let needs = migrate::needs(&conn, path).map_err(fill)?;
    if needs != Needs::Nothing {
        return Err(StorageError::new(StorageCode::Damaged, path, "this file is no backup of this version").into());
    }
    let shop = Shop::load(&conn).map_err(fill)?;
    let shop = shop.ok_or_else(|| StorageError::new(StorageCode::Damaged, path, "there is no shop in this file"))?;
    verify::verify(&conn, &shop).map_err(fill)
}

/// Whether a backup is of an older version, and has to be brought up to date.
fn is_older(backup: &Path) -> Result<bool> {
    if !backup.is_file() {
        return Err(StorageError::new(StorageCode::Io, backup, "there is no such file").into());
    }
    let look = || -> Result<bool> {
        let conn = Connection::open_with_flags(backup, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        Ok(migrate::needs(&conn, backup)? == Needs::Some)
    };
    look().map_err(|e| match e {
        Error::Storage(s) => Error::Storage(s.at(backup)),
        e => e,
    })
}

/// Brings the copy of an older backup up to date, as opening the shop would.
fn bring_up_to_date(part: &Path) -> Result<()> {
    let mut conn = connect::writer(part, connect::BUSY)?;
    migrate::migrate(&mut conn)?;
    let _: String = conn.pragma_update_and_check(None, "journal_mode", "delete", |r| r.get(0))?;
    Ok(())
}

fn checked(path: &Path, backup: &Path) -> Result<Verified> {
    let verified = check(path)?;
    if verified.ok {
        return Ok(verified);
    }
    let what = verified.problem.map_or_else(String::new, |p| p.what);
    Err(StorageError::new(StorageCode::Damaged, backup, what).into())
}

/// Puts a backup in place of the shop's file; one of an older version is brought up to date, in the copy. The file it
/// replaces is kept in `backups/`; its path is answered.
///
/// # Errors
/// `in_use` while an app has the folder open; `damaged` where the backup does not verify; `too_new`; a storage error.
/// Nothing was changed then.
pub fn restore(dir: &Path, backup: &Path, now: UtcMs) -> Result<(Verified, Option<PathBuf>)> {
    let older = is_older(backup)?;
    if !older {
        checked(backup, backup)?;
    }
    let _alone = AppLock::take(dir)?;
    private::tighten(dir, &connect::backups(dir));
    let (file, part) = (connect::file(dir), dir.join("restore.part"));
    let io = |e: std::io::Error| Error::from(StorageError::of_io(&e, &part));
    drop(std::fs::remove_file(&part));
    let mut from = File::open(backup).map_err(io)?;
    let mut copy = private::creating().open(&part).map_err(io)?;
    std::io::copy(&mut from, &mut copy).map_err(io)?;
    drop(copy);
    // What is put in place is what was verified: the copy, not only the file it was made of.
    let fits = if older { bring_up_to_date(&part) } else { Ok(()) };
    let verified = fits
        .and_then(|()| checked(&part, backup))
        .inspect_err(|_| drop(std::fs::remove_file(&part)))?;
    File::open(&part).and_then(|f| f.sync_all()).map_err(io)?;
    renew(&part)?;
    let kept = if file.exists() {
        Some(put_aside(dir, &file, now)?)
    } else {
        None
    };
    rename(&part, &file)?;
    Ok((verified, kept))
}

/// Moves the shop's file of a folder into `backups/`, so that the folder has none; answers where it is. Nobody may have
/// the file open.
///
/// # Errors
/// A storage error.
pub fn set_aside(dir: &Path, now: UtcMs) -> Result<PathBuf> {
    put_aside(dir, &connect::file(dir), now)
}

/// A till that has a relay goes on under a new origin from an older file: what it did since must not be done again under
/// the same numbers.
fn renew(part: &Path) -> Result<()> {
    let conn = Connection::open(part)?;
    let now = Origin(SystemIds.uuid(SystemClock.now()));
    crate::relay::begin_renewal(&conn, now, crate::relay::Renews::Restored)?;
    let _: String = conn.pragma_update_and_check(None, "journal_mode", "delete", |r| r.get(0))?;
    conn.close().map_err(|(_, e)| Error::from(e))
}

/// Moves the shop's file, with the log beside it, into `backups/`.
pub(crate) fn put_aside(dir: &Path, file: &Path, now: UtcMs) -> Result<PathBuf> {
    let to = dated(dir, "replaced", now);
    if let Some(folder) = to.parent() {
        private::folder(folder).map_err(|e| StorageError::of_io(&e, folder))?;
    }
    // Whoever still has it open would write into a file that is no longer the shop's.
    if let Ok(conn) = connect::writer(file, connect::BUSY) {
        let _: std::result::Result<i64, _> = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0));
    }
    for tail in ["-wal", "-shm"] {
        let side = |p: &Path| PathBuf::from(format!("{}{tail}", p.display()));
        if side(file).exists() {
            rename(&side(file), &side(&to))?;
        }
    }
    rename(file, &to)?;
    Ok(to)
}

/// A name in `backups/` that says what and when.
pub(crate) fn dated(dir: &Path, what: &str, now: UtcMs) -> PathBuf {
    connect::backups(dir).join(format!("{}-{what}.db", now.utc().format("%Y%m%dT%H%M%S%3fZ")))
}

/// Renames, and makes the new name durable.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    let io = |e: std::io::Error| Error::from(StorageError::of_io(&e, to));
    std::fs::rename(from, to).map_err(io)?;
    if let Some(dir) = to.parent().filter(|d| !d.as_os_str().is_empty()) {
        connect::sync_dir(dir).map_err(io)?;
    }
    Ok(())
}

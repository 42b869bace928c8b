//! The ledger as CSV for a spreadsheet: one line an entry, in the order they were written.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use ledger::{Line, StorageCode, StorageError, Store, sheet};
use loyalty::op::Kind;
use loyalty::{Code, MemberId, Refusal};

use crate::views::{Exported, LedgerFilter, Side, small};

/// A list is written in pieces of this many bytes, and may be stopped between two.
const PIECE: usize = 1 << 16;

/// A filter, read.
struct Wanted {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    kind: Option<Kind>,
    member: Option<MemberId>,
    by: Option<String>,
    reward: Option<String>,
    side: Option<Side>,
    reversed: Option<bool>,
}

impl Wanted {
    fn read(filter: &LedgerFilter) -> Result<Self, Refusal> {
        let day = |field: &str, text: &Option<String>| {
            let read = |t: &String| t.parse().map_err(|_| Refusal::of(Code::BadTime, field, t));
            text.as_ref().map(read).transpose()
        };
        let member = filter.member_id.as_ref();
        Ok(Self {
            from: day("from_day", &filter.from_day)?,
            to: day("to_day", &filter.to_day)?,
            kind: filter.kind.map(Kind::from),
            member: member.map(|m| super::id("member_id", m)).transpose()?,
            by: filter.staff_id.clone(),
            reward: filter.reward.clone(),
            side: filter.side,
            reversed: filter.reversed,
        })
    }

    fn has(&self, line: &Line, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| day >= from)
            && self.to.is_none_or(|to| day <= to)
            && self.kind.is_none_or(|kind| line.kind == kind)
            && self.member.is_none_or(|member| line.member == member)
            && self.by.as_ref().is_none_or(|by| &line.by == by)
            && (self.reward.is_none() || (line.kind == Kind::Redeem && line.reward == self.reward))
            && self.side.is_none_or(|side| side_of(line) == side)
            && self.reversed.is_none_or(|reversed| line.reversed == reversed)
    }
}

fn side_of(line: &Line) -> Side {
    match line.reverses_kind.unwrap_or(line.kind) {
        Kind::Redeem => Side::Redeemed,
        _ => Side::Issued,
    }
}

/// Writes the lines that `filter` lets through into a new file in `folder`: whole, or not at all. None where `stopped`,
/// which is asked at every line, said so.
///
/// # Errors
/// A refusal for a filter that can't be read; inside, the machine's.
pub fn ledger(
    store: &Store,
    filter: &LedgerFilter,
    folder: &Path,
    stopped: &dyn Fn() -> bool,
) -> Result<ledger::Result<Option<Exported>>, Refusal> {
    let wanted = Wanted::read(filter)?;
    Ok(write(store, &wanted, folder, stopped))
}

fn write(
    store: &Store,
    wanted: &Wanted,
    folder: &Path,
    stopped: &dyn Fn() -> bool,
) -> ledger::Result<Option<Exported>> {
    let io = |e: &std::io::Error| StorageError::of_io(e, folder);
    fs::create_dir_all(folder).map_err(|e| io(&e))?;
    let file = tempfile::NamedTempFile::new_in(folder).map_err(|e| io(&e))?;
    let failed = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => io(&e),
        other => StorageError::new(StorageCode::Io, folder, format!("{other:?}")),
    };
    let mut rows = 0_i64;
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(sheet::COLUMNS).map_err(failed)?;
    let mut enough = false;
    let read = store.each_line(|line| {
        if stopped() {
            enough = true;
            // Any error ends the reading; this one goes no further.
            return Err(StorageError::new(StorageCode::Io, folder, "stopped").into());
        }
        if wanted.has(&line, store.shop().zone.day(line.at)) {
            rows += 1;
            csv.write_record(sheet::cells(store.shop(), &line)).map_err(failed)?;
        }
        Ok(())
    });
    if enough {
        // The file goes away with the writer.
        return Ok(None);
    }
    read?;
    let file = csv.into_inner().map_err(|e| io(e.error()))?;
    file.as_file().sync_all().map_err(|e| io(&e))?;
    let path = keep(file, folder, &format!("ledger-{}", store.shop().zone.day(store.now()))).map_err(|e| io(&e))?;
    Ok(Some(Exported {
        path: path.display().to_string(),
        rows: small(rows),
    }))
}

/// Writes a list that the owner's window put together, as CSV, into a new file in `folder`; answers its path. None
/// where `stopped` said so.
///
/// # Errors
/// `bad_name` for a name that is not a short word of small letters; inside, the machine's.
pub fn list(
    store: &Store,
    name: &str,
    csv: &str,
    folder: &Path,
    stopped: &dyn Fn() -> bool,
) -> Result<ledger::Result<Option<String>>, Refusal> {
    if name.is_empty() || name.len() > 20 || !name.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(Refusal::of(Code::BadName, "name", name));
    }
    let written = (|| {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for piece in csv.as_bytes().chunks(PIECE) {
            if stopped() {
                return Ok(None);
            }
            file.write_all(piece)?;
        }
        file.as_file().sync_all()?;
        keep(file, folder, &format!("{name}-{}", store.shop().zone.day(store.now()))).map(Some)
    })();
    Ok(written
        .map(|path| path.map(|path| path.display().to_string()))
        .map_err(|e| StorageError::of_io(&e, folder).into()))
}

/// Gives the file a name that no other file has: `ledger-2026-11-20.csv`, `ledger-2026-11-20 (2).csv` …
fn keep(mut file: tempfile::NamedTempFile, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
    let mut n = 1;
    loop {
        let path = match n {
            1 => folder.join(format!("{name}.csv")),
            n => folder.join(format!("{name} ({n}).csv")),
        };
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists && n < 1000 => file = e.file,
            Err(e) => return Err(e.error),
        }
        n += 1;
    }
}

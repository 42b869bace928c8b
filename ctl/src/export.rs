//! `ledger export`: every line, for a spreadsheet or for a program, in the order they were written.

use ledger::{Line, StorageCode, StorageError, Store, sheet};
use loyalty::Money;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

use crate::args::Format;
use crate::failure::Result;
use crate::out::{Out, counted};
use crate::place::{Place, not_the_shop, unwritten};

/// Into a file, whole or not at all, or to standard output.
pub fn run(place: &Place, format: Format, file: Option<&Path>, out: Out) -> Result<()> {
    let store = place.open()?;
    let Some(file) = file else {
        let written = write(&store, format, io::BufWriter::new(io::stdout().lock()));
        return match written {
            // A reader that has heard enough (`| head`) is no failure.
            Err(Stopped::Io(e)) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(Stopped::Io(e)) => Err(StorageError::of_io(&e, Path::new("standard output")).into()),
            Err(Stopped::Store(e)) => Err(e.into()),
            Ok(_) => Ok(()),
        };
    };
    not_the_shop(place, file)?;
    let folder = file
        .parent()
        .filter(|d| !d.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut part = tempfile::NamedTempFile::new_in(folder).map_err(unwritten(file))?;
    let written = write(&store, format, io::BufWriter::new(part.as_file_mut()));
    let lines = written.map_err(|e| match e {
        Stopped::Io(e) => unwritten(file)(e),
        Stopped::Store(e) => e.into(),
    })?;
    part.as_file().sync_all().map_err(unwritten(file))?;
    part.persist(file).map_err(|e| unwritten(file)(e.error))?;
    out.say(&json!({"lines": lines, "file": file}), || {
        format!("{} written to {}.", counted(lines, "line"), file.display())
    });
    Ok(())
}

/// Why an export ended early.
enum Stopped {
    Io(io::Error),
    Store(ledger::Error),
}

fn write(store: &Store, format: Format, to: impl Write) -> Result<i64, Stopped> {
    match format {
        Format::Csv => csv(store, to),
        Format::Jsonl => jsonl(store, to),
    }
}

fn csv(store: &Store, to: impl Write) -> Result<i64, Stopped> {
    let mut csv = csv::Writer::from_writer(to);
    let io = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => e,
        other => io::Error::other(format!("{other:?}")),
    };
    csv.write_record(sheet::COLUMNS).map_err(|e| Stopped::Io(io(e)))?;
    let lines = each(store, |line| {
        csv.write_record(sheet::cells(store.shop(), line)).map_err(io)
    })?;
    csv.flush().map_err(Stopped::Io)?;
    Ok(lines)
}

fn jsonl(store: &Store, mut to: impl Write) -> Result<i64, Stopped> {
    let lines = each(store, |line| writeln!(to, "{}", object(store, line)))?;
    to.flush().map_err(Stopped::Io)?;
    Ok(lines)
}

/// Hands every line to `f`, and remembers how that failed beside how the store does.
fn each(store: &Store, mut f: impl FnMut(&Line) -> io::Result<()>) -> Result<i64, Stopped> {
    let (mut lines, mut failed) = (0, None);
    let read = store.each_line(|line| {
        f(&line).map_err(|e| {
            failed = Some(e);
            StorageError::new(StorageCode::Io, Path::new(""), "the export can't be written")
        })?;
        lines += 1;
        Ok(())
    });
    match (failed, read) {
        (Some(e), _) => Err(Stopped::Io(e)),
        (None, Err(e)) => Err(Stopped::Store(e)),
        (None, Ok(())) => Ok(lines),
    }
}

fn object(store: &Store, line: &Line) -> Value {
    let shop = store.shop();
    json!({
        "entry_id": line.entry, "at": line.at.rfc3339(), "member_id": line.member, "name": line.member_name,
        "phone": line.phone, "kind": line.kind, "points": line.points, "by": line.by_name, "by_id": line.by,
        "approved_by": line.approved_by,
        "total": line.total_minor.map(|minor| Money::new(minor, shop.currency).plain()),
        "total_minor": line.total_minor, "currency": shop.currency, "source": line.source, "sale_id": line.sale_id,
        "reward": line.reward, "reasons": line.reasons, "rules_version": line.rules_version,
        "reverses": line.reverses, "reversed": line.reversed,
    })
}

//! The refused rows: listed for the report, and written to a file that can be fixed and imported. The file is made with
//! the first of them and gets its name at the end, so that an import that stops half-way leaves an older one alone.

use pos::file::{Mapping, RawRecord, RejectsWriter, Row, RowError};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

use crate::args::ImportFile;
use crate::failure::{Failure, Result};
use crate::place::unwritten;

/// Where refused rows go: `sales.csv` has `sales.rejected.csv`.
pub fn path(args: &ImportFile) -> PathBuf {
    args.rejects
        .clone()
        .unwrap_or_else(|| args.file.with_extension("rejected.csv"))
}

/// The file, nameless so far, and who writes into it.
type Made = (NamedTempFile, RejectsWriter<BufWriter<File>>);

/// The file of refused rows, once there is one.
pub struct Rejects<'a> {
    path: PathBuf,
    /// A dry run writes nothing.
    wanted: bool,
    input: &'a Path,
    mapping: &'a Mapping,
    header: &'a RawRecord,
    made: Option<Made>,
    rows: u64,
}

impl<'a> Rejects<'a> {
    /// None yet.
    pub fn new(args: &'a ImportFile, mapping: &'a Mapping, header: &'a RawRecord) -> Self {
        Self {
            path: path(args),
            wanted: !args.dry_run,
            input: &args.file,
            mapping,
            header,
            made: None,
            rows: 0,
        }
    }

    /// Takes a row; a good one is left out.
    pub fn add<T>(&mut self, row: &Row<T>, list: &mut Vec<RowError>) -> Result<()> {
        let Err(errors) = &row.outcome else { return Ok(()) };
        list.extend(errors.iter().cloned());
        self.rows += 1;
        if !self.wanted {
            return Ok(());
        }
        let (_, writer) = match &mut self.made {
            Some(made) => made,
            none => none.insert(self::open(&self.path, self.input, self.mapping, self.header)?),
        };
        writer.write(row).map_err(unwritten(&self.path))
    }

    /// Gives the file its name, and answers how many rows were refused.
    pub fn finish(self) -> Result<u64> {
        if let Some((file, mut writer)) = self.made {
            let io = unwritten(&self.path);
            writer.flush().map_err(&io)?;
            file.as_file().sync_all().map_err(&io)?;
            file.persist(&self.path).map_err(|e| io(e.error))?;
        }
        Ok(self.rows)
    }
}

fn open(path: &Path, input: &Path, mapping: &Mapping, header: &RawRecord) -> Result<Made> {
    if super::same_file(path, input) {
        return Err(Failure::usage(
            "--rejects names the very file that is imported. Name another.",
        ));
    }
    let io = unwritten(path);
    let folder = path
        .parent()
        .filter(|d| !d.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder).map_err(&io)?;
    let writer = BufWriter::new(file.as_file().try_clone().map_err(&io)?);
    Ok((file, RejectsWriter::new(writer, mapping, header)))
}

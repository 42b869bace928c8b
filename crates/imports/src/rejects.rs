//! The refused rows: listed for the report, and written to a file that can be fixed and imported. The file is made with
//! the first of them and gets its name at the end, so that an import that is killed half-way leaves an older one alone.

use pos::file::{RawRecord, RejectsWriter, Row, RowError};
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

use crate::error::{ImportError, Result};
use crate::run::Import;

/// The file, nameless so far, and who writes into it.
type Made = (NamedTempFile, RejectsWriter<BufWriter<File>>);

/// The refused rows, and the file of them once there is one.
pub struct Rejects<'a> {
    import: &'a Import,
    header: &'a RawRecord,
    made: Option<Made>,
    list: Vec<RowError>,
    rows: u64,
}

impl<'a> Rejects<'a> {
    /// None yet.
    pub fn new(import: &'a Import, header: &'a RawRecord) -> Self {
        Self {
            import,
            header,
            made: None,
            list: Vec::new(),
            rows: 0,
        }
    }

    /// Takes a row; a good one is left out.
    pub fn add<T>(&mut self, row: &Row<T>) -> Result<()> {
        let Err(errors) = &row.outcome else { return Ok(()) };
        self.list.extend(errors.iter().cloned());
        self.rows += 1;
        let Some(path) = &self.import.rejects else {
            return Ok(());
        };
        let (_, writer) = match &mut self.made {
            Some(made) => made,
            none => none.insert(open(path, self.import, self.header)?),
        };
        writer.write(row).map_err(ImportError::write(path))
    }

    /// Gives the file its name, and answers the refused cells, how many rows had one, and where those are.
    pub fn finish(self) -> Result<(Vec<RowError>, u64, Option<PathBuf>)> {
        let mut at = None;
        if let (Some((file, mut writer)), Some(path)) = (self.made, &self.import.rejects) {
            let io = ImportError::write(path);
            writer.flush().map_err(&io)?;
            file.as_file().sync_all().map_err(&io)?;
            file.persist(path).map_err(|e| io(e.error))?;
            at = Some(path.clone());
        }
        Ok((self.list, self.rows, at))
    }
}

fn open(path: &Path, import: &Import, header: &RawRecord) -> Result<Made> {
    if same_file(path, &import.file) {
        return Err(ImportError::SameFile);
    }
    let io = ImportError::write(path);
    let folder = path
        .parent()
        .filter(|d| !d.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder).map_err(&io)?;
    let writer = BufWriter::new(file.as_file().try_clone().map_err(&io)?);
    Ok((file, RejectsWriter::new(writer, &import.mapping, header)))
}

/// Whether two paths are the same file.
fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

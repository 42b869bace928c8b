//! The run: rows into the store, some a transaction, each with a checkpoint behind them, and the report.

use ledger::{Options, StorageError, Store, Tx};
use loyalty::op::By;
use loyalty::{Points, Refusal};
use pos::file::{Context, Field, Mapping, MembersReader, RawRecord, Row, RowError, SalesReader};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::checkpoint::{self, Checkpoint};
use crate::error::{ImportError, Result};
use crate::rejects::Rejects;
use crate::{members, sales};

/// Rows in one transaction: enough that its flush to the disk costs little, few enough that a credit at the till never
/// waits long for the file.
const BATCH_ROWS: usize = 1000;

/// What has been done so far, also by an earlier run that was killed or stopped.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Sales recorded.
    pub recorded: u64,
    /// Rows that said what was known already.
    pub duplicates: u64,
    /// Members enrolled.
    pub members_created: u64,
    /// Members of whom more is known now.
    pub members_updated: u64,
    /// Points added.
    pub points: Points,
}

/// An import that came to its end, or was stopped.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was done.
    pub tally: Tally,
    /// Every cell that was refused, in the order of the file.
    pub rejected: Vec<RowError>,
    /// How many rows that is.
    pub rejected_rows: u64,
    /// Where those rows are, to be fixed; none where nothing was refused, or none was wanted.
    pub rejects: Option<PathBuf>,
    /// It was told to stop. The same file again goes on from there.
    pub stopped: bool,
}

/// What a file has rows of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// Sales, numbered by this system.
    Sales(String),
    /// Members.
    Members,
}

impl What {
    fn name(&self) -> String {
        match self {
            Self::Sales(source) => format!("sales {source}"),
            Self::Members => "members".to_owned(),
        }
    }
}

/// A file, and how it is to be brought in.
#[derive(Clone, Debug)]
pub struct Import {
    pub(crate) file: PathBuf,
    pub(crate) what: What,
    pub(crate) mapping: Mapping,
    pub(crate) rejects: Option<PathBuf>,
    key: String,
}

impl Import {
    /// Of `file`, read by `mapping`; rows to fix go to `rejects`, or nowhere. Reads the file once, to know it again.
    ///
    /// # Errors
    /// `Read`.
    pub fn new(file: &Path, what: What, mapping: Mapping, rejects: Option<PathBuf>) -> Result<Self> {
        let key = checkpoint::key(file, &what.name(), &mapping)?;
        Ok(Self {
            file: file.to_owned(),
            what,
            mapping,
            rejects,
            key,
        })
    }

    /// Brings in what `reader` reads of the file. `go_on` hears what was done, transaction by transaction, and says
    /// whether to go on.
    ///
    /// # Errors
    /// See [`ImportError`]; whole transactions stay.
    pub fn run(&self, store: &Store, reader: impl Read, go_on: &mut dyn FnMut(&Tally) -> bool) -> Result<Report> {
        let failed = |e| ImportError::of_file(e, &self.file);
        match &self.what {
            What::Sales(source) => {
                let rows = SalesReader::new(reader, &self.mapping, context(store)).map_err(failed)?;
                let (header, source) = (rows.header().clone(), source.clone());
                let apply = move |tx: &Tx<'_>, row: &_, tally: &mut Tally| sales::apply(tx, row, &source, tally);
                self.rows(store, &header, rows, apply, go_on)
            }
            What::Members => {
                let rows = MembersReader::new(reader, &self.mapping, context(store)).map_err(failed)?;
                let header = rows.header().clone();
                self.rows(store, &header, rows, members::apply, go_on)
            }
        }
    }

    /// The import is over and its report is out: the same file again is a new import.
    ///
    /// # Errors
    /// A storage error.
    pub fn forget(&self, store: &Store) -> Result<()> {
        let key = self.key.clone();
        Ok(store.write(move |tx| checkpoint::forget(tx, &key))?)
    }

    fn rows<T: Clone + Send + 'static>(
        &self,
        store: &Store,
        header: &RawRecord,
        rows: impl Iterator<Item = io::Result<Row<T>>>,
        apply: impl Fn(&Tx<'_>, &T, &mut Tally) -> ledger::Result<()> + Clone + Send + 'static,
        go_on: &mut dyn FnMut(&Tally) -> bool,
    ) -> Result<Report> {
        let mut rejects = Rejects::new(self, header);
        let mut checkpoint = Checkpoint::load(store, &self.key)?;
        let (mut seen, mut batch, mut stopped) = (0, Vec::with_capacity(BATCH_ROWS), false);
        let done_before = checkpoint.tally.rows;
        for row in rows {
            let mut row = row.map_err(ImportError::read(&self.file))?;
            seen += 1;
            if seen > done_before {
                batch.push(row);
                if batch.len() == BATCH_ROWS {
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_ROWS));
                    checkpoint = self.piece(store, checkpoint, full, apply.clone(), &mut rejects)?;
                    stopped = !go_on(&checkpoint.tally);
                    if stopped {
                        break;
                    }
                }
            } else {
                // It went in before the import was killed, unless it was refused then.
                if let Some(error) = checkpoint.refused(seen) {
                    row.outcome = Err(vec![error]);
                }
                rejects.add(&row)?;
            }
        }
        let (checkpoint, done) = self.write(store, checkpoint, batch, apply)?;
        done.iter().try_for_each(|row| rejects.add(row))?;
        go_on(&checkpoint.tally);
        let (rejected, rejected_rows, rejects) = rejects.finish()?;
        Ok(Report {
            tally: checkpoint.tally,
            rejected,
            rejected_rows,
            rejects,
            stopped,
        })
    }

    /// One full transaction, and then whoever waits for the file.
    fn piece<T: Clone + Send + 'static>(
        &self,
        store: &Store,
        checkpoint: Checkpoint,
        rows: Vec<Row<T>>,
        apply: impl Fn(&Tx<'_>, &T, &mut Tally) -> ledger::Result<()> + Send + 'static,
        rejects: &mut Rejects<'_>,
    ) -> Result<Checkpoint> {
        let (checkpoint, done) = self.write(store, checkpoint, rows, apply)?;
        store.let_others();
        done.iter().try_for_each(|row| rejects.add(row))?;
        Ok(checkpoint)
    }

    /// One transaction: some rows and the checkpoint behind them.
    fn write<T: Clone + Send + 'static>(
        &self,
        store: &Store,
        mut checkpoint: Checkpoint,
        mut rows: Vec<Row<T>>,
        apply: impl Fn(&Tx<'_>, &T, &mut Tally) -> ledger::Result<()> + Send + 'static,
    ) -> Result<(Checkpoint, Vec<Row<T>>)> {
        if rows.is_empty() {
            return Ok((checkpoint, rows));
        }
        let mapping = self.mapping.clone();
        let written = store.write(move |tx| {
            if !checkpoint.is_newest(tx)? {
                return Ok(None);
            }
            let mut refused = Vec::new();
            for row in &mut rows {
                checkpoint.tally.rows += 1;
                let Ok(value) = &row.outcome else { continue };
                let mut tally = checkpoint.tally;
                match tx.attempt(|| apply(tx, value, &mut tally)) {
                    Ok(()) => checkpoint.tally = tally,
                    Err(ledger::Error::Refused(r)) => {
                        let error = row_error(row.line, &r, &mapping);
                        refused.push((checkpoint.tally.rows, error.clone()));
                        row.outcome = Err(vec![error]);
                    }
                    Err(e) => return Err(e),
                }
            }
            checkpoint.save(tx, refused)?;
            Ok(Some((checkpoint, rows)))
        })?;
        written.ok_or(ImportError::Elsewhere)
    }
}

/// A refusal of the store as an error of the row's cell.
fn row_error(line: u64, r: &Refusal, mapping: &Mapping) -> RowError {
    let field = match r.field.as_str() {
        "op_id" => Some(Field::Balance),
        "amount" => Some(Field::Total),
        name => name.parse().ok(),
    };
    let header = |f: Field| {
        mapping
            .columns
            .get(&f)
            .cloned()
            .unwrap_or_else(|| f.as_str().to_owned())
    };
    RowError {
        line,
        column: field.map(header).unwrap_or_default(),
        code: r.code,
        value: r.value.clone(),
    }
}

/// On whose word files come in.
#[must_use]
pub fn by() -> By {
    By::Job("import".into())
}

/// What the readers need to know of the shop.
#[must_use]
pub fn context(store: &Store) -> Context {
    let shop = store.shop();
    Context {
        currency: shop.currency,
        region: shop.region,
        zone: shop.zone,
    }
}

/// Does `work` on a copy of the shop that is thrown away: what it would come to, and nothing is changed.
///
/// # Errors
/// Those of `work`; a storage error where there is no room for the copy.
pub fn rehearse<T, E: From<ledger::Error>>(
    store: &Store,
    work: impl FnOnce(&Store) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    // In the shop's own folder: the same disk, and the same people may read it.
    let folder = tempfile::Builder::new()
        .prefix("dry-run-")
        .tempdir_in(store.dir())
        .map_err(|e| ledger::Error::from(StorageError::of_io(&e, store.dir())))?;
    store.backup(&ledger::file(folder.path()), |_| {})?;
    let copy = Store::open(folder.path(), Options::default())?;
    work(&copy)
}

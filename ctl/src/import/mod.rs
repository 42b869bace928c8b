//! Bringing in a file, row by row, some rows a transaction: good rows go in, bad rows are listed and written to a file.
//!
//! Every transaction also keeps a checkpoint, so that an import that was killed goes on where it was and reports as if
//! it had not been. Here: the loop and the report. What a row does is in `sales` and `members`.

mod checkpoint;
pub mod members;
mod rejects;
pub mod sales;

use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Options, Store, Tx};
use loyalty::op::By;
use loyalty::{Points, Refusal};
use pos::file::{Context, Field, Mapping, RawRecord, Row, RowError};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::args::ImportFile;
use crate::failure::{Failure, Result};
use crate::out::{Out, counted};
use crate::place;
use checkpoint::Checkpoint;
use rejects::Rejects;

/// Rows in one transaction: enough that its flush to the disk costs little, few enough that a credit at the till never
/// waits long for the file.
const BATCH_ROWS: usize = 1000;
/// Between two transactions the file is free for this part of the time one takes, and no longer than this.
const GAP: u32 = 8;
const GAP_MAX: Duration = Duration::from_millis(100);
/// How many refused rows are listed for people; the rest is in the file.
const LISTED: usize = 20;

/// What has been done so far, also by an earlier run that was killed.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
struct Tally {
    rows: u64,
    recorded: u64,
    duplicates: u64,
    members_created: u64,
    members_updated: u64,
    points: Points,
}

/// A finished import.
struct Report {
    tally: Tally,
    rejected: Vec<RowError>,
    rejected_rows: u64,
}

/// What the arguments ask for.
struct Job<'a> {
    args: &'a ImportFile,
    mapping: Mapping,
    key: String,
}

impl<'a> Job<'a> {
    fn new(args: &'a ImportFile, kind: &str) -> Result<Self> {
        let mut mapping = Mapping::default();
        for pair in &args.map {
            let unread = |_: Refusal| {
                let fields: Vec<&str> = Field::ALL.iter().map(|f| f.as_str()).collect();
                Failure::usage(format!(
                    "--map {pair:?} is not understood. Write FIELD=HEADER; the fields are: {}.",
                    fields.join(", ")
                ))
            };
            mapping.rename(pair).map_err(unread)?;
        }
        let key = checkpoint::key(&args.file, kind, &mapping)?;
        Ok(Self { args, mapping, key })
    }

    /// The file, with a bar on a terminal that shows how much of it has been read.
    fn open(&self) -> Result<(impl io::Read + use<>, ProgressBar)> {
        let path = &self.args.file;
        let file = File::open(path).map_err(place::io(path))?;
        let bytes = file.metadata().map_err(place::io(path))?.len();
        let bar = ProgressBar::new(bytes);
        let template = "{msg} {wide_bar} {percent}% {eta}";
        let bar = match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style).with_message("Importing"),
            Err(_) => bar,
        };
        Ok((bar.wrap_read(file), bar))
    }

    /// Applies every row, and says what came of them.
    fn run<T: Clone + Send + 'static>(
        &self,
        store: &Store,
        header: &RawRecord,
        rows: impl Iterator<Item = io::Result<Row<T>>>,
        apply: impl Fn(&Tx<'_>, &T, &mut Tally) -> ledger::Result<()> + Clone + Send + 'static,
    ) -> Result<Report> {
        let mut rejects = Rejects::new(self.args, &self.mapping, header);
        let mut checkpoint = Checkpoint::load(store, &self.key)?;
        let (mut rejected, mut seen, mut batch) = (Vec::new(), 0, Vec::with_capacity(BATCH_ROWS));
        let done_before = checkpoint.tally.rows;
        for row in rows {
            let mut row = row.map_err(place::io(&self.args.file))?;
            seen += 1;
            if seen > done_before {
                batch.push(row);
                if batch.len() == BATCH_ROWS {
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH_ROWS));
                    let done;
                    let began = Instant::now();
                    (checkpoint, done) = self.write(store, checkpoint, full, apply.clone())?;
                    // Whoever waits for the file looks only now and then whether it is free: let the till in between.
                    std::thread::sleep((began.elapsed() / GAP).min(GAP_MAX));
                    done.iter().try_for_each(|row| rejects.add(row, &mut rejected))?;
                }
            } else {
                // It went in before the import was killed, unless it was refused then.
                if let Some(error) = checkpoint.refused(seen) {
                    row.outcome = Err(vec![error]);
                }
                rejects.add(&row, &mut rejected)?;
            }
        }
        let (checkpoint, done) = self.write(store, checkpoint, batch, apply)?;
        done.iter().try_for_each(|row| rejects.add(row, &mut rejected))?;
        Ok(Report {
            tally: checkpoint.tally,
            rejected,
            rejected_rows: rejects.finish()?,
        })
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
        written.ok_or(Failure::ImportedElsewhere)
    }

    /// The import is over and its report is out: the same file again is a new import.
    fn forget(&self, store: &Store) -> Result<()> {
        let key = self.key.clone();
        Ok(store.write(move |tx| checkpoint::forget(tx, &key))?)
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
fn by() -> By {
    By::Job("import".into())
}

fn context(store: &Store) -> Context {
    let shop = store.shop();
    Context {
        currency: shop.currency,
        region: shop.region,
        zone: shop.zone,
    }
}

/// Runs an import on the shop, or, for a dry run, on a copy of it that is thrown away.
fn on_shop(place: &place::Place, dry_run: bool, work: impl FnOnce(&Store) -> Result<()>) -> Result<()> {
    let store = place.open_patiently()?;
    if !dry_run {
        return work(&store);
    }
    // In the shop's own folder: the same disk, and the same people may read it.
    let folder = tempfile::Builder::new()
        .prefix("dry-run-")
        .tempdir_in(store.dir())
        .map_err(place::io(store.dir()))?;
    store.backup(&ledger::file(folder.path()), |_| {})?;
    let copy = Store::open(folder.path(), Options::default())?;
    work(&copy)
}

/// The refused cells, as JSON.
fn json_of(rejected: &[RowError]) -> serde_json::Value {
    rejected
        .iter()
        .map(|e| serde_json::json!({"line": e.line, "column": e.column, "code": e.code, "value": e.value}))
        .collect()
}

/// What is said of refused rows to people.
fn words_of_rejected(report: &Report, args: &ImportFile) -> String {
    if report.rejected.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{} refused:\n", counted(count(report.rejected_rows), "row"));
    for e in report.rejected.iter().take(LISTED) {
        let column = if e.column.is_empty() {
            String::new()
        } else {
            format!(", {}", e.column)
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "  line {}{column}: {:?}. {}", e.line, e.value, e.code.sentence());
    }
    if report.rejected.len() > LISTED {
        let _ = writeln!(text, "  and {} more", report.rejected.len() - LISTED);
    }
    if !args.dry_run {
        let file = rejects::path(args);
        let _ = writeln!(
            text,
            "They are in {}. Fix them there, and import that file.",
            file.display()
        );
    }
    text
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// How a report to people begins.
fn opening(args: &ImportFile) -> &'static str {
    if args.dry_run {
        "Dry run, nothing was changed. It would be:\n"
    } else {
        ""
    }
}

/// Says the report, and only then lets the import be over.
fn finish(
    job: &Job<'_>,
    store: &Store,
    report: &Report,
    json: &serde_json::Value,
    out: Out,
    words: impl FnOnce() -> String,
) -> Result<()> {
    out.say(json, || {
        format!(
            "{}{}{}",
            opening(job.args),
            words(),
            words_of_rejected(report, job.args)
        )
    });
    if job.args.dry_run { Ok(()) } else { job.forget(store) }
}

/// Whether two paths are the same file.
fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

//! `import`: what the arguments ask for, a bar on a terminal, and the report. The run itself is in `imports`.

pub mod members;
pub mod sales;

use imports::{Import, Report, What};
use indicatif::{ProgressBar, ProgressStyle};
use ledger::Store;
use loyalty::Refusal;
use pos::file::{Field, Mapping, RowError};
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::args::ImportFile;
use crate::failure::{Failure, Result};
use crate::out::{Out, counted};
use crate::place::{self, Place};

/// How many refused rows are listed for people; the rest is in the file.
const LISTED: usize = 20;

/// What the arguments ask for.
struct Job<'a> {
    args: &'a ImportFile,
    import: Import,
}

impl<'a> Job<'a> {
    fn new(args: &'a ImportFile, what: What) -> Result<Self> {
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
        let rejects = (!args.dry_run).then(|| rejects(args));
        let import = Import::new(&args.file, what, mapping, rejects)?;
        Ok(Self { args, import })
    }

    /// Does `work` on the shop, or, for a dry run, on a copy of it that is thrown away.
    fn on_shop(&self, place: &Place, work: impl FnOnce(&Store) -> Result<()>) -> Result<()> {
        let store = place.open_patiently()?;
        if self.args.dry_run {
            imports::rehearse(&store, work)
        } else {
            work(&store)
        }
    }

    /// The run, with a bar on a terminal that shows how much of the file has been read.
    fn run(&self, store: &Store) -> Result<Report> {
        let (file, bar) = self.open()?;
        let report = self.import.run(store, file, &mut |_| true)?;
        bar.finish_and_clear();
        Ok(report)
    }

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
}

/// Where refused rows go: `sales.csv` has `sales.rejected.csv`.
fn rejects(args: &ImportFile) -> PathBuf {
    args.rejects
        .clone()
        .unwrap_or_else(|| args.file.with_extension("rejected.csv"))
}

/// The refused cells, as JSON.
fn json_of(rejected: &[RowError]) -> serde_json::Value {
    rejected
        .iter()
        .map(|e| serde_json::json!({"line": e.line, "column": e.column, "code": e.code, "value": e.value}))
        .collect()
}

/// What is said of refused rows to people.
fn words_of_rejected(report: &Report) -> String {
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
    if let Some(file) = &report.rejects {
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
        format!("{}{}{}", opening(job.args), words(), words_of_rejected(report))
    });
    if job.args.dry_run {
        Ok(())
    } else {
        Ok(job.import.forget(store)?)
    }
}

//! `bench`: how fast the till is, each figure beside a raw baseline of the same run on the same disk.
//!
//! What is measured and what was seen is in docs/performance.md. Figures of the windows come from the window tests,
//! which leave them in `target/bench/window.json`; they are only taken over here.

mod credit;
mod figures;
mod mailing;
mod many;
mod past;
mod raw;
mod refs;
mod reports;
mod rules;
mod search;
mod shop;
mod syncing;
mod webhook;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

use figures::Figure;

/// Measures the till.
#[derive(Parser)]
struct Args {
    /// Fewer members and rounds: a minute instead of several.
    #[arg(long)]
    quick: bool,
    /// Writes the figures as JSON here, too.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Where to work: on the disk that is to be measured.
    #[arg(long, default_value = "target/bench/work")]
    dir: PathBuf,
    /// Figures that the window tests left.
    #[arg(long, default_value = "target/bench/window.json")]
    window: PathBuf,
    /// How many operations go up to a relay and down to a new till; without it 100,000, or 10,000 with `--quick`.
    #[arg(long)]
    operations: Option<usize>,
    /// Is one of the servers that are measured.
    #[arg(long, hide = true)]
    serve: Option<String>,
    /// Only what has this in its name: search, credit, group, import, webhook, reports, rules, backtest, sync, ref, mail, window.
    only: Option<String>,
}

/// What goes wrong here is for a developer to read.
type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// How much of everything is done.
#[derive(Clone, Copy)]
struct Size {
    members: usize,
    rounds: usize,
    searches: usize,
    credits: usize,
    imports: usize,
    /// Sales of a past.
    past: usize,
    operations: usize,
    mails: usize,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result {
    if let Some(what) = &args.serve {
        return refs::serve(what);
    }
    let size = if args.quick {
        Size {
            members: 50_000,
            rounds: 3,
            searches: 500,
            credits: 200,
            imports: 5_000,
            past: 50_000,
            operations: 10_000,
            mails: 10_000,
        }
    } else {
        Size {
            members: 1_000_000,
            rounds: 5,
            searches: 2_000,
            credits: 1_000,
            imports: 20_000,
            past: 1_000_000,
            operations: 100_000,
            mails: 100_000,
        }
    };
    if args.dir.exists() {
        std::fs::remove_dir_all(&args.dir)?;
    }
    std::fs::create_dir_all(&args.dir)?;
    let wanted = |name: &str| args.only.as_deref().is_none_or(|only| name.contains(only));
    let mut all: Vec<Figure> = Vec::new();
    if wanted("search") {
        all.extend(search::measure(&args.dir.join("search"), size)?);
    }
    if wanted("credit") {
        all.extend(credit::measure(&args.dir.join("credit"), size)?);
    }
    if wanted("group") {
        all.extend(many::group(&args.dir.join("group"), size)?);
    }
    if wanted("import") {
        all.extend(many::import(&args.dir.join("import"), size)?);
    }
    if wanted("webhook") {
        all.extend(webhook::measure(&args.dir.join("webhook"), size)?);
    }
    if wanted("reports") {
        all.extend(reports::measure(&args.dir.join("reports"), size)?);
    }
    if wanted("rules") {
        all.extend(rules::measure(size)?);
    }
    if wanted("backtest") {
        all.extend(past::measure(&args.dir.join("past"), size)?);
    }
    if wanted("sync") {
        let operations = args.operations.unwrap_or(size.operations);
        all.extend(syncing::measure(&args.dir.join("sync"), operations)?);
    }
    if wanted("ref") {
        all.extend(refs::measure(&args.dir.join("ref"), size)?);
    }
    if wanted("mail") {
        all.extend(mailing::measure(&args.dir.join("mail"), size.mails)?);
    }
    std::fs::remove_dir_all(&args.dir)?;
    if wanted("window")
        && let Ok(json) = std::fs::read_to_string(&args.window)
    {
        all.extend(serde_json::from_str::<Vec<Figure>>(&json)?);
    }
    println!("{}", figures::table(&all));
    if let Some(path) = &args.json {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?;
    }
    Ok(())
}

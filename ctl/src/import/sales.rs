//! `import sales`: each row is a sale, credited once by its number, its customer enrolled if unknown.

use ledger::Tx;
use pos::file::{SaleRow, SalesReader};
use serde_json::json;

use super::{Job, Tally, by, context, count, finish, json_of, on_shop};
use crate::args::ImportSales;
use crate::failure::{Failure, Result};
use crate::out::{Out, counted, points};
use crate::place::Place;

/// Imports a file of sales.
pub fn run(place: &Place, args: &ImportSales, out: Out) -> Result<()> {
    loyalty::sale::check_sale_id(&args.source).map_err(|mut r| {
        "source".clone_into(&mut r.field);
        r
    })?;
    let job = Job::new(&args.file, &format!("sales {}", args.source))?;
    on_shop(place, args.file.dry_run, |store| {
        let (file, bar) = job.open()?;
        let reader = SalesReader::new(file, &job.mapping, context(store));
        let reader = reader.map_err(|e| Failure::of_file(e, &args.file.file))?;
        let header = reader.header().clone();
        let source = args.source.clone();
        let report = job.run(store, &header, reader, move |tx, row, tally| {
            apply(tx, row, &source, tally)
        })?;
        bar.finish_and_clear();
        let t = report.tally;
        let json = json!({
            "rows": t.rows, "recorded": t.recorded, "duplicates": t.duplicates,
            "members_created": t.members_created, "points": t.points, "rejected": json_of(&report.rejected),
        });
        finish(&job, store, &report, &json, out, || {
            format!(
                "{} read: {} recorded, {} known before.\n{} created, {} added.",
                counted(count(t.rows), "row"),
                counted(count(t.recorded), "sale"),
                t.duplicates,
                counted(count(t.members_created), "member"),
                points(t.points)
            )
        })
    })
}

fn apply(tx: &Tx<'_>, row: &SaleRow, source: &str, tally: &mut Tally) -> ledger::Result<()> {
    let done = tx.credit(tx.new_op(), &by(), &row.clone().into_sale(source))?;
    if done.before.is_some() {
        tally.duplicates += 1;
        return Ok(());
    }
    tally.recorded += 1;
    tally.members_created += u64::from(done.enrolled);
    if done.entry.is_some() {
        tally.points += done.points;
    }
    Ok(())
}

//! `import sales`: each row is a sale, credited once by its number, its customer enrolled if unknown.

use imports::What;
use serde_json::json;

use super::{Job, count, finish, json_of};
use crate::args::ImportSales;
use crate::failure::Result;
use crate::out::{Out, counted, points};
use crate::place::Place;

/// Imports a file of sales.
pub fn run(place: &Place, args: &ImportSales, out: Out) -> Result<()> {
    loyalty::sale::check_sale_id(&args.source).map_err(|mut r| {
        "source".clone_into(&mut r.field);
        r
    })?;
    let job = Job::new(&args.file, What::Sales(args.source.clone()))?;
    job.on_shop(place, |store| {
        let report = job.run(store)?;
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

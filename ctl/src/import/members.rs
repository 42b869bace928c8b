//! `import members`: each row is a member. Whoever is known already keeps what is known of them; blanks are filled in.

use imports::What;
use serde_json::json;

use super::{Job, count, finish, json_of};
use crate::args::ImportFile;
use crate::failure::Result;
use crate::out::{Out, counted, points};
use crate::place::Place;

/// Imports a file of members.
pub fn run(place: &Place, args: &ImportFile, out: Out) -> Result<()> {
    let job = Job::new(args, What::Members)?;
    job.on_shop(place, |store| {
        let report = job.run(store)?;
        let t = report.tally;
        let json = json!({
            "rows": t.rows, "members_created": t.members_created, "members_updated": t.members_updated,
            "duplicates": t.duplicates, "points": t.points, "rejected": json_of(&report.rejected),
        });
        finish(&job, store, &report, &json, out, || {
            format!(
                "{} read: {} created, {} changed, {} as known before.\n{} brought along.",
                counted(count(t.rows), "row"),
                counted(count(t.members_created), "member"),
                t.members_updated,
                t.duplicates,
                points(t.points)
            )
        })
    })
}

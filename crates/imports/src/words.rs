//! What the report beside a file from the watched folder says, to whoever opens it.

use pos::file::{Field, HeaderError};
use std::fmt::Write as _;

use crate::remembered::Unsure;
use crate::run::Report;

/// How many refused cells are listed; the rest is in the file of them.
const LISTED: usize = 100;

/// What came of a file.
pub fn report(report: &Report) -> String {
    let t = &report.tally;
    let mut text = format!(
        "Read: {}. Sales recorded: {}. Known before: {}. New members: {}. Points added: {}.\n",
        t.rows, t.recorded, t.duplicates, t.members_created, t.points
    );
    if report.rejected.is_empty() {
        text.push_str("Nothing is left to do.\n");
        return text;
    }
    // Writing to a string does not fail.
    let _ = writeln!(text, "\nRows refused: {}.", report.rejected_rows);
    for e in report.rejected.iter().take(LISTED) {
        let column = if e.column.is_empty() {
            String::new()
        } else {
            format!(", {}", e.column)
        };
        let _ = writeln!(text, "  line {}{column}: {:?}. {}", e.line, e.value, e.code.sentence());
    }
    if report.rejected.len() > LISTED {
        let _ = writeln!(text, "  and {} more", report.rejected.len() - LISTED);
    }
    if let Some(name) = report.rejects.as_deref().and_then(|path| path.file_name()) {
        let name = name.to_string_lossy();
        let _ = writeln!(
            text,
            "\nThey are in to-fix/{name}. Put them right there, then move that file into the watched folder."
        );
    }
    text
}

/// Why a file was not touched.
pub fn unsure(unsure: &Unsure, source: &str) -> String {
    let then = "Import this file once in the owner's window, under Import. How it is read is remembered for the next.";
    match unsure {
        Unsure::Changed(e) => format!("Nothing was imported: these are other columns than before.\n{e}\n\n{then}\n"),
        Unsure::Ask(look) if look.missing.is_empty() => {
            format!("Nothing was imported: the dates or amounts can be read in more than one way.\n\n{then}\n")
        }
        Unsure::Ask(look) => {
            let missing: Vec<&str> = look.missing.iter().map(|f: &Field| f.as_str()).collect();
            format!(
                "Nothing was imported: no column was found for {}, and nothing is remembered for files of {source:?}.\n\n{then}\n",
                missing.join(", ")
            )
        }
    }
}

/// The same for a file whose header does not fit.
pub fn header(e: &HeaderError) -> String {
    format!("Nothing was imported. {e}\n")
}

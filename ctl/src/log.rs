//! `ledger verify`: everything computed again from the log, and compared.

use ledger::Verified;
use std::process::ExitCode;

use crate::failure::{Failure, Result};
use crate::out::{Out, counted, points};
use crate::place::{Place, is_damaged};

/// Exit code 4 where something does not agree, also where the file can't even be read.
pub fn verify(place: &Place, out: Out) -> Result<ExitCode> {
    let verified = place.open().and_then(|store| Ok(store.verify()?));
    let found = match verified {
        Ok(verified) => verified,
        Err(Failure::Ledger(e)) if is_damaged(&e) => unreadable(&e),
        Err(e) => return Err(e),
    };
    out.say(&found, || words(&found));
    Ok(if found.ok { ExitCode::SUCCESS } else { ExitCode::from(4) })
}

fn unreadable(e: &ledger::Error) -> Verified {
    Verified {
        ok: false,
        operations: 0,
        members: 0,
        points: 0,
        head: String::new(),
        problem: Some(ledger::Problem {
            op_id: None,
            origin_seq: None,
            what: e.to_string(),
        }),
    }
}

fn words(found: &Verified) -> String {
    let read = format!(
        "{}, {}, {} outstanding. Head {}.",
        counted(found.operations, "operation"),
        counted(i64::try_from(found.members).unwrap_or(i64::MAX), "member"),
        points(found.points),
        found.head
    );
    let Some(problem) = &found.problem else {
        return format!("Everything agrees: {read}");
    };
    let at = match (problem.op_id, problem.origin_seq) {
        (Some(op), Some(seq)) => format!("At operation {op} (number {seq}): "),
        _ => String::new(),
    };
    format!(
        "DAMAGED. {at}{}\nUp to there: {read}\nKeep this file, and restore the newest backup: regularsctl restore FILE.",
        problem.what
    )
}

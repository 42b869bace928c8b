//! The file's schema: numbered migrations, each applied once, all or none, under SQLite's write lock.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::path::Path;

use crate::error::{Result, StorageCode, StorageError};
use crate::rulebook;

/// "Regl" in ASCII: marks a file as a shop of ours.
const APPLICATION_ID: i32 = 0x5265_676c;

/// Every migration in order. The file's `user_version` counts those it has. Never edit one that has shipped.
pub const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/till/0001_shop_and_log.sql"),
    include_str!("../../../migrations/till/0002_members_and_points.sql"),
    include_str!("../../../migrations/till/0003_search.sql"),
    include_str!("../../../migrations/till/0004_reports.sql"),
    include_str!("../../../migrations/till/0005_stamps_birthdays_taxes.sql"),
    include_str!("../../../migrations/till/0006_several_tills.sql"),
    include_str!("../../../migrations/till/0007_rights.sql"),
    include_str!("../../../migrations/till/0008_stamp_costs.sql"),
    include_str!("../../../migrations/till/0009_spent.sql"),
    include_str!("../../../migrations/till/0010_referrals.sql"),
    include_str!("../../../migrations/till/0011_lapsing.sql"),
    include_str!("../../../migrations/till/0012_approved_by.sql"),
    include_str!("../../../migrations/till/0013_mail_standing.sql"),
];

/// What a file needs before it can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// It is empty.
    Everything,
    /// It is older than we are: back it up, then migrate.
    Some,
    /// It is as we know it.
    Nothing,
}

/// Looks at a file's version.
///
/// # Errors
/// `too_new` for a file of a newer app, `damaged` for a database that is not a shop.
pub fn needs(conn: &Connection, path: &Path) -> Result<Needs> {
    let version: usize = conn.pragma_query_value(None, "user_version", |r| r.get(0))?;
    let id: i32 = conn.pragma_query_value(None, "application_id", |r| r.get(0))?;
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
    match (tables, version) {
        (0, 0) => Ok(Needs::Everything),
        _ if id != APPLICATION_ID => {
            Err(StorageError::new(StorageCode::Damaged, path, "this database is not a shop of Regulars").into())
        }
        (_, v) if v > MIGRATIONS.len() => Err(StorageError::new(
            StorageCode::TooNew,
            path,
            format!("the file has version {v}, this app knows {}", MIGRATIONS.len()),
        )
        .into()),
        (_, v) if v == MIGRATIONS.len() => Ok(Needs::Nothing),
        _ => Ok(Needs::Some),
    }
}

/// Applies what is missing. Two processes may try at once: the second finds nothing left to do.
///
/// # Errors
/// A storage error; the file is then as it was.
pub fn migrate(conn: &mut Connection) -> Result<()> {
    // A table that is made anew is dropped in between; what points at it is checked once it is there again.
    conn.pragma_update(None, "foreign_keys", false)?;
    let migrated = all_or_none(conn);
    conn.pragma_update(None, "foreign_keys", true)?;
    migrated
}

fn all_or_none(conn: &mut Connection) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let have: usize = tx.pragma_query_value(None, "user_version", |r| r.get(0))?;
    for sql in MIGRATIONS.iter().skip(have) {
        tx.execute_batch(sql)?;
    }
    if have < MIGRATIONS.len() {
        rulebook::write_down_old_cards(&tx)?;
        let orphan: Option<String> = tx.query_row("PRAGMA foreign_key_check", [], |r| r.get(0)).optional()?;
        if let Some(table) = orphan {
            return Err(crate::tx::damaged(&format!("a row of {table} points at nothing")).into());
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(
            None,
            "user_version",
            i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX),
        )?;
    }
    tx.commit()?;
    Ok(())
}

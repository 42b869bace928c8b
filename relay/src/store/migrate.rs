//! The schema: numbered migrations, each applied once, under a lock that every relay on the database shares.
//!
//! They are written in PostgreSQL's words for the three types; [`dialect`] turns them into SQLite's. Expand first: a
//! migration adds, and only a later release takes away, so that relays of two versions can run side by side.

use super::db::{Db, DbError, Result, Tx};
use super::statistics;
use crate::args;

/// "Regulars" as a number: PostgreSQL's advisory lock while the schema changes.
const LOCK: i64 = 0x5265_6775_6c61_7273;

/// One change of the schema.
struct Migration {
    name: &'static str,
    sql: &'static str,
    /// Whether relays that don't know it can go on working beside it.
    expands: bool,
}

/// In order. Never edit one that has shipped.
const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "0001_shops_and_tills",
        sql: include_str!("../../../migrations/relay/0001_shops_and_tills.sql"),
        expands: false,
    },
    Migration {
        name: "0002_log",
        sql: include_str!("../../../migrations/relay/0002_log.sql"),
        expands: false,
    },
    Migration {
        name: "0003_settling",
        sql: include_str!("../../../migrations/relay/0003_settling.sql"),
        expands: false,
    },
    Migration {
        name: "0004_referrals",
        sql: include_str!("../../../migrations/relay/0004_referrals.sql"),
        expands: true,
    },
    Migration {
        name: "0005_rights",
        sql: include_str!("../../../migrations/relay/0005_rights.sql"),
        expands: false,
    },
    Migration {
        name: "0006_joins",
        sql: include_str!("../../../migrations/relay/0006_joins.sql"),
        expands: true,
    },
    // A relay that doesn't know it would not note consents: it must not run beside.
    Migration {
        name: "0007_mail",
        sql: include_str!("../../../migrations/relay/0007_mail.sql"),
        expands: false,
    },
    Migration {
        name: "0008_mail_jobs",
        sql: include_str!("../../../migrations/relay/0008_mail_jobs.sql"),
        expands: true,
    },
    Migration {
        name: "0009_referral_api",
        sql: include_str!("../../../migrations/relay/0009_referral_api.sql"),
        expands: true,
    },
    Migration {
        name: "0010_lapsing",
        sql: include_str!("../../../migrations/relay/0010_lapsing.sql"),
        expands: true,
    },
    Migration {
        name: "0011_narratives",
        sql: include_str!("../../../migrations/relay/0011_narratives.sql"),
        expands: true,
    },
    Migration {
        name: "0012_outreach",
        sql: include_str!("../../../migrations/relay/0012_outreach.sql"),
        expands: true,
    },
    Migration {
        name: "0013_member_pages",
        sql: include_str!("../../../migrations/relay/0013_member_pages.sql"),
        expands: true,
    },
    Migration {
        name: "0014_mail_hooks",
        sql: include_str!("../../../migrations/relay/0014_mail_hooks.sql"),
        expands: true,
    },
    Migration {
        name: "0015_mail_choices",
        sql: include_str!("../../../migrations/relay/0015_mail_choices.sql"),
        expands: true,
    },
    Migration {
        name: "0016_mail_dkim",
        sql: include_str!("../../../migrations/relay/0016_mail_dkim.sql"),
        expands: true,
    },
    Migration {
        name: "0017_mail_lanes",
        sql: include_str!("../../../migrations/relay/0017_mail_lanes.sql"),
        expands: true,
    },
    Migration {
        name: "0018_outreach_words",
        sql: include_str!("../../../migrations/relay/0018_outreach_words.sql"),
        expands: true,
    },
    Migration {
        name: "0019_documents",
        sql: include_str!("../../../migrations/relay/0019_documents.sql"),
        expands: true,
    },
    Migration {
        name: "0020_narrative_asked",
        sql: include_str!("../../../migrations/relay/0020_narrative_asked.sql"),
        expands: true,
    },
    Migration {
        name: "0021_backups_made",
        sql: include_str!("../../../migrations/relay/0021_backups_made.sql"),
        expands: true,
    },
];

/// Applies what is missing. Several relays may start at once: one does it, the others wait and find nothing to do.
///
/// # Errors
/// Where the database is away, or has been changed by a newer relay in a way that this one can't work with.
pub async fn migrate(db: &Db) -> Result<()> {
    let mut tx = lock(db).await?;
    tx.script(
        "CREATE TABLE IF NOT EXISTS schema_versions
         (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, expands BIGINT NOT NULL)",
    )
    .await?;
    let row = tx.first(
        "SELECT count(*), coalesce(max(CASE WHEN expands = 0 THEN version ELSE 0 END), 0) FROM schema_versions",
        &[],
    );
    let (have, needed) = match row.await? {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => (0, 0),
    };
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if needed > known {
        let what = format!("it is of a newer relay (schema {needed}, this one knows {known}). Run the newer relay");
        return Err(DbError::Broken(what));
    }
    for (migration, version) in MIGRATIONS.iter().zip(1..).filter(|(_, version)| *version > have) {
        let sql = dialect(migration.sql, matches!(tx, Tx::Sqlite(..)));
        tx.script(&sql).await?;
        let row = args![version, migration.name, i64::from(migration.expands)];
        tx.run(
            "INSERT INTO schema_versions (version, name, expands) VALUES ($1, $2, $3)",
            row,
        )
        .await?;
    }
    if matches!(tx, Tx::Sqlite(..)) && (have < known || !has_figures(&mut tx).await?) {
        statistics::tell(&mut tx).await?;
    }
    tx.commit().await
}

/// Whether SQLite's planner was told anything. A relay of before did not tell it.
async fn has_figures(tx: &mut Tx) -> Result<bool> {
    let row = tx.first("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", &[]);
    Ok(row.await?.is_some())
}

/// A transaction that no other relay's migration runs beside.
async fn lock(db: &Db) -> Result<Tx> {
    match db {
        Db::Sqlite { writer, turns, .. } => {
            let turn = turns.take().await?;
            Ok(Tx::Sqlite(writer.begin_with("BEGIN EXCLUSIVE").await?, Some(turn)))
        }
        Db::Postgres(_) => {
            let mut tx = db.begin().await?;
            // Another relay may be at work for as long as a large table takes; it is waited for.
            tx.script("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
                .await?;
            tx.all("SELECT 1 FROM (SELECT pg_advisory_xact_lock($1)) AS lock", args![LOCK])
                .await?;
            Ok(tx)
        }
    }
}

/// The migration in SQLite's words or PostgreSQL's. Parts between `-- only sqlite` (or `postgres`) and `-- end` are for
/// one of them alone.
fn dialect(sql: &str, sqlite: bool) -> String {
    let other = if sqlite { "-- only postgres" } else { "-- only sqlite" };
    let mut kept = String::with_capacity(sql.len());
    let mut skipping = false;
    for line in sql.lines() {
        skipping |= line.trim_end() == other;
        if !skipping {
            kept.push_str(line);
            kept.push('\n');
        }
        skipping &= line.trim_end() != "-- end";
    }
    if sqlite {
        // A table's end stands on a line of its own. Rows lie in the order of their keys: a shop's together.
        kept = kept
            .replace("BYTEA", "BLOB")
            .replace("BIGINT", "INTEGER")
            .replace("\n);", "\n) STRICT, WITHOUT ROWID;");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_words() {
        let sql = "CREATE TABLE a (\n    b BYTEA, c BIGINT\n);\n-- only sqlite\nX;\n-- end\n-- only postgres\nY;\n-- end\nZ;\n";
        let sqlite = dialect(sql, true);
        assert!(
            sqlite.contains("b BLOB, c INTEGER\n) STRICT, WITHOUT ROWID;"),
            "{sqlite}"
        );
        assert!(
            sqlite.contains("X;") && !sqlite.contains("Y;") && sqlite.contains("Z;"),
            "{sqlite}"
        );
        let postgres = dialect(sql, false);
        assert!(postgres.contains("b BYTEA, c BIGINT\n);"), "{postgres}");
        assert!(
            !postgres.contains("X;") && postgres.contains("Y;") && postgres.contains("Z;"),
            "{postgres}"
        );
    }

    #[test]
    fn names_are_those_of_the_files() {
        for (migration, version) in MIGRATIONS.iter().zip(1..) {
            assert!(
                migration.name.starts_with(&format!("{version:04}_")),
                "{}",
                migration.name
            );
        }
    }
}

//! Groups of clicks on their way into the database, each all or none: into SQLite by a thread that has a connection of
//! its own, because every hand-over between threads would cost more than the rows; into PostgreSQL by one statement.

use rusqlite::{Connection, params};
use sqlx::PgPool;

use super::clicks::Click;
use super::db::{Arg, Db, DbError, Result};
use super::turns::Turns;

const INTO: &str =
    "INSERT INTO clicks (shop_id, day, click_id, at_ms, code, visitor, device, referrer, country, counted) VALUES";
/// Columns of a click.
const COLUMNS: usize = 10;
/// Statements for up to so many clicks are kept prepared: for larger groups preparing one costs little for each.
const PREPARED_MAX: usize = 64;

/// Writes groups into SQLite.
pub struct FileGroups {
    turns: Turns,
    /// None before the first group, and after one that failed.
    conn: Option<Connection>,
    insert: String,
}

impl FileGroups {
    /// Into the file whose turns these are; it is opened for the first group.
    #[must_use]
    pub fn new(turns: Turns) -> Self {
        let insert = format!("{INTO} ({})", ["?"; COLUMNS].join(", "));
        let conn = None;
        Self { turns, conn, insert }
    }

    /// Writes a group. It is on disk when this returns. Holds the thread up.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn write<'a>(&mut self, clicks: impl Iterator<Item = &'a Click>) -> Result<()> {
        let _turn = self.turns.take_here();
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.turns.open().map_err(failed)?,
        };
        // After a failure the connection is closed, and what it had begun is undone.
        insert(&conn, &self.insert, clicks).map_err(failed)?;
        self.conn = Some(conn);
        Ok(())
    }
}

fn insert<'a>(conn: &Connection, sql: &str, clicks: impl Iterator<Item = &'a Click>) -> rusqlite::Result<()> {
    conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut insert = conn.prepare_cached(sql)?;
    for click in clicks {
        insert.execute(params![
            click.shop.0.as_bytes(),
            click.day,
            click.id.as_bytes(),
            click.at.0,
            click.code,
            click.visitor,
            click.device,
            click.referrer,
            click.country,
            click.counted,
        ])?;
    }
    conn.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

fn failed(error: rusqlite::Error) -> DbError {
    DbError::Away(sqlx::Error::Io(std::io::Error::other(error)))
}

/// Writes groups into PostgreSQL.
pub struct ServerGroups {
    db: Db,
    /// For one click, for two, and so on.
    prepared: Vec<String>,
}

impl ServerGroups {
    /// How many can be written at the same time.
    pub const AT_ONCE: usize = 3;

    /// Through these connections.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        let prepared = (1..=PREPARED_MAX).map(insert_of).collect();
        let db = Db::Postgres(pool);
        Self { db, prepared }
    }

    /// Writes a group. It is on disk when this returns.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn write<'a>(&self, clicks: impl ExactSizeIterator<Item = &'a Click>) -> Result<()> {
        let count = clicks.len();
        let mut args: Vec<Arg<'a>> = Vec::with_capacity(count * COLUMNS);
        for click in clicks {
            let row: [Arg<'a>; COLUMNS] = [
                (&click.shop.0).into(),
                click.day.into(),
                (&click.id).into(),
                click.at.0.into(),
                (&click.code).into(),
                (&click.visitor).into(),
                click.device.into(),
                (&click.referrer).into(),
                (&click.country).into(),
                i64::from(click.counted).into(),
            ];
            args.extend(row);
        }
        match self.prepared.get(count.wrapping_sub(1)) {
            Some(sql) => self.db.run_prepared(sql, &args).await.map(drop),
            None => self.db.run(&insert_of(count), &args).await.map(drop),
        }
    }
}

/// The statement that writes `count` clicks.
fn insert_of(count: usize) -> String {
    let row = |row: usize| {
        let place = |column: usize| format!("${}", row * COLUMNS + column + 1);
        format!("({})", (0..COLUMNS).map(place).collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("{INTO} {}", rows.join(", "))
}

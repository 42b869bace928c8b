//! One database behind two drivers: the same SQL with `$1` placeholders, and three kinds of values: whole numbers,
//! texts, bytes. Here: connecting, transactions, rows, and what a failure means. No statement of the relay's own.

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Postgres, Row as _, Sqlite, Transaction};
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::turns::Turns;

/// How long a request waits for a connection, and a statement for a lock, before it is told to try again.
pub(super) const WAIT: Duration = Duration::from_secs(5);
/// Statements that differ in their number of rows are not worth remembering.
const REMEMBERED_ARGS: usize = 40;

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address names no database that the relay knows.
    #[error("The database must begin with sqlite: or postgres://.")]
    Unknown,
    /// It can't be reached, is starting or is too busy: the same request may work in a moment.
    #[error("The database can't be reached just now: {0}")]
    Away(#[source] sqlx::Error),
    /// A constraint refused it.
    #[error("The database refused: {0}")]
    Refused(#[source] sqlx::Error),
    /// What is stored is not what it should be, or something else went wrong that trying again won't mend.
    #[error("The database failed: {0}")]
    Broken(String),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Away(error)
            }
            // A connection that the server closed in the middle is told as a protocol error.
            sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => Self::Away(error),
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default();
                // PostgreSQL's classes: connection, resources, intervention by an operator, locks, serialization.
                // SQLite: busy (5), locked (6), and their finer kinds.
                let away = ["08", "53", "57", "55P", "40"]
                    .iter()
                    .any(|class| code.len() == 5 && code.starts_with(class))
                    || code
                        .parse::<u32>()
                        .is_ok_and(|code| code.to_string().len() < 5 && matches!(code & 0xff, 5 | 6));
                if away {
                    Self::Away(error)
                } else if said.is_unique_violation() || said.is_check_violation() || said.is_foreign_key_violation() {
                    Self::Refused(error)
                } else {
                    Self::Broken(error.to_string())
                }
            }
            _ => Self::Broken(error.to_string()),
        }
    }
}

/// Short for what the store's functions answer.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// A value handed to a statement.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A whole number, or none.
    Int(Option<i64>),
    /// A text, or none.
    Text(Option<&'a str>),
    /// Bytes, or none.
    Bytes(Option<&'a [u8]>),
}

macro_rules! arg_from {
    ($($from:ty => |$value:ident| $arg:expr),+ $(,)?) => {$(
        impl<'a> From<$from> for Arg<'a> {
            fn from($value: $from) -> Self { $arg }
        }
    )+};
}

arg_from!(
    i64 => |v| Arg::Int(Some(v)),
    Option<i64> => |v| Arg::Int(v),
    &'a str => |v| Arg::Text(Some(v)),
    &'a String => |v| Arg::Text(Some(v)),
    Option<&'a str> => |v| Arg::Text(v),
    &'a Uuid => |v| Arg::Bytes(Some(v.as_bytes())),
    Option<&'a Uuid> => |v| Arg::Bytes(v.map(|id| &id.as_bytes()[..])),
    &'a [u8] => |v| Arg::Bytes(Some(v)),
    &'a [u8; 16] => |v| Arg::Bytes(Some(v)),
    &'a [u8; 32] => |v| Arg::Bytes(Some(v)),
    Option<&'a [u8; 32]> => |v| Arg::Bytes(v.map(|bytes| &bytes[..])),
);

/// `args![a, b]`: values for a statement.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::store::db::Arg::from($value)),*] };
}

/// A row of an answer. Columns are named by their place, from 0.
pub enum Row {
    /// SQLite's.
    Sqlite(SqliteRow),
    /// PostgreSQL's.
    Postgres(PgRow),
}

macro_rules! column {
    ($($(#[$doc:meta])* $name:ident -> $type:ty),+ $(,)?) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// Where the column holds something else.
        pub fn $name(&self, column: usize) -> Result<$type> {
            Ok(match self {
                Self::Sqlite(row) => row.try_get(column)?,
                Self::Postgres(row) => row.try_get(column)?,
            })
        }
    )+};
}

impl Row {
    column!(
        /// A whole number.
        int -> i64,
        /// A whole number or none.
        opt_int -> Option<i64>,
        /// A text.
        text -> String,
        /// A text or none.
        opt_text -> Option<String>,
        /// Bytes.
        bytes -> Vec<u8>,
        /// Bytes or none.
        opt_bytes -> Option<Vec<u8>>,
    );

    /// An id: 16 bytes.
    ///
    /// # Errors
    /// Where the column holds something else.
    pub fn id(&self, column: usize) -> Result<Uuid> {
        Uuid::from_slice(&self.bytes(column)?).map_err(|error| DbError::Broken(error.to_string()))
    }

    /// An id or none.
    ///
    /// # Errors
    /// Where the column holds something else.
    pub fn opt_id(&self, column: usize) -> Result<Option<Uuid>> {
        self.opt_bytes(column)?.is_some().then(|| self.id(column)).transpose()
    }

    /// Bytes of a known length.
    ///
    /// # Errors
    /// Where the column holds something else.
    pub fn array<const N: usize>(&self, column: usize) -> Result<[u8; N]> {
        let bytes = self.bytes(column)?;
        bytes
            .try_into()
            .map_err(|bytes: Vec<u8>| DbError::Broken(format!("{} bytes instead of {N}", bytes.len())))
    }
}

macro_rules! bound {
    ($sql:expr, $args:expr) => {{
        let args: &[Arg<'_>] = $args;
        let mut query = sqlx::query($sql).persistent(args.len() <= REMEMBERED_ARGS);
        for arg in args {
            query = match *arg {
                Arg::Int(value) => query.bind(value),
                Arg::Text(value) => query.bind(value),
                Arg::Bytes(value) => query.bind(value),
            };
        }
        query
    }};
}

/// The relay's database.
#[derive(Clone)]
pub enum Db {
    /// One file, one writer at a time.
    Sqlite {
        /// A single connection: writers queue here and not at SQLite's lock.
        writer: SqlitePool,
        /// Connections that only read.
        readers: SqlitePool,
        /// Whose turn it is to write: the single connection's, or that of the clicks.
        turns: Turns,
    },
    /// A server that several relays may share.
    Postgres(PgPool),
}

impl Db {
    /// Connects. `connections` is how many at the most.
    ///
    /// # Errors
    /// Where the address is not understood or nobody answers there.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(WAIT)
                .pragma("trusted_schema", "OFF")
                .pragma("fullfsync", "ON")
                // What is deleted (a person's data, the keys of days) is gone from the file, too.
                .pragma("secure_delete", "ON")
                .disable_statement_logging();
            // A full disk makes SQLite roll back by itself, and sqlx, whose own rollback then fails, believes for ever
            // to be in that transaction: such a connection is closed, and another opened.
            // A connection to a file does not break: asking it before each use would only be another wait for its thread.
            let writer = SqlitePoolOptions::new()
                .max_connections(1)
                .acquire_timeout(WAIT)
                .test_before_acquire(false)
                .before_acquire(|conn, _| Box::pin(async { Ok(!conn.is_in_transaction()) }));
            let writer = writer.connect_with(options.clone()).await?;
            let readers = SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(WAIT)
                .test_before_acquire(false);
            let turns = Turns::new(options.get_filename());
            let readers = readers.connect_with(options.pragma("query_only", "ON")).await?;
            return Ok(Self::Sqlite { writer, readers, turns });
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DbError::Unknown);
        }
        // What was acknowledged is on disk, whatever the server's own default is; nothing waits for ever.
        let limits = [
            ("synchronous_commit", "on"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ];
        let options = PgConnectOptions::from_str(url)?
            .application_name("regulars-relay")
            .options(limits)
            .disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(WAIT);
        Ok(Self::Postgres(pool.connect_with(options).await?))
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn ping(&self) -> Result<()> {
        self.all("SELECT 1", &[]).await.map(drop)
    }

    /// Begins a transaction that may write: SQLite's only one, or one of PostgreSQL's.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, turns, .. } => {
                let turn = turns.take().await?;
                Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?, Some(turn))
            }
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Begins one that only reads, and waits for nobody who writes.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn begin_to_read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?, None),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// The rows of a statement that only reads, in a transaction of its own.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn all(&self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite { readers, .. } => wrap(bound!(sql, args).fetch_all(readers).await?, Row::Sqlite),
            Self::Postgres(pool) => wrap(bound!(sql, args).fetch_all(pool).await?, Row::Postgres),
        })
    }

    /// Its first row, if any.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn first(&self, sql: &str, args: &[Arg<'_>]) -> Result<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// A single statement that writes, in a transaction of its own. Answers how many rows it changed.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn run(&self, sql: &str, args: &[Arg<'_>]) -> Result<u64> {
        Ok(match self {
            Self::Sqlite { writer, turns, .. } => {
                let _turn = turns.take().await?;
                bound!(sql, args).execute(writer).await?.rows_affected()
            }
            Self::Postgres(pool) => bound!(sql, args).execute(pool).await?.rows_affected(),
        })
    }

    /// The same with a statement that is kept prepared, however many values it has.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn run_prepared(&self, sql: &str, args: &[Arg<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite { .. } => self.run(sql, args).await,
            Self::Postgres(pool) => Ok(bound!(sql, args).persistent(true).execute(pool).await?.rows_affected()),
        }
    }

    /// Lets go of every connection, in order.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

fn wrap<R>(rows: Vec<R>, row: fn(R) -> Row) -> Vec<Row> {
    rows.into_iter().map(row).collect()
}

/// A transaction. Dropped without [`Tx::commit`], nothing of it has happened.
pub enum Tx {
    /// SQLite's, and its turn to write where it may.
    Sqlite(Transaction<'static, Sqlite>, Option<OwnedMutexGuard<()>>),
    /// PostgreSQL's.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// The rows of a statement.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn all(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(tx, _) => wrap(bound!(sql, args).fetch_all(&mut **tx).await?, Row::Sqlite),
            Self::Postgres(tx) => wrap(bound!(sql, args).fetch_all(&mut **tx).await?, Row::Postgres),
        })
    }

    /// Its first row, if any.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn first(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Option<Row>> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// How many rows a statement changed.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn run(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64> {
        Ok(match self {
            Self::Sqlite(tx, _) => bound!(sql, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => bound!(sql, args).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Several statements without values.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(tx, _) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop)?,
            Self::Postgres(tx) => sqlx::raw_sql(sql).execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    /// What to add to a SELECT so that its rows are this transaction's alone. SQLite's only writer has them anyway.
    #[must_use]
    pub fn for_update(&self) -> &'static str {
        match self {
            Self::Sqlite(..) => "",
            Self::Postgres(_) => " FOR UPDATE",
        }
    }

    /// Makes it last.
    ///
    /// # Errors
    /// Where the database is away: it may have happened or not, and the caller asks again.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx, _) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

//! The owner's reports: tauri-plugin-sql over a read-only connection to the shop's database.
//!
//! The plugin connects when it is registered, so it is registered when the owner's window first opens: by then the
//! migrations ran and the shop exists, also where it was made a minute ago. What a window may do with it is in
//! `capabilities/`: select, nothing else. While the owner's window is locked, not even that.

use std::sync::Arc;

use tauri::ipc::Invoke;
use tauri::plugin::Plugin;
use tauri::{AppHandle, Config, Manager, RunEvent, Wry};

use crate::app::{Answer, App};
use crate::place::Place;
use crate::views::Failure;

/// Tells the plugin, before anything runs, which database to open once it is registered.
pub fn configure(config: &mut Config, place: &Place) {
    let preload = serde_json::json!({ "preload": [place.reports_url()] });
    config.plugins.0.insert("sql".to_owned(), preload);
}

/// Registers the plugin, which opens the database. Nothing happens where it was registered before.
///
/// # Errors
/// `io` where the database can't be opened for reading.
pub async fn register(handle: &AppHandle) -> Answer<()> {
    let handle = handle.clone();
    // It blocks while it connects.
    tauri::async_runtime::spawn_blocking(move || {
        if handle.try_state::<tauri_plugin_sql::DbInstances>().is_some() {
            return Ok(());
        }
        let app = Arc::clone(handle.state::<Arc<App>>().inner());
        handle.plugin(Behind {
            app,
            plugin: tauri_plugin_sql::Builder::new().build(),
        })
    })
    .await
    .map_err(|stopped| Failure::io("", &stopped.to_string()))?
    .map_err(|error| Failure::io("", &error.to_string()))
}

/// The plugin, which answers only while the owner is there. It uses no more of what a plugin may than this hands on.
struct Behind<P> {
    app: Arc<App>,
    plugin: P,
}

impl<P: Plugin<Wry>> Plugin<Wry> for Behind<P> {
    fn name(&self) -> &'static str {
        self.plugin.name()
    }

    fn initialize(&mut self, handle: &AppHandle, config: serde_json::Value) -> Result<(), Box<dyn std::error::Error>> {
        self.plugin.initialize(handle, config)
    }

    fn on_event(&mut self, handle: &AppHandle, event: &RunEvent) {
        self.plugin.on_event(handle, event);
    }

    fn extend_api(&mut self, invoke: Invoke) -> bool {
        match self.app.owner_there() {
            Ok(()) => self.plugin.extend_api(invoke),
            Err(failure) => {
                invoke.resolver.reject(failure);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{Connection, Row, SqliteConnection};
    use tauri::async_runtime::block_on;

    /// A shop's file in a folder whose name has all that a URL minds, the writer's connection to it, and the reports'.
    fn connected(dir: &std::path::Path) -> (rusqlite::Connection, SqliteConnection) {
        let place = Place::at(&dir.join("50% off? #1"));
        std::fs::create_dir_all(place.folder()).unwrap();
        let conn = rusqlite::Connection::open(ledger::file(place.folder())).unwrap();
        conn.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (7);")
            .unwrap();
        let reports = block_on(SqliteConnection::connect(&place.reports_url())).unwrap();
        (conn, reports)
    }

    #[test]
    fn both_sides_run_the_same_sound_sqlite() {
        let dir = tempfile::tempdir().unwrap();
        let (_writer, mut conn) = connected(dir.path());
        let row = block_on(sqlx::query("SELECT sqlite_version(), sqlite_source_id()").fetch_one(&mut conn)).unwrap();
        let ours = rusqlite::Connection::open_in_memory().unwrap();
        let source: String = ours.query_row("SELECT sqlite_source_id()", [], |r| r.get(0)).unwrap();
        assert_eq!(
            (row.get::<String, _>(0), row.get::<String, _>(1)),
            (rusqlite::version().to_owned(), source)
        );
        assert!(rusqlite::version_number() >= 3_053_002);
    }

    #[test]
    fn reports_read_and_never_write() {
        let dir = tempfile::tempdir().unwrap();
        let (_writer, mut conn) = connected(dir.path());
        let n: i64 = block_on(sqlx::query("SELECT n FROM t").fetch_one(&mut conn))
            .unwrap()
            .get(0);
        assert_eq!(n, 7);
        let beside = dir.path().join("beside.db");
        let other = rusqlite::Connection::open(&beside).unwrap();
        other.execute_batch("CREATE TABLE u (n INTEGER)").unwrap();
        let attach = format!("ATTACH '{}' AS beside", beside.display());
        for sql in [
            "INSERT INTO t VALUES (8) RETURNING n",
            "DELETE FROM t",
            "DROP TABLE t",
            "PRAGMA journal_mode = delete",
            "PRAGMA user_version = 9",
        ] {
            assert!(block_on(sqlx::query(sql).fetch_all(&mut conn)).is_err(), "{sql}");
        }
        block_on(sqlx::query(&attach).fetch_all(&mut conn)).unwrap();
        assert!(block_on(sqlx::query("INSERT INTO beside.u VALUES (1)").fetch_all(&mut conn)).is_err());
        let n: i64 = block_on(sqlx::query("SELECT count(*) FROM t").fetch_one(&mut conn))
            .unwrap()
            .get(0);
        assert_eq!(n, 1);
    }
}

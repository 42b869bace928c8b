//! The schema that all migrations make, as a file to read and to compare with. After a new migration, write it anew:
//! `RENEW=1 cargo test -p ledger --test it schema`.

use rusqlite::Connection;
use std::fmt::Write;
use std::path::Path;

use crate::support::shop;

#[test]
fn is_the_one_that_was_agreed_on() {
    let s = shop();
    let conn = Connection::open(ledger::file(s.dir.path())).unwrap();
    let version: i64 = conn.pragma_query_value(None, "user_version", |r| r.get(0)).unwrap();
    let id: i64 = conn.pragma_query_value(None, "application_id", |r| r.get(0)).unwrap();
    let mut dump = format!(
        "-- What the migrations make. Written by a test; see schema.rs.\nPRAGMA application_id = {id};\nPRAGMA user_version = {version};\n"
    );
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'member\\_%\\_%' ESCAPE '\\' ORDER BY tbl_name, type DESC, name";
    let mut rows = conn.prepare(sql).unwrap();
    for sql in rows.query_map([], |r| r.get::<_, String>(0)).unwrap() {
        write!(dump, "\n{};\n", sql.unwrap()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schema.sql");
    if std::env::var_os("RENEW").is_some() {
        std::fs::write(&path, &dump).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        agreed == dump,
        "the schema has changed; if that is meant, renew {}:\n{dump}",
        path.display()
    );
}

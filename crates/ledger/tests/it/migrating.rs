//! A file of an older app: it is kept, then migrated, all or nothing, also by two processes at once.

use ledger::{MIGRATIONS, Store};
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};

use crate::child;
use crate::support::{by, by_hand, open, sale, sale_ids, scratch, shop};

/// A shop as an app that knew only the first `version` migrations left it: the tables of then, with today's rows.
fn older(version: usize) -> tempfile::TempDir {
    let today = shop();
    for n in 0..5 {
        let store = &today.store;
        store
            .credit(store.new_op(), by(), sale(store, &n.to_string(), n, "5"))
            .unwrap();
    }
    older_of(today, version)
}

/// The same of a shop.
fn older_of(today: crate::support::TestShop, version: usize) -> tempfile::TempDir {
    drop(today.store);
    let dir = scratch();
    let conn = Connection::open(ledger::file(dir.path())).unwrap();
    for sql in &MIGRATIONS[..version] {
        conn.execute_batch(sql).unwrap();
    }
    let from = ledger::file(today.dir.path());
    conn.execute("ATTACH ?1 AS today", [from.to_str().unwrap()]).unwrap();
    let tables: Vec<String> = names(
        &conn,
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'member\\_%' ESCAPE '\\'",
    );
    for table in tables {
        if table == "rewards" && version < 6 {
            // Then by the rules' version, today by their operation.
            let sql = "INSERT INTO main.rewards SELECT r.version, w.position, w.name, w.points, w.cost_minor
                       FROM today.rewards w JOIN today.rules r USING (op_id)";
            conn.execute(sql, []).unwrap();
            continue;
        }
        let columns = names(&conn, &format!("SELECT name FROM pragma_table_info('{table}')")).join(", ");
        conn.execute(
            &format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}"),
            [],
        )
        .unwrap();
    }
    if version >= 9 {
        // The sales that were copied were summed up again, by a trigger.
        let sql = "UPDATE main.members SET spent_minor = (SELECT t.spent_minor FROM today.members t WHERE t.member_id = members.member_id)";
        conn.execute(sql, []).unwrap();
    }
    let id: i64 = conn
        .pragma_query_value(Some("today"), "application_id", |r| r.get(0))
        .unwrap();
    conn.execute_batch(&format!(
        "PRAGMA main.application_id = {id}; PRAGMA main.user_version = {version}"
    ))
    .unwrap();
    conn.execute_batch("PRAGMA main.journal_mode = wal").unwrap();
    drop(conn);
    dir
}

fn names(conn: &Connection, sql: &str) -> Vec<String> {
    conn.prepare(sql)
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn version(path: &Path) -> usize {
    Connection::open(path)
        .unwrap()
        .pragma_query_value(None, "user_version", |r| r.get(0))
        .unwrap()
}

fn backups(dir: &Path) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(dir.join("backups"));
    folder.map_or_else(|_| Vec::new(), |f| f.map(|e| e.unwrap().path()).collect())
}

fn whole(store: &Store) -> bool {
    store.verify().unwrap().ok && sale_ids(store).len() == 5 && store.search("6195550003", 8).unwrap().exact.is_some()
}

#[test]
fn a_backup_of_an_older_app_is_restored_and_stays_as_it_was() {
    let before = MIGRATIONS.len() - 1;
    let old = older(before);
    let backup = ledger::file(old.path());
    let bytes = std::fs::read(&backup).unwrap();
    let s = shop();
    drop(s.store);
    let now = loyalty::UtcMs(crate::support::START_MS);
    let (found, kept) = ledger::restore(s.dir.path(), &backup, now).unwrap();
    assert!(found.ok && kept.is_some(), "{found:?}");
    assert!(whole(&open(s.dir.path()).unwrap()));
    assert!(std::fs::read(&backup).unwrap() == bytes && version(&backup) == before);
    // One that was tampered with is refused, and leaves nothing behind.
    let conn = Connection::open(&backup).unwrap();
    conn.execute_batch("UPDATE rights SET points = points + 1").unwrap();
    drop(conn);
    assert_eq!(
        crate::support::storage(ledger::restore(s.dir.path(), &backup, now)),
        ledger::StorageCode::Damaged
    );
    assert!(!s.dir.path().join("restore.part").exists() && whole(&open(s.dir.path()).unwrap()));
}

#[test]
fn an_older_file_is_kept_and_migrated() {
    let before = MIGRATIONS.len() - 1;
    let dir = older(before);
    let store = open(dir.path()).unwrap();
    assert!(whole(&store));
    assert_eq!(version(&ledger::file(dir.path())), MIGRATIONS.len());
    let kept = backups(dir.path());
    assert_eq!((kept.len(), version(&kept[0])), (1, before));
    let copy = Connection::open(&kept[0]).unwrap();
    assert_eq!(
        copy.query_row("SELECT count(*) FROM sales", [], |r| r.get::<_, i64>(0))
            .unwrap(),
        5
    );
    drop(store);
    drop(open(dir.path()).unwrap());
    assert_eq!(backups(dir.path()).len(), 1, "only once");
}

#[test]
fn a_migration_that_fails_half_way_changes_nothing() {
    // In the way of the last thing that is made by the newest migration that makes anything new.
    let fresh = shop();
    let conn = Connection::open(ledger::file(fresh.dir.path())).unwrap();
    let made = names(
        &conn,
        "SELECT type || ' ' || name FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' AND type IN ('table', 'view', 'trigger') ORDER BY rowid",
    );
    let newest = (0..MIGRATIONS.len()).rev().find_map(|before| {
        let dir = older(before);
        let conn = Connection::open(ledger::file(dir.path())).unwrap();
        let have = names(&conn, "SELECT type || ' ' || name FROM sqlite_schema");
        let last = made.iter().rfind(|name| !have.contains(name))?;
        Some((before, dir, last))
    });
    let (before, dir, last) = newest.unwrap();
    let path = ledger::file(dir.path());
    let (kind, last) = last.split_once(' ').unwrap();
    // Triggers have names of their own; a table is in the way of tables and views.
    let (kind, in_the_way) = match kind {
        "trigger" => (
            "TRIGGER",
            format!("CREATE TRIGGER {last} AFTER INSERT ON settings BEGIN SELECT 1; END"),
        ),
        _ => ("TABLE", format!("CREATE TABLE {last} (in_the_way)")),
    };
    let dump = |conn: &Connection| {
        names(
            conn,
            "SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY rowid",
        )
    };
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch(&in_the_way).unwrap();
    let schema = dump(&conn);
    drop(conn);

    let said = open(dir.path()).map(drop).unwrap_err().to_string();
    assert!(said.contains("already exists"), "{said}");
    assert_eq!(version(&path), before);
    assert_eq!(dump(&Connection::open(&path).unwrap()), schema, "none of it stayed");
    assert_eq!(backups(dir.path()).len(), 1);

    Connection::open(&path)
        .unwrap()
        .execute_batch(&format!("DROP {kind} {last}"))
        .unwrap();
    assert!(whole(&open(dir.path()).unwrap()));
}

#[test]
fn a_backup_that_can_not_be_made_stops_the_migration() {
    let before = MIGRATIONS.len() - 1;
    let dir = older(before);
    std::fs::write(dir.path().join("backups"), "a file where the folder should be").unwrap();
    assert!(open(dir.path()).is_err());
    assert_eq!(version(&ledger::file(dir.path())), before);
}

#[test]
fn stamp_cards_of_old_rules_are_written_down() {
    let rules = "Earn 1 point per $1\nBuy 9 \"Coffee\", get 1 free\n";
    let today = crate::support::shop_with(rules, None);
    let dir = older_of(today, 7);
    assert!(open(dir.path()).unwrap().verify().unwrap().ok);
    let conn = Connection::open(ledger::file(dir.path())).unwrap();
    assert_eq!(
        names(&conn, "SELECT name || ' for ' || stamps FROM cards"),
        ["1 Coffee free for 9"]
    );
}

#[test]
fn two_processes_migrate_at_once() {
    for _ in 0..5 {
        let dir = older(MIGRATIONS.len() - 1);
        let place = dir.path().to_str().unwrap();
        let children: Vec<_> = (0..4)
            .map(|_| child::command(&["open", place]).spawn().unwrap())
            .collect();
        for mut one in children {
            let said: Vec<String> = child::said(&mut one).collect();
            assert_eq!(said, ["open"]);
            one.wait().unwrap();
        }
        assert!(whole(&open(dir.path()).unwrap()));
        let whole_copies = backups(dir.path()).iter().all(|p| version(p) >= MIGRATIONS.len() - 1);
        assert!(whole_copies, "{:?}", backups(dir.path()));
    }
}

#[test]
fn a_file_without_a_shop_says_so() {
    let dir = scratch();
    let conn = Connection::open(ledger::file(dir.path())).unwrap();
    for sql in MIGRATIONS {
        conn.execute_batch(sql).unwrap();
    }
    conn.execute_batch(&format!(
        "PRAGMA application_id = {}; PRAGMA user_version = {}",
        0x5265_676c,
        MIGRATIONS.len()
    ))
    .unwrap();
    let one: Option<i64> = conn
        .query_row("SELECT one FROM shop", [], |r| r.get(0))
        .optional()
        .unwrap();
    assert_eq!(one, None);
    drop(conn);
    assert!(Store::open(dir.path(), by_hand().1).is_err());
}

/// Everything there can be in a file: it means the same after the migration as where it was written today.
#[test]
fn what_an_older_file_means_stays() {
    let today = crate::tampering::filled();
    let store = &today.store;
    let held = "Hold sales over $50\nEarn 1 point per $1\n";
    store.publish_rules(store.new_op(), by(), held.into()).unwrap();
    store.credit(store.new_op(), by(), sale(store, "H", 3, "80")).unwrap();
    let decision = ledger::Decision::Approve;
    store
        .decide_held(
            store.new_op(),
            crate::support::manager(),
            "pos".into(),
            "H".into(),
            decision,
        )
        .unwrap();
    let member = store.search("6195550001", 8).unwrap().exact.unwrap();
    let edit = |consent| ledger::MemberEdit {
        name: "Ana".into(),
        email: "ana@example.com".into(),
        email_consent: consent,
        birthday: "11-20".parse().ok(),
    };
    for consent in [false, true, false] {
        store
            .edit_member(store.new_op(), by(), member.member_id, edit(consent))
            .unwrap();
    }
    assert!(store.verify().unwrap().ok);
    let means = store.state_hash().unwrap();
    let dir = older_of(today, 5);
    let store = open(dir.path()).unwrap();
    let said = store.verify().unwrap();
    assert!(said.ok, "{:?}", said.problem);
    assert_eq!(store.state_hash().unwrap(), means);
}

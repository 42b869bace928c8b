//! Verify, backup, restore, and damaged files.

use crate::support::{Shop, keys};
use serde_json::json;

fn with_points() -> Shop {
    let shop = Shop::open();
    shop.ok(&["credit", "--phone", "6195550123", "--total", "150", "--enrol"]);
    shop.ok(&["redeem", "--phone", "6195550123", "--reward", "Free coffee"]);
    shop
}

#[test]
fn verify_answers_its_figures() {
    let shop = with_points();
    let found = shop.ok(&["ledger", "verify"]);
    assert_eq!(keys(&found), ["head", "members", "ok", "operations", "points"]);
    assert_eq!(
        (&found["ok"], &found["members"], &found["points"]),
        (&json!(true), &json!(1), &json!(50))
    );
    assert_eq!(found["head"].as_str().unwrap().len(), 64);
    assert!(
        shop.plain(&["ledger", "verify"])
            .out
            .starts_with("Everything agrees: 5 operations, 1 member, 50 points outstanding.")
    );
}

/// Changes the file behind the store's back: without its triggers, which a disk does not have either.
fn damage(shop: &Shop, sql: &str) {
    let conn = rusqlite::Connection::open(ledger::file(&shop.dir())).unwrap();
    let names: Vec<String> = {
        let mut rows = conn
            .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            .unwrap();
        rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for name in names {
        conn.execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
    }
    assert_eq!(conn.execute(sql, []).unwrap(), 1, "{sql}");
}

#[test]
fn damage_is_found_and_named() {
    for (sql, at) in [
        ("UPDATE ops SET at_ms = at_ms + 1 WHERE origin_seq = 3", Some(3)),
        (
            "UPDATE ops SET body = replace(body, '15000', '25000') WHERE origin_seq = 4",
            Some(4),
        ),
        ("UPDATE rights SET points = points + 1", None),
    ] {
        let shop = with_points();
        let backup = shop.name("backup.db");
        shop.ok(&["backup", &backup]);
        damage(&shop, sql);
        let answer = shop.run(&["ledger", "verify"]);
        let found = answer.json();
        assert_eq!((answer.code, &found["ok"]), (4, &json!(false)), "{sql}: {found}");
        assert!(
            found["problem"]["what"].as_str().is_some_and(|w| !w.is_empty()),
            "{found}"
        );
        if let Some(seq) = at {
            assert_eq!(found["problem"]["origin_seq"], seq, "{sql}: {found}");
            assert!(found["problem"]["op_id"].is_string());
        }
        let plain = shop.plain(&["ledger", "verify"]);
        assert!(plain.code == 4 && plain.out.starts_with("DAMAGED."), "{plain:?}");
        // No backup is made of what does not verify; an older one stays.
        let kept = std::fs::read(&backup).unwrap();
        shop.refused(&["backup", &backup], 4, "damaged");
        assert_eq!(std::fs::read(&backup).unwrap(), kept);
        let restored = shop.ok(&["restore", &backup, "--yes"]);
        assert_eq!((&restored["ok"], &restored["points"]), (&json!(true), &json!(50)));
        assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
    }
}

#[test]
fn a_sealed_backup_opens_with_its_passphrase_alone() {
    let shop = with_points();
    let (backup, words, other) = (shop.name("backup.sealed"), shop.name("words"), shop.name("other"));
    std::fs::write(&words, "four plain words here\n").unwrap();
    std::fs::write(&other, "some other words here\n").unwrap();
    let made = shop.ok(&["backup", &backup, "--encrypt", &words]);
    assert_eq!(made["points"], 50);
    let bytes = std::fs::read(&backup).unwrap();
    assert!(!bytes.windows(13).any(|window| window == b"SQLite format"));
    damage(&shop, "UPDATE rights SET points = points + 1");
    shop.refused(&["restore", &backup, "--yes"], 2, "usage");
    shop.refused(&["restore", &backup, "--yes", "--decrypt", &other], 2, "usage");
    let restored = shop.ok(&["restore", &backup, "--yes", "--decrypt", &words]);
    assert_eq!((&restored["ok"], &restored["points"]), (&json!(true), &json!(50)));
    // Nothing plain is left where the copy was made.
    let left = std::fs::read_dir(shop.dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with(".tmp")));
}

#[test]
fn a_backup_is_restored_straight_from_storage() {
    let shop = with_points();
    let service = storage_double::Service::start(false);
    let words = shop.file("words", "four plain words here\n");
    let settings = shop.file("s3.toml", &storage_double::settings("http", service.port));
    let object = service.object("shops/harbour/night.sealed");
    std::fs::create_dir_all(object.parent().unwrap()).unwrap();
    shop.ok(&["backup", object.to_str().unwrap(), "--encrypt", &words]);
    let there = "s3://harbour/shops/harbour/night.sealed";
    shop.refused(&["restore", there, "--decrypt", &words, "--yes"], 2, "usage");
    let gone = [
        "restore",
        "s3://harbour/shops/harbour/x.sealed",
        "--s3",
        &settings,
        "--decrypt",
        &words,
        "--yes",
    ];
    let said = shop.refused(&gone, 2, "usage");
    assert!(said["message"].as_str().unwrap().contains("no such backup"), "{said}");
    let other = Shop::none();
    let restored = other.ok(&["restore", there, "--s3", &settings, "--decrypt", &words]);
    assert_eq!((&restored["ok"], &restored["points"]), (&json!(true), &json!(50)));
}

#[test]
fn where_the_pins_secret_is_not_an_owner_is_asked_for_a_pin_anew() {
    let shop = Shop::none();
    shop.ok(&["demo", "--members", "5"]);
    let backup = shop.name("backup.db");
    shop.ok(&["backup", &backup]);
    // On this computer the PINs work on.
    assert_eq!(shop.ok(&["restore", &backup, "--yes"])["pins_anew"], false);
    let other = Shop::none();
    assert_eq!(other.ok(&["restore", &backup])["pins_anew"], true);
    let store = ledger::Store::open(&other.dir(), ledger::Options::default()).unwrap();
    assert!(store.needs_pin().unwrap());
}

#[test]
fn a_file_that_is_none() {
    let shop = with_points();
    let file = ledger::file(&shop.dir());
    for tail in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{tail}", file.display())));
    }
    std::fs::write(&file, "This is no database. ".repeat(1000)).unwrap();
    let answer = shop.run(&["ledger", "verify"]);
    assert_eq!((answer.code, &answer.json()["ok"]), (4, &json!(false)));
    let error = shop.refused(&["stats"], 4, "damaged");
    assert!(error["path"].as_str().unwrap().ends_with("regulars.db"), "{error}");
    let plain = shop.plain(&["stats"]);
    assert!(
        plain
            .err
            .starts_with("The shop's file is damaged. Keep it, and restore the latest backup."),
        "{plain:?}"
    );
}

#[test]
fn a_backup_is_a_checked_copy_and_a_restore_keeps_what_was_there() {
    let shop = with_points();
    let file = shop.name("backup.db");
    let made = shop.ok(&["backup", &file]);
    assert_eq!(
        keys(&made),
        ["bytes", "file", "head", "members", "ok", "operations", "points"]
    );
    assert_eq!(
        (made["bytes"].as_u64().unwrap(), &made["ok"]),
        (std::fs::metadata(&file).unwrap().len(), &json!(true))
    );
    shop.ok(&["adjust", "--phone", "6195550123", "--points", "1", "--reason", "later"]);

    // Without a terminal to ask at, it must be said.
    shop.refused(&["restore", &file], 2, "usage");
    assert_eq!(shop.ok(&["stats"])["points_outstanding"], 51);
    let restored = shop.ok(&["restore", &file, "--yes"]);
    assert_eq!(restored["head"], made["head"]);
    assert_eq!(shop.ok(&["stats"])["points_outstanding"], 50);
    let replaced = restored["replaced"].as_str().unwrap();
    assert!(std::path::Path::new(replaced).is_file());

    // Into an empty folder nobody need be asked.
    let other = Shop::none();
    assert_eq!(other.ok(&["restore", &file])["replaced"], json!(null));
    assert_eq!(other.ok(&["ledger", "verify"])["head"], made["head"]);
}

#[test]
fn the_shop_is_not_written_over() {
    let shop = with_points();
    let live = ledger::file(&shop.dir()).display().to_string();
    shop.refused(&["backup", &live], 2, "usage");
    shop.refused(&["backup", &shop.dir().display().to_string()], 2, "usage");
    shop.refused(&["restore", &live, "--yes"], 2, "usage");
    shop.refused(&["ledger", "export", "--format", "csv", "--out", &live], 2, "usage");
    let text = shop.file("text.db", "no shop");
    shop.refused(&["restore", &text, "--yes"], 4, "damaged");
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
}

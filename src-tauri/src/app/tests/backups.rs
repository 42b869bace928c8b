//! The till's own backups: set, made by hand and by the clock, missed and made up for; what keeps them from being made,
//! and that one can be opened and put back.

use std::path::{Path, PathBuf};

use super::*;
use crate::views::{BackupCode, BackupStorage, Backups};

const WORDS: &str = "four plain words here";
const HOUR_S: i64 = 3_600;

/// A folder for backups beside the shop's.
fn shelf(rig: &Rig) -> PathBuf {
    let folder = rig.dir.path().join("disk");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A shop with somebody in it, the owner's window open, a folder and a passphrase.
fn set_up() -> (Rig, PathBuf) {
    let rig = Rig::shop();
    rig.maria();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let folder = shelf(&rig);
    rig.app.backups_set(&folder.display().to_string(), "21:00").unwrap();
    rig.app.backups_passphrase(WORDS, WORDS).unwrap();
    (rig, folder)
}

fn sealed(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = all
        .filter(|path| path.extension().is_some_and(|end| end == "sealed"))
        .collect();
    all.sort();
    all
}

/// Points outstanding in a sealed backup, after it was put into a new folder as `regularsctl restore` does.
fn points_in(backup: &Path) -> i64 {
    let work = tempfile::tempdir().unwrap();
    let (copy, shop) = (work.path().join("copy.db"), work.path().join("shop"));
    ::backups::file::open_file(WORDS, backup, &copy).unwrap();
    let (verified, replaced) = ledger::restore(&shop, &copy, UtcMs(0)).unwrap();
    assert!(verified.ok && replaced.is_none());
    verified.points
}

#[test]
fn on_another_computer_an_owner_chooses_a_pin_anew_and_goes_on() {
    let (rig, folder) = set_up();
    rig.app.backups_run().unwrap();
    let other = Rig::new();
    let shop = other.dir.path().join("shop");
    let copy = other.dir.path().join("copy.db");
    ::backups::file::open_file(WORDS, &sealed(&folder)[0], &copy).unwrap();
    ledger::restore(&shop, &copy, UtcMs(0)).unwrap();
    // What `regularsctl restore` does where the PINs' secret is not on the machine.
    let store = ledger::Store::open(&shop, Options::default()).unwrap();
    store.write(|tx| tx.pins_are_lost()).unwrap();
    drop(store);
    let Startup::Ready {
        staff, needs_pin: true, ..
    } = other.app.startup()
    else {
        panic!("not asked for a PIN")
    };
    let olga = id_of(&staff, "Olga");
    assert!(other.app.sign_in(&olga, OWNER_PIN).is_err());
    let pin = views::OwnerPin {
        op_id: op(),
        staff_id: olga.clone(),
        pin: "8642".to_owned(),
    };
    other.app.owner_pin(&pin).unwrap();
    assert_eq!(code(other.app.owner_pin(&pin)), "locked", "once");
    other.app.sign_out();
    other.app.sign_in(&olga, "8642").unwrap();
    assert_eq!(other.app.search("5550123").unwrap().hits[0].balance, 120);
    // The passphrase did not come along either, and the window says so.
    other.app.open_owner("8642").unwrap();
    assert_eq!(trouble(&other.app.backups().unwrap()), Some(BackupCode::Passphrase));
}

fn trouble(seen: &Backups) -> Option<BackupCode> {
    seen.trouble.as_ref().map(|trouble| trouble.code)
}

/// The look of the clockwork, with the making on this thread.
fn night(rig: &Rig) -> bool {
    let store = rig.app.store().unwrap();
    let due = rig.app.backup_is_due(&store);
    if due {
        rig.app.back_up(&store, false);
    }
    due
}

#[test]
fn one_is_made_by_hand_opened_and_put_back() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.backups()), "locked");
    assert_eq!(code(rig.app.backups_set("", "21:00")), "locked");
    assert_eq!(code(rig.app.backups_passphrase(WORDS, WORDS)), "locked");
    assert_eq!(code(rig.app.backups_run()), "locked");
    rig.maria();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let seen = rig.app.backups().unwrap();
    assert_eq!(
        (seen.folder.as_str(), seen.at.as_str(), seen.passphrase),
        ("", "21:00", false)
    );
    assert!(seen.next.is_none() && seen.trouble.is_none() && seen.runs.is_empty());

    let folder = shelf(&rig);
    let seen = rig.app.backups_set(&folder.display().to_string(), "19:30").unwrap();
    assert_eq!((trouble(&seen), seen.next), (Some(BackupCode::Passphrase), None));
    assert!(seen.same_disk, "both are in one temporary folder");
    let how = std::fs::read_to_string(folder.join("HOW-TO-RESTORE.txt")).unwrap();
    assert!(how.contains("regularsctl restore"));
    let seen = rig.app.backups_passphrase(WORDS, WORDS).unwrap();
    assert_eq!(trouble(&seen), None);
    assert_eq!(
        seen.next.as_deref(),
        Some("2026-11-21T03:30:00.000Z"),
        "19:30 in Los Angeles"
    );

    let seen = rig.app.backups_run().unwrap();
    assert_eq!((trouble(&seen), seen.running), (None, None));
    let run = &seen.runs[0];
    assert!(run.made && run.by_hand && run.kb > 100, "{run:?}");
    assert_eq!(seen.last.as_deref(), Some(run.at.as_str()));
    let files = sealed(&folder);
    assert_eq!(files[0].file_name().unwrap().to_str(), Some(run.file.as_str()));
    assert!(run.file.starts_with("harbour-coffee-till-1-"), "{}", run.file);
    assert_eq!(points_in(&files[0]), 120);
    // Nothing plain lies about, and the status bar knows.
    assert!(!rig.dir.path().join("shop/backups/making").exists());
    let status = rig.app.status().unwrap();
    assert_eq!(status.storage.last_backup_at.as_deref(), Some(run.at.as_str()));
    assert!(status.storage.ok);
}

#[test]
fn what_can_not_be_set_is_refused_with_its_field() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let said = |answer: Answer<Backups>| {
        let (code, field, _) = refused(answer);
        (code, field)
    };
    let wrong = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    let folder = shelf(&rig).display().to_string();
    let own = rig.dir.path().join("shop/backups").display().to_string();
    std::fs::create_dir_all(&own).unwrap();
    assert_eq!(said(rig.app.backups_set("disk", "21:00")), wrong("missing", "folder"));
    assert_eq!(
        said(rig.app.backups_set("/no/such/disk", "21:00")),
        wrong("missing", "folder")
    );
    assert_eq!(said(rig.app.backups_set(&own, "21:00")), wrong("bad_name", "folder"));
    for at in ["", "25:00", "nine"] {
        assert_eq!(said(rig.app.backups_set(&folder, at)), wrong("bad_time", "at"));
    }
    for short in ["", "seven77", " four plain words"] {
        assert_eq!(
            said(rig.app.backups_passphrase(short, short)),
            wrong("missing", "passphrase")
        );
    }
    assert_eq!(
        said(rig.app.backups_passphrase(WORDS, "four plain words her")),
        wrong("missing", "again")
    );
    let seen = rig.app.backups().unwrap();
    assert!(seen.folder.is_empty() && !seen.passphrase);
    // A file is no folder; where nothing is set, running does nothing.
    assert!(rig.app.backups_run().unwrap().runs.is_empty());
}

#[test]
fn a_day_has_one_and_a_missed_night_is_made_up_for() {
    let (rig, folder) = set_up();
    // Ten in the morning: yesterday's is missing.
    assert!(night(&rig));
    assert!(!night(&rig));
    rig.clock.pass_s(10 * HOUR_S + 3_000);
    assert!(!night(&rig), "20:50");
    rig.clock.pass_s(601);
    assert!(night(&rig), "21:00 and a second");
    rig.clock.pass_s(23 * HOUR_S);
    assert!(!night(&rig));
    // The till was off for three nights; a restart remembers.
    rig.clock.pass_s(3 * 24 * HOUR_S);
    rig.app.shut_down();
    let next = rig.another();
    next.startup();
    let store = next.store().unwrap();
    assert!(next.backup_is_due(&store));
    next.back_up(&store, false);
    assert!(!next.backup_is_due(&store));
    assert_eq!(sealed(&folder).len(), 3);
}

#[test]
fn a_disk_that_is_not_there_is_told_and_tried_again() {
    let (rig, folder) = set_up();
    let good = rig.app.backups_run().unwrap();
    rig.clock.pass_s(24 * HOUR_S);
    rig.app.unlock_owner(OWNER_PIN).unwrap();
    // Unplugged: the folder is gone, and must not be made anew on another disk.
    let away = rig.dir.path().join("away");
    std::fs::rename(&folder, &away).unwrap();
    assert!(night(&rig));
    let seen = rig.app.backups().unwrap();
    assert_eq!(trouble(&seen), Some(BackupCode::Missing));
    assert_eq!(seen.trouble.unwrap().place, folder.display().to_string());
    assert_eq!(seen.last, good.last);
    assert!(!folder.exists());
    assert!(rig.app.status().unwrap().storage.ok, "the shop's own folder is well");
    // The place it was mounted on is an empty folder: not the disk either.
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(trouble(&rig.app.backups_run().unwrap()), Some(BackupCode::Missing));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert!(!night(&rig), "not every minute");
    std::fs::remove_dir(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    rig.clock.pass_s(15 * 60);
    assert!(night(&rig));
    rig.app.unlock_owner(OWNER_PIN).unwrap();
    let seen = rig.app.backups().unwrap();
    assert_eq!(trouble(&seen), None);
    let made: Vec<bool> = seen.runs.iter().map(|run| run.made).collect();
    assert_eq!(made, [true, false, false, true]);
    assert_eq!(sealed(&folder).len(), 2);
}

#[test]
fn without_its_passphrase_and_of_a_damaged_file_none_is_made() {
    let (rig, folder) = set_up();
    rig.app.backups_run().unwrap();
    let kept = std::fs::read(&sealed(&folder)[0]).unwrap();
    // The file's points are not what the log makes: a copy of it would be one of damage.
    let conn = rusqlite::Connection::open(ledger::file(&rig.dir.path().join("shop"))).unwrap();
    conn.execute("UPDATE rights SET points = points + 1", []).unwrap();
    rig.clock.pass_s(60);
    let seen = rig.app.backups_run().unwrap();
    assert_eq!(trouble(&seen), Some(BackupCode::Damaged));
    conn.execute("UPDATE rights SET points = points - 1", []).unwrap();
    // Another machine's folder: the settings came along, the secrets did not.
    let vault = Vault::new(rig.dir.path().join("shop"), true);
    vault.another().unwrap().delete("backup-passphrase").unwrap();
    let seen = rig.app.backups_run().unwrap();
    assert_eq!((trouble(&seen), seen.passphrase), (Some(BackupCode::Passphrase), false));
    let files = sealed(&folder);
    assert_eq!((files.len(), std::fs::read(&files[0]).unwrap()), (1, kept));
}

#[test]
fn two_tills_share_a_folder_and_only_their_own_go() {
    let (rig, folder) = set_up();
    let (other, _) = set_up();
    let shared = folder.display().to_string();
    other.app.backups_set(&shared, "21:00").unwrap();
    other.app.backups_run().unwrap();
    std::fs::write(folder.join("holiday.sealed"), "not ours").unwrap();
    for _ in 0..20 {
        assert!(night(&rig));
        rig.clock.pass_s(24 * HOUR_S);
    }
    let files = sealed(&folder);
    let of = |rig: &Rig| {
        rig.app.unlock_owner(OWNER_PIN).unwrap();
        let file = rig.app.backups().unwrap().runs[0].file.clone();
        let what = file.rsplit_once("-2").unwrap().0.to_owned();
        files
            .iter()
            .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&what))
            .count()
    };
    // Seven days, two more Sundays, and the end of November.
    assert_eq!((of(&rig), of(&other)), (10, 1));
    assert!(folder.join("holiday.sealed").exists());
}

fn storage(port: u16) -> BackupStorage {
    BackupStorage {
        endpoint: format!("http://127.0.0.1:{port}"),
        region: "eu-central-1".to_owned(),
        bucket: storage_double::BUCKET.to_owned(),
        prefix: "shops/harbour".to_owned(),
        key_id: storage_double::KEY.to_owned(),
        path_style: true,
        ca_file: String::new(),
    }
}

#[test]
fn they_go_to_storage_and_a_line_that_breaks_is_told() {
    let service = storage_double::Service::start(false);
    let line = storage_double::Line::to(service.port);
    let (rig, folder) = set_up();
    let set = |secret| rig.app.backups_storage(&storage(line.port), secret, "21:00");
    let (wrong, field, _) = refused(set(None));
    assert_eq!((wrong.as_str(), field.as_str()), ("missing", "secret"));
    let seen = set(Some("not the secret")).unwrap();
    assert_eq!((seen.folder.as_str(), seen.storage.unwrap()), ("", storage(line.port)));
    assert_eq!(trouble(&rig.app.backups_run().unwrap()), Some(BackupCode::WrongKey));
    set(Some(storage_double::SECRET)).unwrap();
    let seen = rig.app.backups_run().unwrap();
    assert_eq!(trouble(&seen), None);
    let good = seen.runs[0].clone();
    assert!(good.made && good.place == "s3://harbour/shops/harbour/");
    let object = service.object(&format!("shops/harbour/{}", good.file));
    assert_eq!(points_in(&object), 120);
    assert!(sealed(&folder).is_empty());

    rig.clock.pass_s(60);
    line.set(storage_double::Trouble::HalfUpload);
    let seen = rig.app.backups_run().unwrap();
    assert_eq!(
        (trouble(&seen), seen.last.as_deref()),
        (Some(BackupCode::Changed), Some(good.at.as_str()))
    );
    line.set(storage_double::Trouble::CutUpload);
    assert_eq!(trouble(&rig.app.backups_run().unwrap()), Some(BackupCode::Unreachable));
    assert_eq!(std::fs::read_dir(object.parent().unwrap()).unwrap().count(), 1);
    line.set(storage_double::Trouble::None);
    // The same key keeps its secret; another one, or the same at another service, needs its own.
    assert!(set(None).is_ok());
    let elsewhere = BackupStorage {
        endpoint: "https://s3.example.com".to_owned(),
        ..storage(line.port)
    };
    assert_eq!(refused(rig.app.backups_storage(&elsewhere, None, "21:00")).1, "secret");
    let wrong = |change: &dyn Fn(&mut BackupStorage)| {
        let mut edit = storage(line.port);
        change(&mut edit);
        refused(rig.app.backups_storage(&edit, None, "21:00")).1
    };
    assert_eq!(wrong(&|s| s.endpoint = "s3.example.com".to_owned()), "endpoint");
    assert_eq!(wrong(&|s| s.bucket = "Harbour Coffee".to_owned()), "bucket");
    assert_eq!(wrong(&|s| s.prefix = "../x".to_owned()), "prefix");
    assert_eq!(wrong(&|s| s.region.clear()), "region");
    assert_eq!(wrong(&|s| s.key_id.clear()), "key_id");
    assert_eq!(wrong(&|s| s.ca_file = "/no/such/ca.pem".to_owned()), "ca_file");
    // Back to the folder: the storage is forgotten, and its key's secret is not shown anywhere.
    let seen = rig.app.backups_set(&folder.display().to_string(), "21:00").unwrap();
    assert!(seen.storage.is_none());
    assert!(!format!("{seen:?}").contains(storage_double::SECRET));
}

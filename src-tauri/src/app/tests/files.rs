//! The import screen without its window: taking a file in, looking at it, correcting, rehearsing, bringing it in.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::time::{Duration, Instant};

use super::*;
use crate::views::{FileAsk, FileDates, FileDecimal, FileLook, FileProgress, FileRun, FileState};

/// Between two looks at an import under way.
const LOOK_EVERY: Duration = Duration::from_millis(5);

const EUROPEAN: &str = "\
Receipt;Date;Customer phone;Sum
1;03/04/2026 09:00;6195550101;12,50
2;04/04/2026 09:05;12;4,00
3;05/04/2026 09:10;;1.007,99
";

fn owner() -> Rig {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    rig
}

fn take_in(rig: &Rig, name: &str, text: &str) -> String {
    let id = rig.app.file_begin(name).unwrap();
    for piece in text.as_bytes().chunks(1000) {
        rig.app.file_bytes(&id, &BASE64_STANDARD.encode(piece)).unwrap();
    }
    id
}

fn look(rig: &Rig, id: &str, source: Option<&str>, mapping: Option<&crate::views::FileMapping>) -> FileLook {
    let ask = FileAsk {
        file_id: id.to_owned(),
        source: source.map(str::to_owned),
        mapping: mapping.cloned(),
    };
    rig.app.file_look(&ask).unwrap()
}

fn run(rig: &Rig, id: &str, look: &FileLook, dry_run: bool) -> FileProgress {
    let ask = FileRun {
        file_id: id.to_owned(),
        source: look.source.clone(),
        mapping: look.mapping.clone(),
        dry_run,
    };
    rig.app.file_run(&ask, Some(&rig.dir.path().join("downloads"))).unwrap();
    ended(rig, id)
}

fn ended(rig: &Rig, id: &str) -> FileProgress {
    let began = Instant::now();
    loop {
        let progress = rig.app.file_progress(id).unwrap();
        if progress.state != FileState::Running {
            return progress;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{progress:?}");
        std::thread::sleep(LOOK_EVERY);
    }
}

#[test]
fn found_corrected_rehearsed_brought_in_and_remembered() {
    let rig = owner();
    let id = take_in(&rig, "monday.csv", EUROPEAN);
    let mut seen = look(&rig, &id, None, None);
    assert_eq!(
        (seen.source.as_str(), seen.preset.as_deref(), seen.remembered),
        ("pos", None, false)
    );
    assert_eq!(
        (seen.mapping.delimiter.as_str(), seen.mapping.decimal),
        (";", FileDecimal::Comma)
    );
    assert_eq!(seen.header, ["Receipt", "Date", "Customer phone", "Sum"]);
    // Nobody calls the total that: the owner has to say. And 03/04 is March or April.
    assert_eq!((seen.missing.len(), seen.rows.len(), seen.dates_sure), (1, 0, false));
    seen.mapping.columns.insert("total".into(), "Sum".into());
    seen.mapping.dates = FileDates::DayFirst;
    seen.mapping.decimal = FileDecimal::Comma;
    let seen = look(&rig, &id, Some("pos"), Some(&seen.mapping));
    assert!(seen.missing.is_empty());
    assert_eq!(seen.rows.len(), 3);
    assert!(seen.rows[0].at.starts_with("2026-04-03T16:00"), "{}", seen.rows[0].at);
    assert_eq!((seen.rows[0].total_minor, seen.rows[0].last4.as_str()), (1250, "0101"));
    assert_eq!(
        (
            seen.rows[1].errors[0].code.as_str(),
            seen.rows[1].errors[0].column.as_str()
        ),
        ("bad_phone", "Customer phone")
    );
    assert_eq!(seen.rows[2].total_minor, 100_799);

    let dry = run(&rig, &id, &seen, true);
    assert_eq!(
        (dry.state, dry.dry_run, dry.recorded, dry.rejected_rows),
        (FileState::Done, true, 2, 1)
    );
    assert!(dry.rejects_file.is_none() && rig.app.activity().unwrap().is_empty());
    let done = run(&rig, &id, &seen, false);
    assert_eq!(
        (done.state, done.recorded, done.points, done.percent),
        (FileState::Done, 2, 12, 100),
        "{done:?}"
    );
    assert_eq!(
        (done.rejected[0].line, done.rejected[0].code.as_str()),
        (3, "bad_phone")
    );
    let fix = std::fs::read_to_string(done.rejects_file.unwrap()).unwrap();
    assert!(fix.contains("2;04/04/2026 09:05;12;4,00"), "{fix}");

    // The next day's file needs no word.
    let id = take_in(&rig, "tuesday.csv", &EUROPEAN.replace("\n1;", "\n11;"));
    let seen = look(&rig, &id, None, None);
    assert!(seen.remembered && seen.dates_sure && seen.missing.is_empty());
    let done = run(&rig, &id, &seen, false);
    assert_eq!((done.recorded, done.duplicates), (1, 1));
}

#[test]
fn presets_are_known_by_name_and_number_their_own_sales() {
    let rig = owner();
    let text = include_str!("../../../../crates/pos/tests/data/square_transactions.csv");
    let seen = look(&rig, &take_in(&rig, "square.csv", text), None, None);
    assert_eq!(
        (seen.preset.as_deref(), seen.source.as_str()),
        (Some("Square"), "square")
    );
    assert!(seen.missing.is_empty() && !seen.rows.is_empty());
}

#[test]
fn stopped_it_goes_on_with_the_same_file() {
    let rig = owner();
    let rows: String = (0..20_000).map(|n| format!("S-{n},2026-11-20T09:00,,1.00\n")).collect();
    let text = format!("sale_id,occurred_at,phone,total\n{rows}");
    let id = take_in(&rig, "many.csv", &text);
    let seen = look(&rig, &id, None, None);
    let ask = FileRun {
        file_id: id.clone(),
        source: seen.source.clone(),
        mapping: seen.mapping.clone(),
        dry_run: false,
    };
    rig.app.file_run(&ask, Some(rig.dir.path())).unwrap();
    assert_eq!(code(rig.app.file_run(&ask, Some(rig.dir.path()))), "not_allowed");
    assert_eq!(code(rig.app.file_begin("other.csv")), "not_allowed");
    rig.app.file_stop(&id).unwrap();
    let stopped = ended(&rig, &id);
    assert_eq!(stopped.state, FileState::Stopped);
    assert!(stopped.rows < 20_000 && stopped.rows % 1000 == 0, "{stopped:?}");
    // Chosen again, as after a start of the app.
    let id = take_in(&rig, "many.csv", &text);
    let done = run(&rig, &id, &look(&rig, &id, None, None), false);
    assert_eq!(
        (done.state, done.recorded, done.duplicates),
        (FileState::Done, 20_000, 0)
    );
}

#[test]
fn what_is_asked_of_another_file_is_refused_and_nothing_stays_behind() {
    let rig = owner();
    let id = take_in(&rig, "a.csv", EUROPEAN);
    let other = take_in(&rig, "b.csv", EUROPEAN);
    assert_eq!(
        refused(rig.app.file_progress(&id)),
        ("missing".into(), "file".into(), None)
    );
    assert_eq!(code(rig.app.file_bytes(&other, "not base64!")), "missing");
    assert_eq!(rig.app.file_progress(&other).unwrap().state, FileState::Idle);
    let left = |rig: &Rig| {
        std::fs::read_dir(rig.dir.path().join("shop"))
            .unwrap()
            .filter(|e| e.as_ref().unwrap().file_name().to_string_lossy().starts_with("import-"))
            .count()
    };
    assert_eq!(left(&rig), 1);
    rig.app.shut_down();
    assert_eq!(left(&rig), 0);
    rig.app.owner_closed();
    assert_eq!(code(rig.app.file_begin("c.csv")), "locked");
}

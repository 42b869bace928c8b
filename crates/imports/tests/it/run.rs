//! The run: stopped and gone on, rehearsed, remembered.

use imports::{Chosen, Import, ImportError, Report, Unsure, What, choose, rehearse, remember, remembered};
use ledger::Store;
use pos::detect;
use pos::file::{Field, Mapping};
use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use crate::support::Shop;

fn many(rows: usize) -> String {
    let mut text = "sale_id,occurred_at,phone,total\n".to_owned();
    for n in 0..rows {
        let phone = if n % 500 == 7 {
            "12".to_owned()
        } else {
            format!("619555{:04}", n % 50)
        };
        writeln!(text, "S-{n},2026-11-20T09:00,{phone},5.00").unwrap();
    }
    text
}

fn import(file: &Path, rejects: bool) -> Import {
    let rejects = rejects.then(|| file.with_extension("rejected.csv"));
    Import::new(file, What::Sales("pos".into()), Mapping::default(), rejects).unwrap()
}

fn run(import: &Import, store: &Store, file: &Path, mut go_on: impl FnMut(u64) -> bool) -> Report {
    let reader = File::open(file).unwrap();
    import.run(store, reader, &mut |tally| go_on(tally.rows)).unwrap()
}

#[test]
fn stopped_it_goes_on_where_it_was_and_reports_the_whole() {
    let shop = Shop::new();
    let file = shop.drop_in("many.csv", &many(3500));
    let job = import(&file, true);
    let mut heard = Vec::new();
    let first = run(&job, &shop.store, &file, |rows| {
        heard.push(rows);
        rows < 2000
    });
    assert!(first.stopped && first.tally.rows == 2000, "{:?}", first.tally);
    assert!(heard.starts_with(&[1000, 2000]), "{heard:?}");
    let recorded = shop.sales();
    assert_eq!(recorded, first.tally.recorded);

    // Another process, another value of `Import`: the file and its mapping name the run.
    let job = import(&file, true);
    let second = run(&job, &shop.store, &file, |_| true);
    assert!(!second.stopped);
    assert_eq!(
        (second.tally.rows, second.tally.recorded, second.rejected_rows),
        (3500, 3493, 7)
    );
    assert_eq!(second.rejected.len(), 7);
    assert_eq!(second.tally.points, 3493 * 5);
    let fix = std::fs::read_to_string(second.rejects.unwrap()).unwrap();
    assert_eq!(fix.lines().count(), 8, "{fix}");

    // Until it is forgotten the same file changes nothing; then it is a new import of known sales.
    assert_eq!(run(&job, &shop.store, &file, |_| true).tally, second.tally);
    job.forget(&shop.store).unwrap();
    let again = run(&job, &shop.store, &file, |_| true).tally;
    assert_eq!((again.recorded, again.duplicates), (0, 3493));
    assert!(shop.store.verify().unwrap().ok);
}

#[test]
fn a_rehearsal_changes_nothing() {
    let shop = Shop::new();
    let file = shop.drop_in("few.csv", &many(40));
    let report = rehearse(&shop.store, |copy| -> Result<_, ImportError> {
        Ok(run(&import(&file, false), copy, &file, |_| true))
    });
    let report = report.unwrap();
    assert_eq!(
        (report.tally.recorded, report.rejected_rows, report.rejects),
        (39, 1, None)
    );
    assert_eq!(shop.sales(), 0);
    assert_eq!(
        std::fs::read_dir(shop.store.dir())
            .unwrap()
            .filter(|e| e.as_ref().unwrap().path().is_dir())
            .count(),
        0
    );
}

#[test]
fn the_rows_to_fix_never_go_into_the_file_itself() {
    let shop = Shop::new();
    let file = shop.drop_in("few.csv", &many(10));
    let job = Import::new(&file, What::Sales("pos".into()), Mapping::default(), Some(file.clone())).unwrap();
    let failed = job.run(&shop.store, File::open(&file).unwrap(), &mut |_| true);
    assert!(matches!(failed, Err(ImportError::SameFile)), "{failed:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), many(10));
}

#[test]
fn what_an_owner_said_once_is_remembered_and_nothing_is_guessed() {
    let shop = Shop::new();
    let store = &shop.store;
    let plain = "sale_id,occurred_at,phone,total\nS-1,2026-11-20T09:00,6195550101,12.50\n";
    assert!(matches!(
        choose(store, "pos", plain.as_bytes()).unwrap(),
        Ok(Chosen::Seen(_))
    ));
    // Day or month first, comma or point: the file does not say.
    let open = "Receipt;Date;Phone;Total\n1;03/04/2026 09:00;6195550101;12,50\n";
    match choose(store, "pos", open.as_bytes()).unwrap() {
        Err(Unsure::Ask(look)) => assert!(look.missing.is_empty()),
        other => panic!("{other:?}"),
    }
    let look = detect::sales(open.as_bytes(), &imports::context(store));
    let mapping = Mapping {
        dates: pos::file::Dates::DayFirst,
        ..look.mapping
    };
    let kept = mapping.clone();
    store.write(move |tx| remember(tx, "pos", &kept)).unwrap();
    assert_eq!(remembered(store, "pos").unwrap(), Some(mapping.clone()));
    assert_eq!(remembered(store, "other").unwrap(), None);
    assert_eq!(
        choose(store, "pos", open.as_bytes()).unwrap().unwrap(),
        Chosen::Remembered(mapping)
    );
    match choose(store, "pos", b"Receipt;Day;Phone;Sum\n").unwrap() {
        Err(Unsure::Changed(e)) => assert!(e.columns.contains(&"Date".to_owned()), "{e}"),
        other => panic!("{other:?}"),
    }
    assert!(Field::ALL.contains(&Field::Total));
}

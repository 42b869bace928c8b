//! The owner's window: who opens it, the rules, the export.

use super::*;
use crate::app::export;
use crate::views::{Kind, LedgerFilter, Role, Side};

#[test]
fn only_an_owners_pin_opens_it() {
    let rig = Rig::shop();
    rig.staffed();
    assert_eq!(code(rig.app.owner_context()), "locked");
    assert_eq!(code(rig.app.rules_check("")), "locked");
    assert_eq!(code(rig.app.rules_publish(&op(), "")), "locked");
    assert_eq!(
        code(rig.app.export_ledger(&LedgerFilter::default(), Some(rig.dir.path()))),
        "locked"
    );
    // Ana the cashier is at the till; the owner comes by.
    assert_eq!(code(rig.app.open_owner("1111")), "wrong_pin");
    rig.clock.pass_s(5);
    rig.app.open_owner(OWNER_PIN).unwrap();
    let context = rig.app.owner_context().unwrap();
    assert!(context.reports.starts_with("sqlite:") && context.reports.ends_with("regulars.db?mode=ro"));
    assert!(context.rules_text.contains("Reward 100 points: Free coffee"));
    // The till locking does not take the window away, closing it does.
    rig.app.sign_out();
    assert!(rig.app.owner_context().is_ok());
    rig.app.owner_closed();
    assert_eq!(code(rig.app.owner_context()), "locked");
}

#[test]
fn the_owners_window_locks_when_nobody_is_there() {
    let rig = Rig::shop();
    rig.staffed();
    assert_eq!(code(rig.app.unlock_owner(OWNER_PIN)), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    // Somebody is there; what the window asks by itself does not count.
    rig.clock.pass_s(LOCK_AFTER_S);
    rig.app.touch_owner().unwrap();
    rig.clock.pass_s(LOCK_AFTER_S);
    rig.app.owner_context().unwrap();
    rig.app.owner_there().unwrap();
    rig.clock.pass_s(1);
    assert_eq!(code(rig.app.owner_there()), "locked");
    assert_eq!(code(rig.app.owner_context()), "locked");
    assert_eq!(code(rig.app.rules_publish(&op(), "")), "locked");
    assert_eq!(code(rig.app.review_held()), "locked");
    assert_eq!(code(rig.app.sales_in()), "locked");
    assert_eq!(code(rig.app.file_begin("a.csv")), "locked");
    assert_eq!(code(rig.app.save_list("members", "", None)), "locked");
    assert_eq!(
        code(rig.app.export_ledger(&LedgerFilter::default(), Some(rig.dir.path()))),
        "locked"
    );
    // Coming back is not enough, nor is anybody's PIN; the till may be locked meanwhile.
    assert_eq!(code(rig.app.touch_owner()), "locked");
    rig.app.sign_out();
    let (wrong, _, wait_ms) = refused(rig.app.unlock_owner("3333"));
    assert_eq!((wrong.as_str(), wait_ms.is_some_and(|ms| ms > 0)), ("wrong_pin", true));
    rig.clock.pass_s(5);
    rig.app.unlock_owner(OWNER_PIN).unwrap();
    rig.app.owner_context().unwrap();
    // It can be locked at once, and a window that was closed is not unlocked.
    rig.app.lock_owner();
    assert_eq!(code(rig.app.owner_context()), "locked");
    rig.app.owner_closed();
    assert_eq!(code(rig.app.unlock_owner(OWNER_PIN)), "locked");
}

#[test]
fn an_export_that_is_stopped_leaves_no_file() {
    let rig = Rig::shop();
    rig.maria();
    let store = rig.app.store().unwrap();
    let folder = rig.dir.path().join("Downloads");
    let files = || std::fs::read_dir(&folder).unwrap().count();
    let asked = std::cell::Cell::new(0);
    let stop = || {
        // It is being written at this moment.
        assert_eq!(files(), 1);
        asked.set(asked.get() + 1);
        true
    };
    let written = export::ledger(&store, &LedgerFilter::default(), &folder, &stop).unwrap();
    assert!(written.unwrap().is_none());
    let list = export::list(&store, "members", "code\r\n", &folder, &stop).unwrap();
    assert!(list.unwrap().is_none());
    assert_eq!((asked.get(), files()), (2, 0));

    // One at a time: another export, and the window's closing, stop the one before.
    let flags = [rig.app.next_export(), rig.app.next_export()];
    let stopped = || {
        flags
            .each_ref()
            .map(|flag| flag.load(std::sync::atomic::Ordering::Relaxed))
    };
    assert_eq!(stopped(), [true, false]);
    rig.app.owner_closed();
    assert_eq!(stopped(), [true, true]);
}

#[test]
fn with_several_owners_one_signs_in_first() {
    let rig = Rig::shop();
    let zoe = rig.hire("Zoe", Role::Owner, "8888");
    rig.staffed();
    assert_eq!(code(rig.app.open_owner("8888")), "not_allowed");
    rig.app.sign_in(&zoe, "8888").unwrap();
    assert_eq!(code(rig.app.open_owner(OWNER_PIN)), "wrong_pin");
    rig.clock.pass_s(5);
    rig.app.open_owner("8888").unwrap();
}

#[test]
fn rules_are_checked_and_published() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    let bad = rig.app.rules_check("Earn 1 point per $1\nReward lots: tea\n").unwrap();
    assert_eq!(bad.errors.len(), 1);
    assert_eq!(bad.errors[0].line, 2);
    assert!(bad.errors[0].column >= 1 && bad.errors[0].length >= 1 && !bad.errors[0].expected.is_empty());
    assert_eq!(code(rig.app.rules_publish(&op(), "Earn lots")), "bad_rules");
    let text = "# Double!\nEarn 2 points per $1\nReward 50 points: Tea\n";
    assert!(rig.app.rules_check(text).unwrap().summary.len() >= 2);
    let op_id = op();
    let context = rig.app.rules_publish(&op_id, text).unwrap();
    assert_eq!((context.shop.rules_version, context.rules_text.as_str()), (2, text));
    assert_eq!(rig.app.rules_publish(&op_id, text).unwrap().shop.rules_version, 2);
    let (maria, _) = rig.maria();
    let card = rig.app.member_card(&maria).unwrap();
    assert_eq!((card.balance, card.rewards[0].name.as_str()), (240, "Tea"));
}

#[test]
fn the_export_has_the_lines_that_were_asked_for() {
    let rig = Rig::shop();
    let (maria, entry) = rig.maria();
    rig.app
        .enrol(&enrol("619 555 0199", "=HYPERLINK(\"http://x\")"))
        .unwrap();
    let other = rig.app.search("0199").unwrap().hits[0].member_id.clone();
    rig.app.credit(&credit(&other, "7.00", Some("+1"))).unwrap();
    rig.clock.pass_s(86_400);
    let olga = rig.app.startup();
    let Startup::Ready { staff, .. } = olga else {
        panic!("not ready")
    };
    rig.app.sign_in(&staff[0].staff_id, OWNER_PIN).unwrap();
    rig.app.reverse(&reverse(&entry)).unwrap();
    rig.app.open_owner(OWNER_PIN).unwrap();

    let folder = rig.dir.path().join("Downloads");
    let export = |filter: LedgerFilter| {
        let exported = rig.app.export_ledger(&filter, Some(&folder)).unwrap().unwrap();
        let mut csv = csv::Reader::from_path(&exported.path).unwrap();
        let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), usize::try_from(exported.rows).unwrap());
        (exported.path, rows)
    };
    let (first, all) = export(LedgerFilter::default());
    let (second, _) = export(LedgerFilter::default());
    assert!(
        first.ends_with("ledger-2026-11-21.csv") && second.ends_with("ledger-2026-11-21 (2).csv"),
        "{first} {second}"
    );
    assert_eq!(all.len(), 3);
    let line = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let sale = line(&all[0]);
    assert_eq!(sale[0], entry);
    assert_eq!(&sale[1..3], ["2026-11-20T18:00:00.000Z", "2026-11-20 10:00:00"]);
    assert_eq!(&sale[6..11], ["earn", "120", "Olga", "120.00", "USD"]);
    let tamed = line(&all[1]);
    assert_eq!(
        (tamed[4].as_str(), tamed[12].as_str()),
        ("'=HYPERLINK(\"http://x\")", "'+1")
    );

    let counts = |filter: LedgerFilter| export(filter).1.len();
    let day = |d: &str| Some(d.to_owned());
    assert_eq!(
        counts(LedgerFilter {
            from_day: day("2026-11-21"),
            ..Default::default()
        }),
        1
    );
    assert_eq!(
        counts(LedgerFilter {
            to_day: day("2026-11-20"),
            ..Default::default()
        }),
        2
    );
    let side = |side| LedgerFilter {
        side: Some(side),
        ..Default::default()
    };
    assert_eq!((counts(side(Side::Issued)), counts(side(Side::Redeemed))), (3, 0));
    let reversed = |reversed| LedgerFilter {
        reversed: Some(reversed),
        ..Default::default()
    };
    assert_eq!((counts(reversed(true)), counts(reversed(false))), (1, 2));
    assert_eq!(
        counts(LedgerFilter {
            reward: Some("Free coffee".to_owned()),
            ..Default::default()
        }),
        0
    );
    let saved = rig
        .app
        .save_list("members", "code,name\r\n", Some(&folder))
        .unwrap()
        .unwrap();
    assert!(saved.ends_with("members-2026-11-21.csv"), "{saved}");
    assert_eq!(std::fs::read_to_string(saved).unwrap(), "code,name\r\n");
    assert_eq!(code(rig.app.save_list("../members", "", Some(&folder))), "bad_name");
    assert_eq!(
        counts(LedgerFilter {
            kind: Some(Kind::Reverse),
            ..Default::default()
        }),
        1
    );
    assert_eq!(
        counts(LedgerFilter {
            member_id: Some(maria.replace('-', "")),
            ..Default::default()
        }),
        2
    );
    assert_eq!(
        counts(LedgerFilter {
            staff_id: Some(staff[0].staff_id.clone()),
            ..Default::default()
        }),
        3
    );
    assert_eq!(
        counts(LedgerFilter {
            staff_id: Some("member".to_owned()),
            ..Default::default()
        }),
        0
    );
    let wrong = LedgerFilter {
        from_day: day("soon"),
        ..Default::default()
    };
    assert_eq!(refused(rig.app.export_ledger(&wrong, Some(&folder))).1, "from_day");
    let exported = rig.app.export_ledger(&LedgerFilter::default(), None).unwrap().unwrap();
    assert!(
        exported
            .path
            .starts_with(&rig.dir.path().join("shop/exports").display().to_string())
    );
    std::fs::write(rig.dir.path().join("file"), "x").unwrap();
    let onto_a_file = rig
        .app
        .export_ledger(&LedgerFilter::default(), Some(&rig.dir.path().join("file")));
    assert_eq!(storage_code(onto_a_file), StorageCode::Io);
}

#[test]
fn the_status_bar_says_how_the_folder_is() {
    let rig = Rig::shop();
    let status = rig.app.status().unwrap();
    assert_eq!(
        (status.shop_name.as_str(), status.clock.as_str()),
        ("Harbour Coffee", "10:00")
    );
    assert!(status.storage.ok && status.storage.free_mb > 0 && !status.storage.secrets_in_keyring);
    assert_eq!((status.relay, status.storage.last_backup_at), (None, None));
}

#[test]
fn the_owner_changes_a_members_details() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    let change = |birthday: &str| views::MemberEdit {
        op_id: op(),
        member_id: maria.clone(),
        name: "Maria L.".to_owned(),
        email: "maria@example.com".to_owned(),
        email_consent: true,
        birthday: birthday.to_owned(),
    };
    assert_eq!(
        code(rig.app.member_change(&change("02-29"))),
        "locked",
        "the window is not open"
    );
    rig.app.open_owner(OWNER_PIN).unwrap();
    let (wrong, field, _) = refused(rig.app.member_change(&change("02-30")));
    assert_eq!((wrong.as_str(), field.as_str()), ("bad_birthday", "birthday"));
    rig.app.member_change(&change("02-29")).unwrap();
    let card = rig.app.member_card(&maria).unwrap();
    assert_eq!(
        (card.birthday.as_str(), card.name.as_str(), card.email_consent),
        ("02-29", "Maria L.", true)
    );
}

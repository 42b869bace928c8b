//! The first start, starting again, and what can be wrong with the folder.

use super::*;
use std::fs;

#[test]
fn the_first_start_makes_a_shop_and_signs_its_owner_in() {
    let rig = Rig::new();
    assert!(matches!(rig.app.startup(), Startup::Fresh { .. }));
    assert_eq!(code(rig.app.status()), "not_initialised");
    let Startup::Ready {
        shop,
        staff,
        session,
        needs_pin: false,
    } = rig.app.first_start(&first()).unwrap()
    else {
        panic!("not ready")
    };
    assert_eq!(
        (shop.name.as_str(), shop.currency_digits, shop.rules_version),
        ("Harbour Coffee", 2, 1)
    );
    assert_eq!(shop.rewards.len(), 1);
    assert_eq!((shop.rewards[0].points, shop.rewards[0].cost_minor), (100, Some(120)));
    assert_eq!(staff.len(), 1);
    let session = session.unwrap();
    assert_eq!((session.name.as_str(), session.role), ("Olga", views::Role::Owner));
    assert_eq!(code(rig.app.first_start(&first())), "already_initialised");
}

#[test]
fn starting_again_is_locked() {
    let rig = Rig::shop();
    rig.app.shut_down();
    let again = rig.another();
    let Startup::Ready { session, staff, .. } = again.startup() else {
        panic!("not ready")
    };
    assert!(session.is_none());
    assert_eq!(code(again.search("")), "locked");
    assert_eq!(code(again.sign_in(&staff[0].staff_id, "1111")), "wrong_pin");
}

#[test]
fn each_wrong_answer_of_a_first_start_names_its_field() {
    let rig = Rig::new();
    type Case = (&'static str, &'static str, fn(&mut FirstStart));
    let cases: [Case; 9] = [
        ("bad_name", "name", |f| f.shop_name = " ".to_owned()),
        ("bad_currency", "currency", |f| f.currency = "USX".to_owned()),
        ("bad_region", "region", |f| f.region = "XX".to_owned()),
        ("bad_timezone", "timezone", |f| f.timezone = "Mars".to_owned()),
        ("bad_name", "owner_name", |f| f.owner_name = String::new()),
        ("bad_pin", "owner_pin", |f| f.owner_pin = "12".to_owned()),
        ("bad_name", "reward_name", |f| f.reward_name = String::new()),
        ("bad_points", "reward_points", |f| f.reward_points = 0),
        ("bad_amount", "reward_cost", |f| f.reward_cost = Some("1,20".to_owned())),
    ];
    for (expected, field, spoil) in cases {
        let mut input = first();
        spoil(&mut input);
        let (code, at, _) = refused(rig.app.first_start(&input));
        assert_eq!((code.as_str(), at.as_str()), (expected, field));
        assert!(
            matches!(rig.app.startup(), Startup::Fresh { .. }),
            "{field}: nothing was made"
        );
    }
    rig.app.first_start(&first()).unwrap();
}

#[test]
fn a_reward_keeps_its_name_or_is_refused() {
    for name in [
        "Free coffee",
        "2 for 1",
        "Kaffee & Kuchen",
        "10% off, today",
        "Tea # green",
        "x, costs $3",
        "\"quoted\"",
    ] {
        let rig = Rig::new();
        let input = FirstStart {
            reward_name: name.to_owned(),
            ..first()
        };
        match rig.app.first_start(&input) {
            Ok(Startup::Ready { shop, .. }) => {
                assert_eq!(
                    (shop.rewards[0].name.as_str(), shop.rewards[0].cost_minor),
                    (name, Some(120))
                );
            }
            other => assert_eq!(refused(other).1, "reward_name", "{name}"),
        }
    }
}

#[test]
fn one_desktop_app_at_a_time() {
    let rig = Rig::shop();
    let second = rig.another();
    assert_eq!(problem(second.startup()).code, StorageCode::InUse);
    assert_eq!(storage_code(second.first_start(&first())), StorageCode::InUse);
    rig.app.shut_down();
    assert!(
        matches!(second.startup(), Startup::Ready { .. }),
        "asking again tries again"
    );
    assert_eq!(problem(rig.app.startup()).code, StorageCode::InUse);
}

#[test]
fn a_damaged_file_is_a_screen_and_stays_as_it_is() {
    let rig = Rig::shop();
    rig.app.shut_down();
    let file = ledger::file(&rig.dir.path().join("shop"));
    fs::write(&file, "this is not a database, it is a text of some length").unwrap();
    let found = problem(rig.app.startup());
    assert_eq!(
        (found.code, found.path),
        (StorageCode::Damaged, file.display().to_string())
    );
    assert!(fs::read_to_string(&file).unwrap().starts_with("this is not"));
    // The folder is free meanwhile, so that a backup can be restored while the window stands.
    drop(ledger::AppLock::take(&rig.dir.path().join("shop")).unwrap());
    assert_eq!(storage_code(rig.app.first_start(&first())), StorageCode::Damaged);
}

#[test]
fn a_folder_that_is_a_file_is_a_screen() {
    let rig = Rig::new();
    fs::write(rig.dir.path().join("shop"), "x").unwrap();
    let found = problem(rig.app.startup());
    assert!(found.path.ends_with("shop") && !found.detail.is_empty(), "{found:?}");
}

#[test]
fn a_shop_made_beside_us_is_found() {
    let rig = Rig::new();
    assert!(matches!(rig.app.startup(), Startup::Fresh { .. }));
    make_without_owner(&rig);
    assert!(matches!(rig.app.startup(), Startup::Ready { .. }));
}

#[test]
fn a_shop_made_without_a_window_takes_its_first_owner() {
    let rig = Rig::new();
    make_without_owner(&rig);
    let Startup::Ready { staff, session, .. } = rig.app.startup() else {
        panic!("not ready")
    };
    assert!(staff.is_empty() && session.is_none());
    let cashier = hired("Ana", views::Role::Cashier, "1111");
    assert_eq!(code(rig.app.staff_edit(&cashier)), "last_owner");
    let staff = rig
        .app
        .staff_edit(&hired("Olga", views::Role::Owner, OWNER_PIN))
        .unwrap();
    assert_eq!(staff.len(), 1);
    assert!(rig.app.search("").is_ok(), "she is signed in");
    rig.app.sign_out();
    assert_eq!(
        code(rig.app.staff_edit(&hired("Eve", views::Role::Owner, "6666"))),
        "locked"
    );
    rig.app.sign_in(&staff[0].staff_id, OWNER_PIN).unwrap();
}

fn make_without_owner(rig: &Rig) {
    let new = ledger::NewShop {
        name: "Harbour Coffee".to_owned(),
        currency: "USD".to_owned(),
        region: "US".to_owned(),
        timezone: "America/Los_Angeles".to_owned(),
        till_name: "Till 1".to_owned(),
        rules: "Earn 1 point per $1\nReward 100 points: Free coffee\n".to_owned(),
        owner: None,
    };
    drop(ledger::Store::init(&rig.dir.path().join("shop"), &new, Options::default()).unwrap());
}

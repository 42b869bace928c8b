//! Signing in, wrong PINs, the lock, and who may change the staff.

use super::*;
use crate::views::Role;

#[test]
fn wrong_pins_wait_longer_and_longer_also_over_a_restart() {
    let rig = Rig::shop();
    let [_, _, ana] = rig.staffed();
    let mut last = 0;
    for _ in 0..4 {
        let (code, _, wait) = refused(rig.app.sign_in(&ana, "9999"));
        assert_eq!(code, "wrong_pin");
        assert!(wait.unwrap() > last, "{wait:?} after {last}");
        last = wait.unwrap();
        rig.clock.pass_s(i64::from(last) / 1000 + 1);
    }
    let (_, _, wait) = refused(rig.app.sign_in(&ana, "9999"));
    rig.app.shut_down();
    let again = rig.another();
    let Startup::Ready { staff, .. } = again.startup() else {
        panic!("not ready")
    };
    let tile = staff.iter().find(|s| s.staff_id == ana).unwrap();
    assert_eq!(Some(tile.wait_ms), wait);
    // The right PIN before the wait is over is no PIN.
    assert_eq!(code(again.sign_in(&ana, "1111")), "wrong_pin");
    rig.clock.pass_s(i64::from(wait.unwrap()) / 1000 + 1);
    assert_eq!(again.sign_in(&ana, "1111").unwrap().name, "Ana");
    assert_eq!(again.sign_in(&ana, "1111").unwrap().role, Role::Cashier);
}

#[test]
fn nobody_unknown_signs_in() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.sign_in(&op(), OWNER_PIN)), "unknown_staff");
    assert_eq!(code(rig.app.sign_in("nonsense", OWNER_PIN)), "missing");
}

#[test]
fn the_till_locks_when_idle() {
    let rig = Rig::shop();
    let (maria, _) = rig.maria();
    rig.clock.pass_s(LOCK_AFTER_S);
    rig.app.touch().unwrap();
    rig.clock.pass_s(LOCK_AFTER_S);
    assert!(
        rig.app.status().unwrap().session.is_some(),
        "looking is no sign of life"
    );
    rig.clock.pass_s(1);
    assert!(rig.app.status().unwrap().session.is_none());
    for answer in [
        rig.app.touch().map(|_| ()),
        rig.app.search("maria").map(|_| ()),
        rig.app.member_card(&maria).map(|_| ()),
        rig.app.credit(&credit(&maria, "5.00", None)).map(|_| ()),
        rig.app.activity().map(|_| ()),
        rig.app.staff_list().map(|_| ()),
        rig.app.open_owner(OWNER_PIN),
    ] {
        assert_eq!(code(answer), "locked");
    }
    let Startup::Ready { staff, session, .. } = rig.app.startup() else {
        panic!("not ready")
    };
    assert!(session.is_none());
    rig.app.sign_in(&staff[0].staff_id, OWNER_PIN).unwrap();
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 120);
}

#[test]
fn a_cashier_is_refused_what_a_manager_may_do() {
    let rig = Rig::shop();
    let (maria, owners_line) = rig.maria();
    let [_, ben, _] = rig.staffed();
    let adjust = views::Adjust {
        op_id: op(),
        member_id: maria.clone(),
        points: 5,
        reason: "Spilled coffee".to_owned(),
    };
    for answer in [
        rig.app.adjust(&adjust).map(|_| ()),
        rig.app.reverse(&reverse(&owners_line)).map(|_| ()),
        rig.app.staff_list().map(|_| ()),
        rig.app.staff_edit(&hired("Eve", Role::Cashier, "6666")).map(|_| ()),
    ] {
        assert_eq!(code(answer), "not_allowed");
    }
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 120, "nothing was changed");
    assert!(!rig.app.member_card(&maria).unwrap().recent[0].may_reverse);

    rig.app.sign_in(&ben, "3333").unwrap();
    assert_eq!(rig.app.adjust(&adjust).unwrap().balance, 125);
    assert!(
        rig.app
            .member_card(&maria)
            .unwrap()
            .recent
            .iter()
            .all(|line| line.may_reverse)
    );
    assert_eq!(rig.app.reverse(&reverse(&owners_line)).unwrap().card.balance, 5);
    assert_eq!(rig.app.staff_list().unwrap().len(), 3);
    // A manager changes those below, not those beside or above.
    rig.app.staff_edit(&hired("Eve", Role::Cashier, "6666")).unwrap();
    assert_eq!(
        code(rig.app.staff_edit(&hired("Max", Role::Manager, "7777"))),
        "not_allowed"
    );
}

#[test]
fn letting_somebody_go_ends_their_session() {
    let rig = Rig::shop();
    let ben = rig.hire("Ben", Role::Manager, "3333");
    let edit = |active: bool, role: Role| StaffEdit {
        op_id: op(),
        staff_id: Some(ben.clone()),
        name: "Benjamin".to_owned(),
        role,
        pin: None,
        active,
    };
    let staff = rig.app.staff_edit(&edit(false, Role::Manager)).unwrap();
    assert!(!staff.iter().find(|s| s.staff_id == ben).unwrap().active);
    assert_eq!(code(rig.app.sign_in(&ben, "3333")), "unknown_staff");
    let Startup::Ready { staff, .. } = rig.app.startup() else {
        panic!("not ready")
    };
    assert!(staff.iter().all(|s| s.staff_id != ben), "no tile on the lock screen");
    // Back again, with the PIN from before.
    rig.app.staff_edit(&edit(true, Role::Cashier)).unwrap();
    let session = rig.app.sign_in(&ben, "3333").unwrap();
    assert_eq!((session.name.as_str(), session.role), ("Benjamin", Role::Cashier));
}

#[test]
fn the_last_owner_stays() {
    let rig = Rig::shop();
    let staff = rig.app.staff_list().unwrap();
    let step_down = StaffEdit {
        staff_id: Some(staff[0].staff_id.clone()),
        pin: None,
        ..hired("Olga", Role::Cashier, "")
    };
    assert_eq!(code(rig.app.staff_edit(&step_down)), "last_owner");
}

#[test]
fn somebody_new_needs_a_pin_that_is_one() {
    let rig = Rig::shop();
    let (code, field, _) = refused(rig.app.staff_edit(&hired("Ana", Role::Cashier, "12a4")));
    assert_eq!((code.as_str(), field.as_str()), ("bad_pin", "pin"));
    let none = StaffEdit {
        pin: None,
        ..hired("Ana", Role::Cashier, "")
    };
    assert_eq!(super::code(rig.app.staff_edit(&none)), "bad_pin");
}

#[test]
fn a_lost_pepper_is_said_and_not_mistaken_for_a_wrong_pin() {
    let rig = Rig::shop();
    let olga = id_of(&rig.app.staff_list().unwrap(), "Olga");
    rig.app.shut_down();
    std::fs::remove_file(rig.dir.path().join("shop/secrets.json")).unwrap();
    let again = rig.another();
    again.startup();
    assert_eq!(storage_code(again.sign_in(&olga, OWNER_PIN)), StorageCode::Secrets);
    assert_eq!(storage_code(again.sign_in(&olga, "9999")), StorageCode::Secrets);
}

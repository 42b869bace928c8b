//! Held sales: who sees them, deciding once, and the owner's window beside the till.

use super::*;
use crate::views::{Decide, Move, Reverse, Role, Verdict};

const HOLDS: &str = "Earn 1 point per $1\nReward 100 points: Free coffee\nHold sales over $500\n";

/// A shop that holds large sales, and a held one of Maria's. Olga the owner is signed in, her window open.
fn with_held(rig: &Rig, number: Option<&str>) -> (String, Decide) {
    rig.app.open_owner(OWNER_PIN).unwrap();
    rig.app.rules_publish(&op(), HOLDS).unwrap();
    let card = rig.app.enrol(&enrol("619 555 0123", "Maria Lopez")).unwrap();
    let credited = rig.app.credit(&credit(&card.member_id, "612.00", number)).unwrap();
    assert_eq!((credited.r#move, credited.entry_id.is_none()), (Move::Hold, true));
    assert!(
        credited.reasons.last().unwrap().contains("over $500"),
        "{:?}",
        credited.reasons
    );
    let held = rig.app.held().unwrap();
    let decide = Decide {
        op_id: op(),
        source: held[0].source.clone(),
        sale_id: held[0].sale_id.clone(),
        verdict: Verdict::Approve,
    };
    (card.member_id, decide)
}

#[test]
fn a_held_sale_is_seen_and_decided_once_at_the_till() {
    let rig = Rig::shop();
    let (maria, decide) = with_held(&rig, None);
    let held = rig.app.held().unwrap();
    assert_eq!((held.len(), rig.app.status().unwrap().held), (1, 1));
    assert_eq!(
        (
            held[0].member_name.as_str(),
            held[0].total_minor,
            held[0].points,
            held[0].number.as_deref()
        ),
        ("Maria Lopez", 61_200, 612, None)
    );
    assert_eq!(held[0].by_name, "Olga");
    rig.staffed();
    assert_eq!(rig.app.held().unwrap().len(), 1, "a cashier sees what waits");
    assert_eq!(code(rig.app.decide(&decide)), "not_allowed");
    let staff = rig.app.startup();
    let Startup::Ready { staff, .. } = staff else {
        panic!("not ready")
    };
    rig.app.sign_in(&id_of(&staff, "Ben"), "3333").unwrap();
    let done = rig.app.decide(&decide).unwrap();
    assert_eq!((done.balance, done.entry_id.is_some()), (612, true));
    assert_eq!(
        rig.app.decide(&decide).unwrap().entry_id,
        done.entry_id,
        "a retry answers as before"
    );
    let again = Decide {
        op_id: op(),
        ..decide.clone()
    };
    assert_eq!(code(rig.app.decide(&again)), "already_decided");
    assert_eq!(rig.app.status().unwrap().held, 0);
    // Undone at the till, seen in the owner's window.
    rig.app.reverse(&reverse(&done.entry_id.unwrap())).unwrap();
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 0);
    let decided = rig.app.review_decided().unwrap();
    assert_eq!(
        (
            decided.len(),
            decided[0].approved,
            decided[0].taken_back,
            decided[0].decided_by.as_str()
        ),
        (1, true, true, "Ben")
    );
}

#[test]
fn the_owner_edits_rejects_and_takes_back() {
    let rig = Rig::shop();
    let (maria, first) = with_held(&rig, Some("A-1"));
    rig.app.credit(&credit(&maria, "700.00", Some("A-2"))).unwrap();
    assert_eq!(rig.app.review_held().unwrap()[0].number.as_deref(), Some("A-1"));
    let verdict = |verdict, sale_id: &str| Decide {
        op_id: op(),
        sale_id: sale_id.to_owned(),
        verdict,
        ..first.clone()
    };
    let edited = |points, reason: &str| Verdict::ApproveWith {
        points,
        reason: reason.to_owned(),
    };
    assert_eq!(
        code(rig.app.review_decide(&verdict(edited(-1, "no"), "A-1"))),
        "bad_points"
    );
    assert_eq!(
        code(rig.app.review_decide(&verdict(edited(61, " "), "A-1"))),
        "reason_missing"
    );
    let done = rig
        .app
        .review_decide(&verdict(edited(61, "One digit too many"), "A-1"))
        .unwrap();
    assert_eq!(done.balance, 61);
    let reason = "Not a sale".to_owned();
    let rejected = rig
        .app
        .review_decide(&verdict(Verdict::Reject { reason }, "A-2"))
        .unwrap();
    assert_eq!((rejected.entry_id, rejected.balance), (None, 61));
    assert_eq!(
        code(rig.app.review_decide(&verdict(Verdict::Approve, "A-2"))),
        "already_decided"
    );
    assert_eq!(
        code(rig.app.review_decide(&verdict(Verdict::Approve, "A-3"))),
        "unknown_sale"
    );
    let back = Reverse {
        op_id: op(),
        entry_id: done.entry_id.unwrap(),
    };
    rig.app.review_take_back(&back).unwrap();
    assert_eq!(rig.app.member_card(&maria).unwrap().balance, 0);
    let decided = rig.app.review_decided().unwrap();
    let seen: Vec<_> = decided
        .iter()
        .map(|d| (d.number.as_deref(), d.approved, d.points, d.taken_back))
        .collect();
    assert_eq!(seen, [(Some("A-2"), false, 0, false), (Some("A-1"), true, 61, true)]);
    rig.app.owner_closed();
    assert_eq!(code(rig.app.review_held()), "locked");
    assert_eq!(code(rig.app.review_decided()), "locked");
    assert_eq!(code(rig.app.review_decide(&first)), "locked");
    assert_eq!(code(rig.app.review_take_back(&back)), "locked");
}

#[test]
fn nobody_decides_at_a_locked_till() {
    let rig = Rig::shop();
    let (_, decide) = with_held(&rig, None);
    rig.hire("Ben", Role::Manager, "3333");
    rig.app.sign_out();
    assert_eq!(code(rig.app.held()), "locked");
    assert_eq!(code(rig.app.decide(&decide)), "locked");
}

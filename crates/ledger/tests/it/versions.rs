//! The rules' versions: who and when, what changed, and going back.

use ledger::DiffLine;
use loyalty::Code;
use loyalty::op::By;

use crate::support::{RULES, by, refused, sale, shop};

#[test]
fn every_version_is_known_and_an_old_one_can_come_back() {
    let s = shop();
    let store = &s.store;
    let old = store.credit(store.new_op(), by(), sale(store, "1", 1, "10")).unwrap();
    s.clock.pass(1000);
    let newer = RULES.replace("Earn 1 point", "Earn 2 points");
    assert_eq!(store.publish_rules(store.new_op(), by(), newer.clone()).unwrap(), 2);
    let all = store.rules_history().unwrap();
    assert_eq!(
        (all.len(), all[0].text.as_str(), all[1].by.as_str()),
        (2, RULES, "job:test")
    );
    assert_eq!((all[1].at.0 - all[0].at.0, all[0].by.as_str()), (1000, "job:setup"));
    assert_eq!(
        all[1].changes_since(&all[0])[..3],
        [
            DiffLine::Removed("Earn 1 point per $1"),
            DiffLine::Added("Earn 2 points per $1"),
            DiffLine::Same("Skip sales under $2")
        ]
    );

    let ana = || By::Job("ana".into());
    let op = store.new_op();
    assert_eq!(store.roll_back_rules(op, ana(), 1).unwrap(), 3);
    assert_eq!(
        store.roll_back_rules(op, ana(), 1).unwrap(),
        3,
        "a retry is no second version"
    );
    assert_eq!(
        store.roll_back_rules(store.new_op(), ana(), 1).unwrap(),
        3,
        "it is in force already"
    );
    let all = store.rules_history().unwrap();
    assert_eq!(
        (all.len(), all[2].text.as_str(), all[2].by_name.as_str()),
        (3, RULES, "job:ana")
    );
    assert!(
        all[2]
            .changes_since(&all[0])
            .iter()
            .all(|l| matches!(l, DiffLine::Same(_)))
    );
    assert_eq!(
        store
            .credit(store.new_op(), by(), sale(store, "2", 1, "10"))
            .unwrap()
            .points,
        10
    );
    assert_eq!(refused(store.roll_back_rules(store.new_op(), ana(), 9)), Code::Missing);
    // The old line keeps its version.
    let lines = store.lines_of(old.member.unwrap(), 5).unwrap();
    assert_eq!(
        lines.iter().map(|l| l.rules_version).collect::<Vec<_>>(),
        [Some(3), Some(1)]
    );
    assert!(store.verify().unwrap().ok);
}

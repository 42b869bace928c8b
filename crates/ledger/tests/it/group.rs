//! Many callers at once: each is answered for itself, after its own sale is on the disk.

use ledger::Key;
use loyalty::Code;
use std::collections::HashSet;
use std::sync::Barrier;

use crate::support::{by, phone, refused, sale, sale_ids, shop};

#[test]
fn sixty_four_callers_are_each_answered() {
    const CALLERS: u32 = 64;
    const EACH: u32 = 12;
    let s = shop();
    let store = &s.store;
    let ready = Barrier::new(CALLERS as usize);
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let ready = &ready;
            scope.spawn(move || {
                ready.wait();
                for n in 0..EACH {
                    // A refused one in the same transaction takes nothing with it, and tells only its caller.
                    let member = store.member(Key::Phone(&phone(caller))).unwrap();
                    if let Some(member) = member {
                        let no = store.redeem(store.new_op(), by(), member.member_id, "A yacht".into());
                        assert_eq!(refused(no), Code::UnknownReward);
                    }
                    let id = format!("{caller}-{n}");
                    let done = store
                        .credit(store.new_op(), by(), sale(store, &id, caller, "3.50"))
                        .unwrap();
                    assert_eq!((done.points, done.balance), (3, i64::from(n + 1) * 3), "{id}");
                    // What was answered can be read at once.
                    let member = store.member(Key::Id(done.member.unwrap())).unwrap().unwrap();
                    assert_eq!(member.balance, i64::from(n + 1) * 3);
                }
            });
        }
    });
    let ids: HashSet<String> = sale_ids(store).into_iter().collect();
    assert_eq!(ids.len(), (CALLERS * EACH) as usize);
    let stats = store.stats().unwrap();
    assert_eq!(
        (stats.members, stats.points_outstanding),
        (i64::from(CALLERS), i64::from(CALLERS * EACH * 3))
    );
    assert!(store.verify().unwrap().ok);
}

#[test]
fn one_sale_from_many_callers_counts_once() {
    let s = shop();
    let store = &s.store;
    let ready = Barrier::new(16);
    let first: Vec<bool> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    let done = store.credit(store.new_op(), by(), sale(store, "one", 1, "9")).unwrap();
                    assert_eq!((done.points, done.balance), (9, 9));
                    done.before.is_none()
                })
            })
            .collect();
        callers.into_iter().map(|c| c.join().unwrap()).collect()
    });
    assert_eq!(first.iter().filter(|f| **f).count(), 1);
    assert_eq!(store.stats().unwrap().sales, 1);
}

#[test]
fn one_reward_from_many_callers_is_given_once() {
    let s = shop();
    let store = &s.store;
    let member = store
        .credit(store.new_op(), by(), sale(store, "1", 1, "150"))
        .unwrap()
        .member
        .unwrap();
    let ready = Barrier::new(16);
    let given = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    store.redeem(store.new_op(), by(), member, "Free coffee".into())
                })
            })
            .collect();
        callers
            .into_iter()
            .map(|c| c.join().unwrap())
            .filter(Result::is_ok)
            .count()
    });
    assert_eq!(given, 1);
    assert_eq!(store.member(Key::Id(member)).unwrap().unwrap().balance, 50);
}

#[test]
fn a_bug_in_one_job_does_not_stop_the_till() {
    let s = shop();
    let store = &s.store;
    let broken = store.write(|_| -> ledger::Result<()> { panic!("on purpose") });
    assert!(broken.is_err());
    store.credit(store.new_op(), by(), sale(store, "1", 1, "9")).unwrap();
    assert!(store.verify().unwrap().ok);
}

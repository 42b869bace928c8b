//! Many callers at once: each is answered for itself, after its own sale is on the disk.

use ledger::{Key, Store};
use loyalty::Code;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;

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

/// Transactions in the log beside the shop's file: frames that end one, by <https://sqlite.org/fileformat2.html#walformat>.
fn commits(dir: &Path) -> usize {
    let wal = std::fs::read(format!("{}-wal", ledger::file(dir).display())).unwrap();
    if wal.is_empty() {
        return 0;
    }
    let word = |at: usize| u32::from_be_bytes(wal[at..at + 4].try_into().unwrap());
    let frame = 24 + word(8) as usize;
    let of_now = |at: &usize| (word(at + 8), word(at + 12)) == (word(16), word(20));
    let frames = (32..wal.len()).step_by(frame).filter(|at| at + frame <= wal.len());
    frames.take_while(of_now).filter(|at| word(at + 4) != 0).count()
}

/// Holds the writer until `callers` calls stand in line behind it, or are about to.
fn in_line<F: Fn(u32) + Sync>(store: &Store, callers: u32, call: F) {
    let (hold, held) = channel();
    let (go, wait) = channel::<()>();
    let coming = AtomicU32::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            store.write(move |_| {
                hold.send(()).unwrap();
                wait.recv().unwrap();
                Ok(())
            })
        });
        held.recv().unwrap();
        for caller in 0..callers {
            let (call, coming) = (&call, &coming);
            scope.spawn(move || {
                coming.fetch_add(1, Ordering::SeqCst);
                call(caller);
            });
        }
        while coming.load(Ordering::SeqCst) < callers {
            std::hint::spin_loop();
        }
        go.send(()).unwrap();
    });
}

#[test]
fn callers_that_wait_share_a_commit() {
    const CALLERS: u32 = 48;
    let s = shop();
    let store = &s.store;
    let before = commits(s.dir.path());
    in_line(store, CALLERS, |caller| {
        store
            .credit(store.new_op(), by(), sale(store, &caller.to_string(), caller, "5"))
            .unwrap();
    });
    let made = commits(s.dir.path()) - before;
    // One, but for those who came a moment too late.
    assert!((1..=12).contains(&made), "{made} commits for {CALLERS} sales");
    assert_eq!(sale_ids(store).len(), CALLERS as usize);
}

#[test]
fn what_is_refused_half_way_leaves_nothing_of_itself() {
    const CALLERS: u32 = 32;
    let s = shop();
    let store = &s.store;
    let member = store
        .credit(store.new_op(), by(), sale(store, "first", 1, "50"))
        .unwrap()
        .member
        .unwrap();
    let before = store.verify().unwrap().operations;
    in_line(store, CALLERS, |caller| {
        if caller % 2 == 0 {
            let id = caller.to_string();
            store.credit(store.new_op(), by(), sale(store, &id, 1, "2")).unwrap();
        } else {
            // Its operation is written before its points are found missing.
            let no = store.redeem(store.new_op(), by(), member, "$5 off".into());
            assert_eq!(refused(no), Code::NotEnoughPoints);
        }
    });
    let found = store.verify().unwrap();
    assert!(
        found.ok && found.operations == before + i64::from(CALLERS / 2),
        "{found:?}"
    );
}

//! Several processes on one shop: they write at once, and they are killed at any moment. The disk itself goes on
//! working here; losing power is in `disk::power`.

use ledger::Key;
use std::collections::HashSet;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::child;
use crate::support::{Dice, open, phone, refused, sale_ids, scratch, shop};

const EACH: usize = 1000;

#[test]
fn two_processes_write_at_once() {
    let shop = shop();
    drop(shop.store);
    let dir = shop.dir.path().to_str().unwrap();
    let times = EACH.to_string();
    // One stops half way until the other has begun, so that they surely are at it together.
    let spawn = |job: &str, tag: &str| {
        let mut command = child::command(&[job, dir, tag, &times]);
        let mut one = command.stdin(Stdio::piped()).spawn().unwrap();
        let said = child::said(&mut one);
        (one, said)
    };
    let (mut one, mut said) = spawn("credit_in_halves", "a");
    assert_eq!(said.by_ref().take_while(|word| word != "done").count(), EACH / 2);
    let (mut other, mut other_said) = spawn("credit", "b");
    assert_eq!(other_said.next().as_deref(), Some("b-0"));
    one.stdin.take().unwrap().write_all(b"go\n").unwrap();
    assert_eq!((said.count(), other_said.count()), (EACH / 2 + 1, EACH));
    assert!(one.wait().unwrap().success() && other.wait().unwrap().success());
    let store = open(shop.dir.path()).unwrap();
    let member = store.member(Key::Phone(&phone(1))).unwrap().unwrap();
    assert_eq!((member.balance, member.visits), (4 * EACH as i64, 2 * EACH as i64));
    let found = store.verify().unwrap();
    // The shop, its rules, one enrolment, and each sale.
    assert!(found.ok && found.operations == 3 + 2 * EACH as i64, "{found:?}");
    // Neither waited for the other to end.
    let ids = sale_ids(&store);
    let last = |tag: char| ids.iter().rposition(|id| id.starts_with(tag)).unwrap();
    let first = |tag: char| ids.iter().position(|id| id.starts_with(tag)).unwrap();
    assert!(first('a') < last('b') && first('b') < last('a'));
}

/// Kills of one shop, which grows with each; four shops at once, 208 kills in all.
const KILLS: u32 = 13;
const SHOPS: u32 = 16;

#[test]
fn killed_at_any_moment() {
    std::thread::scope(|scope| {
        for lane in 0..4 {
            scope.spawn(move || (lane..SHOPS).step_by(4).for_each(|n| kill_again_and_again(n, KILLS)));
        }
    });
}

fn kill_again_and_again(n: u32, kills: u32) {
    let mut dice = Dice(n.into());
    let shop = shop();
    drop(shop.store);
    let dir = shop.dir.path().to_str().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    let mut tried = 0;
    for kill in 0..kills {
        let mut one = child::command(&["credit", dir, &format!("k{kill}"), "100000"])
            .spawn()
            .unwrap();
        let mut said = child::said(&mut one);
        let wanted = usize::try_from(dice.below(12)).unwrap();
        acknowledged.extend(said.by_ref().take(wanted));
        let until = Instant::now() + Duration::from_micros(dice.below(6000));
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        one.kill().unwrap();
        acknowledged.extend(said);
        one.wait().unwrap();
        tried += 1;

        let store = open(shop.dir.path()).unwrap();
        let found = store.verify().unwrap();
        assert!(found.ok, "shop {n}, kill {kill}: {found:?}");
        let there = sale_ids(&store);
        let once: HashSet<&String> = there.iter().collect();
        assert_eq!(once.len(), there.len(), "shop {n}, kill {kill}: a sale is there twice");
        let lost: Vec<&String> = acknowledged.iter().filter(|id| !once.contains(id)).collect();
        assert!(
            lost.is_empty(),
            "shop {n}, kill {kill}: acknowledged and lost: {lost:?}"
        );
        // At most the one sale that was under way each time was not heard of.
        assert!(there.len() <= acknowledged.len() + tried, "shop {n}, kill {kill}");
    }
    assert!(
        acknowledged.len() > kills as usize,
        "only {} sales were acknowledged",
        acknowledged.len()
    );
}

#[test]
fn two_processes_make_a_shop() {
    for _ in 0..10 {
        let dir = scratch();
        let place = dir.path().to_str().unwrap();
        let children: Vec<_> = (0..3)
            .map(|_| child::command(&["init", place]).spawn().unwrap())
            .collect();
        let mut said: Vec<String> = children
            .into_iter()
            .flat_map(|mut one| {
                let said: Vec<_> = child::said(&mut one).collect();
                one.wait().unwrap();
                said
            })
            .collect();
        said.sort();
        assert_eq!(said, ["already_initialised", "already_initialised", "made"]);
        assert!(open(dir.path()).unwrap().verify().unwrap().ok);
    }
}

#[test]
fn killed_while_a_shop_is_made() {
    let mut dice = Dice(9);
    for n in 0..25 {
        let dir = scratch();
        let mut one = child::command(&["init", dir.path().to_str().unwrap()]).spawn().unwrap();
        let until = Instant::now() + Duration::from_micros(dice.below(60_000));
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        one.kill().unwrap();
        one.wait().unwrap();
        // Either it is there, or it can be made now.
        let (_, options) = crate::support::by_hand();
        let again = ledger::Store::init(
            dir.path(),
            &crate::support::new_shop(crate::support::RULES, None),
            options,
        );
        let store = match again {
            Ok(store) => store,
            Err(e) => {
                assert_eq!(refused::<()>(Err(e)), loyalty::Code::AlreadyInitialised, "kill {n}");
                open(dir.path()).unwrap()
            }
        };
        assert!(store.verify().unwrap().ok, "kill {n}");
    }
}

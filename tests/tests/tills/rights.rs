//! Redeeming anywhere, as real processes: points follow the customer while the tills are connected, and are never spent
//! twice while they are not.

use std::process::Child;
use system_tests::programs::ctl_raw;

use crate::alive::Alive;
use crate::proxy::Proxy;
use crate::shop::{LOOK_EVERY, Relay, Till, agree, text, until};
use crate::{AHMED, MARIA};

const ROUNDS: usize = 200;
const REWARD: [&str; 2] = ["--reward", "Free coffee"];

/// A till of its own way to the relay.
fn behind(relay: &mut Relay, name: &str) -> (Till, Proxy) {
    let proxy = Proxy::to(relay.port());
    let till = relay.folder_of(name);
    let code = relay.take_code();
    till.ctl(&["pair", &code, "--relay", &proxy.url(), "--till", name]);
    till.sync();
    (till, proxy)
}

fn redeems(till: &Till, phone: &str) -> bool {
    let said = ctl_raw(&till.dir, &[&["redeem", "--phone", phone], &REWARD[..]].concat());
    let ok = said.status.success();
    assert!(
        ok || String::from_utf8_lossy(&said.stdout).contains("not_enough_points"),
        "{}",
        String::from_utf8_lossy(&said.stdout)
    );
    ok
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn held(till: &Till, phone: &str) -> i64 {
    let member = till.ctl(&["rights", "show", "--phone", phone]);
    let holders = member["holders"].as_array().unwrap();
    let here = holders.iter().find(|h| h["here"] == true);
    here.map_or(0, |h| h["points"].as_i64().unwrap())
}

fn id_of(till: &Till, name: &str) -> String {
    let tills = till.ctl(&["till", "list"]);
    let tills = tills["tills"].as_array().unwrap();
    text(&tills.iter().find(|t| t["name"] == name).unwrap()["till_id"])
}

#[test]
fn points_follow_the_customer_while_the_tills_are_connected() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "120");
    agree(&[&a, &b]);
    // The first till is off, and has kept its points: the second says where they are.
    assert_eq!(
        b.refused(&[&["redeem", "--phone", MARIA], &REWARD[..]].concat()),
        "not_enough_points"
    );
    let shown = b.ctl(&["rights", "show", "--phone", MARIA]);
    assert_eq!(
        (shown["balance"].as_i64(), &shown["holders"][0]["name"]),
        (Some(120), &"Till 1".into())
    );
    assert!(shown["holders"][0]["seen_at"].is_string(), "{shown}");
    // It is on: one tap.
    let background = a.begin(&["sync"]);
    until("the other till gave nothing back", || redeems(&b, MARIA));
    assert_eq!(held(&b, MARIA), 20);
    end(background);
    // Closing a till gives back what it holds, but for the one that opens first.
    let first = id_of(&a, "Till 1");
    b.ctl(&["rights", "limits", "--opens-first", &first]);
    agree(&[&a, &b]);
    a.credit(AHMED, "2", "100");
    assert_eq!(a.ctl(&["rights", "return"])["members"], 0);
    assert_eq!(b.ctl(&["rights", "return"])["members"], 1);
    assert_eq!((held(&a, AHMED), held(&b, MARIA)), (100, 0));
    let acquired = a.ctl(&["rights", "acquire", "--phone", MARIA, "--points", "20"]);
    assert_eq!(
        (acquired["granted"].as_i64(), acquired["missing"].as_i64()),
        (Some(20), Some(0))
    );
    agree(&[&a, &b]);
}

#[test]
fn the_same_points_are_never_spent_twice_whatever_is_cut() {
    let mut relay = Relay::start();
    let ((a, way_a), (b, way_b)) = (behind(&mut relay, "Till 1"), behind(&mut relay, "Till 2"));
    let mut csv = String::from("phone,balance\n");
    for n in 0..ROUNDS {
        csv += &format!("+1619555{n:04},100\n");
    }
    let file = a.dir.with_file_name("members.csv");
    std::fs::write(&file, csv).unwrap();
    a.ctl(&["import", "members", file.to_str().unwrap()]);
    agree(&[&a, &b]);
    let members = a.ctl(&["member", "list", "--limit", "1000"]);
    let members: Vec<String> = members["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| text(&m["member_id"]))
        .collect();
    assert_eq!(members.len(), ROUNDS);
    let (mut one, mut other) = (Alive::open(&a.dir), Alive::open(&b.dir));
    let mut random = 20_261_121_u64;
    let mut given = [0_usize; 2];
    for member in &members {
        // Each is cut before, in the middle or not at all; the first till asks in half of the rounds.
        let (asks, cuts) = (
            next(&mut random).is_multiple_of(2),
            [next(&mut random) % 4, next(&mut random) % 4],
        );
        let ways = [&way_a, &way_b];
        let cut = |when: u64| {
            ways.iter()
                .zip(cuts)
                .filter(move |(_, at)| *at == when)
                .for_each(|(way, _)| way.cut())
        };
        cut(0);
        let both = std::thread::scope(|scope| {
            let first = scope.spawn(|| asks && one.redeems(member));
            let second = scope.spawn(|| other.redeems(member));
            if next(&mut random).is_multiple_of(2) {
                std::thread::sleep(LOOK_EVERY);
            }
            cut(1);
            [first.join().unwrap(), second.join().unwrap()]
        });
        assert!(!(both[0] && both[1]), "100 points bought two rewards of 100");
        given = [given[0] + usize::from(both[0]), given[1] + usize::from(both[1])];
        ways.iter().for_each(|way| way.heal());
        one.ask("wake");
        other.ask("wake");
    }
    drop((one, other));
    agree(&[&a, &b]);
    eprintln!(
        "of {ROUNDS}: {} at the first till, {} at the second",
        given[0], given[1]
    );
    assert!(given[0] > 0 && given[1] > 0, "{given:?}");
    for till in [&a, &b] {
        let members = till.ctl(&["member", "list", "--limit", "1000"]);
        let below = members["members"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|m| m["balance"].as_i64() < Some(0));
        assert_eq!(below.count(), 0);
        let left = i64::try_from((ROUNDS - given[0] - given[1]) * 100).unwrap();
        assert_eq!(till.ctl(&["stats"])["points_outstanding"].as_i64(), Some(left));
    }
}

fn next(random: &mut u64) -> u64 {
    *random = random
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *random >> 33
}

#[test]
fn a_lost_till_costs_what_the_owner_released_and_no_more() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "100");
    a.credit(AHMED, "2", "100");
    agree(&[&a, &b]);
    // Its internet is gone, and it redeems; then it is stolen.
    relay.kill();
    assert!(redeems(&a, MARIA));
    relay.serve();
    let lost = id_of(&b, "Till 1");
    let before = b.ctl(&["till", "lost", &lost]);
    assert_eq!(
        (before["points"].as_i64(), before["done"].as_bool()),
        (Some(200), Some(false)),
        "shown first"
    );
    b.ctl(&["till", "lost", &lost, "--yes"]);
    assert_eq!(a.refused(&["sync", "--once"]), "revoked");
    assert!(!redeems(&b, MARIA), "in suspense");
    assert_eq!(b.ctl(&["rights", "show", "--phone", MARIA])["suspense"], 100);
    b.ctl(&["till", "release", &lost, "--phone", MARIA, "--yes"]);
    assert!(redeems(&b, MARIA), "the owner said so");
    // It is found.
    b.ctl(&["till", "found", &lost]);
    agree(&[&a, &b]);
    for till in [&a, &b] {
        let shown = till.ctl(&["rights", "show", "--phone", MARIA]);
        assert_eq!(
            (shown["balance"].as_i64(), shown["loss"].as_i64()),
            (Some(0), Some(100)),
            "{shown}"
        );
    }
    assert!(redeems(&b, AHMED), "what it had not spent is free");
    b.ctl(&["rights", "settle", &lost, "--phone", MARIA, "--forgive"]);
    agree(&[&a, &b]);
    assert_eq!(a.ctl(&["rights", "show", "--phone", MARIA])["loss"], 0);
    assert_eq!((a.balance(MARIA), a.balance(AHMED)), (0, 0));
}

#[test]
fn what_another_till_gave_is_taken_back_with_the_relays_word() {
    let mut relay = Relay::start();
    let (a, b) = (relay.till("Till 1"), relay.till("Till 2"));
    a.credit(MARIA, "1", "100");
    let given = a.ctl(&[&["redeem", "--phone", MARIA], &REWARD[..]].concat());
    let line = text(&given["entry_id"]);
    agree(&[&a, &b]);
    relay.kill();
    assert_eq!(b.refused(&["reverse", &line]), "needs_relay");
    relay.serve();
    b.ctl(&["reverse", &line]);
    agree(&[&a, &b]);
    assert_eq!(a.balance(MARIA), 100);
}

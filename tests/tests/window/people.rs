//! PINs, roles, and what a cashier may not do.

use serde_json::json;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, MANAGER, OTHER_CASHIER, at_the_counter, choose, credit, demo, enrol, lock, sign_in};

#[tokio::test]
async fn a_wrong_pin_waits_longer_each_time_also_after_a_restart() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    lock(&w).await;
    w.picture("locked").await;
    choose(&w, CASHIER.0).await;
    w.keys("9999").await;
    w.keys(&key::ENTER.to_string()).await;
    w.reads("pin-words", "Wrong PIN").await;
    w.picture("wrong-pin").await;
    let staff = w.invoke("startup", json!({})).await["ok"]["staff"].clone();
    let ana = staff
        .as_array()
        .expect("staff")
        .iter()
        .find(|s| s["name"] == CASHIER.0)
        .expect("Ana")["staff_id"]
        .clone();
    // Each try is counted before its PIN is looked at; a right one within the wait is refused as well.
    let mut waits = Vec::new();
    for _ in 0..4 {
        loop {
            let answer = w.invoke("sign_in", json!({ "staffId": ana, "pin": "0000" })).await;
            let wait = answer["err"]["number"].as_i64().expect("how long to wait");
            if waits.last().is_none_or(|last| wait > *last) {
                waits.push(wait);
                break;
            }
        }
    }
    assert!(waits.windows(2).all(|w| w[1] > w[0]), "{waits:?}");
    w.close().await;
    let w = system_tests::browser::Window::open(&desk, dir.path()).await;
    w.see("lock-screen").await;
    let answer = w.invoke("sign_in", json!({ "staffId": ana, "pin": CASHIER.1 })).await;
    assert_eq!(
        answer["err"]["code"], "wrong_pin",
        "the wait survives a restart: {answer}"
    );
    w.close().await;
}

#[tokio::test]
async fn a_cashier_is_refused_what_a_manager_may_do() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    enrol(&w, "6195559180", "Rosa").await;
    credit(&w, "50").await;
    w.reads("balance", "50").await;
    // What one types stays when the till is locked, and comes back with whoever typed it.
    w.fill("amount", "3.75").await;
    lock(&w).await;
    sign_in(&w, CASHIER).await;
    let kept = w
        .run(
            "return document.querySelector('[data-testid=amount]')?.value ?? ''",
            vec![],
        )
        .await;
    assert_eq!(kept, "3.75", "the draft is kept");
    lock(&w).await;

    sign_in(&w, OTHER_CASHIER).await;
    w.keys("5559180").await;
    w.see("hit").await;
    w.keys(&key::ENTER.to_string()).await;
    w.see("member-card").await;
    w.picture("others-line").await;
    let card = w
        .run(
            "return document.querySelector('[data-testid=line]').dataset.entry",
            vec![],
        )
        .await;
    let reverse = json!({ "input": { "op_id": "01988888-8888-7888-8888-888888888888", "entry_id": card } });
    let answer = w.invoke("reverse", reverse.clone()).await;
    assert_eq!(answer["err"]["code"], "not_allowed", "another's line: {answer}");
    let hit = w.invoke("search", json!({ "query": "5559180" })).await["ok"]["hits"][0]["member_id"].clone();
    let adjust = json!({ "input": { "op_id": "01988888-8888-7888-8888-888888888889", "member_id": hit, "points": 10, "reason": "Sorry" } });
    assert_eq!(w.invoke("adjust", adjust.clone()).await["err"]["code"], "not_allowed");
    let add = json!({ "input": { "op_id": "01988888-8888-7888-8888-88888888888a", "staff_id": null, "name": "Eve", "role": "owner", "pin": "1111", "active": true } });
    assert_eq!(w.invoke("staff_edit", add).await["err"]["code"], "not_allowed");
    lock(&w).await;
    assert_eq!(
        w.invoke("adjust", adjust.clone()).await["err"]["code"],
        "locked",
        "nobody is signed in"
    );

    sign_in(&w, MANAGER).await;
    assert!(w.invoke("adjust", adjust).await["ok"].is_object());
    assert!(w.invoke("reverse", reverse).await["ok"].is_object());
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "6195559180"])["balance"],
        10
    );
}

/// `regularsctl` makes shops that nobody works in: the window asks who owns it, and goes on to the counter.
#[tokio::test]
async fn a_shop_without_staff_asks_for_its_first_owner() {
    let desk = Desk::new();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let shop = [
        "init",
        "--shop",
        "Harbour Coffee",
        "--currency",
        "USD",
        "--region",
        "US",
    ];
    let made = ctl(
        dir.path(),
        &[&shop[..], &["--timezone", "America/Los_Angeles"]].concat(),
    );
    assert!(made.is_object(), "{made}");
    let w = Window::open(&desk, dir.path()).await;
    w.size(1280, 800).await;
    w.see("first-owner").await;
    w.picture("first-owner").await;
    w.fill("owner-name", "Olive").await;
    w.fill("owner-pin", "2468").await;
    w.fill("owner-again", "2468").await;
    w.press("owner-go").await;
    w.see("search").await;
    enrol(&w, "6195550123", "Maria Lopez").await;
    credit(&w, "40").await;
    w.reads("balance", "40").await;
    // It stays so: the next time it asks for the PIN.
    lock(&w).await;
    sign_in(&w, ("Olive", "2468")).await;
    w.close().await;
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

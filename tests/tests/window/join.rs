//! The first start of a till that joins a shop, from the real window and over a real relay: with a code from another
//! till (everybody's PIN works), as the shop's first till, and with an operator's code for a shop that runs.

use system_tests::browser::Window;
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::relay::{Relay, catches_up};
use crate::shop::{CASHIER, credit, demo, enrol, lock, sign_in};

/// Starts the app on an empty folder and joins with a code.
async fn joins(desk: &Desk, data: &std::path::Path, relay: &Relay, code: &str) -> Window {
    let w = Window::open(desk, data).await;
    w.size(1280, 800).await;
    w.press("start-join").await;
    w.fill("join-address", &relay.url).await;
    w.fill("join-code", code).await;
    w.press("join-go").await;
    w
}

#[tokio::test]
async fn a_new_till_downloads_the_shop_and_everybody_signs_in_with_their_pin() {
    let desk = Desk::new();
    let first = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    ctl(first.path(), &["pair", &code, "--relay", &relay.url]);
    ctl(first.path(), &["sync", "--once"]);
    let code = ctl(first.path(), &["till", "add"])["pairing_code"]
        .as_str()
        .expect("a code")
        .to_owned();

    let second = folder.path().join("second");
    let w = joins(&desk, &second, &relay, "AAAA-AAAA").await;
    // A code that nobody made; the right one is typed after it.
    w.reads("join-shop", "Make a new one").await;
    w.fill("join-code", &code).await;
    w.press("join-go").await;
    sign_in(&w, CASHIER).await;
    let hash = |dir: &std::path::Path| ctl(dir, &["state-hash"])["state_hash"].clone();
    assert_eq!(hash(first.path()), hash(&second), "all of the shop is here");
    w.find("[data-testid=\"relay\"][data-way=\"in_sync\"]").await;
    // What is done in this window goes to the first till without anybody asking for it here.
    enrol(&w, "6195559188", "Nadia").await;
    credit(&w, "12.50").await;
    w.reads("balance", "12").await;
    catches_up(&second, first.path());
    let nadia = ctl(first.path(), &["member", "show", "--phone", "+16195559188"]);
    assert_eq!(nadia["balance"], 12);
    // And the other way, into the window, without a key pressed there.
    ctl(
        first.path(),
        &["credit", "--phone", "+16195559188", "--total", "30", "--sale-id", "W-1"],
    );
    ctl(first.path(), &["sync", "--once"]);
    w.reads("balance", "42").await;
    w.picture("join-credited").await;
    w.close().await;
}

#[tokio::test]
async fn the_first_till_after_an_operators_code_asks_for_its_owner() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    let data = folder.path().join("first");
    let w = joins(&desk, &data, &relay, &code).await;
    w.see("first-owner").await;
    w.fill("owner-name", "Olga").await;
    w.fill("owner-pin", "2468").await;
    w.fill("owner-again", "2468").await;
    w.press("owner-go").await;
    w.see("search").await;
    w.find("[data-testid=\"relay\"][data-way=\"in_sync\"]").await;
    w.close().await;

    // A further code from the operator brings the shop, but not the secret of its PINs: an owner chooses theirs anew.
    let second = folder.path().join("second");
    let w = joins(&desk, &second, &relay, &relay.operators_code()).await;
    w.see("new-pin").await;
    w.fill("new-pin-pin", "8642").await;
    w.fill("new-pin-again", "8642").await;
    w.press("new-pin-go").await;
    w.see("search").await;
    lock(&w).await;
    sign_in(&w, ("Olga", "8642")).await;
    catches_up(&second, &data);
    w.close().await;
}

//! One shop of several tills, from the real window and over a real relay: connected from the owner's window, the shop
//! goes up by itself, and a second till that was added there ends with the same state.

use std::path::PathBuf;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::{ctl, ctl_raw};

use crate::relay::{Relay, catches_up};
use crate::shop::{OWNER, at_the_counter, demo};

/// Opens the owner's window on its tills.
pub async fn to_the_tills(w: &Window) {
    w.press("staff-menu").await;
    w.press("owner-open").await;
    w.see("pin").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.other_window().await;
    w.size(1280, 800).await;
    w.see("nav-today").await;
    w.press("nav-tills").await;
}

#[tokio::test]
async fn connected_from_the_tills_page_a_second_till_has_the_same() {
    let desk = Desk::new();
    let dir = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    let second: PathBuf = folder.path().join("second");

    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    to_the_tills(&w).await;
    w.fill("tills-address", &relay.url).await;
    w.fill("tills-code", &code).await;
    w.press("tills-connect").await;
    w.find("[data-testid=\"tills-relay\"][data-way=\"in_sync\"]").await;

    w.press("till-add").await;
    w.see("till-code").await;
    let code = w.text("till-code").await;
    w.picture("tills-code").await;
    let _ = ctl(&second, &["pair", &code, "--relay", &relay.url, "--till", "Terrace"]);
    catches_up(dir.path(), &second);

    w.other_window().await;
    w.find("[data-testid=\"relay\"][data-way=\"in_sync\"]").await;
    w.close().await;
}

#[tokio::test]
async fn a_lost_till_is_given_up_after_seeing_what_waits_then_and_is_out() {
    let desk = Desk::new();
    let dir = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    let second: PathBuf = folder.path().join("second");
    let pairs = |dir: &std::path::Path, code: &str, name: &str| {
        ctl(dir, &["pair", code, "--relay", &relay.url, "--till", name]);
        ctl(dir, &["sync", "--once"]);
    };
    pairs(dir.path(), &code, "Counter");
    let added = ctl(dir.path(), &["till", "add"]);
    pairs(&second, added["pairing_code"].as_str().expect("a code"), "Terrace");
    // Points that only the till holds which is about to be lost.
    let sale = [
        "--phone",
        "+16195559177",
        "--total",
        "40",
        "--sale-id",
        "L-1",
        "--enrol",
    ];
    ctl(&second, &[&["credit"], &sale[..]].concat());
    // The relay hears what the till holds, and the first till hears of it.
    for till in [second.as_path(), dir.path()] {
        ctl(till, &["sync", "--once"]);
    }

    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    to_the_tills(&w).await;
    w.find("[data-testid=\"till-row\"][data-name=\"Terrace\"] [data-testid=\"till-lose\"]")
        .await;
    w.press("till-lose").await;
    w.reads("till-exposure", "40 points of 1 member").await;
    w.picture("tills-lose-real").await;
    w.press("till-lose-confirm").await;
    w.reads("till-lost", "40 points wait").await;
    let said = ctl_raw(&second, &["sync", "--once"]);
    assert!(!said.status.success(), "it is out");
    assert!(
        String::from_utf8_lossy(&said.stdout).contains("\"revoked\""),
        "{said:?}"
    );
    w.close().await;
    let rights = ctl(dir.path(), &["rights", "show", "--phone", "+16195559177"]);
    assert_eq!(
        (&rights["balance"], &rights["suspense"]),
        (&40.into(), &40.into()),
        "{rights}"
    );
}

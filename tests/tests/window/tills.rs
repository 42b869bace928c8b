//! One shop of several tills, from the real window and over a real relay: connected from the owner's window, the shop
//! goes up by itself, and a second till that was added there ends with the same state.

use std::path::PathBuf;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

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

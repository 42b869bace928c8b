//! A day at the till without a mouse: from the lock to the lock again, nothing is ever pointed at.

use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, demo, enrol};

/// The name on the staff tile that has the focus; empty where none has.
async fn tile(w: &Window) -> String {
    let name = w
        .run("return document.activeElement?.dataset?.name ?? ''", vec![])
        .await;
    name.as_str().unwrap_or_default().to_owned()
}

async fn press(w: &Window, key: char) {
    w.keys(&key.to_string()).await;
}

#[tokio::test]
async fn a_day_with_the_keyboard_alone() {
    let desk = Desk::new();
    let dir = demo();
    let w = Window::open(&desk, dir.path()).await;
    w.size(1280, 800).await;
    w.see("lock-screen").await;
    w.run(
        "window.addEventListener('pointerdown', () => { window.pointed = true }, true)",
        vec![],
    )
    .await;

    // Unlock: the first tile has the focus, arrows go to the others.
    for _ in 0..20 {
        if tile(&w).await == CASHIER.0 {
            break;
        }
        press(&w, key::RIGHT).await;
    }
    assert_eq!(tile(&w).await, CASHIER.0, "arrows come to every tile");
    press(&w, key::ENTER).await;
    w.see("pin").await;
    w.keys(CASHIER.1).await;
    press(&w, key::ENTER).await;
    w.see("search").await;

    // Find: somebody of the year before, the second of those found.
    w.keys("mar").await;
    w.find("[data-testid=hit]:nth-child(2)").await;
    press(&w, key::DOWN).await;
    press(&w, key::ENTER).await;
    w.see("member-card").await;
    press(&w, key::ESCAPE).await;

    // Enrol, credit, redeem, undo.
    enrol(&w, "6195559166", "Uma Byrne").await;
    w.reads("member-name", "Uma Byrne").await;
    w.keys("150.75").await;
    w.reads("preview", "150").await;
    press(&w, key::ENTER).await;
    w.reads("balance", "150").await;
    w.keys("R1").await;
    w.see("redeem-confirm").await;
    press(&w, key::ENTER).await;
    w.reads("notice", "Undo").await;
    w.see("undo").await;
    w.control('z').await;
    w.reads("balance", "150").await;

    // Reverse the sale itself, from today's lines: the redemption and its undoing stand above it.
    press(&w, key::F2).await;
    w.see("activity").await;
    w.find("[data-testid=activity] [data-kind=earn] [data-testid=reverse]")
        .await;
    press(&w, key::DOWN).await;
    press(&w, key::ENTER).await;
    w.see("reverse-confirm").await;
    w.picture("keyboard-reverse").await;
    press(&w, key::ENTER).await;
    w.find("[data-testid=activity] [data-kind=earn] [data-testid=line-reversed]")
        .await;
    press(&w, key::F2).await;
    w.reads("balance", "0").await;

    // Lock, and back with the PIN alone.
    w.control('l').await;
    w.see("lock-screen").await;
    w.see("pin").await;
    w.keys(CASHIER.1).await;
    press(&w, key::ENTER).await;
    w.see("search").await;
    let pointed = w.run("return window.pointed === true", vec![]).await;
    assert_eq!(pointed, false, "no mouse was used");
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "6195559166"])["balance"],
        0
    );
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

//! What the parts of a day share: a shop to work in, signing in, finding somebody.

use std::path::Path;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

/// The demo shop's staff and their PINs.
pub const CASHIER: (&str, &str) = ("Ana", "1234");
pub const OTHER_CASHIER: (&str, &str) = ("Kim", "4321");
pub const MANAGER: (&str, &str) = ("Ben", "1357");
pub const OWNER: (&str, &str) = ("Olive", "2468");

/// A demo shop in a temporary folder.
pub fn demo() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let made = ctl(dir.path(), &["demo", "--seed", "7"]);
    assert!(made.is_object(), "{made}");
    dir
}

/// The window on the demo shop, with somebody signed in.
pub async fn at_the_counter(desk: &Desk, data: &Path, who: (&str, &str)) -> Window {
    let window = Window::open(desk, data).await;
    window.size(1280, 800).await;
    sign_in(&window, who).await;
    window
}

/// Chooses a tile and types the PIN on the keyboard.
pub async fn sign_in(window: &Window, (name, pin): (&str, &str)) {
    choose(window, name).await;
    window.keys(pin).await;
    window.keys(&key::ENTER.to_string()).await;
    window.see("search").await;
}

/// Opens the owner's window with the owner's PIN, and a page of it.
pub async fn to_the_owner(window: &Window, page: &str) {
    window.press("staff-menu").await;
    window.press("owner-open").await;
    window.see("pin").await;
    window.keys(OWNER.1).await;
    window.keys(&key::ENTER.to_string()).await;
    window.other_window().await;
    window.size(1280, 800).await;
    window.press(&format!("nav-{page}")).await;
}

/// Chooses a tile at the locked till.
pub async fn choose(window: &Window, name: &str) {
    window.see("lock-screen").await;
    window
        .find(&format!("[data-testid=\"staff-tile\"][data-name=\"{name}\"]"))
        .await
        .click()
        .await
        .expect("a tile is pressed");
}

/// Locks the till by the menu.
pub async fn lock(window: &Window) {
    window.press("staff-menu").await;
    window.press("lock").await;
    window.see("lock-screen").await;
}

/// Enrols a number as a cashier does: the number, Enter, Enter.
pub async fn enrol(window: &Window, phone: &str, name: &str) {
    window.keys(phone).await;
    window.see("enrol-offer").await;
    window.keys(&key::ENTER.to_string()).await;
    window.see("enrol-card").await;
    window.keys(name).await;
    window.keys(&key::ENTER.to_string()).await;
    window.see("member-card").await;
}

/// Types an amount for whoever is open, and Enter.
pub async fn credit(window: &Window, amount: &str) {
    window.fill("amount", amount).await;
    window.see("preview").await;
    window.keys(&key::ENTER.to_string()).await;
}

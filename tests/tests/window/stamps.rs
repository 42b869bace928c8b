//! Stamp cards, a reward given with its sale, a refund of both, and a birthday: at the counter and in the owner's window.

use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{MANAGER, OWNER, at_the_counter, demo};

/// The newest line of this kind on the open card.
async fn press_on_line(w: &Window, kind: &str, button: &str) {
    let css = format!("[data-testid=line][data-kind={kind}] [data-testid={button}]");
    w.find(&css)
        .await
        .click()
        .await
        .expect("the line's button can be pressed");
}

#[tokio::test]
async fn stamps_refunds_and_birthdays() {
    let desk = Desk::new();
    let dir = demo();
    let phone = "+16195550199";
    ctl(dir.path(), &["member", "add", "--phone", phone, "--name", "Ada Byron"]);
    let w = at_the_counter(&desk, dir.path(), MANAGER).await;
    w.keys("ada byron").await;
    w.see("hit").await;
    w.keys(&key::ENTER.to_string()).await;
    w.reads("member-name", "Ada Byron").await;
    // Nine of what gives stamps, counted beside the amount.
    w.fill("amount", "120").await;
    for _ in 0..9 {
        w.press("bought-more-1").await;
    }
    w.reads("bought-1", "9").await;
    for (width, height) in [(1024, 768), (1280, 800)] {
        w.size(width, height).await;
        w.picture(&format!("stamps-counted-{width}")).await;
    }
    w.press("credit").await;
    w.reads("balance", "120").await;
    w.reads("stamps-4", "1 full").await;
    // The coffee right after it goes with the sale.
    w.press("redeem-1").await;
    w.press("redeem-confirm").await;
    w.reads("balance", "20").await;
    press_on_line(&w, "earn", "refund").await;
    w.reads("refund-preview", "Free coffee is given back, too.").await;
    w.picture("refund-with-reward").await;
    w.press("refund-confirm").await;
    w.reads("balance", "0").await;
    w.reads("stamps-4", "0 of 9").await;
    w.picture("refund-done").await;

    // Told only now: on some days of the year the sale would have brought the bonus.
    ctl(dir.path(), &["member", "edit", "--phone", phone, "--birthday", "02-09"]);
    w.press("staff-menu").await;
    w.press("owner-open").await;
    w.see("pin").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.other_window().await;
    w.size(1280, 800).await;
    w.press("nav-members").await;
    w.fill("members-find", "ada byron").await;
    w.press("member-row").await;
    w.reads("member-birthday", "February 9").await;
    w.press("member-edit").await;
    w.fill("birthday-day", "11").await;
    for (width, height) in [(1024, 768), (1280, 800)] {
        w.size(width, height).await;
        w.picture(&format!("member-edit-{width}")).await;
    }
    w.press("member-save").await;
    w.reads("member-birthday", "February 11").await;
    w.picture("member").await;
    w.press("nav-today").await;
    w.see("owed-stamps").await;
    w.picture("today-stamps").await;
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", phone])["birthday"],
        "02-11"
    );
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

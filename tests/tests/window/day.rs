//! From the very first start to a reward undone, and what the file says of it afterwards.

use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{credit, enrol};

#[tokio::test]
async fn first_start_enrol_credit_redeem_undo() {
    let desk = Desk::new();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let w = Window::open(&desk, dir.path()).await;
    w.size(1280, 800).await;
    w.see("first-start").await;
    w.picture("first-start").await;
    // An owner who forgets the second PIN is told where.
    w.fill("start-shop_name", "Harbour Coffee").await;
    w.run("const z = document.querySelector('[data-testid=start-timezone]'); z.value = 'America/Los_Angeles'; z.dispatchEvent(new Event('change', { bubbles: true }));", vec![]).await;
    w.fill("start-owner_name", "Olive").await;
    w.fill("start-owner_pin", "2468").await;
    w.press("start-go").await;
    w.see("first-start").await;
    w.picture("first-start-wrong").await;
    w.fill("start-again", "2468").await;
    w.fill("start-reward_cost", "1.20").await;
    w.press("start-go").await;
    w.see("search").await;
    w.picture("empty-shop").await;

    enrol(&w, "6195550123", "Maria Lopez").await;
    w.reads("member-name", "Maria Lopez").await;
    w.reads("balance", "0").await;
    w.fill("amount", "112.50").await;
    w.reads("preview", "112").await;
    w.reads("preview-reason", "1 per $1").await;
    w.picture("before-credit").await;
    w.press("credit").await;
    w.reads("balance", "112").await;
    w.reads("notice", "112").await;
    w.picture("credited").await;

    w.press("redeem-1").await;
    w.see("redeem-confirm").await;
    w.picture("redeem-confirm").await;
    w.press("redeem-confirm").await;
    w.counts("balance", "12").await;
    w.see("undo").await;
    w.picture("redeemed").await;
    w.control('z').await;
    w.counts("balance", "112").await;

    // By keys alone: R 1 Enter, then Ctrl+Z.
    w.keys("R1").await;
    w.see("redeem-confirm").await;
    w.keys(&key::ENTER.to_string()).await;
    w.counts("balance", "12").await;
    w.control('z').await;
    w.counts("balance", "112").await;
    w.close().await;

    let stats = ctl(dir.path(), &["stats"]);
    assert_eq!(
        (
            stats["members"].as_i64(),
            stats["points_issued"].as_i64(),
            stats["points_redeemed"].as_i64()
        ),
        (Some(1), Some(112), Some(0))
    );
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

#[tokio::test]
async fn the_same_sale_number_adds_nothing_and_says_so() {
    let desk = Desk::new();
    let dir = crate::shop::demo();
    let w = crate::shop::at_the_counter(&desk, dir.path(), crate::shop::CASHIER).await;
    enrol(&w, "6195559177", "").await;
    for expected in ["12 points", "already credited"] {
        w.fill("amount", "12.50").await;
        if w.has("sale-id-show").await {
            w.press("sale-id-show").await;
        }
        w.fill("sale-id", "T-1001").await;
        w.press("credit").await;
        w.reads("notice", expected).await;
    }
    w.reads("balance", "12").await;
    w.picture("same-sale-again").await;
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "6195559177"])["balance"],
        12
    );
}

#[tokio::test]
async fn a_line_is_reversed_once_from_the_activity() {
    let desk = Desk::new();
    let dir = crate::shop::demo();
    let w = crate::shop::at_the_counter(&desk, dir.path(), crate::shop::CASHIER).await;
    enrol(&w, "6195559178", "Nina").await;
    credit(&w, "40").await;
    w.reads("balance", "40").await;
    w.press("activity-open").await;
    w.see("activity").await;
    w.picture("activity").await;
    w.find("[data-testid=activity] [data-testid=line]:first-of-type [data-testid=reverse]")
        .await
        .click()
        .await
        .expect("Reverse is pressed");
    w.press("reverse-confirm").await;
    w.see("line-reversed").await;
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "6195559178"])["balance"],
        0
    );
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

/// The file of real purchases, imported beside the app's own shop, then worked on in the window.
#[tokio::test]
async fn real_purchases_then_the_window_credits_one_of_them() {
    let csv = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/cdnow_sample_sales.csv");
    if !csv.exists() {
        println!("skipped: there is no ../shared/data beside this repository");
        return;
    }
    let desk = Desk::new();
    let dir = crate::shop::demo();
    let before = ctl(dir.path(), &["stats"]);
    let w = crate::shop::at_the_counter(&desk, dir.path(), crate::shop::CASHIER).await;
    // The shop's own window is open while regularsctl imports.
    let report = ctl(dir.path(), &["import", "sales", csv.to_str().expect("a path of text")]);
    assert_eq!(
        (
            report["rows"].as_i64(),
            report["recorded"].as_i64(),
            report["members_created"].as_i64()
        ),
        (Some(6919), Some(6919), Some(2357))
    );
    let member = ctl(dir.path(), &["member", "show", "--phone", "+16195945367"]);
    let had = member["balance"].as_i64().expect("a balance");
    w.keys("5945367").await;
    w.see("hit").await;
    w.keys(&key::ENTER.to_string()).await;
    w.see("member-card").await;
    credit(&w, "20").await;
    w.reads("notice", "20 points").await;
    w.picture("real-member").await;
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "+16195945367"])["balance"],
        had + 20
    );
    let after = ctl(dir.path(), &["stats"]);
    assert_eq!(after["sales"].as_i64(), before["sales"].as_i64().map(|s| s + 6920));
}

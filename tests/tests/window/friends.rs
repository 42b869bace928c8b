//! A referral as people live it: a member's link on a friend's phone (a real Chromium), the friend's code scanned at the
//! till, a purchase, both rewarded; then the money goes back, and both rewards with it.

use std::time::Duration;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::phone::Phone;
use system_tests::programs::ctl;

use crate::relay::Relay;
use crate::shop::{CASHIER, at_the_counter, demo};

const RULES: &str = "Earn 1 point per $1\nFriend first buys $10: friend gets 10 points and referrer gets 50 points\n";
const MARIA: &str = "+16195559165";

#[tokio::test]
async fn a_friends_phone_the_till_and_both_rewards() {
    let desk = Desk::new();
    let dir = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    let rules = folder.path().join("friends.rules");
    std::fs::write(&rules, RULES).expect("the rules are written");
    ctl(
        dir.path(),
        &["rules", "publish", rules.to_str().expect("a path of text")],
    );
    let maria = ctl(
        dir.path(),
        &["member", "add", "--phone", MARIA, "--name", "Maria Lopez"],
    );
    ctl(dir.path(), &["pair", &code, "--relay", &relay.url]);
    ctl(dir.path(), &["sync", "--once"]);

    // Maria has sent her link; Nadia taps it and joins.
    let phone = Phone::new();
    let link = format!(
        "{}/ref/{}",
        relay.url,
        maria["code"].as_str().expect("a code").to_lowercase()
    );
    let p = phone.open(&link).await;
    p.find("p.brought").await;
    p.picture("friend-join").await;
    write(&p, "#phone", "(619) 555-9166").await;
    write(&p, "#name", "Nadia").await;
    p.find("button.go").await.click().await.expect("the form is sent");
    let code = p.find("p.code").await.text().await.expect("a code");
    p.find(".qr svg").await;
    p.picture("friend-joined").await;
    p.close().await;

    // The till has heard of her when she is at the counter: her code is scanned.
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    w.find("[data-testid=\"relay\"][data-way=\"in_sync\"]").await;
    w.keys_every(
        &format!("{}{}", code.replace(' ', ""), key::ENTER),
        Duration::from_millis(4),
    )
    .await;
    w.reads("member-name", "Nadia").await;
    w.fill("amount", "20").await;
    w.press("sale-id-show").await;
    w.fill("sale-id", "T-1").await;
    w.press("credit").await;
    // 20 for the sale, 10 as a friend.
    w.counts("balance", "30").await;
    w.picture("friend-rewarded").await;
    open(&w, "6195559165").await;
    w.counts("balance", "50").await;

    ctl(dir.path(), &["refund", "T-1", "--refund-id", "R-1"]);
    for member in ["6195559165", "6195559166"] {
        open(&w, member).await;
        w.counts("balance", "0").await;
    }
    w.close().await;
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

async fn write(page: &Window, css: &str, text: &str) {
    let field = page.find(css).await;
    field.send_keys(text).await.expect("the field takes text");
}

/// Finds a member by their number, as a cashier does.
async fn open(w: &Window, phone: &str) {
    w.keys(&key::ESCAPE.to_string()).await;
    w.fill("search", phone).await;
    w.see("hit").await;
    w.keys(&key::ENTER.to_string()).await;
    w.see("member-card").await;
}

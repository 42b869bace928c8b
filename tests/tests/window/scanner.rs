//! A scanner types fast and ends with Enter: it works whatever has the focus, and never leaks into a field.

use std::time::Duration;
use system_tests::browser::key;
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, at_the_counter, demo, enrol};

/// As fast as a slow scanner.
const SCAN_PAUSE: Duration = Duration::from_millis(4);

#[tokio::test]
async fn a_scan_opens_the_member_and_leaves_the_fields_alone() {
    let desk = Desk::new();
    let dir = demo();
    let members = ctl(dir.path(), &["member", "list", "--limit", "2"]);
    let members = members
        .as_array()
        .or_else(|| members["members"].as_array())
        .expect("members")
        .clone();
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    enrol(&w, "6195559179", "Scan Test").await;
    w.fill("amount", "7.25").await;
    for member in &members {
        let code = member["code"].as_str().expect("a code");
        w.keys_every(&format!("{code}{}", key::ENTER), SCAN_PAUSE).await;
        let balance = member["balance"].as_i64().expect("a balance");
        let start = std::time::Instant::now();
        let mut scanned = start;
        loop {
            // A machine too busy to type as fast as a scanner is asked again, as a cashier would.
            if scanned.elapsed() > Duration::from_secs(8) {
                w.fill("amount", "7.25").await;
                w.keys_every(&format!("{code}{}", key::ENTER), SCAN_PAUSE).await;
                scanned = std::time::Instant::now();
            }
            let shown: i64 = w
                .text("balance")
                .await
                .replace([',', '\u{2212}'], "")
                .trim()
                .parse()
                .unwrap_or(-1);
            if shown == balance.abs()
                && w.text("member-name")
                    .await
                    .contains(member["name"].as_str().unwrap_or_default())
            {
                break;
            }
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "the scan of {code} does not open its member"
            );
            tokio::task::yield_now().await;
        }
        let amount = w
            .run("return document.querySelector('[data-testid=amount]').value", vec![])
            .await;
        assert!(
            !amount.as_str().unwrap_or_default().contains(&code[..3]),
            "the scan leaked into the amount: {amount}"
        );
    }
    w.close().await;
    assert_eq!(
        ctl(dir.path(), &["member", "show", "--phone", "6195559179"])["balance"],
        0,
        "the scan's Enter credits nothing"
    );
}

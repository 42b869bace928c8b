//! A scanner types fast and ends with Enter: it works whatever has the focus, and never leaks into a field.

use std::time::{Duration, Instant};
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, at_the_counter, demo, enrol};

/// As fast as a slow scanner.
const SCAN_PAUSE: Duration = Duration::from_millis(4);
/// From the keyboard to the scanner.
const HAND_TO_SCANNER: Duration = Duration::from_millis(250);
/// How long a busy machine may take until it has typed as fast as that once.
const CALM: Duration = Duration::from_secs(120);

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
    w.run(LISTEN, vec![]).await;
    for member in &members {
        let code = member["code"].as_str().expect("a code");
        scan(&w, code).await;
        w.reads("member-name", member["name"].as_str().unwrap_or_default())
            .await;
        let balance = member["balance"].as_i64().expect("a balance").abs().to_string();
        let shown = w.text("balance").await.replace([',', '\u{2212}'], "");
        assert!(shown.contains(&balance), "{shown} is not {balance}");
        let amount = w
            .run(
                "return document.querySelector('[data-testid=amount]').value ?? ''",
                vec![],
            )
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

/// Keeps the times of the keys since the last Enter. Of their release: the page keeps a scan's pressing to itself.
const LISTEN: &str = "
window.keyTimes = []; window.lastScan = null;
addEventListener('keyup', (e) => {
  if (e.key === 'Shift') return;
  keyTimes.push(e.timeStamp);
  if (e.key === 'Enter') { lastScan = keyTimes; keyTimes = []; }
}, { capture: true });";

/// The longest and the mean pause of the last scan; nothing until its Enter has come.
const PAUSES: &str = "
if (!window.lastScan) return null;
const gaps = lastScan.slice(1).map((t, i) => t - lastScan[i]);
return [Math.max(...gaps), gaps.reduce((a, b) => a + b, 0) / gaps.length];";

/// Scans into the amount's field. A machine that was too busy to type as fast as a scanner is asked again, as a
/// cashier would: what it typed was a person's typing, and was right to stay in the field.
async fn scan(w: &Window, code: &str) {
    let start = Instant::now();
    loop {
        w.fill("amount", "7.25").await;
        // Nobody types an amount and scans within the same tenth of a second: a key that changes nothing, and a pause.
        w.keys_every(&key::SHIFT.to_string(), HAND_TO_SCANNER).await;
        w.run("window.keyTimes = []; window.lastScan = null;", vec![]).await;
        w.keys_every(&format!("{code}{}", key::ENTER), SCAN_PAUSE).await;
        let pauses = w.run(PAUSES, vec![]).await;
        let quick = |at: usize, most: f64| pauses[at].as_f64().is_some_and(|ms| ms < most);
        // Well within what the till takes for a scanner (ui/src/till/logic/scanner.ts).
        if quick(0, 70.0) && quick(1, 30.0) {
            return;
        }
        assert!(
            start.elapsed() < CALM,
            "this machine can't type like a scanner: {pauses}"
        );
    }
}

//! The owner's rules in the real window: written with completion, tried, tested on the past, published; a sale they hold
//! decided in the owner's window, and put back where it was by an older version.

use serde_json::json;
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{MANAGER, OWNER, at_the_counter, credit, demo, enrol, to_the_owner};

const DRAFT: &str =
    "Earn 2 points per $1\nSkip sales under $2\nHold sales over $500\nReward 100 points: Free coffee, costs $1.20\n";

/// Puts a whole text into the editor at once, as pasting does.
async fn paste(w: &Window, text: &str) {
    let script = "const area = document.querySelector('[data-testid=rules-text]'); area.focus(); area.select();
        document.execCommand('insertText', false, arguments[0]);";
    w.run(script, vec![json!(text)]).await;
}

#[tokio::test]
async fn rules_are_written_tried_tested_published_and_put_back() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), MANAGER).await;
    to_the_owner(&w, "rules").await;
    w.see("rules-text").await;

    // The real parser offers what fits; Tab takes it.
    paste(&w, "").await;
    w.see("rules-text")
        .await
        .click()
        .await
        .expect("the editor takes the focus");
    w.keys("Hold sales o").await;
    w.reads("rules-offers", "over").await;
    w.picture("rules-offers").await;
    w.keys(&key::TAB.to_string()).await;
    let typed = w
        .run(
            "return document.querySelector('[data-testid=rules-text]').value",
            vec![],
        )
        .await;
    assert!(
        typed
            .as_str()
            .is_some_and(|text| text.starts_with("Hold sales o") && text.len() > 12),
        "{typed}"
    );

    // A mistake is mended with one press.
    paste(&w, &DRAFT.replace("points per", "pionts per")).await;
    w.press("rules-mend").await;
    w.reads("rules-summary", "Sales over $500").await;

    w.fill("try-total", "12.50").await;
    w.reads("try-draft", "+25").await;
    w.reads("try-in-force", "=").await;
    w.picture("rules-try").await;

    // The same figures as the command line's.
    let file = dir.path().join("draft.txt");
    std::fs::write(&file, DRAFT).expect("the draft is written");
    let report = ctl(dir.path(), &["rules", "backtest", &file.display().to_string()]);
    w.press("backtest-run").await;
    w.see("backtest-answer").await;
    let shown: String = w.text("backtest-answer").await.replace(',', "");
    for side in ["then", "now"] {
        let points = report[side]["points"].to_string();
        assert!(shown.contains(&points), "{points} is not in {shown}");
    }
    w.run(
        "document.querySelector('[data-testid=backtest]').scrollIntoView()",
        vec![],
    )
    .await;
    w.see("backtest-chart").await;
    w.picture("rules-backtest").await;

    w.press("rules-publish").await;
    w.press("rules-confirm").await;
    w.reads("rules-summary", "Sales over $500").await;
    let before = ctl(dir.path(), &["rules", "history"]);
    assert_eq!(before["versions"][0]["text"], DRAFT);

    // Back to what was in force, asked in place, once the list has both.
    w.find("[data-testid=versions] li:nth-child(2) a").await;
    w.run(
        "document.querySelector('[data-testid=versions] li:nth-child(2) a').click()",
        vec![],
    )
    .await;
    w.see("old-version").await;
    w.picture("rules-version").await;
    w.press("rollback").await;
    w.press("rollback-confirm").await;
    w.see("rules-summary").await;
    let after = ctl(dir.path(), &["rules", "history"]);
    assert_eq!(after["versions"][0]["text"], before["versions"][1]["text"]);
    assert_eq!(after["versions"][0]["by"], OWNER.0);
    w.close().await;
}

#[tokio::test]
async fn a_held_sale_is_decided_once_in_either_window() {
    let desk = Desk::new();
    let dir = demo();
    let file = dir.path().join("rules.txt");
    std::fs::write(&file, DRAFT).expect("the rules are written");
    assert_eq!(
        ctl(dir.path(), &["rules", "publish", &file.display().to_string()])["changed"],
        true
    );
    let w = at_the_counter(&desk, dir.path(), MANAGER).await;
    enrol(&w, "6195559177", "Maria Lopez").await;
    credit(&w, "612").await;
    w.reads("notice", "over $500").await;
    w.reads("held-open", "1 held").await;
    w.picture("held").await;
    w.reads("balance", "0").await;
    credit_again(&w).await;
    w.reads("held-open", "2 held").await;

    // At the till by a manager, and undone there.
    w.press("held-open").await;
    w.see("held-sale").await;
    w.picture("held-at-the-till").await;
    w.press("approve").await;
    w.reads("notice", "1,224 points").await;
    w.press("undo").await;
    w.reads("notice", "taken back").await;

    to_the_owner(&w, "rules").await;
    w.see("rules-text").await;
    w.press("nav-review").await;
    w.reads("nav-waiting", "1").await;
    w.reads("decided", "taken back").await;
    w.picture("review").await;
    w.press("approve-edited").await;
    w.fill("decide-points", "70").await;
    w.fill("decide-reason", "One digit too many").await;
    w.press("decide-go").await;
    w.reads("review-says", "Approved: 70 points").await;
    w.reads("decided", "One digit too many").await;
    assert_eq!(ctl(dir.path(), &["review", "list"])["waiting"], 0);
    let sale = w.invoke("review_decided", json!({})).await["ok"][0].clone();
    let again = json!({ "input": {
        "op_id": "01990000-0000-7000-8000-000000000001", "source": sale["source"], "sale_id": sale["sale_id"],
        "verdict": { "what": "approve" },
    } });
    let second = w.invoke("review_decide", again).await;
    assert_eq!(second["err"]["code"], "already_decided", "{second}");
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
    w.close().await;
}

/// Another large sale of whoever was open last.
async fn credit_again(w: &Window) {
    w.see("member-card").await;
    credit(w, "700").await;
}

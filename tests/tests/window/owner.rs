//! The owner's window: opened by an owner's PIN, its figures those of the ledger, and nothing to write with.

use serde_json::json;
use system_tests::browser::key;
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{CASHIER, OWNER, at_the_counter, demo};

#[tokio::test]
async fn the_owner_sees_the_ledgers_figures_and_can_only_read() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    w.press("staff-menu").await;
    w.press("owner-open").await;
    w.see("pin").await;
    w.picture("owner-gate").await;
    // A wrong PIN opens nothing and waits; then the right one is taken.
    w.keys("9999").await;
    w.keys(&key::ENTER.to_string()).await;
    w.reads("pin-words", "Wrong PIN").await;
    w.silent("pin-wait").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.other_window().await;
    w.size(1280, 800).await;
    w.see("nav-today").await;

    let context = w.invoke("owner_context", json!({})).await;
    let db = context["ok"]["reports"]
        .as_str()
        .unwrap_or_else(|| panic!("no reports: {context}"))
        .to_owned();
    let sql = |query: &str| json!({ "db": db, "query": query, "values": [] });
    let totals = w.invoke("plugin:sql|select", sql("SELECT * FROM report_totals")).await["ok"][0].clone();
    let stats = ctl(dir.path(), &["stats"]);
    for figure in [
        "members",
        "sales",
        "points_issued",
        "points_redeemed",
        "points_outstanding",
    ] {
        assert_eq!(totals[figure], stats[figure], "{figure}");
    }
    let insert = w
        .invoke(
            "plugin:sql|select",
            sql("INSERT INTO settings (name, value) VALUES ('a', 'b') RETURNING name"),
        )
        .await;
    assert!(
        insert["err"].as_str().unwrap_or_default().contains("readonly"),
        "SQLite refuses: {insert}"
    );
    for command in ["plugin:sql|execute", "plugin:sql|load"] {
        let answer = w.invoke(command, sql("DELETE FROM settings")).await;
        assert!(
            answer["err"].as_str().unwrap_or_default().contains("not allowed"),
            "{command}: {answer}"
        );
    }
    for (command, args) in [
        ("credit", json!({ "input": {} })),
        ("staff_edit", json!({ "input": {} })),
        ("startup", json!({})),
    ] {
        let answer = w.invoke(command, args).await;
        assert!(
            answer["err"].as_str().unwrap_or_default().contains("not allowed"),
            "{command}: {answer}"
        );
    }

    // Locked, the shell answers nothing, not even a report, and the page asks for the PIN and goes on.
    w.invoke("owner_lock", json!({})).await;
    for (command, args) in [
        ("owner_context", json!({})),
        ("owner_touch", json!({})),
        ("plugin:sql|select", sql("SELECT * FROM report_totals")),
    ] {
        let answer = w.invoke(command, args).await;
        assert_eq!(answer["err"]["code"], "locked", "{command}: {answer}");
    }
    w.run("location.hash = '#/members'", vec![]).await;
    w.see("owner-lock").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.see("member-row").await;

    for page in ["today", "members", "ledger", "rules"] {
        w.press(&format!("nav-{page}")).await;
        w.find("main h1").await;
        w.picture(&format!("owner-{page}")).await;
    }
    // A mistake is named, and a document without one is published.
    w.fill("rules-text", "Earn 1 point for $1").await;
    w.see("rules-errors").await;
    w.picture("owner-rules-error").await;
    w.close().await;
}

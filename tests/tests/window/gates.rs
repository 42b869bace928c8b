//! What a window can't do: commands that aren't its own, SQL, a second app on the same folder, a file it can't use.

use serde_json::json;
use system_tests::browser::Window;
use system_tests::desk::Desk;

use crate::shop::{OWNER, at_the_counter, demo};

#[tokio::test]
async fn the_tills_window_is_refused_what_is_the_owners() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    for (command, args) in [
        (
            "rules_publish",
            json!({ "opId": "01988888-8888-7888-8888-888888888888", "text": "Earn 9 points per $1" }),
        ),
        ("owner_context", json!({})),
        ("export_ledger", json!({ "filter": {} })),
        ("plugin:sql|load", json!({ "db": "sqlite:x.db" })),
        (
            "plugin:sql|select",
            json!({ "db": "sqlite:x.db", "query": "SELECT 1", "values": [] }),
        ),
        (
            "plugin:sql|execute",
            json!({ "db": "sqlite:x.db", "query": "SELECT 1", "values": [] }),
        ),
    ] {
        let answer = w.invoke(command, args).await;
        let said = answer["err"].as_str().unwrap_or_default();
        assert!(
            said.contains("not allowed"),
            "{command} is not refused by its window's capability: {answer}"
        );
    }
    assert!(
        w.invoke("status", json!({})).await["ok"].is_object(),
        "its own command is answered"
    );
    w.close().await;
}

/// Presses Try again, if it is still there to be pressed.
const RETRY: &str = "document.querySelector('[data-testid=problem-retry]')?.click()";

#[tokio::test]
async fn a_second_app_on_the_same_folder_says_so() {
    let (desk, other_desk) = (Desk::new(), Desk::new());
    let dir = demo();
    let w = Window::open(&desk, dir.path()).await;
    w.see("lock-screen").await;
    let second = Window::open(&other_desk, dir.path()).await;
    second.reads("problem", "open").await;
    second.picture("problem-in-use").await;
    w.close().await;
    // The first app lets go of the folder a moment after its window is gone.
    while !second.has("lock-screen").await {
        if second.has("problem-retry").await {
            second.run(RETRY, vec![]).await;
        }
    }
    second.see("lock-screen").await;
    second.close().await;
}

#[tokio::test]
async fn a_file_that_is_no_shop_is_a_clear_screen_and_stays_as_it_is() {
    let desk = Desk::new();
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("regulars.db");
    std::fs::write(
        &file,
        b"not a database, and long enough to be looked at as one".repeat(40),
    )
    .expect("a file");
    let before = std::fs::read(&file).expect("the file");
    let w = Window::open(&desk, dir.path()).await;
    w.reads("problem", "damaged").await;
    w.picture("problem-damaged").await;
    w.close().await;
    assert_eq!(std::fs::read(&file).expect("the file"), before);
}

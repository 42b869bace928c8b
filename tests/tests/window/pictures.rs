//! Pictures of the counter at both sizes, light and dark, to be looked at. Taken only where they are asked for.

use system_tests::browser::key;
use system_tests::desk::Desk;

use crate::shop::{MANAGER, at_the_counter, demo};

#[tokio::test]
async fn the_counter_at_both_sizes() {
    if std::env::var_os("REGULARS_SCREENSHOTS").is_none() {
        println!("skipped: no pictures asked for (cargo xtask screenshots)");
        return;
    }
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), MANAGER).await;
    for theme in ["light", "dark"] {
        w.run(
            "document.documentElement.dataset.theme = arguments[0]",
            vec![theme.into()],
        )
        .await;
        for (width, height) in [(1280, 800), (1024, 768)] {
            w.size(width, height).await;
            w.keys("mar").await;
            w.see("hit").await;
            w.picture(&format!("search-{theme}-{width}")).await;
            w.keys(&key::ENTER.to_string()).await;
            w.see("member-card").await;
            w.fill("amount", "12.50").await;
            w.see("preview").await;
            w.picture(&format!("counter-{theme}-{width}")).await;
            w.fill("amount", "").await;
            w.keys(&key::ESCAPE.to_string()).await;
        }
    }
    w.close().await;
}

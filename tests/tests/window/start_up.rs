//! How long the app takes to be ready and what it takes in memory, for the bench; how a keystroke becomes results.

use serde_json::json;
use std::path::PathBuf;
use std::time::Instant;
use system_tests::browser::Window;
use system_tests::desk::Desk;

use crate::shop::{CASHIER, at_the_counter, demo};

/// Measured only where a file for it is named; nothing is asserted by the clock.
#[tokio::test]
async fn figures_for_the_bench() {
    let Some(path) = std::env::var_os("REGULARS_WINDOW_FIGURES").map(PathBuf::from) else {
        println!("skipped: no figures asked for (cargo xtask bench)");
        return;
    };
    let desk = Desk::new();
    let dir = demo();
    let mut starts = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let w = Window::open(&desk, dir.path()).await;
        w.see("lock-screen").await;
        starts.push(start.elapsed().as_secs_f64() * 1000.0);
        w.close().await;
    }
    starts.sort_by(f64::total_cmp);
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    let typed = w
        .client
        .execute_async(KEYSTROKES, vec![])
        .await
        .expect("the page runs scripts");
    w.close().await;
    let figures =
        json!({ "start_to_lock_screen_ms": { "median": starts[2], "all": starts }, "keystroke_to_painted_ms": typed });
    std::fs::write(path, figures.to_string()).expect("the figures are written");
}

/// Types letters into the search box; each is timed from the input event to the second frame after its results are in
/// the page, which is when they have been painted.
const KEYSTROKES: &str = "
const done = arguments[arguments.length - 1];
const box = document.querySelector('[data-testid=search]');
const frame = () => new Promise((r) => requestAnimationFrame(r));
(async () => {
  const all = [];
  for (const text of ['m', 'ma', 'mar', 'j', 'jo', 'a', 'an', 's', 'sa', '5', '55', '555', 'r', 'ro', 'l', 'le'].flatMap((t) => [t, ''])) {
    const start = performance.now();
    const list = () => document.querySelector('#results')?.innerText ?? '';
    const before = list();
    box.value = text;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    if (text === '') { await frame(); await frame(); continue; }
    while (list() === before && performance.now() - start < 2000) await new Promise((r) => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); });
    await frame(); await frame();
    all.push(performance.now() - start);
  }
  all.sort((a, b) => a - b);
  done({ median: all[Math.floor(all.length / 2)], p99: all[all.length - 1], all });
})();";

//! How long the app takes to be ready and what it takes in memory, beside an empty window; how a keystroke becomes
//! results. Measured for the bench, and only where a file for the figures is named; nothing is asserted by the clock.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;
use system_tests::browser::Window;
use system_tests::desk::Desk;
use system_tests::programs::{built, memory_kib};

use crate::shop::{CASHIER, at_the_counter, demo};

/// How often each program is started.
const STARTS: usize = 7;

/// Leaves a list of the bench's figures: `{name, unit, p50, p99?, against?, ratio?}`.
#[tokio::test]
async fn figures_for_the_bench() {
    let Some(path) = std::env::var_os("REGULARS_WINDOW_FIGURES").map(PathBuf::from) else {
        println!("skipped: no figures asked for (cargo xtask bench)");
        return;
    };
    let desk = Desk::new();
    let dir = demo();
    let (app, empty) = (built("regulars"), built("examples/empty_window"));
    let with_shop = json!(["--data", dir.path()]);
    let (mut apps, mut empties) = (Starts::default(), Starts::default());
    // In turns, so that what else the machine does falls on both alike. The first of each warms up.
    for _ in 0..=STARTS {
        apps.once(&desk, &app, &with_shop).await;
        empties.once(&desk, &empty, &json!([])).await;
    }
    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    let typed = w.client.execute_async(KEYSTROKES, vec![]).await;
    let typed = typed.expect("the page runs scripts");
    w.close().await;

    let mut figures = Vec::new();
    let kinds: [(&str, &str, Values); 2] = [("start", "us", |s| &s.took), ("memory", "MiB", |s| &s.memory)];
    for (what, unit, values) in kinds {
        let (app, empty) = (median(values(&apps)), median(values(&empties)));
        let raw = format!("raw: {what} of an empty Tauri window");
        figures.push(
            json!({ "name": format!("window: {what}, till with its lock screen"), "unit": unit, "p50": app,
            "against": raw, "ratio": app / empty }),
        );
        figures.push(json!({ "name": raw, "unit": unit, "p50": empty }));
    }
    let (found, frames) = (list(&typed["found"]), list(&typed["frames"]));
    let raw = "raw: two frames";
    figures.push(
        json!({ "name": "window: keystroke to painted results", "unit": "us", "p50": median(&found),
        "p99": found.last(), "against": raw, "ratio": median(&found) / median(&frames) }),
    );
    figures.push(json!({ "name": raw, "unit": "us", "p50": median(&frames), "p99": frames.last() }));
    std::fs::write(path, Value::from(figures).to_string()).expect("the figures are written");
}

/// What starting a program took, in microseconds, and its memory then, in MiB.
#[derive(Default)]
struct Starts {
    took: Vec<f64>,
    memory: Vec<f64>,
}

/// One of the two.
type Values = fn(&Starts) -> &[f64];

impl Starts {
    async fn once(&mut self, desk: &Desk, binary: &Path, args: &Value) {
        let start = Instant::now();
        let w = Window::open_program(desk, binary, args).await;
        w.see("lock-screen").await;
        self.took.push(start.elapsed().as_secs_f64() * 1e6);
        self.memory.push(f64::from(memory_kib(binary)) / 1024.0);
        w.close().await;
    }
}

/// Of all but the first.
fn median(values: &[f64]) -> f64 {
    let mut rest = values[1..].to_vec();
    rest.sort_by(f64::total_cmp);
    rest[rest.len() / 2]
}

fn list(values: &Value) -> Vec<f64> {
    let mut all: Vec<f64> = values
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect();
    all.sort_by(f64::total_cmp);
    all
}

/// Types letters into the search box; each is timed, in microseconds, from the input event to the second frame after
/// its results are in the page, which is when they have been painted. Beside it two frames with nothing to show.
const KEYSTROKES: &str = "
const done = arguments[arguments.length - 1];
const box = document.querySelector('[data-testid=search]');
const frame = () => new Promise((r) => requestAnimationFrame(r));
(async () => {
  const found = [], frames = [];
  const texts = ['m', 'ma', 'mar', 'j', 'jo', 'a', 'an', 's', 'sa', '5', '55', '555', 'r', 'ro', 'l', 'le'];
  for (const text of [...texts, ...texts, ...texts].flatMap((t) => [t, ''])) {
    const list = () => document.querySelector('#results')?.innerText ?? '';
    const before = list();
    const start = performance.now();
    box.value = text;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    if (text !== '') {
      while (list() === before && performance.now() - start < 2000) await new Promise((r) => { const c = new MessageChannel(); c.port1.onmessage = r; c.port2.postMessage(0); });
    }
    await frame(); await frame();
    if (text !== '') found.push((performance.now() - start) * 1000);
    const still = performance.now();
    await frame(); await frame();
    frames.push((performance.now() - still) * 1000);
  }
  done({ found, frames });
})();";

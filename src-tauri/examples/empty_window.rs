//! A Tauri window with one word in it: what the bench measures the app's start and memory against. Nothing of ours.

use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

/// The element that the driver waits for, under the names that it waits for in the app. Said once the page is there: a
/// script from before it is not always run in an empty page.
const ONE_WORD: &str = "document.body.innerHTML = '<div id=app><p data-testid=lock-screen>Empty</p></div>';";

fn main() {
    let started = tauri::Builder::default()
        .setup(|app| {
            let nothing: Url = "about:blank".parse()?;
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::External(nothing))
                .on_page_load(|window, _| {
                    if let Err(error) = window.eval(ONE_WORD) {
                        eprintln!("empty_window: {error}");
                    }
                })
                .inner_size(1280.0, 800.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("tauri.conf.json"));
    if let Err(error) = started {
        eprintln!("empty_window: {error}");
        std::process::exit(1);
    }
}

//! A Tauri window with one word in it: what the bench measures the app's start and memory against. Nothing of ours.

use tauri::http::Response;
use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

/// The page, with the element that the driver waits for under the names that it waits for in the app.
const ONE_WORD: &str = "<!doctype html><title>Empty</title><div id=app><p data-testid=lock-screen>Empty</p></div>";

fn main() {
    let started = tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            let mut page = Response::new(ONE_WORD.as_bytes());
            page.headers_mut()
                .insert("content-type", tauri::http::HeaderValue::from_static("text/html"));
            page
        })
        .setup(|app| {
            let page: Url = "empty://localhost/".parse()?;
            WebviewWindowBuilder::new(app, "empty", WebviewUrl::CustomProtocol(page))
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

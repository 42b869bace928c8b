//! The desktop app: `run` puts the pieces together.
//!
//! Here: windows, commands, the session, where the data is, secrets. Not here: what an operation does (`loyalty`),
//! how it is stored (`ledger`), how anything looks (`ui/`). Only `commands`, `windows`, `reports` and this file know
//! Tauri; `app` is plain and is tested without a window.

mod app;
mod bindings;
mod commands;
mod place;
mod reports;
mod views;
mod windows;

use std::sync::Arc;

use tauri::{Emitter, Manager};

use app::App;
use place::Place;

/// What the windows hear when a sale or a file came in by itself, from outside or from another till.
const ARRIVED: &str = "arrived";

/// Runs the app until its last window is closed. The window is there first; the store opens beside it.
pub fn run() {
    let place = match Place::from_machine(std::env::args_os().skip(1)) {
        Ok(place) => place,
        Err(problem) => {
            eprintln!("regulars: {problem}");
            std::process::exit(2);
        }
    };
    let mut context = tauri::generate_context!("tauri.conf.json");
    reports::configure(context.config_mut(), &place);
    let commands = bindings::commands();
    let app = Arc::new(App::new(place));
    tauri::Builder::default()
        .manage(Arc::clone(&app))
        .invoke_handler(commands.invoke_handler())
        .setup(move |tauri| {
            windows::open_till(tauri.handle())?;
            let handle = tauri.handle().clone();
            let goes_up = Arc::downgrade(&app);
            let tell = move || {
                // A window that is gone needs no news.
                let _ = handle.emit(ARRIVED, ());
            };
            app.when_relay_tells(tell.clone());
            app.when_sales_come_in(move || {
                tell();
                if let Some(app) = goes_up.upgrade() {
                    app.goes_up();
                }
            });
            // Opens the store while the window loads, so that its first question finds the answer ready.
            tauri::async_runtime::spawn_blocking(move || app.warm_up());
            Ok(())
        })
        .build(context)
        .unwrap_or_else(|error| {
            // Without a display or a web view there is nothing to show this in.
            eprintln!("regulars: the window can't be opened: {error}");
            std::process::exit(1);
        })
        .run(|handle, event| {
            if matches!(event, tauri::RunEvent::Exit) {
                handle.state::<Arc<App>>().shut_down();
            }
        });
}

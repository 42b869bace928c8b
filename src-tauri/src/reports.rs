//! The owner's reports: tauri-plugin-sql over a read-only connection to the shop's database.
//!
//! The plugin connects when it is registered, so it is registered when the owner's window first opens: by then the
//! migrations ran and the shop exists, also where it was made a minute ago. What a window may do with it is in
//! `capabilities/`: select, nothing else.

use tauri::{AppHandle, Config, Manager};

use crate::app::Answer;
use crate::place::Place;
use crate::views::Failure;

/// Tells the plugin, before anything runs, which database to open once it is registered.
pub fn configure(config: &mut Config, place: &Place) {
    let preload = serde_json::json!({ "preload": [place.reports_url()] });
    config.plugins.0.insert("sql".to_owned(), preload);
}

/// Registers the plugin, which opens the database. Nothing happens where it was registered before.
///
/// # Errors
/// `io` where the database can't be opened for reading.
pub async fn register(handle: &AppHandle) -> Answer<()> {
    let handle = handle.clone();
    // It blocks while it connects.
    tauri::async_runtime::spawn_blocking(move || {
        if handle.try_state::<tauri_plugin_sql::DbInstances>().is_some() {
            return Ok(());
        }
        handle.plugin(tauri_plugin_sql::Builder::new().build())
    })
    .await
    .map_err(|stopped| Failure::io("", &stopped.to_string()))?
    .map_err(|error| Failure::io("", &error.to_string()))
}

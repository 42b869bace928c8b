//! The till's own backups, in the owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::Backups;

/// What is set, how the last ones went, and how far the one under way is.
#[tauri::command]
#[specta::specta]
pub async fn backups(app: Shared<'_>) -> Answer<Backups> {
    run(&app, |app| app.backups()).await
}

/// Sets where they go and when, `HH:MM`; an empty folder: none are made.
#[tauri::command]
#[specta::specta]
pub async fn backups_set(app: Shared<'_>, folder: String, at: String) -> Answer<Backups> {
    run(&app, move |app| app.backups_set(&folder, &at)).await
}

/// Keeps the passphrase that they are sealed with from now on.
#[tauri::command]
#[specta::specta]
pub async fn backups_passphrase(app: Shared<'_>, passphrase: String, again: String) -> Answer<Backups> {
    run(&app, move |app| app.backups_passphrase(&passphrase, &again)).await
}

/// Makes one now; answers when it is done. What kept it from being made is in `trouble`.
#[tauri::command]
#[specta::specta]
pub async fn backups_run(app: Shared<'_>) -> Answer<Backups> {
    run(&app, |app| app.backups_run()).await
}

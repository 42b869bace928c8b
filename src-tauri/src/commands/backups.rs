//! The till's own backups, in the owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{BackupStorage, Backups};

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

/// Sets the S3-compatible storage they go to and when, `HH:MM`. Without a secret the key's stays.
#[tauri::command]
#[specta::specta]
pub async fn backups_storage(
    app: Shared<'_>,
    storage: BackupStorage,
    secret: Option<String>,
    at: String,
) -> Answer<Backups> {
    run(&app, move |app| app.backups_storage(&storage, secret.as_deref(), &at)).await
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

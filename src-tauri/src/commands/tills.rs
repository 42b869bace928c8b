//! The shop's tills and their relay. The owner's window.

use std::sync::Arc;

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{AddedTill, Failure, Tills};

/// The shop's tills, as the relay last told.
#[tauri::command]
#[specta::specta]
pub async fn tills(app: Shared<'_>) -> Answer<Tills> {
    run(&app, |app| app.tills()).await
}

/// Makes this shop one of several tills, with the relay's address and a code.
#[tauri::command]
#[specta::specta]
pub async fn tills_connect(app: Shared<'_>, address: String, code: String) -> Answer<Tills> {
    let app = Arc::clone(app.inner());
    tauri::async_runtime::spawn_blocking(move || app.tills_connect(&address, &code))
        .await
        .unwrap_or_else(|stopped| Err(Failure::io("", &stopped.to_string())))
}

/// Makes this till's file anew, which does not fit the relay's log, and keeps what was done here; then the app starts again.
#[tauri::command]
#[specta::specta]
pub async fn tills_start_over(app: Shared<'_>, handle: tauri::AppHandle) -> Answer<()> {
    let app = Arc::clone(app.inner());
    let anew = tauri::async_runtime::spawn_blocking(move || app.tills_start_over())
        .await
        .unwrap_or_else(|stopped| Err(Failure::io("", &stopped.to_string())))?;
    if anew {
        // The reports have the old file open, and everybody who was signed in is not there yet.
        handle.request_restart();
    }
    Ok(())
}

/// Makes a code for a new till: it works once, for ten minutes.
#[tauri::command]
#[specta::specta]
pub async fn tills_add(app: Shared<'_>) -> Answer<AddedTill> {
    run(&app, |app| app.tills_add()).await
}

/// Calls a till otherwise.
#[tauri::command]
#[specta::specta]
pub async fn tills_rename(app: Shared<'_>, till_id: String, name: String) -> Answer<Tills> {
    run(&app, move |app| app.tills_rename(&till_id, &name)).await
}

/// Removes a till, at once.
#[tauri::command]
#[specta::specta]
pub async fn tills_revoke(app: Shared<'_>, till_id: String) -> Answer<Tills> {
    run(&app, move |app| app.tills_revoke(&till_id)).await
}

/// Gives a till up: it is removed, and what it held waits, for nobody to spend.
#[tauri::command]
#[specta::specta]
pub async fn tills_lose(app: Shared<'_>, till_id: String) -> Answer<Tills> {
    run(&app, move |app| app.tills_lose(&till_id)).await
}

/// A till that was given up is back.
#[tauri::command]
#[specta::specta]
pub async fn tills_find(app: Shared<'_>, till_id: String) -> Answer<Tills> {
    run(&app, move |app| app.tills_find(&till_id)).await
}

/// What a till that was given up held may be spent again.
#[tauri::command]
#[specta::specta]
pub async fn tills_release(app: Shared<'_>, till_id: String) -> Answer<Tills> {
    run(&app, move |app| app.tills_release(&till_id)).await
}

/// Tries to reach the relay now.
#[tauri::command]
#[specta::specta]
pub async fn tills_try(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| app.tills_try()).await
}

//! The owner's window: opening it (from the till), its lock, its start, the exports, closing it.

use tauri::{AppHandle, Manager};

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{Exported, LedgerFilter, MemberEdit, OwnerContext};
use crate::{reports, windows};

/// Opens the owner's window, or brings it to the front, for an owner's PIN.
#[tauri::command]
#[specta::specta]
pub async fn open_owner(handle: AppHandle, app: Shared<'_>, pin: String) -> Answer<()> {
    run(&app, move |app| app.open_owner(&pin)).await?;
    reports::register(&handle).await?;
    windows::open_owner(&handle)
}

/// Says that somebody is at the owner's window; without it the window locks.
#[tauri::command]
#[specta::specta]
pub async fn owner_touch(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| app.touch_owner()).await
}

/// Locks the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn owner_lock(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| {
        app.lock_owner();
        Ok(())
    })
    .await
}

/// Unlocks the owner's window for the PIN of whoever opened it. `wrong_pin` says in `number` how many milliseconds to
/// wait before the next try.
#[tauri::command]
#[specta::specta]
pub async fn owner_unlock(app: Shared<'_>, pin: String) -> Answer<()> {
    run(&app, move |app| app.unlock_owner(&pin)).await
}

/// What the owner's window starts with.
#[tauri::command]
#[specta::specta]
pub async fn owner_context(app: Shared<'_>) -> Answer<OwnerContext> {
    run(&app, |app| app.owner_context()).await
}

/// Changes a member's name, email, consent and birthday.
#[tauri::command]
#[specta::specta]
pub async fn member_change(app: Shared<'_>, input: MemberEdit) -> Answer<()> {
    run(&app, move |app| app.member_change(&input)).await
}

/// Writes the ledger's lines as CSV into the user's downloads (or documents) folder; null where it was stopped.
#[tauri::command]
#[specta::specta]
pub async fn export_ledger(handle: AppHandle, app: Shared<'_>, filter: LedgerFilter) -> Answer<Option<Exported>> {
    let path = handle.path();
    let folder = path.download_dir().or_else(|_| path.document_dir()).ok();
    run(&app, move |app| app.export_ledger(&filter, folder.as_deref())).await
}

/// Writes a list that the window put together, as CSV, into the user's downloads (or documents) folder; answers the
/// path, or null where it was stopped. `name` is a short word; the day is added to it.
#[tauri::command]
#[specta::specta]
pub async fn save_list(handle: AppHandle, app: Shared<'_>, name: String, csv: String) -> Answer<Option<String>> {
    let path = handle.path();
    let folder = path.download_dir().or_else(|_| path.document_dir()).ok();
    run(&app, move |app| app.save_list(&name, &csv, folder.as_deref())).await
}

/// Stops the export that is under way; what it wrote so far is removed.
#[tauri::command]
#[specta::specta]
pub async fn export_stop(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| {
        app.stop_export();
        Ok(())
    })
    .await
}

/// Closes the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn close(handle: AppHandle) -> Answer<()> {
    windows::close_owner(&handle)
}

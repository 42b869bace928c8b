//! The import screen: a file taken in, looked at, rehearsed and brought in. The owner's window.

use tauri::{AppHandle, Manager};

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{FileAsk, FileLook, FileProgress, FileRun};

/// Makes room for a file, in place of the one before; answers its id.
#[tauri::command]
#[specta::specta]
pub async fn file_begin(app: Shared<'_>, name: String) -> Answer<String> {
    run(&app, move |app| app.file_begin(&name)).await
}

/// Adds a piece to it, in base64.
#[tauri::command]
#[specta::specta]
pub async fn file_bytes(app: Shared<'_>, file_id: String, piece: String) -> Answer<()> {
    run(&app, move |app| app.file_bytes(&file_id, &piece)).await
}

/// What it looks like, and its first rows as they would be recorded.
#[tauri::command]
#[specta::specta]
pub async fn file_look(app: Shared<'_>, ask: FileAsk) -> Answer<FileLook> {
    run(&app, move |app| app.file_look(&ask)).await
}

/// Brings it in, or rehearses that. Rows to fix go into the user's downloads (or documents) folder.
#[tauri::command]
#[specta::specta]
pub async fn file_run(handle: AppHandle, app: Shared<'_>, ask: FileRun) -> Answer<FileProgress> {
    let path = handle.path();
    let folder = path.download_dir().or_else(|_| path.document_dir()).ok();
    run(&app, move |app| app.file_run(&ask, folder.as_deref())).await
}

/// How far it has come.
#[tauri::command]
#[specta::specta]
pub async fn file_progress(app: Shared<'_>, file_id: String) -> Answer<FileProgress> {
    run(&app, move |app| app.file_progress(&file_id)).await
}

/// Stops it, soon. The same file again goes on from there.
#[tauri::command]
#[specta::specta]
pub async fn file_stop(app: Shared<'_>, file_id: String) -> Answer<()> {
    run(&app, move |app| app.file_stop(&file_id)).await
}

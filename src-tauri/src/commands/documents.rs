//! Rules and voice in documents elsewhere, which the relay reads. The owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{DocumentTried, Documents};

/// How the shop's documents elsewhere stand.
#[tauri::command]
#[specta::specta]
pub async fn documents(app: Shared<'_>) -> Answer<Documents> {
    run(&app, |app| app.documents()).await
}

/// What is at an address, as it would be published. Changes nothing.
#[tauri::command]
#[specta::specta]
pub async fn document_try(app: Shared<'_>, document: String, address: String) -> Answer<DocumentTried> {
    run(&app, move |app| app.document_try(document, address)).await
}

/// This document from now on, and at once what it says.
#[tauri::command]
#[specta::specta]
pub async fn document_set(app: Shared<'_>, document: String, address: String) -> Answer<Documents> {
    run(&app, move |app| app.document_set(document, address)).await
}

/// Looks at it now.
#[tauri::command]
#[specta::specta]
pub async fn document_look(app: Shared<'_>, document: String) -> Answer<Documents> {
    run(&app, move |app| app.document_look(document)).await
}

/// It is looked at no more; what was published last stays.
#[tauri::command]
#[specta::specta]
pub async fn document_stop(app: Shared<'_>, document: String) -> Answer<Documents> {
    run(&app, move |app| app.document_stop(document)).await
}

/// The key of the service account by which Google Docs are read; None forgets it.
#[tauri::command]
#[specta::specta]
pub async fn document_key(app: Shared<'_>, key: Option<String>) -> Answer<Documents> {
    run(&app, move |app| app.document_key(key)).await
}

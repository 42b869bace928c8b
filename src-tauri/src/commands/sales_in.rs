//! Sales that come in by themselves: what is set, and what came lately. The owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{NewSecret, SalesIn, SalesInEdit, SenderEdit};

/// What is set, whether it works, and what came lately.
#[tauri::command]
#[specta::specta]
pub async fn sales_in(app: Shared<'_>) -> Answer<SalesIn> {
    run(&app, |app| app.sales_in()).await
}

/// Sets whether and where webhooks are taken. A port that can't be had is in the answer's `trouble`.
#[tauri::command]
#[specta::specta]
pub async fn sales_in_set(app: Shared<'_>, edit: SalesInEdit) -> Answer<SalesIn> {
    run(&app, move |app| app.sales_in_set(&edit)).await
}

/// Makes the secret, or a new one: the one before works for a day more. It is shown this once.
#[tauri::command]
#[specta::specta]
pub async fn sales_in_secret(app: Shared<'_>) -> Answer<NewSecret> {
    run(&app, |app| app.sales_in_secret()).await
}

/// Sets up a sender. A provider's key before this one goes on working until the next.
#[tauri::command]
#[specta::specta]
pub async fn sales_in_sender(app: Shared<'_>, edit: SenderEdit) -> Answer<SalesIn> {
    run(&app, move |app| app.sales_in_sender(&edit)).await
}

/// Forgets a sender by its name.
#[tauri::command]
#[specta::specta]
pub async fn sales_in_forget(app: Shared<'_>, name: String) -> Answer<SalesIn> {
    run(&app, move |app| app.sales_in_forget(&name)).await
}

/// Watches a folder for files of sales; an empty one: none.
#[tauri::command]
#[specta::specta]
pub async fn sales_in_watch(app: Shared<'_>, folder: String, source: String) -> Answer<SalesIn> {
    run(&app, move |app| app.sales_in_watch(&folder, &source)).await
}

//! Members who stay away, and what is done about them. The owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{WinBack, WinBackChoice, WinBackUsual};

/// Who stays away, what comes next, and who came back.
#[tauri::command]
#[specta::specta]
pub async fn win_back(app: Shared<'_>) -> Answer<WinBack> {
    run(&app, |app| app.win_back()).await
}

/// Chooses what is done about members; null: as usual again.
#[tauri::command]
#[specta::specta]
pub async fn win_back_choose(app: Shared<'_>, members: Vec<String>, choice: Option<WinBackChoice>) -> Answer<WinBack> {
    run(&app, move |app| app.win_back_choose(&members, choice)).await
}

/// Sets what is done where nothing is chosen.
#[tauri::command]
#[specta::specta]
pub async fn win_back_usual(app: Shared<'_>, op_id: String, usual: WinBackUsual) -> Answer<WinBack> {
    run(&app, move |app| app.win_back_usual(&op_id, &usual)).await
}

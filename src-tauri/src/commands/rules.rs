//! The rules in the owner's window: writing them, trying them, testing them on the past.

use tauri::ipc::Channel;

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{BacktestProgress, BacktestReport, OwnerContext, RulesCheck, Tried, TrySale};

/// Reads a rules document and says what is wrong with it, or what it does. Changes nothing.
#[tauri::command]
#[specta::specta]
pub async fn rules_check(app: Shared<'_>, text: String) -> Answer<RulesCheck> {
    run(&app, move |app| app.rules_check(&text)).await
}

/// What can be written at a place, in place of the word that is being typed there. Line and column count from 1.
#[tauri::command]
#[specta::specta]
pub async fn rules_complete(app: Shared<'_>, text: String, line: i32, column: i32) -> Answer<Vec<String>> {
    run(&app, move |app| app.rules_complete(&text, line, column)).await
}

/// Puts a rules document in force. `bad_rules` where it has errors: `rules_check` has them.
#[tauri::command]
#[specta::specta]
pub async fn rules_publish(app: Shared<'_>, op_id: String, text: String) -> Answer<OwnerContext> {
    run(&app, move |app| app.rules_publish(&op_id, &text)).await
}

/// Puts the text of an older version in force again, as a new version.
#[tauri::command]
#[specta::specta]
pub async fn rules_roll_back(app: Shared<'_>, op_id: String, version: i32) -> Answer<OwnerContext> {
    run(&app, move |app| app.rules_roll_back(&op_id, version)).await
}

/// What a draft and the rules in force would make of a sale. Nothing is recorded.
#[tauri::command]
#[specta::specta]
pub async fn rules_try(app: Shared<'_>, draft: String, sale: TrySale) -> Answer<Tried> {
    run(&app, move |app| app.rules_try(&draft, &sale)).await
}

/// What a draft would have made of the shop's past; None where it was stopped. Nothing is recorded.
#[tauri::command]
#[specta::specta]
pub async fn rules_backtest(
    app: Shared<'_>,
    draft: String,
    progress: Channel<BacktestProgress>,
) -> Answer<Option<BacktestReport>> {
    // A window that is gone hears nothing; its closing stops the test.
    run(&app, move |app| app.rules_backtest(&draft, |p| drop(progress.send(p)))).await
}

/// Stops the back-test that is under way.
#[tauri::command]
#[specta::specta]
pub async fn rules_backtest_stop(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| {
        app.stop_backtest();
        Ok(())
    })
    .await
}

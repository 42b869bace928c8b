//! The owner's limits for tills that are cut off, and what has to be settled after tills were apart. The
//! owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{AwayLimits, ConflictSettle, Conflicts};

/// How the shop's tills go on redeeming while they are cut off; null for a shop without a relay.
#[tauri::command]
#[specta::specta]
pub async fn away_limits(app: Shared<'_>) -> Answer<Option<AwayLimits>> {
    run(&app, |app| app.away_limits()).await
}

/// Changes it, for all tills of the shop.
#[tauri::command]
#[specta::specta]
pub async fn away_limits_set(app: Shared<'_>, op_id: String, limits: AwayLimits) -> Answer<()> {
    run(&app, move |app| app.away_limits_set(&op_id, &limits)).await
}

/// What waits to be settled, and what was settled at this till.
#[tauri::command]
#[specta::specta]
pub async fn conflicts(app: Shared<'_>) -> Answer<Conflicts> {
    run(&app, |app| app.conflicts()).await
}

/// Settles one.
#[tauri::command]
#[specta::specta]
pub async fn conflict_settle(app: Shared<'_>, input: ConflictSettle) -> Answer<Conflicts> {
    run(&app, move |app| app.conflict_settle(&input)).await
}

/// Opens one again that was settled at this till.
#[tauri::command]
#[specta::specta]
pub async fn conflict_undo(app: Shared<'_>, op_id: String, key: String) -> Answer<Conflicts> {
    run(&app, move |app| app.conflict_undo(&op_id, &key)).await
}

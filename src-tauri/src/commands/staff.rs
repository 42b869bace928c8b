//! Starting, signing in and out, the status bar, the staff.

use std::sync::Arc;

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{Failure, FirstStart, JoinShop, OwnerPin, Session, StaffEdit, StaffTile, Startup, Status};

/// What the app starts with. Never fails: what is wrong is in the answer. Asking again tries again.
#[tauri::command]
#[specta::specta]
pub async fn startup(app: Shared<'_>) -> Answer<Startup> {
    let startup = run(&app, |app| Ok(app.startup())).await;
    // Beside the window: a keyring may take a while to answer.
    let app = Arc::clone(app.inner());
    tauri::async_runtime::spawn_blocking(move || {
        app.begin_sales_in();
        app.begin_line();
        app.begin_clockwork();
    });
    startup
}

/// Makes the shop and signs its owner in.
#[tauri::command]
#[specta::specta]
pub async fn first_start(app: Shared<'_>, input: FirstStart) -> Answer<Startup> {
    run(&app, move |app| app.first_start(&input)).await
}

/// Makes this machine a till of a shop that runs already, and begins to download that.
#[tauri::command]
#[specta::specta]
pub async fn join_shop(app: Shared<'_>, input: JoinShop) -> Answer<Startup> {
    let app = Arc::clone(app.inner());
    tauri::async_runtime::spawn_blocking(move || app.join_shop(&input))
        .await
        .unwrap_or_else(|stopped| Err(Failure::io("", &stopped.to_string())))
}

/// Tries to reach the relay now.
#[tauri::command]
#[specta::specta]
pub async fn join_retry(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| {
        app.join_retry();
        Ok(())
    })
    .await
}

/// Gives up joining: the first start is asked again.
#[tauri::command]
#[specta::specta]
pub async fn join_leave(app: Shared<'_>) -> Answer<Startup> {
    run(&app, |app| app.join_leave()).await
}

/// Sets the PIN of an owner where the shop's PINs did not come with the code, and signs them in.
#[tauri::command]
#[specta::specta]
pub async fn owner_pin(app: Shared<'_>, input: OwnerPin) -> Answer<Startup> {
    run(&app, move |app| app.owner_pin(&input)).await
}

/// Signs somebody in. `wrong_pin` says in `number` how many milliseconds to wait before the next try.
#[tauri::command]
#[specta::specta]
pub async fn sign_in(app: Shared<'_>, staff_id: String, pin: String) -> Answer<Session> {
    run(&app, move |app| app.sign_in(&staff_id, &pin)).await
}

/// Locks the till.
#[tauri::command]
#[specta::specta]
pub async fn sign_out(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| {
        app.sign_out();
        Ok(())
    })
    .await
}

/// Says that somebody is at the till; without it and without commands the till locks.
#[tauri::command]
#[specta::specta]
pub async fn touch(app: Shared<'_>) -> Answer<()> {
    run(&app, |app| app.touch()).await
}

/// The status bar.
#[tauri::command]
#[specta::specta]
pub async fn status(app: Shared<'_>) -> Answer<Status> {
    run(&app, |app| app.status()).await
}

/// Everybody who works or worked here. Needs a manager.
#[tauri::command]
#[specta::specta]
pub async fn staff_list(app: Shared<'_>) -> Answer<Vec<StaffTile>> {
    run(&app, |app| app.staff_list()).await
}

/// Adds somebody or changes them, and answers the list. Needs a manager, and an owner for owners.
#[tauri::command]
#[specta::specta]
pub async fn staff_edit(app: Shared<'_>, input: StaffEdit) -> Answer<Vec<StaffTile>> {
    run(&app, move |app| app.staff_edit(&input)).await
}

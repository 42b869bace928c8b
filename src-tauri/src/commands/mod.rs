//! The commands the windows may call: each takes typed input, calls one function of `App` off the UI's thread and
//! hands its answer back. Nothing is decided here, and nothing but this folder and `windows` knows Tauri.

pub mod backups;
pub mod counter;
pub mod documents;
pub mod files;
pub mod mail;
#[cfg(test)]
pub mod names;
pub mod outreach;
pub mod owner;
pub mod review;
pub mod rights;
pub mod rules;
pub mod sales_in;
pub mod staff;
pub mod tills;
pub mod win_back;

use std::sync::Arc;

use tauri::State;

use crate::app::{Answer, App};
use crate::views::Failure;

/// The app, as Tauri hands it to a command.
type Shared<'a> = State<'a, Arc<App>>;

/// Runs `work` on a thread that may block.
async fn run<T: Send + 'static>(app: &Shared<'_>, work: impl FnOnce(&App) -> Answer<T> + Send + 'static) -> Answer<T> {
    let app = Arc::clone(app.inner());
    tauri::async_runtime::spawn_blocking(move || work(&app))
        .await
        .unwrap_or_else(|stopped| Err(Failure::io("", &stopped.to_string())))
}

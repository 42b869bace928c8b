//! The mails to other shops. The owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{MailSaid, Outreach, OutreachSeen, OutreachTo, OutreachTried};

/// How the mails to other shops stand.
#[tauri::command]
#[specta::specta]
pub async fn outreach(app: Shared<'_>) -> Answer<Outreach> {
    run(&app, |app| app.outreach()).await
}

/// How many wait for a yes.
#[tauri::command]
#[specta::specta]
pub async fn outreach_count(app: Shared<'_>) -> Answer<i32> {
    run(&app, |app| app.outreach_count()).await
}

/// Drafts a mail to each of these. Nothing goes out.
#[tauri::command]
#[specta::specta]
pub async fn outreach_draft(app: Shared<'_>, to: Vec<OutreachTo>) -> Answer<Outreach> {
    run(&app, move |app| app.outreach_draft(to)).await
}

/// How other words would read, and what is wrong with them.
#[tauri::command]
#[specta::specta]
pub async fn outreach_try(app: Shared<'_>, mail: String, words: String) -> Answer<OutreachTried> {
    run(&app, move |app| app.outreach_try(&mail, words)).await
}

/// Other words for a mail that waits.
#[tauri::command]
#[specta::specta]
pub async fn outreach_edit(app: Shared<'_>, mail: String, words: String) -> Answer<Outreach> {
    run(&app, move |app| app.outreach_edit(&mail, words)).await
}

/// Yes or no to all of these, as they were seen, or to none.
#[tauri::command]
#[specta::specta]
pub async fn outreach_decide(app: Shared<'_>, mails: Vec<OutreachSeen>, approve: bool) -> Answer<Outreach> {
    run(&app, move |app| app.outreach_decide(mails, approve)).await
}

/// These wait for a yes again.
#[tauri::command]
#[specta::specta]
pub async fn outreach_undo(app: Shared<'_>, mails: Vec<String>) -> Answer<Outreach> {
    run(&app, move |app| app.outreach_undo(mails)).await
}

/// What a mail said.
#[tauri::command]
#[specta::specta]
pub async fn outreach_show(app: Shared<'_>, mail: String) -> Answer<MailSaid> {
    run(&app, move |app| app.outreach_show(&mail)).await
}

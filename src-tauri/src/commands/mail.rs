//! The shop's mail, which the relay sends. The owner's window.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{Mail, MailFinding, MailSaid, MailSettings, VoiceError};

/// How the shop's mail stands.
#[tauri::command]
#[specta::specta]
pub async fn mail(app: Shared<'_>) -> Answer<Mail> {
    run(&app, |app| app.mail()).await
}

/// These do not go out, and all of a kind.
#[tauri::command]
#[specta::specta]
pub async fn mail_stop(app: Shared<'_>, mails: Vec<String>, kind: Option<String>) -> Answer<Mail> {
    run(&app, move |app| app.mail_stop(mails, kind)).await
}

/// These do go out after all.
#[tauri::command]
#[specta::specta]
pub async fn mail_undo(app: Shared<'_>, mails: Vec<String>, kind: Option<String>) -> Answer<Mail> {
    run(&app, move |app| app.mail_undo(mails, kind)).await
}

/// How the shop sends; without a password the one there is stays.
#[tauri::command]
#[specta::specta]
pub async fn mail_set(app: Shared<'_>, settings: MailSettings, password: Option<String>) -> Answer<Mail> {
    run(&app, move |app| app.mail_set(settings, password)).await
}

/// Sends a test to the owner's address.
#[tauri::command]
#[specta::specta]
pub async fn mail_test(app: Shared<'_>) -> Answer<Mail> {
    run(&app, |app| app.mail_test()).await
}

/// Whether mail can arrive.
#[tauri::command]
#[specta::specta]
pub async fn mail_arrives(app: Shared<'_>) -> Answer<Vec<MailFinding>> {
    run(&app, |app| app.mail_arrives()).await
}

/// When a job runs; None: never.
#[tauri::command]
#[specta::specta]
pub async fn mail_job(app: Shared<'_>, job: String, calendar: Option<String>) -> Answer<Mail> {
    run(&app, move |app| app.mail_job(job, calendar)).await
}

/// Runs a job once, now.
#[tauri::command]
#[specta::specta]
pub async fn mail_run(app: Shared<'_>, job: String) -> Answer<Mail> {
    run(&app, move |app| app.mail_run(job)).await
}

/// What is wrong with a voice.
#[tauri::command]
#[specta::specta]
pub async fn mail_voice_check(app: Shared<'_>, voice: String) -> Answer<Vec<VoiceError>> {
    run(&app, move |app| app.mail_voice_check(voice)).await
}

/// This voice from now on.
#[tauri::command]
#[specta::specta]
pub async fn mail_voice_publish(app: Shared<'_>, voice: String) -> Answer<Mail> {
    run(&app, move |app| app.mail_voice_publish(voice)).await
}

/// An earlier version of the voice again, as the next one.
#[tauri::command]
#[specta::specta]
pub async fn mail_voice_roll_back(app: Shared<'_>, version: i32) -> Answer<Mail> {
    run(&app, move |app| app.mail_voice_roll_back(version)).await
}

/// A mail as its reader would see it.
#[tauri::command]
#[specta::specta]
pub async fn mail_preview(
    app: Shared<'_>,
    kind: String,
    voice: Option<String>,
    member_id: Option<String>,
) -> Answer<MailSaid> {
    run(&app, move |app| app.mail_preview(kind, voice, member_id.as_deref())).await
}

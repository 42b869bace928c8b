//! Held sales, at the till and in the owner's window. Each window has its own commands, because each has its own person.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{Decide, DecidedNow, DecidedSale, HeldSale, Reverse, RewardDecide};
use crate::views::{LinkAdd, LinkAdded, MemberLink};

/// The held sales that wait, oldest first.
#[tauri::command]
#[specta::specta]
pub async fn held(app: Shared<'_>) -> Answer<Vec<HeldSale>> {
    run(&app, |app| app.held()).await
}

/// Decides a held sale, once. Needs a manager.
#[tauri::command]
#[specta::specta]
pub async fn decide(app: Shared<'_>, input: Decide) -> Answer<DecidedNow> {
    run(&app, move |app| app.decide(&input)).await
}

/// The held sales that wait, oldest first, for the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn review_held(app: Shared<'_>) -> Answer<Vec<HeldSale>> {
    run(&app, |app| app.review_held()).await
}

/// The latest decisions, newest first.
#[tauri::command]
#[specta::specta]
pub async fn review_decided(app: Shared<'_>) -> Answer<Vec<DecidedSale>> {
    run(&app, |app| app.review_decided()).await
}

/// Decides a held sale, once, in the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn review_decide(app: Shared<'_>, input: Decide) -> Answer<DecidedNow> {
    run(&app, move |app| app.review_decide(&input)).await
}

/// Takes the line of an approved sale back, once, in the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn review_take_back(app: Shared<'_>, input: Reverse) -> Answer<()> {
    run(&app, move |app| app.review_take_back(&input)).await
}

/// Decides about a referral's reward that seemed odd, in the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn reward_decide(app: Shared<'_>, input: RewardDecide) -> Answer<()> {
    run(&app, move |app| app.reward_decide(&input)).await
}

/// Asks the relay for the clicks of the shop's links; whether there is news.
#[tauri::command]
#[specta::specta]
pub async fn clicks_look(app: Shared<'_>) -> Answer<bool> {
    run(&app, |app| app.clicks_look()).await
}

/// Makes a link of a vendor's or a campaign's, in the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn link_add(app: Shared<'_>, input: LinkAdd) -> Answer<LinkAdded> {
    run(&app, move |app| app.link_add(&input)).await
}

/// A link of a vendor's or a campaign's as a picture, in the owner's window.
#[tauri::command]
#[specta::specta]
pub async fn link_show(app: Shared<'_>, code: String) -> Answer<MemberLink> {
    run(&app, move |app| app.link_show(&code)).await
}

//! What the counter does: find, enrol, credit, redeem, reverse, adjust.

use super::{Shared, run};
use crate::app::Answer;
use crate::views::{
    Adjust, Bought, Card, Credit, Credited, Enrol, Line, MemberEdit, MemberLink, Preview, Redeem, Redeemed, Refund,
    RefundAsk, RefundPreview, Refunded, Reverse, Reversed, SearchResult,
};

/// Finds members by any part of a phone number, a name, an email, or a code.
#[tauri::command]
#[specta::specta]
pub async fn search(app: Shared<'_>, query: String) -> Answer<SearchResult> {
    run(&app, move |app| app.search(&query)).await
}

/// The card of a member.
#[tauri::command]
#[specta::specta]
pub async fn member_card(app: Shared<'_>, member_id: String) -> Answer<Card> {
    run(&app, move |app| app.member_card(&member_id)).await
}

/// Adds a member. A number that is there already answers that member's card, with `just_enrolled` false.
#[tauri::command]
#[specta::specta]
pub async fn enrol(app: Shared<'_>, input: Enrol) -> Answer<Card> {
    run(&app, move |app| app.enrol(&input)).await
}

/// What a member shows to friends: their code and link, with a picture for a scanner.
#[tauri::command]
#[specta::specta]
pub async fn member_link(app: Shared<'_>, member_id: String) -> Answer<MemberLink> {
    run(&app, move |app| app.member_link(&member_id)).await
}

/// Changes a member's name, email and consent.
#[tauri::command]
#[specta::specta]
pub async fn member_edit(app: Shared<'_>, input: MemberEdit) -> Answer<Card> {
    run(&app, move |app| app.member_edit(&input)).await
}

/// What a sale of `amount`, with what was counted for stamp cards, would do now. Changes nothing.
#[tauri::command]
#[specta::specta]
pub async fn preview(app: Shared<'_>, member_id: String, amount: String, bought: Vec<Bought>) -> Answer<Preview> {
    run(&app, move |app| app.preview(&member_id, &amount, &bought)).await
}

/// Credits a sale.
#[tauri::command]
#[specta::specta]
pub async fn credit(app: Shared<'_>, input: Credit) -> Answer<Credited> {
    run(&app, move |app| app.credit(&input)).await
}

/// Redeems a reward.
#[tauri::command]
#[specta::specta]
pub async fn redeem(app: Shared<'_>, input: Redeem) -> Answer<Redeemed> {
    run(&app, move |app| app.redeem(&input)).await
}

/// Takes a line back, once. Somebody else's needs a manager.
#[tauri::command]
#[specta::specta]
pub async fn reverse(app: Shared<'_>, input: Reverse) -> Answer<Reversed> {
    run(&app, move |app| app.reverse(&input)).await
}

/// Adds or takes points by hand, with a reason. Needs a manager.
#[tauri::command]
#[specta::specta]
pub async fn adjust(app: Shared<'_>, input: Adjust) -> Answer<Card> {
    run(&app, move |app| app.adjust(&input)).await
}

/// Today's lines, newest first.
#[tauri::command]
#[specta::specta]
pub async fn activity(app: Shared<'_>) -> Answer<Vec<Line>> {
    run(&app, |app| app.activity()).await
}

/// What giving money back for a sale would do.
#[tauri::command]
#[specta::specta]
pub async fn refund_preview(app: Shared<'_>, ask: RefundAsk) -> Answer<RefundPreview> {
    run(&app, move |app| app.refund_preview(&ask)).await
}

/// Gives money back for a sale: takes its points in proportion, and gives a reward back with the last of it.
#[tauri::command]
#[specta::specta]
pub async fn refund(app: Shared<'_>, input: Refund) -> Answer<Refunded> {
    run(&app, move |app| app.refund(&input)).await
}

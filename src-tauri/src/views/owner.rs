//! The owner's window: its start, the rules, the export. Its reports come straight from the report views.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Kind, Shop};

/// The owner's window at its start.
#[derive(Serialize, Type, Debug)]
pub struct OwnerContext {
    /// The shop.
    pub shop: Shop,
    /// The database as tauri-plugin-sql names it, read-only: hand it to `Database.get`.
    pub reports: String,
    /// The rules in force, as the owner wrote them.
    pub rules_text: String,
}

/// An error in a rules document.
#[derive(Serialize, Type, Debug)]
pub struct RuleError {
    /// From 1.
    pub line: i32,
    /// In characters, from 1.
    pub column: i32,
    /// How many characters it is about, at least 1.
    pub length: i32,
    /// What was expected there, in plain words.
    pub expected: String,
    /// What to write instead, where one can tell.
    pub suggestion: Option<String>,
}

/// What a check of a rules document found.
#[derive(Serialize, Type, Debug)]
pub struct RulesCheck {
    /// Empty where the document can be published.
    pub errors: Vec<RuleError>,
    /// What the document does, one line a rule, in plain words; empty where there are errors.
    pub summary: Vec<String>,
    /// The document as the formatter writes it; None where there are errors.
    pub formatted: Option<String>,
    /// The names of its tiers.
    pub tiers: Vec<String>,
}

/// Which lines of the ledger to export. Every field that is None lets all through.
#[derive(Deserialize, Type, Clone, Default)]
pub struct LedgerFilter {
    /// The shop's day of the first line, `2026-11-20`.
    pub from_day: Option<String>,
    /// The shop's day of the last line, included.
    pub to_day: Option<String>,
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only this member's.
    pub member_id: Option<String>,
    /// Only lines that this person made.
    pub staff_id: Option<String>,
    /// Only redemptions of this reward.
    pub reward: Option<String>,
    /// Only lines on this side of the points.
    pub side: Option<Side>,
    /// Only lines that were taken back by a later one, or only lines that were not.
    pub reversed: Option<bool>,
}

/// The two sides of the points: a redemption and its reversal are on one, everything else is on the other.
#[derive(Deserialize, Type, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// What gave points, and what took those back.
    Issued,
    /// What spent points, and what gave those back.
    Redeemed,
}

/// A file written.
#[derive(Serialize, Type, Debug)]
pub struct Exported {
    /// Where it is.
    pub path: String,
    /// Lines in it, without the heading.
    pub rows: i32,
}

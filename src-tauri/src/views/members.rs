//! Finding a member, adding one, and the member card.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Line, PointsAt};

/// One line of the search results, best first.
#[derive(Serialize, Type, Debug)]
pub struct Hit {
    /// The member's id.
    pub member_id: String,
    /// Empty where the member gave none.
    pub name: String,
    /// The last four digits of the phone number.
    pub phone_last4: String,
    /// The email, all but hidden (`m…@example.com`), where there is one.
    pub email_hint: Option<String>,
    /// Points.
    pub balance: i32,
    /// When the last sale was credited.
    pub last_visit_at: Option<String>,
}

/// What a search found.
#[derive(Serialize, Type, Debug)]
pub struct SearchResult {
    /// The query this answers, so that a late answer is not shown.
    pub query: String,
    /// Best first.
    pub hits: Vec<Hit>,
    /// Set where the query names exactly one member (a scanned code, a whole phone number): that member's id.
    pub exact: Option<String>,
    /// Set where the query is a valid phone number nobody has: Enter enrols it.
    pub enrol: Option<EnrolOffer>,
}

/// A phone number that can be enrolled.
#[derive(Serialize, Type, Debug)]
pub struct EnrolOffer {
    /// In E.164, as `enrol` wants it.
    pub phone: String,
    /// As people write it.
    pub display: String,
}

/// A new member.
#[derive(Deserialize, Type)]
pub struct Enrol {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// As typed, or in E.164.
    pub phone: String,
    /// May be empty.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// Whether the member agreed to get mail.
    pub email_consent: bool,
    /// `MM-DD` or `YYYY-MM-DD`; may be empty.
    pub birthday: String,
    /// Who sent them: a member's code, number or name, or a link's code, as typed or scanned; empty where nobody is said.
    pub referred_by: String,
}

/// A member's details, changed. The phone number stays.
#[derive(Deserialize, Type)]
pub struct MemberEdit {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Whose.
    pub member_id: String,
    /// May be empty.
    pub name: String,
    /// May be empty.
    pub email: String,
    /// Whether the member agrees to get mail.
    pub email_consent: bool,
    /// `MM-DD` or `YYYY-MM-DD`; may be empty.
    pub birthday: String,
}

/// The member card.
#[derive(Serialize, Type, Debug)]
pub struct Card {
    /// The member's id.
    pub member_id: String,
    /// The member's code, `7KQ-2M9-XRA`.
    pub code: String,
    /// Empty where the member gave none.
    pub name: String,
    /// The last four digits of the phone number.
    pub phone_last4: String,
    /// The phone number as people write it.
    pub phone_display: String,
    /// Empty where the member gave none.
    pub email: String,
    /// Whether the member agreed to get mail.
    pub email_consent: bool,
    /// How it stands with their mail: `none`, `no`, `stopped`, `unconfirmed`, `confirmed`, or `yes` where no more is known.
    pub mail: String,
    /// `MM-DD` or `YYYY-MM-DD`; empty where the member told none.
    pub birthday: String,
    /// Points.
    pub balance: i32,
    /// What can be spent at this till now (all of it while the shop has one till).
    pub spendable: i32,
    /// Who has the rest; nobody while the shop has one till.
    pub elsewhere: Vec<PointsAt>,
    /// Whether a redemption asks for those of them that are near, because the relay can be reached.
    pub asks: bool,
    /// Since when the balance may be old, because a till is cut off; None where it is as good as can be known here.
    pub as_of: Option<AsOf>,
    /// Sales credited and not taken back.
    pub visits: i32,
    /// When the member joined.
    pub enrolled_at: String,
    /// When the last sale was credited.
    pub last_visit_at: Option<String>,
    /// Every reward of the rules in force, cheapest first.
    pub rewards: Vec<CardReward>,
    /// Every stamp card of the rules in force, in their order.
    pub stamps: Vec<CardStamps>,
    /// Newest first, at most 20.
    pub recent: Vec<Line>,
    /// True where this answer made the member.
    pub just_enrolled: bool,
    /// Points for friends they brought, or for having come through one, that wait.
    pub waiting: Option<Waiting>,
    /// Where somebody was said to have sent them and is not written down: `member_already` or `own_email`.
    pub not_brought: Option<String>,
}

/// What a member shows to friends.
#[derive(Serialize, Type, Debug)]
pub struct MemberLink {
    /// `7KQ-2M9-XRA`.
    pub code: String,
    /// The link; None where the shop has no relay.
    pub url: Option<String>,
    /// The link, or the code, as a picture for a scanner: SVG.
    pub picture: String,
}

/// A link of a vendor's or a campaign's that the owner wants.
#[derive(Deserialize, Type)]
pub struct LinkAdd {
    /// As it was typed: 2 to 40 letters, digits and hyphens.
    pub code: String,
    /// Where it leads; empty: to the shop's page.
    pub landing: String,
    /// A word for the shop's own statistics; may be empty.
    pub campaign: String,
}

/// What became of it.
#[derive(Serialize, Type, Debug)]
pub struct LinkAdded {
    /// The code, as it is kept.
    pub code: String,
    /// Why there is no link: `code_taken`, `bad_code`, `bad_landing`, `no_landing`, `bad_campaign`; None where there is.
    pub why: Option<String>,
    /// Codes like the taken one that are free.
    pub free: Vec<String>,
}

/// What the owner says of a reward that seemed odd.
#[derive(Deserialize, Type)]
pub struct RewardDecide {
    /// UUIDv7 made by the window before sending; a retry reuses it.
    pub op_id: String,
    /// Which: `reward` of `report_odd_rewards`.
    pub reward: String,
    /// Whether it is granted.
    pub allowed: bool,
}

/// Points of referrals that wait.
#[derive(Serialize, Type, Debug)]
pub struct Waiting {
    /// How many, in all.
    pub points: i32,
    /// When the first of them are there; None where all wait for the owner's word.
    pub until: Option<String>,
}

/// Since when what is shown may be old.
#[derive(Serialize, Type, Debug)]
pub struct AsOf {
    /// What was done until then is here.
    pub at: String,
    /// The till that nobody has heard of since; None where it is this one that is cut off.
    pub till: Option<String>,
    /// For how many minutes.
    pub unseen_min: i32,
}

/// A reward, seen from one member.
#[derive(Serialize, Type, Debug)]
pub struct CardReward {
    /// Its name.
    pub name: String,
    /// What it costs.
    pub points: i32,
    /// Whether it can be redeemed here and now.
    pub claimable: bool,
    /// Points that are missing; 0 where none are.
    pub to_go: i32,
    /// For points that become money: what one lot is worth, in minor units. Any number of lots may be redeemed at once.
    pub lot_minor: Option<i32>,
    /// How many lots can be redeemed here and now; for other rewards at most 1.
    pub lots_max: i32,
}

/// A stamp card, seen from one member.
#[derive(Serialize, Type, Debug)]
pub struct CardStamps {
    /// What the card is known by; what `redeem` wants.
    pub card: String,
    /// What gives a stamp: `Coffee or Tea`.
    pub name: String,
    /// What a full card gives: `1 Coffee free`.
    pub gives: String,
    /// How many stamps fill it.
    pub buy: i32,
    /// Stamps on the card that is not full yet.
    pub on_card: i32,
    /// Full cards that can be redeemed here and now.
    pub claimable: i32,
}

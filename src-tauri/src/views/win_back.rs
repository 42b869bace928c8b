//! Members who stay away: who, what was done about it, what comes next, and who came back.

use serde::{Deserialize, Serialize};
use specta::Type;

/// What can be done about somebody who stays away.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum WinBackChoice {
    /// A mail.
    Nudge,
    /// Points and a mail, once while they stay away.
    Bonus,
    /// Nothing.
    Rest,
}

/// What comes next for somebody who stays away.
#[derive(Serialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum WinBackNext {
    /// A mail, with the relay's next look.
    Nudge,
    /// Points and a mail, with the relay's next look.
    Bonus,
    /// Nothing for now: the last mail is too fresh.
    Wait,
    /// Nothing any more: they got as many mails as the rules allow.
    Enough,
    /// Nothing: the owner chose so.
    RestChosen,
    /// Nothing: that is usual.
    RestUsual,
}

/// What is done where nothing was chosen for somebody.
#[derive(Serialize, Deserialize, Type, Clone, Copy, PartialEq, Eq, Debug)]
pub struct WinBackUsual {
    /// What.
    pub choice: WinBackChoice,
    /// The points of a bonus; 0: there is none.
    pub bonus: i32,
}

/// The rule that says who stays away.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct WinBackRule {
    /// Its line, as it stands in the rules.
    pub line: String,
    /// The most mails while somebody stays away; 0: none.
    pub nudges: i32,
}

/// Somebody who stays away.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct Away {
    /// Who.
    pub member_id: String,
    /// The code on their card.
    pub code: String,
    /// Empty where the member gave none.
    pub name: String,
    /// The last four digits of their phone number.
    pub last4: String,
    /// Visits so far.
    pub visits: i32,
    /// Points they have.
    pub points: i32,
    /// Their last visit.
    pub last_visit_at: String,
    /// Whole weeks since then.
    pub weeks: i32,
    /// Mails since then.
    pub nudges: i32,
    /// The last of them.
    pub nudged_at: Option<String>,
    /// Whether points came with one of them.
    pub had_bonus: bool,
    /// Whether they said yes to mail and gave an address. The relay also wants it confirmed.
    pub gets_mail: bool,
    /// What the owner chose and was not done yet; null: as usual.
    pub chosen: Option<WinBackChoice>,
    /// Who chose; empty where nobody did.
    pub chosen_by: String,
    /// What comes next.
    pub next: WinBackNext,
    /// The points that come with it.
    pub next_points: i32,
    /// For `wait`: not before then.
    pub next_at: Option<String>,
}

/// Somebody who came back within thirty days of a mail.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct CameBack {
    /// The code on their card.
    pub code: String,
    /// Empty where the member gave none.
    pub name: String,
    /// The last four digits of their phone number.
    pub last4: String,
    /// The last mail before they came.
    pub mailed_at: String,
    /// Mails while they stayed away.
    pub mails: i32,
    /// Points that came with them.
    pub bonus: i32,
    /// The first visit after it.
    pub at: String,
    /// What they spent within thirty days of that mail, in minor units.
    pub spent_minor: i32,
}

/// Members who stay away, and what came of what was done about it.
#[derive(Serialize, Type, Clone, PartialEq, Eq, Debug)]
pub struct WinBack {
    /// None where the rules have no such line: then nobody is on the list.
    pub rule: Option<WinBackRule>,
    /// Whether the shop has a relay, which does all of it.
    pub relay: bool,
    /// What is usual.
    pub usual: WinBackUsual,
    /// Who stays away, the longest last.
    pub away: Vec<Away>,
    /// Mails that went out about it.
    pub mails: i32,
    /// Of them with points.
    pub bonuses: i32,
    /// Those points, less what was taken back.
    pub points: i32,
    /// Who came back, the latest first.
    pub back: Vec<CameBack>,
}

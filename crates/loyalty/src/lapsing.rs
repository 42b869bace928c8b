//! Regulars who stay away: who is lapsing, what was done about it since their last visit, and what comes next. Pure: the
//! visits, the acts and the time are handed in, so that till and relay can't disagree.
//!
//! A lapse is the time since the last visit: a visit ends it, and what was done or chosen before a visit counts for
//! nothing after it. Not here: who looks, and when (the relay, once a week), and sending the mail.

use serde::{Deserialize, Serialize};

use crate::Points;
use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId};
use crate::rules::Lapsing;
use crate::standing::before;
use crate::time::{ShopZone, UtcMs};

/// Between two mails to somebody who stays away, unless the owner chose another one since.
pub const PAUSE_MS: i64 = 14 * UtcMs::DAY_MS;
/// A visit up to so long after the last mail was won back by it.
pub const BACK_MS: i64 = 30 * UtcMs::DAY_MS;
/// The most points that a bonus can be.
pub const BONUS_MAX: Points = 100_000;

/// What can be done about somebody who stays away.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// A mail.
    #[default]
    Nudge,
    /// Points, and a mail that tells of them. Once in a lapse.
    Bonus,
    /// Nothing: they are left in peace.
    Rest,
}

impl Choice {
    /// As it is kept and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nudge => "nudge",
            Self::Bonus => "bonus",
            Self::Rest => "rest",
        }
    }

    /// Reads what [`Choice::as_str`] wrote.
    #[must_use]
    pub fn read(s: &str) -> Option<Self> {
        [Self::Nudge, Self::Bonus, Self::Rest]
            .into_iter()
            .find(|choice| choice.as_str() == s)
    }
}

/// What is done where nothing was chosen for somebody, and how many points a bonus is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// What is done.
    pub choice: Choice,
    /// Points of a bonus; 0: there is none, and a mail goes out without.
    pub bonus: Points,
}

impl Usual {
    /// Whether it can be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        (0..=BONUS_MAX).contains(&self.bonus) && (self.choice != Choice::Bonus || self.bonus > 0)
    }
}

/// The owner chose for one member, for this lapse; the last word wins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// For whom.
    pub member: MemberId,
    /// What; none: as usual again.
    pub choice: Option<Choice>,
    /// When.
    pub clock: Hlc,
}

/// Something was done about somebody who stays away. Once for each (member, since, nth).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acted {
    /// About whom.
    pub member: MemberId,
    /// Their last visit, as it was known.
    pub since: UtcMs,
    /// Which mail of this lapse, from 1.
    pub nth: i64,
    /// The points that came with it; none where it was a mail alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Bonus>,
    /// The owner's choice that it carries out; none where it was as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<OpId>,
    /// The rules that it follows.
    pub rules_version: i64,
}

/// Points for somebody who stays away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// Their line.
    pub entry: EntryId,
    /// Above zero.
    pub points: Points,
}

impl Acted {
    /// Whether it can be.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.nth >= 1 && self.bonus.is_none_or(|bonus| (1..=BONUS_MAX).contains(&bonus.points))
    }
}

/// Something that was done, as far as what comes next depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Act {
    /// When.
    pub at: UtcMs,
    /// Whether points came with it.
    pub bonus: bool,
    /// The choice that it carried out.
    pub chosen: Option<OpId>,
}

/// The owner's last word about a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// The operation that said it.
    pub op: OpId,
    /// When.
    pub at: UtcMs,
    /// What; none: as usual.
    pub choice: Option<Choice>,
}

/// Somebody who stays away, with what was done about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lapse {
    /// The last visit.
    pub since: UtcMs,
    /// Mails since then.
    pub nudges: i64,
    /// Whether points came with one of them.
    pub had_bonus: bool,
    /// The last of them.
    pub last: Option<UtcMs>,
    /// What the owner chose since then that was not carried out.
    pub chosen: Option<(OpId, Choice)>,
}

impl Lapse {
    /// Whole weeks since the last visit.
    #[must_use]
    pub fn weeks(&self, now: UtcMs) -> i64 {
        (now.0 - self.since.0).max(0) / (7 * UtcMs::DAY_MS)
    }
}

/// Whether somebody with so many visits, the last of them then, stays away by the rule: and what was done about it. `acts`
/// are all that were ever done about them, in any order.
#[must_use]
pub fn lapse(
    rule: &Lapsing,
    zone: ShopZone,
    visits: i64,
    last_visit: Option<UtcMs>,
    acts: &[Act],
    word: Option<Word>,
    now: UtcMs,
) -> Option<Lapse> {
    let since = last_visit?;
    if visits < rule.visits || since > before(zone, now, rule.after) {
        return None;
    }
    let after: Vec<&Act> = acts.iter().filter(|act| act.at > since).collect();
    let word = word.filter(|word| word.at > since);
    let open = word.filter(|word| !acts.iter().any(|act| act.chosen == Some(word.op)));
    Some(Lapse {
        since,
        nudges: i64::try_from(after.len()).unwrap_or(i64::MAX),
        had_bonus: after.iter().any(|act| act.bonus),
        last: after.iter().map(|act| act.at).max(),
        chosen: open.and_then(|word| Some((word.op, word.choice?))),
    })
}

/// Why somebody is left in peace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resting {
    /// They got as many mails as the rules allow.
    Enough,
    /// The owner chose so.
    Chosen,
    /// That is what is usual.
    Usual,
}

/// What comes next for somebody who stays away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Nothing.
    Rest(Resting),
    /// Nothing before then: the last mail is too fresh.
    Wait(UtcMs),
    /// A mail, with that many points; 0: the mail alone.
    Mail(Points),
}

/// What comes next at `now`.
#[must_use]
pub fn next(rule: &Lapsing, usual: Usual, lapse: &Lapse, now: UtcMs) -> Next {
    if lapse.nudges >= rule.nudges {
        return Next::Rest(Resting::Enough);
    }
    let chosen = lapse.chosen.map(|(_, choice)| choice);
    let choice = chosen.unwrap_or(usual.choice);
    if choice == Choice::Rest {
        let why = if chosen.is_some() {
            Resting::Chosen
        } else {
            Resting::Usual
        };
        return Next::Rest(why);
    }
    let free_at = lapse.last.map(|last| UtcMs(last.0.saturating_add(PAUSE_MS)));
    // What the owner chose since the last mail does not wait.
    if let Some(at) = free_at.filter(|at| chosen.is_none() && *at > now) {
        return Next::Wait(at);
    }
    let bonus = choice == Choice::Bonus && !lapse.had_bonus;
    Next::Mail(if bonus { usual.bonus } else { 0 })
}

/// Whether a visit was won back by one of these acts: the last one before it was not too long ago.
#[must_use]
pub fn won_back(acts: &[Act], previous_visit: UtcMs, visit: UtcMs) -> bool {
    let mut before = acts.iter().filter(|act| act.at > previous_visit && act.at < visit);
    before.any(|act| visit.0 - act.at.0 <= BACK_MS)
}

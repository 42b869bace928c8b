//! Points that the shop gives without a sale: rewards of referrals, a bonus for somebody who stays away, what a lost till
//! spent and is forgiven.

use super::of::earned;
use super::{Effect, Entry};
use crate::Points;
use crate::ids::{EntryId, MemberId, Origin};
use crate::lapsing::Acted;
use crate::op::{Kind, Operation};
use crate::referral::Rewarded;

/// What a lost till spent beyond its suspense: given by the shop, or owed by the member where the next earnings pay it off.
pub(super) fn loss_settled(
    op: &Operation,
    till: Origin,
    member: MemberId,
    points: Points,
    forgiven: Option<EntryId>,
) -> Vec<Effect> {
    let Some(entry) = forgiven else {
        return vec![Effect::Sent {
            member,
            from: Origin::RELAY,
            to: till,
            points,
            held: false,
        }];
    };
    let line = Entry {
        reasons: vec!["Forgiven: spent twice, because a till was lost".to_owned()],
        ..Entry::of(op, entry, member, Kind::Adjust, points)
    };
    let given = Effect::Rights {
        member,
        holder: till,
        points,
        covered: false,
    };
    vec![Effect::Entry(line), given]
}

/// A referral's reward.
pub(super) fn rewarded(op: &Operation, rewarded: Rewarded) -> Vec<Effect> {
    let line = Entry {
        rules_version: Some(rewarded.rules_version),
        reasons: rewarded.reasons.clone(),
        ..Entry::of(op, rewarded.entry, rewarded.member, Kind::Bonus, rewarded.points)
    };
    let mut all: Vec<Effect> = earned(op, line).collect();
    all.push(Effect::Rewarded(rewarded));
    all
}

/// What is done about somebody who stays away; the points are the relay's to grant, whatever origin it writes under.
pub(super) fn lapsing_acted(op: &Operation, acted: Acted) -> Vec<Effect> {
    let mut all = Vec::new();
    if let Some(bonus) = acted.bonus {
        all.push(Effect::Entry(Entry {
            rules_version: Some(acted.rules_version),
            reasons: vec![format!("{} = we miss you", bonus.points)],
            ..Entry::of(op, bonus.entry, acted.member, Kind::Bonus, bonus.points)
        }));
        all.push(Effect::Rights {
            member: acted.member,
            holder: Origin::RELAY,
            points: bonus.points,
            covered: false,
        });
    }
    all.push(Effect::LapsingActed(acted));
    all
}

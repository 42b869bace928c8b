//! From an operation to its effects, one arm a body.

use super::{Effect, Entry, SaleRow, given};
use crate::Points;
use crate::hlc::Hlc;
use crate::ids::{MemberId, Origin};
use crate::op::{Body, CardStamps, Kind, Operation, SaleKey, Twice, Undo};

/// What a sale that counts does for its member, at once or once it is approved: its line, the rights. The visit is
/// counted from the sale.
pub(super) fn earned(op: &Operation, line: Entry) -> impl Iterator<Item = Effect> {
    let (member, points) = (line.member, line.points);
    let rights = (points != 0).then_some(Effect::Rights {
        member,
        holder: op.origin,
        points,
        covered: false,
    });
    std::iter::once(Effect::Entry(line)).chain(rights)
}

/// Stamps that come with a sale, or go with it: nobody asks whether they are there.
fn stamped(op: &Operation, member: MemberId, stamps: Vec<CardStamps>) -> impl Iterator<Item = Effect> {
    let holder = op.origin;
    stamps
        .into_iter()
        .filter(|s| s.count != 0)
        .map(move |s| Effect::Stamps {
            member,
            card: s.card,
            holder,
            count: s.count,
            covered: false,
        })
}

/// What `op`, whose body is `body`, does.
#[must_use]
pub fn effects(op: &Operation, body: &Body) -> Vec<Effect> {
    let rights = |member: MemberId, points: Points, covered: bool| Effect::Rights {
        member,
        holder: op.origin,
        points,
        covered,
    };
    match body.clone() {
        opened @ Body::ShopOpened { .. } => vec![Effect::Shop { opened }],
        Body::RulesPublished { version, text, clock } => vec![Effect::Rules {
            version,
            text,
            clock: Hlc::of(clock, op.origin_seq),
        }],
        Body::StaffAdded { staff, role } => vec![Effect::Staff {
            staff,
            role,
            active: true,
            clock: Hlc::default(),
        }],
        Body::StaffChanged {
            staff,
            role,
            active,
            clock,
        } => vec![Effect::Staff {
            staff,
            role,
            active,
            clock: Hlc::of(clock, op.origin_seq),
        }],
        Body::MemberEnrolled { member, code } => vec![Effect::NewMember { member, code }],
        Body::ReferralJoined {
            member,
            code,
            referrer,
            doubts,
        } => vec![Effect::Referred {
            friend: member,
            code,
            referrer,
            doubts,
        }],
        Body::ReferralQualified(qualified) => vec![Effect::Qualified(qualified)],
        Body::ReferralRewarded(rewarded) => given::rewarded(op, rewarded),
        Body::ReferralReviewed(reviewed) => vec![Effect::Reviewed(reviewed)],
        Body::MemberChanged { member, clock } => vec![Effect::Member {
            member,
            clock: Hlc::of(clock, op.origin_seq),
        }],
        Body::ConsentGiven { member, covers } => vec![Effect::Given { member, covers }],
        Body::ConsentWithdrawn { member } => vec![Effect::Withdrawn { member }],
        Body::MemberMerged { from, into, clock } => vec![Effect::Merge {
            member: from.max(into),
            into: Some(from.min(into)),
            clock,
        }],
        Body::MemberUnmerged { member, clock } => vec![Effect::Merge {
            member,
            into: None,
            clock,
        }],
        Body::MemberErased { member } => vec![Effect::Erase { member }],
        Body::PointsJoined {
            from,
            into,
            points,
            taken,
            given,
        } => {
            let line = |entry, member, points, why: &str| {
                Effect::Entry(Entry {
                    reasons: vec![why.to_owned()],
                    ..Entry::of(op, entry, member, Kind::Adjust, points)
                })
            };
            vec![
                rights(from, -points, true),
                line(taken, from, -points, "Joined with another card"),
                rights(into, points, false),
                line(given, into, points, "Joined from another card"),
            ]
        }
        Body::StampsJoined {
            from,
            into,
            card,
            stamps,
        } => [(from, -stamps), (into, stamps)]
            .into_iter()
            .map(|(member, count)| Effect::Stamps {
                member,
                card: card.clone(),
                holder: op.origin,
                count,
                covered: count < 0,
            })
            .collect(),
        Body::Settled { what, second, undo, .. } => {
            let mut all = Vec::with_capacity(3);
            if let Some(Undo {
                entry,
                reverses,
                member,
                points,
                stamps,
            }) = undo
            {
                let line = Entry {
                    reverses: Some(reverses),
                    reasons: vec!["Done twice while tills were apart: the first one stands".to_owned()],
                    ..Entry::of(op, entry, member, Kind::Reverse, points)
                };
                all.push(Effect::Entry(line));
                if points != 0 {
                    let holder = Origin::RELAY;
                    all.push(Effect::Rights {
                        member,
                        holder,
                        points,
                        covered: false,
                    });
                }
                all.extend(stamped(op, member, stamps));
                if what == Twice::Birthday {
                    all.push(Effect::BonusTakenBack { entry: reverses });
                }
            }
            all.push(Effect::Settle { what, second });
            all
        }
        Body::TillRenewed { was, now } => vec![Effect::Renew { was, now }],
        Body::RightsGranted { member, to, points } => vec![Effect::Sent {
            member,
            from: Origin::RELAY,
            to,
            points,
            held: false,
        }],
        Body::RightsReturned { member, points } => vec![Effect::Sent {
            member,
            from: op.origin,
            to: Origin::RELAY,
            points,
            held: true,
        }],
        Body::TillLost { till } => vec![Effect::Lost { till }],
        Body::SuspenseReleased { till, member, points } => vec![Effect::Released { member, till, points }],
        Body::LossSettled {
            till,
            member,
            points,
            forgiven,
        } => given::loss_settled(op, till, member, points, forgiven),
        Body::LapsingChosen(chosen) => vec![Effect::LapsingChosen(chosen)],
        Body::LapsingSet { usual, clock } => vec![Effect::LapsingSet { usual, clock }],
        Body::LapsingActed(acted) => given::lapsing_acted(op, acted),
        Body::AwayRulesSet { rules, clock } => vec![Effect::Away { rules, clock }],
        Body::SaleRecorded {
            source,
            sale_id,
            member,
            entry,
            total_minor,
            tax_minor,
            tip_minor,
            items,
            occurred_at,
            move_,
            points,
            rules_version,
            reasons,
            stamps,
        } => {
            let key = SaleKey { source, sale_id };
            let mut all = Vec::with_capacity(4);
            if let (Some(member), Some(entry)) = (member, entry) {
                let line = Entry {
                    at: occurred_at,
                    rules_version: Some(rules_version),
                    reasons,
                    sale: Some(key.clone()),
                    total_minor: Some(total_minor),
                    ..Entry::of(op, entry, member, Kind::Earn, points)
                };
                all.extend(earned(op, line));
                all.extend(stamped(op, member, stamps));
            }
            all.push(Effect::Sale(SaleRow {
                key,
                member,
                entry,
                total_minor,
                tax_minor,
                tip_minor,
                items,
                occurred_at,
                move_,
                points,
            }));
            all
        }
        Body::PointsMoved {
            entry,
            member,
            kind,
            points,
            reason,
        } => {
            let line = Entry {
                reasons: vec![reason],
                ..Entry::of(op, entry, member, kind, points)
            };
            // What is taken by hand must be there; what is brought along or given need not be.
            vec![rights(member, points, points < 0), Effect::Entry(line)]
        }
        Body::RewardRedeemed {
            entry,
            member,
            reward,
            points,
            reasons,
            rules_version,
            sale,
            ..
        } => {
            let line = Entry {
                rules_version: Some(rules_version),
                reasons,
                reward: Some(reward),
                sale,
                ..Entry::of(op, entry, member, Kind::Redeem, -points)
            };
            vec![rights(member, -points, true), Effect::Entry(line)]
        }
        Body::StampsClaimed {
            entry,
            member,
            card,
            stamps,
            reward,
            reasons,
            rules_version,
            sale,
        } => {
            let line = Entry {
                rules_version: Some(rules_version),
                reasons,
                reward: Some(reward),
                sale,
                ..Entry::of(op, entry, member, Kind::Redeem, 0)
            };
            let taken = Effect::Stamps {
                member,
                card,
                holder: op.origin,
                count: -stamps,
                covered: true,
            };
            vec![taken, Effect::Entry(line)]
        }
        Body::BirthdayGranted {
            entry,
            member,
            year,
            points,
            rules_version,
            reasons,
            sale,
        } => {
            let line = Entry {
                rules_version: Some(rules_version),
                reasons,
                sale: Some(sale),
                ..Entry::of(op, entry, member, Kind::Bonus, points)
            };
            let once = Effect::Birthday { member, year, entry };
            vec![Effect::Entry(line), once, rights(member, points, false)]
        }
        Body::SaleDecided {
            source,
            sale_id,
            member,
            entry,
            total_minor,
            occurred_at,
            points,
            rules_version,
            reasons,
            stamps,
        } => {
            let key = SaleKey { source, sale_id };
            let mut all = Vec::with_capacity(4);
            if let Some(entry) = entry {
                let line = Entry {
                    at: occurred_at,
                    rules_version: Some(rules_version),
                    reasons,
                    sale: Some(key.clone()),
                    total_minor: Some(total_minor),
                    ..Entry::of(op, entry, member, Kind::Earn, points)
                };
                all.extend(earned(op, line));
                all.extend(stamped(op, member, stamps));
            }
            all.push(Effect::Decision { key, entry });
            all
        }
        Body::SaleRefunded {
            source,
            sale_id,
            refund_id,
            member,
            entry,
            amount_minor,
            whole,
            points,
            reasons,
            stamps,
        } => {
            let key = SaleKey { source, sale_id };
            let mut all = vec![Effect::Refund {
                key: key.clone(),
                refund_id,
                amount_minor,
                points,
                whole,
            }];
            if let (Some(member), Some(entry)) = (member, entry) {
                all.push(Effect::Entry(Entry {
                    reasons,
                    sale: Some(key),
                    total_minor: Some(-amount_minor),
                    ..Entry::of(op, entry, member, Kind::Refund, points)
                }));
                if points != 0 {
                    all.push(rights(member, points, false));
                }
                all.extend(stamped(op, member, stamps));
            }
            all
        }
        Body::EntryReversed {
            entry,
            reverses,
            of,
            member,
            points,
            sale,
            stamps,
        } => {
            let line = Entry {
                reverses: Some(reverses),
                ..Entry::of(op, entry, member, Kind::Reverse, points)
            };
            let mut all = vec![Effect::Entry(line)];
            if points != 0 {
                all.push(rights(member, points, false));
            }
            all.extend(stamped(op, member, stamps));
            if of == Kind::Bonus {
                all.push(Effect::BonusTakenBack { entry: reverses });
            }
            if let Some(key) = sale {
                all.push(Effect::SaleReversed(key));
            }
            all
        }
    }
}

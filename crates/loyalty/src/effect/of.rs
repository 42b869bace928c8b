//! From an operation to its effects, one arm a body.

use super::{Effect, Entry, SaleRow};
use crate::Points;
use crate::hlc::Hlc;
use crate::ids::MemberId;
use crate::op::{Body, Kind, Operation, SaleKey, Undo};

/// What a sale that counts does for its member, at once or once it is approved: its line, a visit, the rights.
fn earned(op: &Operation, line: Entry) -> impl Iterator<Item = Effect> {
    let (member, at, points) = (line.member, line.at, line.points);
    let rights = (points != 0).then_some(Effect::Rights {
        member,
        holder: op.origin,
        points,
        covered: false,
    });
    let visit = Effect::Visit { member, at, count: 1 };
    [Effect::Entry(line), visit].into_iter().chain(rights)
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
            clock: Hlc::of(clock, op.at),
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
            clock: Hlc::of(clock, op.at),
        }],
        Body::MemberEnrolled { member, code } => vec![Effect::NewMember { member, code }],
        Body::MemberChanged { member, clock } => vec![Effect::Member {
            member,
            clock: Hlc::of(clock, op.at),
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
        Body::Settled { what, second, undo, .. } => {
            let mut all = vec![Effect::Settle { what, second }];
            if let Some(Undo {
                entry,
                reverses,
                member,
                points,
            }) = undo
            {
                let line = Entry {
                    reverses: Some(reverses),
                    reasons: vec!["Done twice while tills were apart: the first one stands".to_owned()],
                    ..Entry::of(op, entry, member, Kind::Reverse, points)
                };
                all.push(Effect::Entry(line));
                if points != 0 {
                    all.push(rights(member, points, false));
                }
            }
            all
        }
        Body::TillRenewed { was, now } => vec![Effect::Renew { was, now }],
        Body::SaleRecorded {
            source,
            sale_id,
            member,
            entry,
            total_minor,
            items,
            occurred_at,
            move_,
            points,
            rules_version,
            reasons,
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
            }
            all.push(Effect::Sale(SaleRow {
                key,
                member,
                entry,
                total_minor,
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
            rules_version,
            sale,
        } => {
            let line = Entry {
                rules_version: Some(rules_version),
                reward: Some(reward),
                sale,
                ..Entry::of(op, entry, member, Kind::Redeem, -points)
            };
            vec![rights(member, -points, true), Effect::Entry(line)]
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
                if whole {
                    all.push(Effect::Visit {
                        member,
                        at: op.at,
                        count: -1,
                    });
                }
            }
            all
        }
        Body::EntryReversed {
            entry,
            reverses,
            member,
            points,
            sale,
            ..
        } => {
            let line = Entry {
                reverses: Some(reverses),
                ..Entry::of(op, entry, member, Kind::Reverse, points)
            };
            let mut all = vec![Effect::Entry(line)];
            if points != 0 {
                all.push(rights(member, points, false));
            }
            if let Some(key) = sale {
                all.push(Effect::SaleReversed(key));
                all.push(Effect::Visit {
                    member,
                    at: op.at,
                    count: -1,
                });
            }
            all
        }
    }
}

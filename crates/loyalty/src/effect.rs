//! What an operation does, decided once: from an operation to a list of effects. Each store only carries them out.

use crate::Points;
use crate::ids::{EntryId, MemberId, Origin, StaffId};
use crate::op::{Body, By, Kind, Operation, SaleKey};
use crate::rules::Move;
use crate::sale::Item;
use crate::staff::Role;
use crate::time::UtcMs;

/// One change to a store. An operation's effects happen all together or not at all.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// The shop exists.
    Shop {
        /// The whole of its settings, as in [`Body::ShopOpened`].
        opened: Body,
    },
    /// These rules are in force.
    Rules {
        /// Counts from 1; a store refuses a version that is not the next.
        version: i64,
        /// The document.
        text: String,
    },
    /// A member of staff is so. Name and PIN hash are in the private data; what is absent there stays.
    Staff {
        /// Who.
        staff: StaffId,
        /// What they may do.
        role: Role,
        /// Whether they may sign in.
        active: bool,
    },
    /// A member exists. Phone, name and email are in the private data.
    NewMember {
        /// Who.
        member: MemberId,
        /// The code on their card.
        code: String,
    },
    /// A member's private fields change to what the private data holds; what is absent there stays.
    Member {
        /// Who.
        member: MemberId,
    },
    /// Whether the member gets mail.
    Consent {
        /// Who.
        member: MemberId,
        /// Given, or withdrawn.
        given: bool,
    },
    /// A sale is known. Refused by a store that has its key.
    Sale(SaleRow),
    /// A line in the ledger. Refused by a store that has a line that reverses the same one.
    Entry(Entry),
    /// The rights a holder has to a member's points change by `points`, in one statement.
    Rights {
        /// Whose points.
        member: MemberId,
        /// Who may spend them.
        holder: Origin,
        /// Signed.
        points: Points,
        /// Whether the holder must have as many as are taken: a redemption must, a taking back need not.
        covered: bool,
    },
    /// A visit more, or one less (the sale it came from was taken back).
    Visit {
        /// Whose.
        member: MemberId,
        /// When the visit was.
        at: UtcMs,
        /// +1 or -1.
        count: i64,
    },
    /// The sale was taken back.
    SaleReversed(SaleKey),
    /// A held sale is decided. Refused by a store where it is not held or is decided.
    Decision {
        /// Which.
        key: SaleKey,
        /// Its line, where it was approved.
        entry: Option<EntryId>,
    },
    /// Money was given back. Refused by a store that has this refund, or where that much is not left of the sale.
    Refund {
        /// For which sale.
        key: SaleKey,
        /// The refund's number.
        refund_id: String,
        /// In minor units.
        amount_minor: i64,
        /// Points taken: zero or below.
        points: Points,
        /// Whether nothing of the sale is left.
        whole: bool,
    },
}

/// A row of the sales.
#[derive(Clone, PartialEq, Debug)]
pub struct SaleRow {
    /// Its unique key.
    pub key: SaleKey,
    /// Whose; none for a walk-in.
    pub member: Option<MemberId>,
    /// Its ledger line.
    pub entry: Option<EntryId>,
    /// Paid, in minor units.
    pub total_minor: i64,
    /// What was sold.
    pub items: Vec<Item>,
    /// When it happened.
    pub occurred_at: UtcMs,
    /// What was done with it.
    pub move_: Move,
    /// Points added.
    pub points: Points,
}

/// A row of the points ledger.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its id.
    pub entry: EntryId,
    /// Whose.
    pub member: MemberId,
    /// What kind.
    pub kind: Kind,
    /// Signed.
    pub points: Points,
    /// When: for a sale when it happened, else when it was recorded.
    pub at: UtcMs,
    /// On whose word.
    pub by: By,
    /// The rules it follows, where it follows any.
    pub rules_version: Option<i64>,
    /// Why, in plain words.
    pub reasons: Vec<String>,
    /// The line it takes back.
    pub reverses: Option<EntryId>,
    /// The sale it is for.
    pub sale: Option<SaleKey>,
    /// Paid in that sale, in minor units.
    pub total_minor: Option<i64>,
    /// The reward it is for.
    pub reward: Option<String>,
}

impl Entry {
    fn of(op: &Operation, entry: EntryId, member: MemberId, kind: Kind, points: Points) -> Self {
        Self {
            entry,
            member,
            kind,
            points,
            at: op.at,
            by: op.by.clone(),
            rules_version: None,
            reasons: Vec::new(),
            reverses: None,
            sale: None,
            total_minor: None,
            reward: None,
        }
    }
}

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
        Body::RulesPublished { version, text } => vec![Effect::Rules { version, text }],
        Body::StaffAdded { staff, role } => vec![Effect::Staff {
            staff,
            role,
            active: true,
        }],
        Body::StaffChanged { staff, role, active } => vec![Effect::Staff { staff, role, active }],
        Body::MemberEnrolled { member, code } => vec![Effect::NewMember { member, code }],
        Body::MemberChanged { member } => vec![Effect::Member { member }],
        Body::ConsentGiven { member } => vec![Effect::Consent { member, given: true }],
        Body::ConsentWithdrawn { member } => vec![Effect::Consent { member, given: false }],
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

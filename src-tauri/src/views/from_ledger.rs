//! From the store's and the programme's types to what the windows see. Lossless but for numbers beyond `i32`, which
//! stop at its ends, and what a screen does not show.

use ledger::{Actor, Found, Member, Published, ReferralReward, RewardState, Staff, Stamps};
use loyalty::rules;
use loyalty::rules::RewardKind;
use loyalty::{Permission, Refusal, UtcMs, op};

use super::{
    Card, CardReward, CardStamps, Credited, EnrolOffer, Failure, Hit, Kind, Line, Move, Preview, Redeemed, Reversed,
    Reward, Role, SearchResult, Session, Shop, StaffTile, StorageCode, StorageProblem, Waiting,
};
use crate::app::Signed;

/// The source of sales that were typed at the counter without the till's number; their numbers mean nothing to people.
pub const SOURCE_COUNTER: &str = "counter";

/// A number for a window: at most what JavaScript and `i32` hold.
pub fn small(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(if n < 0 { i32::MIN } else { i32::MAX })
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            code: refusal.code.as_str().to_owned(),
            field: refusal.field,
            value: refusal.value,
            number: refusal.number.map(small),
        }
    }
}

impl From<ledger::Error> for Failure {
    fn from(error: ledger::Error) -> Self {
        match error {
            ledger::Error::Refused(refusal) => refusal.into(),
            ledger::Error::Rules(errors) => {
                let number = i64::try_from(errors.len()).unwrap_or(i64::MAX);
                Refusal::from(loyalty::Code::BadRules).with(number).into()
            }
            ledger::Error::Storage(error) => Self::Storage {
                problem: StorageProblem {
                    code: error.code.into(),
                    path: error.path,
                    detail: error.detail,
                },
            },
        }
    }
}

impl Failure {
    /// The same refusal, said to be about `field`.
    pub fn in_field(self, name: &str) -> Self {
        match self {
            Self::Refused {
                code, value, number, ..
            } => Self::Refused {
                code,
                field: name.to_owned(),
                value,
                number,
            },
            storage => storage,
        }
    }
}

impl From<ledger::StorageCode> for StorageCode {
    fn from(code: ledger::StorageCode) -> Self {
        match code {
            ledger::StorageCode::DiskFull => Self::DiskFull,
            ledger::StorageCode::ReadOnly => Self::ReadOnly,
            ledger::StorageCode::InUse => Self::InUse,
            ledger::StorageCode::Busy => Self::Busy,
            ledger::StorageCode::Damaged => Self::Damaged,
            ledger::StorageCode::TooNew => Self::TooNew,
            ledger::StorageCode::Io => Self::Io,
        }
    }
}

impl From<loyalty::Role> for Role {
    fn from(role: loyalty::Role) -> Self {
        match role {
            loyalty::Role::Cashier => Self::Cashier,
            loyalty::Role::Manager => Self::Manager,
            loyalty::Role::Owner => Self::Owner,
        }
    }
}

impl From<Role> for loyalty::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Cashier => Self::Cashier,
            Role::Manager => Self::Manager,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<&Signed> for Session {
    fn from(signed: &Signed) -> Self {
        Self {
            staff_id: signed.staff_id.to_string(),
            name: signed.name.clone(),
            role: signed.role.into(),
        }
    }
}

impl StaffTile {
    /// Somebody, at `now`.
    pub fn of(staff: &Staff, now: UtcMs) -> Self {
        Self {
            staff_id: staff.staff_id.to_string(),
            name: staff.name.clone(),
            role: staff.role.into(),
            active: staff.active,
            // A clock that was set back must not show a longer wait than there can be.
            wait_ms: small((staff.wait_until.0 - now.0).clamp(0, ledger::WAIT_MAX_S * 1000)),
        }
    }
}

impl Shop {
    /// The shop under the rules in force.
    pub fn of(shop: &ledger::Shop, published: &Published, lock_after_s: i64) -> Self {
        Self {
            name: shop.name.clone(),
            till_name: shop.till_name.clone(),
            currency: shop.currency.letters().to_owned(),
            currency_digits: i32::try_from(shop.currency.exponent()).unwrap_or(0),
            currency_symbol: shop.currency.symbol(),
            region: shop.region.letters().to_owned(),
            timezone: shop.zone.name().to_owned(),
            lock_after_s: small(lock_after_s),
            rewards: cheapest_first(published)
                .into_iter()
                .map(|reward| Reward {
                    name: reward.name.clone(),
                    points: small(reward.points),
                    cost_minor: reward.cost.map(|cost| small(cost.minor)),
                })
                .collect(),
            rules_version: small(published.version),
        }
    }
}

fn cheapest_first(published: &Published) -> Vec<&rules::Reward> {
    let mut rewards: Vec<_> = published.rules.rewards().iter().collect();
    rewards.sort_by_key(|reward| reward.points);
    rewards
}

impl SearchResult {
    /// What a query found.
    pub fn of(query: &str, found: Found) -> Self {
        Self {
            query: query.to_owned(),
            hits: found.members.iter().map(Hit::from).collect(),
            exact: found.exact.map(|member| member.member_id.to_string()),
            enrol: found.enrol.map(|phone| EnrolOffer {
                phone: phone.e164().to_owned(),
                display: phone.display(),
            }),
        }
    }
}

impl From<&Member> for Hit {
    fn from(member: &Member) -> Self {
        Self {
            member_id: member.member_id.to_string(),
            name: member.name.clone(),
            phone_last4: last_four(member),
            email_hint: email_hint(&member.email),
            balance: small(member.balance),
            last_visit_at: member.last_visit_at.map(UtcMs::rfc3339),
        }
    }
}

fn last_four(member: &Member) -> String {
    member
        .phone
        .as_ref()
        .map(|phone| phone.last_four().to_owned())
        .unwrap_or_default()
}

/// An email that tells two people apart and can't be copied: `m…@example.com`.
fn email_hint(email: &str) -> Option<String> {
    let (name, domain) = email.rsplit_once('@')?;
    Some(format!("{}…@{domain}", name.chars().next()?))
}

impl Waiting {
    /// Those of a member's rewards that wait.
    pub fn of(rewards: &[ReferralReward]) -> Option<Self> {
        let pending = |r: &&ReferralReward| r.state == RewardState::Pending;
        let waits = |r: &&ReferralReward| pending(r) || r.state == RewardState::Review;
        let points: i64 = rewards.iter().filter(waits).map(|r| r.points).sum();
        let until = rewards.iter().filter(pending).map(|r| r.due_at).min();
        (points > 0).then(|| Self {
            points: small(points),
            until: until.map(UtcMs::rfc3339),
        })
    }
}

impl Card {
    /// A member under the rules in force.
    pub fn of(member: Member, published: &Published, stamps: Vec<Stamps>, recent: Vec<Line>) -> Self {
        let rewards = cheapest_first(published).into_iter().map(|reward| {
            let (lot_minor, most) = match reward.kind {
                RewardKind::Exchange(minor) => (Some(small(minor)), ledger::LOTS_MAX),
                _ => (None, 1),
            };
            CardReward {
                name: reward.name.clone(),
                points: small(reward.points),
                claimable: member.spendable >= reward.points,
                to_go: small((reward.points - member.balance).max(0)),
                lot_minor,
                lots_max: small((member.spendable / reward.points.max(1)).clamp(0, most)),
            }
        });
        Self {
            member_id: member.member_id.to_string(),
            phone_last4: last_four(&member),
            phone_display: member.phone.as_ref().map(loyalty::Phone::display).unwrap_or_default(),
            code: loyalty::MemberCode::read(&member.code).map_or(member.code, |code| code.to_string()),
            rewards: rewards.collect(),
            stamps: stamps.into_iter().map(CardStamps::from).collect(),
            birthday: member.birthday.map(|b| b.to_string()).unwrap_or_default(),
            name: member.name,
            email: member.email,
            email_consent: member.email_consent,
            mail: String::new(),
            balance: small(member.balance),
            spendable: small(member.spendable),
            elsewhere: Vec::new(),
            asks: false,
            as_of: None,
            visits: small(member.visits),
            enrolled_at: member.enrolled_at.rfc3339(),
            last_visit_at: member.last_visit_at.map(UtcMs::rfc3339),
            recent,
            just_enrolled: false,
            waiting: None,
            not_brought: None,
        }
    }
}

impl From<Stamps> for CardStamps {
    fn from(stamps: Stamps) -> Self {
        Self {
            card: stamps.key,
            name: stamps.name,
            gives: stamps.gives,
            buy: small(stamps.buy),
            on_card: small(stamps.on_card),
            claimable: small(stamps.claimable),
        }
    }
}

impl From<op::Kind> for Kind {
    fn from(kind: op::Kind) -> Self {
        match kind {
            op::Kind::Opening => Self::Opening,
            op::Kind::Earn => Self::Earn,
            op::Kind::Bonus => Self::Bonus,
            op::Kind::Adjust => Self::Adjust,
            op::Kind::Redeem => Self::Redeem,
            op::Kind::Refund => Self::Refund,
            op::Kind::Expire => Self::Expire,
            op::Kind::Reverse => Self::Reverse,
        }
    }
}

impl From<Kind> for op::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Opening => Self::Opening,
            Kind::Earn => Self::Earn,
            Kind::Bonus => Self::Bonus,
            Kind::Adjust => Self::Adjust,
            Kind::Redeem => Self::Redeem,
            Kind::Refund => Self::Refund,
            Kind::Expire => Self::Expire,
            Kind::Reverse => Self::Reverse,
        }
    }
}

impl Line {
    /// A line, as `actor` sees it.
    pub fn of(line: ledger::Line, actor: &Actor) -> Self {
        // The store decides again when asked; here it only saves a button that would be refused.
        let needed = Permission::to_reverse(line.kind, line.by == actor.by.to_string());
        let may_reverse = !line.reversed && needed.is_some_and(|needed| needed.held_by(actor.role));
        let may_refund = may_reverse && line.kind == op::Kind::Earn && line.total_minor.is_some_and(|total| total > 0);
        let phone = line.phone.map(loyalty::Phone::trusted);
        Self {
            entry_id: line.entry.to_string(),
            member_id: line.member.to_string(),
            member_name: line.member_name,
            member_last4: phone.map(|phone| phone.last_four().to_owned()).unwrap_or_default(),
            kind: line.kind.into(),
            reverses_kind: line.reverses_kind.map(Kind::from),
            points: small(line.points),
            at: line.at.rfc3339(),
            by_name: line.by_name,
            total_minor: line.total_minor.map(small),
            sale_id: line.sale_id.filter(|_| line.source.as_deref() != Some(SOURCE_COUNTER)),
            reward: line.reward,
            reasons: line.reasons,
            rules_version: line.rules_version.map(small),
            reversed: line.reversed,
            may_reverse,
            may_refund,
        }
    }
}

impl From<rules::Move> for Move {
    fn from(move_: rules::Move) -> Self {
        match move_ {
            rules::Move::Skip => Self::Skip,
            rules::Move::Add => Self::Add,
            rules::Move::AddReward => Self::AddReward,
            rules::Move::Hold => Self::Hold,
        }
    }
}

impl From<ledger::Preview> for Preview {
    fn from(preview: ledger::Preview) -> Self {
        Self {
            r#move: preview.decision.move_.into(),
            points: small(preview.decision.points),
            reasons: preview.decision.reasons,
            balance_after: small(preview.balance_after),
            announces: preview.decision.announces,
        }
    }
}

impl Credited {
    /// A sale credited, with the card afterwards.
    pub fn of(credited: ledger::Credited, card: Card) -> Self {
        Self {
            r#move: credited.move_.into(),
            points: small(credited.points),
            birthday_bonus: small(credited.birthday_bonus),
            entry_id: credited.entry.map(|entry| entry.to_string()),
            reasons: credited.reasons,
            announces: credited.announces,
            credited_before_at: credited.before.map(UtcMs::rfc3339),
            taken_back_since: credited.before.is_some() && credited.reversed,
            card,
        }
    }
}

impl Redeemed {
    /// A reward redeemed, with the card afterwards.
    pub fn of(moved: ledger::Moved, card: Card) -> Self {
        Self {
            points: small(-moved.points),
            entry_id: moved.entry.to_string(),
            reward: moved.reward.unwrap_or_default(),
            card,
        }
    }
}

impl Reversed {
    /// A line taken back, with the card afterwards.
    pub fn of(moved: &ledger::Moved, card: Card) -> Self {
        Self {
            points: small(moved.points),
            entry_id: moved.entry.to_string(),
            card,
        }
    }
}

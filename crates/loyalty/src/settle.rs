//! What may happen once in a shop and was done twice while tills were apart: who was first, and what takes the second
//! one back. The relay asks here at each operation it takes, keeps the claims, and appends the answer as its own.
//!
//! For each operation, in shop order and in the transaction that stores it:
//! 1. fetch the first holder of each claim in [`looks_at`];
//! 2. [`settle`] answers what to append (nothing: go on with 3);
//! 3. where it answered nothing, store this operation as the holder of each of its [`claims`]; where it answered
//!    `Settled`, append that and store the claims of that one instead.
//!
//!    What [`frees`] names beforehand is nobody's any more.
//!
//! Phones are not claimed for ever: whoever changes theirs sets the old one free. So the relay keeps each member's phone
//! (the last writer's, by clock then operation) and asks [`merge`] when one is set.

use crate::hlc::Hlc;
use crate::ids::{EntryId, MemberId, OpId};
use crate::op::{Body, CardStamps, Kind, SaleKey, Twice, Undo};
use crate::referral::RewardKey;
use crate::rules::Move;

/// Something that one operation of a shop can have.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Claim {
    /// Having recorded this sale.
    Sale(SaleKeyText),
    /// Having decided this held sale.
    Decision(SaleKeyText),
    /// Having recorded this refund, by the system and its number there.
    Refund(String, String),
    /// Having given back any money of this sale.
    AnyRefund(SaleKeyText),
    /// Having taken back this line.
    Reversal(EntryId),
    /// Having taken back this sale's line.
    SaleTaken(SaleKeyText),
    /// Having brought this member.
    Referral(MemberId),
    /// Having said that this reward of a referral waits.
    Qualified(RewardKey),
    /// Having granted it.
    Rewarded(RewardKey),
    /// Having granted the bonus of this birthday.
    Birthday(MemberId, i32),
    /// Having written this birthday's line, for whoever takes it back.
    Bonus(EntryId),
}

/// A sale's key: the system and its number there.
pub type SaleKeyText = (String, String);

impl Claim {
    /// As one text, different for each claim: the key to store it under.
    #[must_use]
    pub fn text(&self) -> String {
        let two = |what: &str, a: &str, b: &str| format!("{what}:{}:{a}:{b}", a.len());
        match self {
            Self::Sale((a, b)) => two("sale", a, b),
            Self::Decision((a, b)) => two("decision", a, b),
            Self::Refund(a, b) => two("refund", a, b),
            Self::AnyRefund((a, b)) => two("refunds", a, b),
            Self::Reversal(entry) => format!("reversal:{entry}"),
            Self::SaleTaken((a, b)) => two("taken", a, b),
            Self::Referral(member) => format!("referral:{member}"),
            Self::Qualified(key) => format!("qualified:{}", key.text()),
            Self::Rewarded(key) => format!("rewarded:{}", key.text()),
            Self::Birthday(member, year) => format!("birthday:{member}:{year}"),
            Self::Bonus(entry) => format!("bonus:{entry}"),
        }
    }
}

fn key(source: &str, sale_id: &str) -> SaleKeyText {
    (source.to_owned(), sale_id.to_owned())
}

fn of(sale: &SaleKey) -> SaleKeyText {
    key(&sale.source, &sale.sale_id)
}

/// What an operation holds, if it was the first.
#[must_use]
pub fn claims(body: &Body) -> Vec<Claim> {
    match body {
        Body::SaleRecorded { source, sale_id, .. } => vec![Claim::Sale(key(source, sale_id))],
        Body::SaleDecided { source, sale_id, .. } => vec![Claim::Decision(key(source, sale_id))],
        Body::SaleRefunded {
            source,
            sale_id,
            refund_id,
            entry,
            ..
        } => {
            let mut all = vec![Claim::Refund(source.clone(), refund_id.clone())];
            all.extend(entry.map(|_| Claim::AnyRefund(key(source, sale_id))));
            all
        }
        Body::EntryReversed { reverses, sale, .. } => {
            let mut all = vec![Claim::Reversal(*reverses)];
            all.extend(sale.as_ref().map(|sale| Claim::SaleTaken(of(sale))));
            all
        }
        Body::BirthdayGranted {
            member, year, entry, ..
        } => vec![Claim::Birthday(*member, *year), Claim::Bonus(*entry)],
        Body::Settled { undo: Some(undo), .. } => vec![Claim::Reversal(undo.reverses)],
        Body::ReferralJoined { member, .. } => vec![Claim::Referral(*member)],
        Body::ReferralQualified(q) => vec![Claim::Qualified(q.key.clone())],
        Body::ReferralRewarded(r) => vec![Claim::Rewarded(r.key.clone())],
        _ => Vec::new(),
    }
}

/// Whose holders [`settle`] must know.
#[must_use]
pub fn looks_at(body: &Body) -> Vec<Claim> {
    let mut all = claims(body);
    match body {
        Body::SaleDecided { source, sale_id, .. } => all.push(Claim::Sale(key(source, sale_id))),
        Body::SaleRefunded {
            source,
            sale_id,
            entry: Some(_),
            ..
        } => {
            all.pop();
            all.push(Claim::SaleTaken(key(source, sale_id)));
        }
        Body::EntryReversed { sale: Some(sale), .. } => {
            all.pop();
            all.push(Claim::AnyRefund(of(sale)));
        }
        Body::EntryReversed {
            reverses,
            of: Kind::Bonus,
            ..
        } => all.push(Claim::Bonus(*reverses)),
        Body::Settled { .. } => all.clear(),
        _ => {}
    }
    all
}

/// Who was first with a claim.
#[derive(Clone, PartialEq, Debug)]
pub struct Holder {
    /// The claim.
    pub claim: Claim,
    /// The operation that has it.
    pub op_id: OpId,
    /// What that did.
    pub body: Body,
}

/// What takes `op_id` back, where others were first. `line` is a new id for its ledger line, `holders` are those of
/// [`looks_at`].
#[must_use]
pub fn settle(op_id: OpId, body: &Body, holders: &[Holder], line: EntryId) -> Option<Body> {
    let lost = |h: &&Holder| match &h.claim {
        // The sale is known, of course; only one that was not held has nothing to decide.
        Claim::Sale(_) if matches!(body, Body::SaleDecided { .. }) => {
            !matches!(&h.body, Body::SaleRecorded { move_: Move::Hold, .. })
        }
        // What it takes back is there, of course.
        Claim::Bonus(_) => false,
        _ => true,
    };
    let first = holders.iter().filter(|h| h.op_id != op_id).find(lost)?;
    let undo = |entry: Option<EntryId>, member: Option<MemberId>, points, stamps: &[CardStamps]| {
        let back = |s: &CardStamps| CardStamps {
            card: s.card.clone(),
            count: -s.count,
        };
        entry.zip(member).map(|(reverses, member)| Undo {
            entry: line,
            reverses,
            member,
            points,
            stamps: stamps.iter().map(back).collect(),
        })
    };
    let (what, undo) = match body {
        Body::SaleRecorded {
            entry,
            member,
            points,
            stamps,
            ..
        } => (Twice::Sale, undo(*entry, *member, -points, stamps)),
        Body::SaleDecided {
            entry,
            member,
            points,
            stamps,
            ..
        } => (Twice::Decision, undo(*entry, Some(*member), -points, stamps)),
        Body::SaleRefunded {
            entry,
            member,
            points,
            stamps,
            ..
        } => (Twice::Refund, undo(*entry, *member, -points, stamps)),
        Body::EntryReversed {
            entry,
            member,
            points,
            stamps,
            ..
        } => (Twice::Reversal, undo(Some(*entry), Some(*member), -points, stamps)),
        Body::ReferralJoined { .. } => (Twice::Referral, None),
        Body::ReferralQualified(_) => (Twice::Qualified, None),
        Body::ReferralRewarded(r) => (Twice::Rewarded, undo(Some(r.entry), Some(r.member), -r.points, &[])),
        Body::BirthdayGranted {
            entry, member, points, ..
        } => (Twice::Birthday, undo(Some(*entry), Some(*member), -points, &[])),
        _ => return None,
    };
    Some(Body::Settled {
        what,
        first: first.op_id,
        second: op_id,
        undo,
    })
}

/// What may be done again once `body` stands, and who had done it: a birthday whose bonus was taken back brings another.
#[must_use]
pub fn frees(body: &Body, holders: &[Holder]) -> Option<(Claim, OpId)> {
    let Body::EntryReversed { reverses, .. } = body else {
        return None;
    };
    let granted = holders.iter().find(|h| h.claim == Claim::Bonus(*reverses))?;
    match &granted.body {
        Body::BirthdayGranted { member, year, .. } => Some((Claim::Birthday(*member, *year), granted.op_id)),
        _ => None,
    }
}

/// What makes one card of `member` and `others` who have the same phone number now: the oldest id shows.
#[must_use]
pub fn merge(member: MemberId, others: &[MemberId], clock: Hlc) -> Option<Body> {
    let oldest = others.iter().copied().filter(|other| *other != member).min()?;
    Some(Body::MemberMerged {
        from: member.max(oldest),
        into: member.min(oldest),
        clock,
    })
}

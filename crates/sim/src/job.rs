//! What staff do at a till, once it is known with whom: the same job under the same operation id may be asked any number
//! of times.

use ledger::{Actor, Decision, Error, MemberEdit, NewMember, Redemption, Refund, Store};
use link::{Client, Redeems};
use loyalty::op::By;
use loyalty::{Code, EntryId, Item, MemberId, Money, OpId, Phone, Points, Role, Sale, Who};
use std::sync::OnceLock;

use crate::plan::What;

/// A job.
#[derive(Clone, Debug)]
pub enum Job {
    /// These are what [`Store`] does, with all that it needs.
    Enrol(NewMember),
    Credit(Sale),
    Redeem(MemberId, Redemption),
    RedeemAnywhere(MemberId, Redemption),
    Reverse(EntryId),
    Adjust(MemberId, Points),
    Edit(MemberId, MemberEdit),
    Refund(Refund),
    Decide(String, String, Decision),
    Merge(MemberId, MemberId),
    Unmerge(MemberId),
    Erase(MemberId),
    Publish(String),
}

/// What a till answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The line it made, and its points.
    pub line: Option<(EntryId, Points)>,
    /// Nothing was done, because it was done before.
    pub before: bool,
}

const DOCUMENTS: [&str; 3] = [
    "Earn 2 points per $1\nReward 100 points: Free coffee\nReward 250 points: $5 off\n",
    crate::template::RULES,
    "Earn 1 point per $2\nReward 100 points: Free coffee\nHold sales over $100\nBuy 3 \"Coffee\", get 1 free\n",
];

fn staff() -> By {
    By::Job("staff".into())
}

fn manager() -> Actor {
    Actor {
        by: staff(),
        role: Role::Manager,
    }
}

/// A customer's number.
///
/// # Panics
/// Never: the numbers are made to be right.
#[must_use]
pub fn phone(n: u8) -> Phone {
    static READ: [OnceLock<Phone>; 256] = [const { OnceLock::new() }; 256];
    let read = READ[usize::from(n)].get_or_init(|| {
        let region = "US".parse().expect("a region that everybody knows");
        Phone::parse(&format!("619555{n:04}"), region).expect("numbers of this form are good in this region")
    });
    read.clone()
}

fn pick<T: Clone>(all: &[T], n: u8) -> Option<T> {
    all.get(usize::from(n) % all.len().max(1)).cloned()
}

impl Job {
    /// What a step comes to at a till. None where there is nobody or nothing to do it with.
    ///
    /// # Errors
    /// The store's.
    pub fn of(what: What, store: &Store, members: &[MemberId], lines: &[EntryId]) -> ledger::Result<Option<Self>> {
        let usd = |dollars: i64| Money::new(dollars * 100, store.shop().currency);
        let member = |n: u8| pick(members, n);
        let sale_id = |n: u8| format!("S-{n}");
        Ok(match what {
            What::Enrol { phone: n } => Some(Self::Enrol(NewMember::with_phone(phone(n)))),
            What::Credit {
                sale,
                phone: who,
                dollars,
            } => Some(Self::Credit(Sale {
                source: loyalty::sale::SOURCE_POS.into(),
                sale_id: sale_id(sale),
                who: who.map_or(Who::WalkIn, |n| Who::Phone(phone(n))),
                total: usd(dollars.into()),
                items: vec![Item::pieces("Coffee", i64::from(sale % 3))],
                tax_minor: 0,
                tip_minor: 0,
                occurred_at: store.now(),
            })),
            What::Redeem { member: n, dear } => {
                let reward = if dear { "$5 off" } else { "Free coffee" };
                member(n).map(|m| Self::Redeem(m, reward.into()))
            }
            What::RedeemAnywhere { member: n, dear } => {
                let reward = if dear { "$5 off" } else { "Free coffee" };
                member(n).map(|m| Self::RedeemAnywhere(m, reward.into()))
            }
            What::UseCard { member: n } => {
                let card = Redemption::Card { card: "Coffee".into() };
                member(n).map(|m| Self::Redeem(m, card))
            }
            What::Reverse { line } => pick(lines, line).map(Self::Reverse),
            What::Adjust { member: n, points } => member(n).map(|m| Self::Adjust(m, points.into())),
            What::Edit { member: n, consent } => member(n).map(|m| {
                let edit = MemberEdit {
                    name: format!("Ana {n}"),
                    email: "ana@example.com".into(),
                    email_consent: consent,
                    birthday: None,
                };
                Self::Edit(m, edit)
            }),
            What::Refund { sale, refund, whole } => Some(Self::Refund(Refund {
                source: loyalty::sale::SOURCE_POS.into(),
                sale_id: sale_id(sale),
                refund_id: format!("R-{refund}"),
                amount: (!whole).then(|| usd(1)),
            })),
            What::Decide { held, approve } => pick(&store.held()?, held).map(|held| {
                let decision = if approve {
                    Decision::Approve
                } else {
                    Decision::Reject { reason: "No".into() }
                };
                Self::Decide(held.source, held.sale_id, decision)
            }),
            What::Merge { one, other } => member(one).zip(member(other)).map(|(a, b)| Self::Merge(a, b)),
            What::Unmerge { member: n } => match member(n) {
                Some(card) => pick(&store.merged_into(card)?, n).map(Self::Unmerge),
                None => None,
            },
            What::Erase { member: n } => member(n).map(Self::Erase),
            What::Publish { rules } => pick(&DOCUMENTS, rules).map(|text| Self::Publish(text.to_owned())),
            _ => None,
        })
    }

    /// Does it.
    ///
    /// # Errors
    /// The store's: a refusal, or that the disk did not do it.
    pub fn run(&self, store: &Store, op: OpId, line_to_relay: impl FnOnce() -> Client) -> ledger::Result<Done> {
        let by = staff();
        let nothing = Done {
            line: None,
            before: false,
        };
        let line = |line: Option<(EntryId, Points)>, before: bool| Done { line, before };
        Ok(match self.clone() {
            Self::Enrol(new) => {
                let (_, fresh) = store.enrol(op, by, new)?;
                line(None, !fresh)
            }
            Self::Credit(sale) => {
                let done = store.credit(op, by, sale)?;
                line(done.entry.map(|entry| (entry, done.points)), done.before.is_some())
            }
            Self::Redeem(member, what) => {
                let moved = store.redeem(op, by, member, what)?;
                line(Some((moved.entry, moved.points)), false)
            }
            Self::RedeemAnywhere(member, what) => {
                let redeems = Redeems {
                    op,
                    by,
                    member,
                    what,
                    with: None,
                    approver: None,
                };
                let moved = link::redeem(store, &redeems, || Ok(line_to_relay()))?;
                line(Some((moved.entry, moved.points)), false)
            }
            Self::Reverse(entry) => {
                let moved = store.reverse(op, manager(), entry)?;
                line(Some((moved.entry, moved.points)), false)
            }
            Self::Adjust(member, points) => {
                let moved = store.adjust(op, manager(), member, points, "Sorry".into())?;
                line(Some((moved.entry, moved.points)), false)
            }
            Self::Edit(member, edit) => store.edit_member(op, by, member, edit).map(|()| line(None, true))?,
            Self::Refund(refund) => {
                let done = store.refund(op, by, refund)?;
                line(done.entry.map(|entry| (entry, done.points)), done.before)
            }
            Self::Decide(source, sale_id, decision) => {
                // It answers the member's points after it; those of the line are the ledger's.
                let (entry, _) = store.decide_held(op, manager(), source, sale_id, decision)?;
                let made = entry.map(|entry| store.line(entry)).transpose()?.flatten();
                line(made.map(|line| (line.entry, line.points)), false)
            }
            Self::Merge(one, other) => store
                .merge_members(op, manager(), one, other)
                .map(|_| line(None, true))?,
            Self::Unmerge(member) => store.unmerge_member(op, manager(), member).map(|()| nothing)?,
            Self::Erase(member) => store.erase_member(op, manager(), member).map(|()| line(None, true))?,
            Self::Publish(text) => store.publish_rules(op, by, text).map(|_| nothing)?,
        })
    }
}

/// What a refusal says; none where the disk did not do it.
#[must_use]
pub fn refusal(error: &Error) -> Option<Code> {
    match error {
        Error::Refused(refusal) => Some(refusal.code),
        Error::Rules(_) => Some(Code::BadRules),
        Error::Storage(_) => None,
    }
}

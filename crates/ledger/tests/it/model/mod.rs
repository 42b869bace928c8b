//! Random days at the till, on the store and on the small ledger of `plain`: equal in every outcome, and after every
//! step in every figure. `PROPTEST_CASES` raises the number of days; a failure prints the fewest steps that show it.

mod plain;

use ledger::{Actor, Error, Key, MemberEdit, NewMember, Store};
use loyalty::op::{By, Kind};
use loyalty::rules::Move;
use loyalty::{EntryId, MemberId, Money, OpId, Role, Sale, Who};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{TestShop, by, by_hand, phone, shop_with};
use plain::{Ask, Done, Ledger, Outcome, RULES};

/// About twenty seconds in a debug build.
const DAYS: u32 = 48;

#[derive(Clone, Debug)]
enum Step {
    Do(Ask),
    /// A retry: the operation of an earlier success again, as it was.
    Again(prop::sample::Index),
    /// A mistake: an earlier success's operation id for something else.
    Mixed(prop::sample::Index, Ask),
    Reopen,
    Verify,
    Pass(i64),
}

fn member() -> impl Strategy<Value = u32> {
    0_u32..4
}

fn asks() -> impl Strategy<Value = Ask> {
    let name = || prop::sample::select(vec!["", "Maria Lopez", "Zoë Ångström", "O'Brien \"x\""]);
    let email = || prop::sample::select(vec!["", "maria@example.com", "z@example.org", "nonsense"]);
    let sale = prop::sample::select(vec![
        "A-1", "A-2", "A-3", "b 4", "5", "6", "7", "8", "9", "10", "11", "12", "",
    ]);
    let cents = prop::sample::select(vec![0_i64, 199, 200, 299, 1999, 5_000, 9_999, 15_000, 15_001, 30_050]);
    let reward = prop::sample::select(vec!["Free coffee", "free COFFEE", "Tea", "$5 off", "A yacht"]);
    let points = prop::sample::select(vec![0_i64, 1, 60, 250, -1, -60, -100, -250, 1_000_000, 1_000_001]);
    let reason = prop::sample::select(vec!["Sorry", "  ", "Moved house"]);
    prop_oneof![
        2 => (member(), name(), email()).prop_map(|(member, name, email)| Ask::Enrol { member, name, email }),
        8 => (sale, prop::option::weighted(0.85, member()), cents)
            .prop_map(|(sale, member, cents)| Ask::Credit { sale, member, cents }),
        5 => (member(), reward).prop_map(|(member, reward)| Ask::Redeem { member, reward }),
        6 => (0_usize..16, any::<bool>(), prop::bool::weighted(0.7))
            .prop_map(|(line, manager, own)| Ask::Reverse { line, manager, own }),
        3 => (member(), points, reason, prop::bool::weighted(0.8))
            .prop_map(|(member, points, reason, manager)| Ask::Adjust { member, points, reason, manager }),
        2 => (member(), name(), email(), any::<bool>())
            .prop_map(|(member, name, email, consent)| Ask::Edit { member, name, email, consent }),
        1 => (0..RULES.len()).prop_map(|rules| Ask::Publish { rules }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        24 => asks().prop_map(Step::Do),
        2 => any::<prop::sample::Index>().prop_map(Step::Again),
        2 => (any::<prop::sample::Index>(), asks()).prop_map(|(i, ask)| Step::Mixed(i, ask)),
        1 => Just(Step::Reopen),
        1 => Just(Step::Verify),
        3 => (1_i64..100_000_000).prop_map(Step::Pass),
    ];
    prop::collection::vec(step, 1..70)
}

/// The store, and what a test must know to speak of the same things as the plain ledger.
struct Till {
    shop: TestShop,
    /// Lines in the order they were written.
    lines: Vec<EntryId>,
}

impl Till {
    fn new() -> Self {
        let shop = shop_with(RULES[0].text, None);
        Self {
            shop,
            lines: Vec::new(),
        }
    }

    fn store(&self) -> &Store {
        &self.shop.store
    }

    fn id(&self, n: u32) -> MemberId {
        let found = self.store().member(Key::Phone(&phone(n))).unwrap();
        found.map_or(MemberId(Uuid::nil()), |m| m.member_id)
    }

    fn ask(&mut self, op: OpId, ask: &Ask) -> Outcome {
        let store = self.store();
        let role = |manager: bool| if manager { Role::Manager } else { Role::Cashier };
        let moved = |m: ledger::Moved| Done {
            points: m.points,
            balance: m.balance,
            ..Done::default()
        };
        let done = match *ask {
            Ask::Enrol { member, name, email } => {
                let new = NewMember {
                    name: name.into(),
                    email: email.into(),
                    ..NewMember::with_phone(phone(member))
                };
                let enrolled = store.enrol(op, by(), new);
                enrolled.map(|(_, new)| Done {
                    again: !new,
                    ..Done::default()
                })
            }
            Ask::Credit { sale, member, cents } => {
                let sale = Sale {
                    source: "pos".into(),
                    sale_id: sale.into(),
                    who: member.map_or(Who::WalkIn, |n| Who::Phone(phone(n))),
                    total: Money::new(cents, store.shop().currency),
                    tax_minor: 0,
                    tip_minor: 0,
                    items: Vec::new(),
                    occurred_at: store.now(),
                };
                store.credit(op, by(), sale).map(|c| Done {
                    points: c.points,
                    balance: c.balance,
                    move_: match c.move_ {
                        Move::Skip => "skip",
                        Move::Add => "add",
                        Move::AddReward => "add_reward",
                        Move::Hold => "hold",
                    },
                    again: c.before.is_some(),
                })
            }
            Ask::Redeem { member, reward } => store.redeem(op, by(), self.id(member), reward.into()).map(moved),
            Ask::Reverse { line, manager, own } => {
                let by = if own { by() } else { By::Job("other".into()) };
                let entry = self.lines.get(line).copied().unwrap_or(EntryId(Uuid::nil()));
                store
                    .reverse(
                        op,
                        Actor {
                            by,
                            role: role(manager),
                        },
                        entry,
                    )
                    .map(moved)
            }
            Ask::Adjust {
                member,
                points,
                reason,
                manager,
            } => {
                let actor = Actor {
                    by: by(),
                    role: role(manager),
                };
                store
                    .adjust(op, actor, self.id(member), points, reason.into())
                    .map(moved)
            }
            Ask::Edit {
                member,
                name,
                email,
                consent,
            } => store
                .edit_member(
                    op,
                    by(),
                    self.id(member),
                    MemberEdit {
                        name: name.into(),
                        email: email.into(),
                        email_consent: consent,
                        birthday: None,
                    },
                )
                .map(|()| Done::default()),
            Ask::Publish { rules } => store
                .publish_rules(op, by(), RULES[rules].text.into())
                .map(|_| Done::default()),
        };
        done.map_err(|e| match e {
            Error::Refused(refusal) => refusal.code.as_str(),
            other => panic!("{ask:?}: {other:?}"),
        })
    }

    fn reopen(&mut self) {
        let (clock, options) = by_hand();
        clock.pass(self.store().now().0 - clock_start());
        // The old handle is let go first: its writer ends before the new one begins.
        let placeholder = Store::open(self.shop.dir.path(), options.clone()).unwrap();
        drop(std::mem::replace(&mut self.shop.store, placeholder));
        self.shop.clock = clock;
    }

    /// Everything that can be seen, against the plain ledger.
    fn same(&mut self, plain: &Ledger) -> Result<(), TestCaseError> {
        let mut seen = 0;
        let mut lines = Vec::new();
        self.store()
            .each_line(|line| {
                lines.push(line);
                Ok(())
            })
            .unwrap();
        prop_assert_eq!(lines.len(), plain.lines.len());
        self.lines = lines.iter().map(|l| l.entry).collect();
        for (line, expected) in lines.iter().zip(&plain.lines) {
            let kind = match expected.kind {
                plain::Kind::Earn => Kind::Earn,
                plain::Kind::Redeem => Kind::Redeem,
                plain::Kind::Adjust => Kind::Adjust,
                plain::Kind::Reverse => Kind::Reverse,
            };
            let theirs = phone(expected.member);
            prop_assert_eq!(
                (line.kind, line.points, line.reversed, line.phone.as_deref()),
                (kind, expected.points, expected.taken_back, Some(theirs.e164()))
            );
        }
        for (n, expected) in &plain.members {
            let m = self.store().member(Key::Phone(&phone(*n))).unwrap();
            let m = m.ok_or_else(|| TestCaseError::fail(format!("member {n} is missing")))?;
            let found = plain::Member {
                balance: m.balance,
                visits: m.visits,
                last_visit: m.last_visit_at.map(|at| at.0),
                name: m.name,
                email: m.email,
                consent: m.email_consent,
            };
            prop_assert_eq!((&found, m.spendable), (expected, expected.balance), "member {}", n);
            seen += 1;
        }
        let s = self.store().stats().unwrap();
        prop_assert_eq!(i64::from(seen), s.members);
        let stats = [
            s.members,
            s.sales,
            s.points_issued,
            s.points_redeemed,
            s.points_outstanding,
        ];
        prop_assert_eq!(stats, plain.stats());
        Ok(())
    }

    fn verifies(&self, plain: &Ledger) -> Result<(), TestCaseError> {
        let found = self.store().verify().unwrap();
        prop_assert!(found.ok, "{:?}", found);
        prop_assert_eq!((found.members, found.points), (plain.members.len(), plain.stats()[4]));
        Ok(())
    }
}

fn clock_start() -> i64 {
    crate::support::START_MS
}

/// Whether two asks are the same thing for one operation id; what only describes may differ.
fn same_thing(a: &Ask, b: &Ask) -> bool {
    match (a, b) {
        (
            Ask::Credit {
                sale: a,
                member: m,
                cents: x,
            },
            Ask::Credit {
                sale: b,
                member: n,
                cents: y,
            },
        ) => (a, x) == (b, y) && (m == n || m.is_none() || n.is_none()),
        (Ask::Enrol { member: a, .. }, Ask::Enrol { member: b, .. }) => a == b,
        (Ask::Redeem { member: a, reward: x }, Ask::Redeem { member: b, reward: y }) => {
            a == b && x.eq_ignore_ascii_case(y)
        }
        (Ask::Reverse { line: a, .. }, Ask::Reverse { line: b, .. }) => a == b,
        (
            Ask::Adjust {
                member: a, points: x, ..
            },
            Ask::Adjust {
                member: b, points: y, ..
            },
        ) => (a, x) == (b, y),
        (Ask::Edit { member: a, .. }, Ask::Edit { member: b, .. }) => a == b,
        (a, b) => a == b,
    }
}

/// Refused before the operation's id is looked at.
fn refused_anyway(ask: &Ask) -> Option<&'static str> {
    match ask {
        Ask::Credit { sale: "", .. } => Some("bad_sale_id"),
        Ask::Adjust { manager: false, .. } => Some("not_allowed"),
        _ => None,
    }
}

fn a_day(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut till = Till::new();
    let mut plain = Ledger::default();
    let mut written: Vec<(OpId, Ask, Done)> = Vec::new();
    for step in steps {
        match step {
            Step::Do(ask) => {
                let op = till.store().new_op();
                let (expected, wrote) = plain.ask(&ask, till.store().now().0);
                prop_assert_eq!(till.ask(op, &ask), expected, "{:?}", ask);
                if let (Ok(done), true) = (expected, wrote) {
                    written.push((op, ask, done));
                }
            }
            Step::Again(which) if !written.is_empty() => {
                let (op, ask, first) = which.get(&written).clone();
                let again = till.ask(op, &ask);
                prop_assert_eq!(again.map(|d| d.points), Ok(first.points), "again: {:?}", ask);
            }
            Step::Mixed(which, ask) if !written.is_empty() => {
                let (op, before, _) = which.get(&written).clone();
                if !same_thing(&before, &ask) {
                    let expected = refused_anyway(&ask).unwrap_or("sale_differs");
                    prop_assert_eq!(
                        till.ask(op, &ask),
                        Err(expected),
                        "{:?}, in the name of {:?}",
                        ask,
                        before
                    );
                }
            }
            Step::Again(_) | Step::Mixed(..) => {}
            Step::Reopen => till.reopen(),
            Step::Verify => till.verifies(&plain)?,
            Step::Pass(ms) => till.shop.clock.pass(ms),
        }
        till.same(&plain)?;
    }
    till.verifies(&plain)
}

fn days() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(DAYS)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: days(), max_shrink_iters: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_the_plain_ledger(steps in steps()) {
        a_day(steps)?;
    }
}

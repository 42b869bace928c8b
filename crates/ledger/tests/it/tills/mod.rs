//! Three tills and a relay: whatever each did while apart, and in whatever order they hear of it, all end with one
//! state, and it is the one that the book folds from the shop's order. `PROPTEST_CASES` raises the number of days.

mod conflicts;
mod given;
mod lapsing;
mod limits;
mod referrals;
mod relay;
mod rights;
mod told;

use ledger::{Error, Joins, NewMember, Options, Redemption, Refund, Store, SystemIds};
use loyalty::op::By;
use loyalty::{EntryId, Item, MemberId, Money, Origin, Sale, Who};
use proptest::prelude::*;
use rusqlite::Connection;
use std::sync::Arc;
use uuid::Uuid;

use crate::support::{HandClock, RULES, by_hand, manager, new_shop, phone, scratch};
use given::{DOCUMENTS, MORE, NAMES, edit_of};
use relay::Relay;

const DAYS: u32 = 32;
/// More than there ever is.
const ALL: usize = 1_000_000;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Enrol {
        phone: u32,
        name: usize,
    },
    Credit {
        sale: u32,
        phone: Option<u32>,
        dollars: i64,
    },
    Redeem {
        member: usize,
    },
    Claim {
        member: usize,
    },
    Reverse {
        entry: usize,
    },
    Adjust {
        member: usize,
        points: i64,
    },
    Edit {
        member: usize,
        name: usize,
        consent: bool,
    },
    Refund {
        sale: u32,
        refund: u32,
        whole: bool,
    },
    Decide {
        approve: bool,
        first: bool,
    },
    Merge {
        one: usize,
        other: usize,
    },
    Unmerge {
        member: usize,
    },
    Erase {
        member: usize,
    },
    Publish {
        rules: usize,
    },
    Pass {
        ms: i64,
    },
    Return {
        member: usize,
    },
    Referral(referrals::Step),
    Lapsing(lapsing::Step),
    Acquire {
        member: usize,
        hears: bool,
    },
    Lose,
    Release {
        n: usize,
    },
    SettleLoss {
        forgive: bool,
    },
    Push {
        n: usize,
    },
    Pull {
        n: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (any8, phones) = (0_usize..8, || 0_u32..4);
    let points = prop::sample::select(vec![150_i64, 40, -40, -150]);
    prop_oneof![
        2 => (phones(), 0_usize..3).prop_map(|(phone, name)| Step::Enrol { phone, name }),
        6 => (0_u32..6, prop::option::weighted(0.9, phones()), prop::sample::select(vec![1_i64, 40, 120, 600]))
            .prop_map(|(sale, phone, dollars)| Step::Credit { sale, phone, dollars }),
        4 => any8.clone().prop_map(|member| Step::Redeem { member }),
        2 => any8.clone().prop_map(|member| Step::Claim { member }),
        4 => (0_usize..24).prop_map(|entry| Step::Reverse { entry }),
        2 => (any8.clone(), points).prop_map(|(member, points)| Step::Adjust { member, points }),
        3 => (any8.clone(), 0_usize..3, any::<bool>()).prop_map(|(member, name, consent)| Step::Edit { member, name, consent }),
        3 => (0_u32..6, 0_u32..4, any::<bool>()).prop_map(|(sale, refund, whole)| Step::Refund { sale, refund, whole }),
        3 => (any::<bool>(), any::<bool>()).prop_map(|(approve, first)| Step::Decide { approve, first }),
        1 => (any8.clone(), any8.clone()).prop_map(|(one, other)| Step::Merge { one, other }),
        1 => any8.clone().prop_map(|member| Step::Unmerge { member }),
        2 => any8.clone().prop_map(|member| Step::Return { member }),
        4 => (any8.clone(), any::<bool>()).prop_map(|(member, hears)| Step::Acquire { member, hears }),
        1 => Just(Step::Lose),
        2 => any8.clone().prop_map(|n| Step::Release { n }),
        1 => any::<bool>().prop_map(|forgive| Step::SettleLoss { forgive }),
        1 => any8.prop_map(|member| Step::Erase { member }),
        1 => (0_usize..3).prop_map(|rules| Step::Publish { rules }),
        2 => lapsing::step().prop_map(Step::Lapsing),
        6 => referrals::step().prop_map(Step::Referral),
        2 => prop::sample::select(vec![-60_000_i64, 1, 5_000, 86_400_000]).prop_map(|ms| Step::Pass { ms }),
        4 => (1_usize..8).prop_map(|n| Step::Push { n }),
        4 => (1_usize..12).prop_map(|n| Step::Pull { n }),
    ]
}

pub struct Till {
    _dir: tempfile::TempDir,
    pub store: Store,
    clock: Arc<HandClock>,
    pub cursor: usize,
}

/// The shop's tills, and the relay between them.
pub struct Tills {
    pub tills: Vec<Till>,
    pub relay: Relay,
    /// The till that was declared lost, and does not know it.
    pub lost: Option<usize>,
}

fn options() -> (Arc<HandClock>, Options) {
    let (clock, options) = by_hand();
    (
        clock,
        Options {
            ids: Arc::new(SystemIds),
            ..options
        },
    )
}

pub fn tills(n: usize) -> Tills {
    let (dir, (clock, options_of_first)) = (scratch(), options());
    let rules = format!("{RULES}{MORE}");
    let store = Store::init(dir.path(), &new_shop(&rules, None), options_of_first).unwrap();
    let shop = store.shop().clone();
    let mut all = Tills {
        relay: Relay::new(shop.shop_id),
        lost: None,
        tills: vec![Till {
            _dir: dir,
            store,
            clock,
            cursor: 0,
        }],
    };
    all.push(0, ALL);
    for number in 1..n {
        let (dir, (clock, options)) = (scratch(), options());
        let joins = Joins {
            shop_id: shop.shop_id,
            till_id: Origin(Uuid::from_u128(1000 + number as u128)),
            till_name: format!("Till {}", number + 1),
            name: shop.name.clone(),
            currency: "USD".into(),
            region: "US".into(),
            timezone: shop.zone.name().into(),
            opens_with: None,
            with: None,
            pins: true,
        };
        let store = Store::join(dir.path(), &joins, options).unwrap();
        all.tills.push(Till {
            _dir: dir,
            store,
            clock,
            cursor: 0,
        });
        all.pull(number, ALL);
    }
    all
}

impl Tills {
    pub fn push(&mut self, till: usize, n: usize) {
        let store = &self.tills[till].store;
        let from = self.relay.head(store.shop().till_id);
        self.relay.push(&store.outbox(from, n, ALL).unwrap());
    }

    pub fn pull(&mut self, till: usize, n: usize) {
        let t = &mut self.tills[till];
        let n = n.min(self.relay.len());
        let (foreign, cursor) = self.relay.after(t.cursor, n, t.store.shop().till_id);
        // An answer that was lost and is told again changes nothing.
        let twice = foreign.clone();
        let new = t.store.write(move |tx| tx.take(&foreign)).unwrap();
        assert_eq!(new, twice.len());
        assert_eq!(t.store.write(move |tx| tx.take(&twice)).unwrap(), 0);
        t.cursor = cursor;
    }

    /// Everybody hears everything.
    pub fn settle(&mut self) {
        for till in 0..self.tills.len() {
            self.push(till, ALL);
        }
        for till in 0..self.tills.len() {
            self.pull(till, ALL);
        }
    }

    /// What may happen once in the shop stands once, once the relay has heard of all of it.
    fn once(&self) {
        let conn = Connection::open(ledger::file(self.tills[0]._dir.path())).unwrap();
        for (what, of) in [
            ("sales WHERE settled = 0", "source, sale_id"),
            ("decisions WHERE settled = 0", "source, sale_id"),
            ("refunds WHERE settled = 0", "source, refund_id"),
            ("taken_back", "entry_id"),
            ("referrals WHERE settled = 0", "friend"),
            ("referral_rewards WHERE settled = 0", "friend, side, step, round"),
            (
                "referral_grants g WHERE NOT EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = g.entry_id)",
                "friend, side, step, round",
            ),
            ("birthdays", "member_id, year"),
            (
                "ledger l JOIN sales s USING (source, sale_id) WHERE l.kind = 'earn'
              AND NOT EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = l.entry_id) AND s.standing = 1",
                "source, sale_id",
            ),
        ] {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {what} GROUP BY {of} HAVING count(*) > 1)");
            assert!(
                !conn.query_row(&sql, [], |r| r.get::<_, bool>(0)).unwrap(),
                "twice: {what}"
            );
        }
    }

    /// One state everywhere, and each file is what its log makes.
    pub fn agree(&mut self) {
        self.settle();
        let book = self.relay.book();
        for (n, till) in self.tills.iter().enumerate() {
            let said = till.store.verify().unwrap();
            assert!(said.ok, "till {}: {:?}", n + 1, said.problem);
        }
        self.once();
        let expected = book.state_hash();
        for (n, till) in self.tills.iter().enumerate() {
            if till.store.state_hash().unwrap() != expected {
                panic!(
                    "till {} differs from the book in shop order: {:?}",
                    n + 1,
                    till.store.state_differs(&book)
                );
            }
        }
    }

    fn step(&mut self, till: usize, step: &Step) {
        match step {
            Step::Push { n } => self.push(till, *n),
            Step::Pull { .. } if self.lost == Some(till) => {}
            Step::Pull { n } => self.pull(till, *n),
            Step::Acquire { member, hears } => self.acquire(till, *member, *hears),
            Step::Lapsing(lapsing::Step::Act { member, bonus }) => self.relay_acts(*member, *bonus),
            Step::Lose => self.lose(till),
            Step::Release { n } => self.release(*n),
            Step::SettleLoss { forgive } => self.settle_loss(*forgive),
            Step::Pass { ms } => self.tills[till].clock.pass(*ms),
            step => match self.tills[till].act(step) {
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(e) => panic!("{step:?}: {e}"),
            },
        }
    }
}

impl Till {
    fn members(&self) -> Vec<MemberId> {
        let mut all = Vec::new();
        self.store
            .each_member(|m| {
                all.push(m.member_id);
                Ok(())
            })
            .unwrap();
        all
    }

    fn pick<T: Copy>(all: &[T], n: usize) -> Result<T, Error> {
        all.get(n % all.len().max(1))
            .copied()
            .ok_or_else(|| loyalty::Code::UnknownMember.into())
    }

    fn member(&self, n: usize) -> Result<MemberId, Error> {
        Self::pick(&self.members(), n)
    }

    fn act(&self, step: &Step) -> Result<(), Error> {
        let (store, by) = (&self.store, By::Job("test".into()));
        let op = store.new_op();
        let usd = |dollars: i64| Money::new(dollars * 100, store.shop().currency);
        match step {
            Step::Enrol { phone: n, name } => {
                let birthday = "11-18".parse().ok();
                let new = NewMember {
                    birthday,
                    name: NAMES[*name].into(),
                    ..NewMember::with_phone(phone(*n))
                };
                store.enrol(op, by, new).map(drop)
            }
            Step::Credit {
                sale,
                phone: who,
                dollars,
            } => {
                let sale = Sale {
                    source: "pos".into(),
                    sale_id: format!("S-{sale}"),
                    who: who.map_or(Who::WalkIn, |n| Who::Phone(phone(n))),
                    total: usd(*dollars),
                    items: vec![Item::pieces("Coffee", 2)],
                    tax_minor: 0,
                    tip_minor: 0,
                    occurred_at: store.now(),
                };
                store.credit(op, by, sale).map(drop)
            }
            Step::Claim { member } => {
                let card = Redemption::Card { card: "Coffee".into() };
                store.redeem(op, by, self.member(*member)?, card).map(drop)
            }
            Step::Redeem { member } => store
                .redeem(op, by, self.member(*member)?, "Free coffee".into())
                .map(drop),
            Step::Reverse { entry } => {
                let mut lines: Vec<EntryId> = Vec::new();
                store.each_line(|l| {
                    lines.push(l.entry);
                    Ok(())
                })?;
                store
                    .reverse(
                        op,
                        manager(),
                        Self::pick(&lines, lines.len().saturating_sub(1 + entry))?,
                    )
                    .map(drop)
            }
            Step::Adjust { member, points } => store
                .adjust(op, manager(), self.member(*member)?, *points, "Sorry".into())
                .map(drop),
            Step::Edit { member, name, consent } => store.edit_member(
                op,
                by,
                self.member(*member)?,
                edit_of(NAMES[*name], "a@example.com", *consent),
            ),
            Step::Refund { sale, refund, whole } => {
                let refund = Refund {
                    source: "pos".into(),
                    sale_id: format!("S-{sale}"),
                    refund_id: format!("R-{refund}"),
                    amount: (!whole).then(|| usd(1)),
                };
                store.refund(op, by, refund).map(drop)
            }
            Step::Decide { approve, first } => {
                let held = store.held()?;
                let held = if *first { held.first() } else { held.last() };
                let Some(held) = held.cloned() else { return Ok(()) };
                let decision = if *approve {
                    ledger::Decision::Approve
                } else {
                    ledger::Decision::Reject { reason: "No".into() }
                };
                store
                    .decide_held(op, manager(), held.source, held.sale_id, decision)
                    .map(drop)
            }
            Step::Merge { one, other } => store
                .merge_members(op, manager(), self.member(*one)?, self.member(*other)?)
                .map(drop),
            Step::Unmerge { member } => {
                let card = self.member(*member)?;
                let Some(from) = store.merged_into(card)?.first().copied() else {
                    return Ok(());
                };
                store.unmerge_member(op, manager(), from)
            }
            Step::Erase { member } => store.erase_member(op, manager(), self.member(*member)?),
            Step::Publish { rules } => store.publish_rules(op, by, DOCUMENTS[*rules].into()).map(drop),
            Step::Return { member } => store.return_rights(self.member(*member)?).map(drop),
            Step::Referral(step) => self.refer(step),
            Step::Lapsing(step) => self.lapse(step),
            _ => Ok(()),
        }
    }
}

fn days() -> u32 {
    if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default().cases
    } else {
        DAYS
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: days(), max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_tills_end_with_one_state(steps in prop::collection::vec((0_usize..3, step()), 1..120)) {
        let mut shop = tills(3);
        for (till, step) in &steps {
            shop.step(*till, step);
        }
        shop.agree();
    }
}

//! Referrals at several tills: brought once, rewarded once, taken back everywhere.

use ledger::{Error, Key, NewMember, Refund, RewardState, Sent};
use loyalty::UtcMs;
use loyalty::op::By;
use loyalty::referral::Side;
use proptest::prelude::*;

use super::{Till, Tills, tills};
use crate::support::{by, manager, phone, sale};

/// One thing that happens about referrals.
#[derive(Clone, Debug)]
pub enum Step {
    /// Somebody joins and says who sent them: a member, or a link.
    Enrol { phone: u32, sent: Option<usize> },
    /// The till looks after what is its own.
    LookAfter,
    /// Somebody decides about the oldest that seems odd.
    Judge { allowed: bool },
    /// The day goes on.
    Day,
}

pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u32..5, prop::option::weighted(0.8, 0_usize..6)).prop_map(|(phone, sent)| Step::Enrol { phone, sent }),
        3 => Just(Step::LookAfter),
        1 => any::<bool>().prop_map(|allowed| Step::Judge { allowed }),
        1 => Just(Step::Day),
    ]
}

impl Till {
    pub fn refer(&self, step: &Step) -> Result<(), Error> {
        let store = &self.store;
        match step {
            Step::Enrol { phone: n, sent } => {
                let sent = match sent {
                    Some(n) => Sent::Member(self.member(*n)?),
                    None => Sent::Link("solare".into()),
                };
                let new = NewMember {
                    email: format!("m{n}@example.com"),
                    ..NewMember::with_phone(phone(*n))
                };
                let enrolled = store.enrol_sent(store.new_op(), By::Job("test".into()), new, Some(sent))?;
                assert!(enrolled.created || !enrolled.brought);
                Ok(())
            }
            Step::LookAfter => store.look_after_referrals().map(drop),
            Step::Judge { allowed } => match store.odd_rewards()?.first() {
                Some(odd) => store.decide_reward(store.new_op(), manager(), odd.reward, *allowed),
                None => Ok(()),
            },
            Step::Day => {
                self.clock.pass(UtcMs::DAY_MS);
                Ok(())
            }
        }
    }
}

impl Tills {
    /// Everybody hears everything and does what is to be done, until nothing is.
    fn calm(&mut self) {
        for round in 0.. {
            self.settle();
            let wrote: usize = self
                .tills
                .iter()
                .map(|till| till.store.look_after_referrals().unwrap())
                .sum();
            if wrote == 0 {
                break;
            }
            assert!(round < 20, "it never ends");
        }
        self.agree();
    }

    fn brings(&self, till: usize, n: u32, by_whom: u32) -> ledger::Enrolled {
        let store = &self.tills[till].store;
        let sent = store.who_sent(phone(by_whom).e164()).unwrap();
        let new = NewMember::with_phone(phone(n));
        store.enrol_sent(store.new_op(), by(), new, Some(sent)).unwrap()
    }

    fn buys(&self, till: usize, id: &str, n: u32) {
        let store = &self.tills[till].store;
        store.credit(store.new_op(), by(), sale(store, id, n, "20")).unwrap();
    }

    fn day(&self, days: i64) {
        for till in &self.tills {
            till.clock.pass(days * UtcMs::DAY_MS);
        }
    }

    /// A member's points at every till, which are the same.
    fn points(&self, n: u32) -> i64 {
        let of = |till: &Till| till.store.member(Key::Phone(&phone(n))).unwrap().unwrap().balance;
        let all: Vec<i64> = self.tills.iter().map(of).collect();
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        all[0]
    }

    /// What has come of a member's rewards, by side.
    fn states(&self, till: usize, n: u32) -> Vec<(Side, RewardState)> {
        let store = &self.tills[till].store;
        let member = store.member(Key::Phone(&phone(n))).unwrap().unwrap().member_id;
        let all = store.referral_rewards(member).unwrap();
        all.iter()
            .filter(|r| r.step == "buys")
            .map(|r| (r.side, r.state))
            .collect()
    }
}

fn shop() -> Tills {
    let mut s = tills(2);
    let store = &s.tills[0].store;
    store
        .enrol(store.new_op(), by(), NewMember::with_phone(phone(1)))
        .unwrap();
    s.agree();
    s
}

#[test]
fn two_tills_see_the_first_purchase_and_one_reward_comes_of_it() {
    let mut s = shop();
    assert!(s.brings(0, 2, 1).brought);
    s.agree();
    // Both are apart and think that theirs is the first.
    s.buys(0, "A", 2);
    s.buys(1, "B", 2);
    assert_eq!(s.states(1, 1), [(Side::Referrer, RewardState::Pending)]);
    s.day(2);
    for till in &s.tills {
        till.store.look_after_referrals().unwrap();
    }
    s.calm();
    assert_eq!(s.points(1), 13);
    // 7 for joining, 20 for each sale, 11 for the first of them.
    assert_eq!(s.points(2), 7 + 40 + 11);
    assert_eq!(s.states(0, 1), [(Side::Referrer, RewardState::Granted)]);
    assert!(
        s.tills[0].store.conflicts().unwrap().is_empty(),
        "nobody has to look at it"
    );
}

#[test]
fn a_refund_at_another_till_takes_it_back_also_after_it_was_granted_there() {
    let mut s = shop();
    s.brings(0, 2, 1);
    s.buys(0, "A", 2);
    s.agree();
    s.day(2);
    // Apart: one grants, the other gives the money back.
    s.tills[0].store.look_after_referrals().unwrap();
    let store = &s.tills[1].store;
    let refund = Refund {
        source: "pos".into(),
        sale_id: "A".into(),
        refund_id: "R".into(),
        amount: None,
    };
    store.refund(store.new_op(), by(), refund).unwrap();
    s.calm();
    assert_eq!((s.points(1), s.points(2)), (0, 7));
    assert_eq!(s.states(1, 1), [(Side::Referrer, RewardState::Reversed)]);
    // What is bought again counts again, once.
    s.buys(1, "C", 2);
    s.day(2);
    s.calm();
    assert_eq!((s.points(1), s.points(2)), (13, 7 + 20 + 11));
}

#[test]
fn a_join_elsewhere_and_a_sale_that_did_not_know_of_it() {
    let mut s = shop();
    // Two tills enrol the same phone; one of them was told who sent them.
    s.brings(0, 2, 1);
    s.buys(1, "A", 2);
    s.calm();
    s.day(2);
    s.calm();
    assert_eq!((s.points(1), s.points(2)), (13, 7 + 20 + 11));
    // Both were told somebody: the older one stands, and what the other brought goes.
    s.brings(0, 3, 1);
    s.tills[1].clock.pass(1000);
    s.brings(1, 3, 2);
    s.calm();
    s.buys(0, "B", 3);
    s.day(2);
    s.calm();
    assert_eq!(s.points(1), 26);
    // As a friend of a friend's neither, because the one above would be the same chain: 1 sent 3 directly.
    assert_eq!((s.points(2), s.points(3)), (38, 7 + 20 + 11));
}

#[test]
fn two_members_who_are_one_are_brought_once() {
    let mut s = shop();
    s.brings(0, 2, 1);
    s.tills[0].clock.pass(1000);
    s.brings(0, 3, 1);
    s.buys(0, "A", 2);
    s.buys(0, "B", 3);
    s.day(2);
    s.calm();
    assert_eq!(s.points(1), 26);
    let store = &s.tills[1].store;
    let of = |n: u32| store.member(Key::Phone(&phone(n))).unwrap().unwrap().member_id;
    store.merge_members(store.new_op(), manager(), of(2), of(3)).unwrap();
    s.calm();
    assert_eq!(s.points(1), 13, "the older one stays, and is rewarded once");
    assert_eq!(s.points(2), 7 + 11 + 40);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: super::days() / 2, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever happened: once all have heard all, each reward is there once or not at all, none for what is gone.
    #[test]
    fn every_reward_is_there_once(steps in prop::collection::vec((0_usize..3, prop_oneof![
        4 => step().prop_map(super::Step::Referral), 6 => super::step(),
    ]), 1..80)) {
        let mut shop = tills(3);
        for (till, step) in &steps {
            // A lost till never hears again.
            if !matches!(step, super::Step::Lose) {
                shop.step(*till, step);
            }
        }
        shop.calm();
        shop.day(40);
        shop.calm();
        for till in &shop.tills {
            let all = till.members();
            for member in all {
                for reward in till.store.referral_rewards(member).unwrap() {
                    prop_assert!(reward.state != RewardState::Pending, "{reward:?}");
                }
            }
        }
    }
}

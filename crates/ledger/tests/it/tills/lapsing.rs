//! Members who stay away, at several tills: what was chosen and done is the same everywhere, and what comes next follows.

use ledger::Error;
use loyalty::lapsing::{Acted, Bonus, Choice, Next, Resting, Usual};
use loyalty::op::Body;
use loyalty::{Code, EntryId, MemberId, UtcMs};
use proptest::prelude::*;

use super::{Till, Tills, tills};
use crate::support::{manager, owner, phone, sale};

/// One thing that happens about somebody who stays away.
#[derive(Clone, Debug)]
pub enum Step {
    /// The owner chooses at a till.
    Choose { member: usize, choice: Option<Choice> },
    /// What is usual changes.
    Set { choice: Choice, bonus: i64 },
    /// The relay does something.
    Act { member: usize, bonus: i64 },
}

pub fn step() -> impl Strategy<Value = Step> {
    let choice = || prop::sample::select(vec![Choice::Nudge, Choice::Bonus, Choice::Rest]);
    let member = 0_usize..6;
    prop_oneof![
        3 => (member.clone(), prop::option::weighted(0.8, choice())).prop_map(|(member, choice)| Step::Choose { member, choice }),
        1 => (choice(), 0_i64..3).prop_map(|(choice, bonus)| Step::Set { choice, bonus: bonus * 20 }),
        3 => (member, 0_i64..3).prop_map(|(member, bonus)| Step::Act { member, bonus: bonus * 20 }),
    ]
}

impl Till {
    pub fn lapse(&self, step: &Step) -> Result<(), Error> {
        let store = &self.store;
        match step {
            Step::Choose { member, choice } => store
                .choose_lapsing(owner(), vec![self.member(*member)?], *choice)
                .map(drop),
            Step::Set { choice, bonus } => {
                let usual = Usual {
                    choice: *choice,
                    bonus: *bonus,
                };
                store.set_lapsing(store.new_op(), owner(), usual)
            }
            Step::Act { .. } => Ok(()),
        }
    }
}

impl Tills {
    /// The relay writes that it did something about one of those it knows.
    pub fn relay_acts(&mut self, member: usize, bonus: i64) {
        let known: Vec<MemberId> = self.relay.folded.balances.keys().copied().collect();
        let Some(member) = known.get(member % known.len().max(1)).copied() else {
            return;
        };
        self.acts(member, 1, bonus);
    }

    fn acts(&mut self, member: MemberId, nth: i64, bonus: i64) {
        let entry = EntryId(self.relay.id());
        let acted = Acted {
            member,
            since: UtcMs(0),
            nth,
            bonus: (bonus > 0).then_some(Bonus { entry, points: bonus }),
            chosen: None,
            rules_version: 1,
        };
        self.relay.write(&Body::LapsingActed(acted));
    }

    fn pass(&self, days: i64) {
        for till in &self.tills {
            till.clock.pass(days * UtcMs::DAY_MS);
        }
    }
}

#[test]
fn who_stays_away_and_what_comes_next_is_the_same_at_every_till() {
    let mut t = tills(2);
    let rules =
        "Earn 1 point per $1\nLapsing after 60 days for members with 2 visits; nudge at most 2 times; then rest\n";
    t.tills[0]
        .store
        .publish_rules(t.tills[0].store.new_op(), manager().by, rules.into())
        .unwrap();
    for (id, n) in [("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 3)] {
        let store = &t.tills[0].store;
        store
            .enrol(store.new_op(), manager().by, ledger::NewMember::with_phone(phone(n)))
            .unwrap();
        store
            .credit(store.new_op(), manager().by, sale(store, id, n, "12"))
            .unwrap();
    }
    t.settle();
    assert!(t.tills[1].store.win_back().unwrap().away.is_empty());
    t.pass(61);
    // Somebody who came once does not count; somebody who was here today at the other till does not stay away.
    let store = &t.tills[1].store;
    store
        .credit(store.new_op(), manager().by, sale(store, "f", 3, "12"))
        .unwrap();
    t.agree();
    let list = |t: &Tills, till: usize| {
        let all = t.tills[till].store.win_back().unwrap();
        (
            all.away
                .iter()
                .map(|a| (a.member, a.lapse.nudges, a.next))
                .collect::<Vec<_>>(),
            all.results,
        )
    };
    let (away, _) = list(&t, 0);
    assert_eq!((away.len(), away[0].1, away[0].2), (1, 0, Next::Mail(0)));
    assert_eq!(list(&t, 1).0, away);
    let ana = away[0].0;
    // The owner's choices: not by others, no bonus while none is set; taken back; the last word stands.
    let store = &t.tills[1].store;
    assert!(
        matches!(store.choose_lapsing(manager(), vec![ana], Some(Choice::Rest)), Err(Error::Refused(r)) if r.code == Code::NotAllowed)
    );
    assert!(
        matches!(store.choose_lapsing(owner(), vec![ana], Some(Choice::Bonus)), Err(Error::Refused(r)) if r.code == Code::BadPoints)
    );
    let usual = Usual {
        choice: Choice::Nudge,
        bonus: 25,
    };
    store.set_lapsing(store.new_op(), owner(), usual).unwrap();
    assert_eq!(store.choose_lapsing(owner(), vec![ana], Some(Choice::Rest)).unwrap(), 1);
    assert_eq!(store.choose_lapsing(owner(), vec![ana], Some(Choice::Rest)).unwrap(), 0);
    t.agree();
    assert_eq!(list(&t, 0).0[0].2, Next::Rest(Resting::Chosen));
    let store = &t.tills[0].store;
    store.choose_lapsing(owner(), vec![ana], None).unwrap();
    store.choose_lapsing(owner(), vec![ana], Some(Choice::Bonus)).unwrap();
    t.agree();
    assert_eq!(list(&t, 1).0[0].2, Next::Mail(25));
    // What the relay did is known at both, its points too; the line can be taken back like any bonus.
    let before = t.tills[0].store.win_back().unwrap().away[0].points;
    t.relay.at = t.tills[0].store.now();
    t.acts(ana, 1, 25);
    t.agree();
    let all = t.tills[0].store.win_back().unwrap();
    assert_eq!((all.away[0].points, all.away[0].lapse.nudges), (before + 25, 1));
    assert_eq!(
        (
            all.results.nudges,
            all.results.bonuses,
            all.results.points,
            all.results.win_backs
        ),
        (1, 1, 25, 0)
    );
}

#[test]
fn a_visit_within_thirty_days_of_a_mail_is_won_back_once() {
    let mut t = tills(1);
    let store = &t.tills[0].store;
    for n in [1, 2] {
        store
            .enrol(store.new_op(), manager().by, ledger::NewMember::with_phone(phone(n)))
            .unwrap();
        store
            .credit(
                store.new_op(),
                manager().by,
                sale(store, &format!("first {n}"), n, "12"),
            )
            .unwrap();
    }
    t.settle();
    let known: Vec<MemberId> = t.relay.folded.balances.keys().copied().collect();
    t.pass(1);
    t.relay.at = t.tills[0].store.now();
    for member in &known {
        t.acts(*member, 1, 0);
    }
    let found = t.tills[0].store.member(ledger::Key::Phone(&phone(1))).unwrap();
    let first = found.unwrap().member_id;
    t.acts(first, 2, 0);
    t.settle();
    t.pass(20);
    let store = &t.tills[0].store;
    for id in ["back", "again"] {
        store
            .credit(store.new_op(), manager().by, sale(store, id, 1, "12"))
            .unwrap();
    }
    t.pass(11);
    let store = &t.tills[0].store;
    store
        .credit(store.new_op(), manager().by, sale(store, "late", 2, "12"))
        .unwrap();
    let results = store.win_back().unwrap().results;
    assert_eq!((results.nudges, results.win_backs), (3, 1));
    // Who it was, with both mails and all that they spent within thirty days of the last one.
    let back = store.came_back().unwrap();
    let seen: Vec<_> = back
        .iter()
        .map(|b| (b.member, b.mails, b.bonus, b.spent_minor))
        .collect();
    assert_eq!(seen, [(first, 2, 0, 2_400)]);
    assert!(back[0].mailed_at < back[0].at);
}

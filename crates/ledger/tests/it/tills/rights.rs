//! What the relay of these tests does with rights: grants, a lost till, its suspense and what the shop loses; and days
//! written by hand.

use ledger::{Error, Key, NewMember, Store};
use loyalty::op::{Body, By};
use loyalty::{Code, EntryId, MemberId, Origin, Points};

use super::{ALL, Step, Tills, tills};
use crate::support::{manager, phone, refused};

impl Tills {
    fn origin(&self, till: usize) -> Origin {
        self.tills[till].store.shop().till_id
    }

    /// A till pushes all it has and asks for a member's points: it gets what the relay holds.
    pub fn acquire(&mut self, till: usize, member: usize, hears: bool) {
        if self.lost == Some(till) {
            return;
        }
        self.push(till, ALL);
        if let Ok(member) = self.tills[till].member(member) {
            self.grant(till, member);
        }
        if hears {
            self.pull(till, ALL);
        }
    }

    pub fn grant(&mut self, till: usize, member: MemberId) -> Points {
        let to = self.origin(till);
        let points = self.held(member, Origin::RELAY);
        if points > 0 {
            self.relay.write(&Body::RightsGranted { member, to, points });
        }
        points.max(0)
    }

    /// What the relay knows that a holder has.
    pub fn held(&self, member: MemberId, holder: Origin) -> Points {
        self.relay
            .folded
            .rights
            .get(&(member, holder))
            .copied()
            .unwrap_or_default()
    }

    /// The owner gives a till up, one at the most.
    pub fn lose(&mut self, till: usize) {
        if self.lost.is_none() {
            self.lost = Some(till);
            self.relay.write(&Body::TillLost {
                till: self.origin(till),
            });
        }
    }

    /// The owner releases what a lost till held of somebody.
    pub fn release(&mut self, n: usize) {
        let Some(till) = self.lost.map(|lost| self.origin(lost)) else {
            return;
        };
        let held = self.relay.folded.rights.iter();
        let suspended: Vec<(MemberId, Points)> = held
            .filter(|((_, holder), points)| *holder == till && **points > 0)
            .map(|((member, _), points)| (*member, *points))
            .collect();
        if let Some((member, points)) = suspended.get(n % suspended.len().max(1)).copied() {
            self.relay.write(&Body::SuspenseReleased { till, member, points });
        }
    }

    /// The owner decides what the shop lost.
    pub fn settle_loss(&mut self, forgive: bool) {
        let Some(till) = self.lost.map(|lost| self.origin(lost)) else {
            return;
        };
        let members: Vec<MemberId> = self.relay.folded.balances.keys().copied().collect();
        for member in members {
            let points = self.relay.folded.lost_points(member);
            if points > 0 {
                let forgiven = forgive.then(|| EntryId(self.relay.id()));
                self.relay.write(&Body::LossSettled {
                    till,
                    member,
                    points,
                    forgiven,
                });
            }
        }
    }

    pub fn redeem(&mut self, till: usize, member: MemberId) -> Result<(), Error> {
        let store = &self.tills[till].store;
        store
            .redeem(store.new_op(), By::Job("test".into()), member, "Free coffee".into())
            .map(drop)
    }

    fn all(&self, till: usize, member: MemberId) -> (Points, Points) {
        let member = self.tills[till].store.member(Key::Id(member)).unwrap().unwrap();
        (member.balance, member.spendable)
    }
}

fn give(store: &Store, member: MemberId, points: Points) {
    store
        .adjust(store.new_op(), manager(), member, points, "Sorry".into())
        .unwrap();
}

/// Two tills and a member with 100 points at the first.
pub fn shop_with_points() -> (Tills, MemberId) {
    let mut shop = tills(2);
    let store = &shop.tills[0].store;
    let new = NewMember::with_phone(phone(1));
    let (member, _) = store.enrol(store.new_op(), By::Job("test".into()), new).unwrap();
    give(store, member, 100);
    shop.settle();
    (shop, member)
}

#[test]
fn what_one_till_gives_back_another_is_granted_and_spends() {
    let (mut shop, member) = shop_with_points();
    assert_eq!(shop.all(1, member), (100, 0));
    assert_eq!(refused(shop.redeem(1, member)), Code::NotEnoughPoints);
    assert_eq!(shop.tills[0].store.return_rights(member).unwrap(), 100);
    assert_eq!(
        shop.tills[0].store.return_rights(member).unwrap(),
        0,
        "there is nothing left"
    );
    assert_eq!(refused(shop.redeem(0, member)), Code::NotEnoughPoints);
    shop.push(0, ALL);
    assert_eq!(shop.grant(1, member), 100);
    assert_eq!(shop.grant(1, member), 0, "granted once");
    shop.settle();
    shop.redeem(1, member).unwrap();
    shop.agree();
    assert_eq!(shop.all(0, member), (0, 0));
}

#[test]
fn a_lost_tills_points_wait_and_what_it_spent_unheard_is_the_shops_loss() {
    let (mut shop, member) = shop_with_points();
    shop.redeem(0, member).unwrap();
    shop.lose(0);
    shop.pull(1, ALL);
    assert_eq!(shop.all(1, member), (100, 0), "in the balance, and nobody's");
    let holders = shop.tills[1].store.holders(member).unwrap();
    assert!(holders.held[0].suspended && holders.loss == 0, "{holders:?}");
    shop.release(0);
    shop.grant(1, member);
    shop.pull(1, ALL);
    shop.redeem(1, member).unwrap();
    assert_eq!(shop.all(1, member), (0, 0));
    // Its disk comes back.
    shop.agree();
    let holders = shop.tills[1].store.holders(member).unwrap();
    assert_eq!((holders.balance, holders.loss), (0, 100), "{holders:?}");
    let refused = shop.tills[0].store.redeem(
        shop.tills[0].store.new_op(),
        By::Job("test".into()),
        member,
        "Free coffee".into(),
    );
    assert!(refused.is_err(), "a till that knows it is lost does nothing");
}

#[test]
fn a_loss_is_forgiven_or_owed() {
    for (forgive, balance) in [(true, 0), (false, -100)] {
        let (mut shop, member) = shop_with_points();
        shop.redeem(0, member).unwrap();
        shop.lose(0);
        shop.release(0);
        shop.grant(1, member);
        shop.pull(1, ALL);
        shop.redeem(1, member).unwrap();
        shop.push(0, ALL);
        shop.settle_loss(forgive);
        shop.agree();
        let holders = shop.tills[1].store.holders(member).unwrap();
        assert_eq!((holders.balance, holders.loss), (balance, 0), "forgive: {forgive}");
        give(&shop.tills[1].store, member, 150);
        assert_eq!(shop.all(1, member).0, 150 + balance);
    }
}

#[test]
fn suspense_that_was_not_spent_is_freed_when_the_disk_comes_back() {
    let (mut shop, member) = shop_with_points();
    shop.lose(0);
    shop.push(0, ALL);
    shop.release(0);
    shop.agree();
    let holders = shop.tills[1].store.holders(member).unwrap();
    assert_eq!((holders.balance, holders.loss), (100, 0));
    assert_eq!(holders.held[0].holder, Origin::RELAY);
    assert_eq!(shop.held(member, Origin::RELAY), 100);
}

#[test]
fn a_grant_that_is_told_after_much_else_is_taken_once() {
    let (mut shop, member) = shop_with_points();
    for n in 0..5 {
        let (from, to) = (n % 2, (n + 1) % 2);
        shop.tills[from].store.return_rights(member).unwrap();
        shop.push(from, ALL);
        assert_eq!(shop.grant(to, member), 100);
        shop.step(to, &Step::Pull { n: ALL });
    }
    shop.agree();
    assert_eq!(shop.held(member, shop.origin(1)), 100);
}

//! The made-up year as it is lived at the counter: joining, buying, rewards, mistakes and how they are put right.
//! Everything goes through the store as a cashier's doings would, on a clock that stands at that moment.

use ledger::{Actor, Key, NewMember, Redemption, Store, Tx};
use loyalty::op::By;
use loyalty::{Code, EntryId, MemberId, Money, Phone, Points, Role, Sale, StaffId, UtcMs, Who, sale};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

use super::machine::HandClock;
use super::people::Person;
use super::visits::Visit;
use crate::failure::Result;

/// Visits in one transaction.
const BATCH: usize = 2000;

/// Why a manager adjusts points, and by how many.
const ADJUSTMENTS: [(Points, &str); 5] = [
    (20, "Sorry for the wrong drink"),
    (10, "Waited too long for the order"),
    (50, "Won the latte art raffle"),
    (-15, "Credited twice by mistake"),
    (25, "Brought back a lost wallet"),
];

/// Everything the year needs.
pub struct Year {
    rng: ChaCha8Rng,
    clock: Arc<HandClock>,
    staff: Vec<StaffId>,
    people: Vec<Person>,
    members: Vec<Option<MemberId>>,
    sales: u64,
}

impl Year {
    /// The shop opens. `staff`: owner, manager, cashiers.
    pub fn new(rng: ChaCha8Rng, clock: Arc<HandClock>, staff: Vec<StaffId>, people: Vec<Person>) -> Self {
        Self {
            rng,
            clock,
            staff,
            members: vec![None; people.len()],
            people,
            sales: 0,
        }
    }

    /// Who stands at the counter: the cashiers by turns, at noon the manager.
    fn actor(&self, at: UtcMs) -> Actor {
        let (day, hour) = (at.0 / UtcMs::DAY_MS, at.0 / 3_600_000 % 24);
        let (place, role) = match (hour, day % 2) {
            (20, _) => (1, Role::Manager),
            (_, 0) => (2, Role::Cashier),
            _ => (3, Role::Cashier),
        };
        let staff = self.staff.get(place).or(self.staff.first());
        Actor {
            by: staff.map_or(By::Job("demo".into()), |s| By::Staff(*s)),
            role,
        }
    }

    fn later(&self, at: UtcMs, seconds: i64) {
        self.clock.move_to(UtcMs(at.0 + seconds * 1000));
    }

    fn visit(&mut self, tx: &Tx<'_>, visit: &Visit) -> ledger::Result<()> {
        let actor = self.actor(visit.at);
        self.later(visit.at, 0);
        let member = self.member(tx, &actor, visit.person)?;
        let entry = self.credit(tx, &actor, member, visit, visit.total_minor())?;
        // Now and then a wrong amount: taken back and typed again.
        if let Some(entry) = entry.filter(|_| self.rng.random_bool(0.002)) {
            self.later(visit.at, 25);
            tx.reverse(tx.new_op(), &actor, entry)?;
            self.later(visit.at, 40);
            self.credit(tx, &actor, member, visit, visit.total_minor() + 100)?;
        }
        self.full_card(tx, &actor, member, visit)?;
        self.rewards(tx, &actor, member, visit.at)?;
        if self.rng.random_bool(0.0015) {
            self.adjust(tx, member, visit.at)?;
        }
        Ok(())
    }

    fn member(&mut self, tx: &Tx<'_>, actor: &Actor, person: usize) -> ledger::Result<MemberId> {
        if let Some(id) = self.members[person] {
            return Ok(id);
        }
        let p = &self.people[person];
        let new = NewMember {
            phone: Phone::parse(&p.phone, tx.shop().region)?,
            name: p.name.clone(),
            email: p.email.clone(),
            email_consent: p.consent,
            birthday: p.birthday.as_deref().and_then(|b| b.parse().ok()),
        };
        let (id, _) = tx.enrol(tx.new_op(), &actor.by, &new)?;
        self.members[person] = Some(id);
        Ok(id)
    }

    fn credit(
        &mut self,
        tx: &Tx<'_>,
        actor: &Actor,
        member: MemberId,
        visit: &Visit,
        minor: i64,
    ) -> ledger::Result<Option<EntryId>> {
        self.sales += 1;
        let sale = Sale {
            source: sale::SOURCE_POS.into(),
            sale_id: format!("HC-{:06}", self.sales),
            who: Who::Member(member),
            total: Money::new(minor, tx.shop().currency),
            tax_minor: 0,
            tip_minor: 0,
            items: visit.items.clone(),
            occurred_at: tx.now(),
        };
        Ok(tx.credit(tx.new_op(), &actor.by, &sale)?.entry)
    }

    /// Some take a reward as soon as they can, some save for a larger one.
    fn rewards(&mut self, tx: &Tx<'_>, actor: &Actor, member: MemberId, at: UtcMs) -> ledger::Result<()> {
        let balance = tx.member(Key::Id(member))?.balance;
        let rules = tx.rules()?;
        let within: Vec<_> = rules.rules.rewards().iter().filter(|r| r.points <= balance).collect();
        let Some(reward) = within.choose(&mut self.rng).filter(|_| self.rng.random_bool(0.2)) else {
            return Ok(());
        };
        self.later(at, 20);
        let moved = tx.redeem(tx.new_op(), &actor.by, member, &reward.name.as_str().into())?;
        // Changed their mind.
        if self.rng.random_bool(0.02) {
            self.later(at, 50);
            tx.reverse(tx.new_op(), actor, moved.entry)?;
        }
        Ok(())
    }

    /// Most take the free one as soon as what they bought fills a card.
    fn full_card(&mut self, tx: &Tx<'_>, actor: &Actor, member: MemberId, visit: &Visit) -> ledger::Result<()> {
        let rules = tx.rules()?;
        let bought = !rules.rules.stamps(&visit.items).is_empty();
        let Some(card) = rules.rules.stamp_cards().next().filter(|_| bought) else {
            return Ok(());
        };
        if !self.rng.random_bool(0.7) {
            return Ok(());
        }
        self.later(visit.at, 15);
        let what = Redemption::Card { card: card.name() };
        match tx.attempt(|| tx.redeem(tx.new_op(), &actor.by, member, &what)) {
            Err(ledger::Error::Refused(no)) if no.code == Code::NotEnoughStamps => Ok(()),
            other => other.map(drop),
        }
    }

    fn adjust(&mut self, tx: &Tx<'_>, member: MemberId, at: UtcMs) -> ledger::Result<()> {
        let Some((points, reason)) = ADJUSTMENTS.choose(&mut self.rng) else {
            return Ok(());
        };
        let manager = Actor {
            by: self.staff.get(1).map_or(By::Job("demo".into()), |s| By::Staff(*s)),
            role: Role::Manager,
        };
        if tx.member(Key::Id(member))?.balance + points < 0 {
            return Ok(());
        }
        self.later(at, 90);
        tx.adjust(tx.new_op(), &manager, member, *points, reason)?;
        Ok(())
    }
}

/// Lives the year.
pub fn live(store: &Store, mut year: Year, visits: Vec<Visit>) -> Result<()> {
    let mut visits = visits.into_iter();
    loop {
        let batch: Vec<Visit> = visits.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            return Ok(());
        }
        year = store.write(move |tx| {
            for visit in &batch {
                year.visit(tx, visit)?;
            }
            Ok(year)
        })?;
    }
}

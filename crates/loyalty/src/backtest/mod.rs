//! What draft rules would have made of the past: a walk over the shop's sales in the order of time, compared with what
//! really happened.
//!
//! - A member's facts run along as the draft would have made them: points it gives, less what was really redeemed,
//!   expired, adjusted; the year's sums for tiers; the sales within a window for hold rules.
//! - A sale counts as it stands now: one that was taken back gave nothing, one partly refunded gave its share.
//! - A sale that only the draft would hold counts as approved, for it was a sale. One that was held then and would be
//!   held now counts as it was decided.
//! - Bonuses without a sale and expiry stay as they were. A sale of nobody counts on neither side.
//! - A sale that earns by the draft gives the draft's stamps, all of them unless it was taken back whole.
//!
//! - Members don't touch each other, so several tests may share a past, each with its own members, and be joined.
//!
//! No I/O and no clock: the caller feeds, shows progress, and cancels by no longer feeding.

mod report;

pub use report::{Change, Month, Report, Side};

use std::collections::HashMap;

use crate::Points;
use crate::ids::MemberId;
use crate::money::{Currency, Money};
use crate::op::CardStamps;
use crate::rules::{MemberFacts, Move, Needs, Outcome, Rules, SaleFacts};
use crate::sale::Item;
use crate::standing::Standing;
use crate::time::{ShopZone, UtcMs};
use report::Tally;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Past {
    /// A sale.
    Sale(PastSale),
    /// Points moved without a sale, or were spent.
    Moved(Moved),
    /// A member's birthday is known: month and day. Told before the first sale, where the draft asks for it.
    Birthday(MemberId, (u32, u32)),
}

/// Points that moved without a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Whose.
    pub member: MemberId,
    /// When.
    pub at: UtcMs,
    /// Signed.
    pub points: Points,
    /// Whether they count as earned, for tiers: a bonus does.
    pub earned: bool,
}

/// A sale and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PastSale {
    /// Whose; none for a walk-in.
    pub member: Option<MemberId>,
    /// What was paid, in minor units.
    pub total_minor: i64,
    /// The tax in it, in minor units; 0 where unknown.
    pub tax_minor: i64,
    /// The tip in it, in minor units; 0 where unknown.
    pub tip_minor: i64,
    /// What was given back of it since, in minor units.
    pub refunded_minor: i64,
    /// Taken back whole.
    pub taken_back: bool,
    /// What was sold, where known.
    pub items: Vec<Item>,
    /// When it happened.
    pub occurred_at: UtcMs,
    /// When it was recorded.
    pub recorded_at: UtcMs,
    /// What was done with it.
    pub move_: Move,
    /// Whether it was credited: not so while it is held, or when it was rejected.
    pub credited: bool,
    /// The points it was credited with, before any refund.
    pub points: Points,
}

impl PastSale {
    /// Nothing of it is left.
    fn whole_back(&self) -> bool {
        self.taken_back || (self.total_minor > 0 && self.refunded_minor == self.total_minor)
    }

    /// What is left of `points` after the refunds: the share of the money that is left, rounded down.
    fn kept(&self, points: Points) -> Points {
        match (self.taken_back, self.refunded_minor, self.total_minor) {
            (true, ..) => 0,
            (_, 0, _) | (_, _, 0) => points,
            (_, refunded, total) => {
                let kept = i128::from(points) * i128::from(total - refunded) / i128::from(total);
                // Never more than `points`, which is a Points.
                Points::try_from(kept).unwrap_or(points)
            }
        }
    }
}

/// A member on the way through the past.
#[derive(Debug, Default)]
struct Person {
    facts: MemberFacts,
    standing: Standing,
    then: Points,
    now: Points,
}

/// A back-test under way.
#[derive(Debug)]
pub struct Backtest<'r> {
    draft: &'r Rules,
    needs: Needs,
    /// Whether it has stamp cards.
    cards: bool,
    zone: ShopZone,
    currency: Currency,
    people: HashMap<MemberId, Person>,
    tally: Tally,
}

impl<'r> Backtest<'r> {
    /// Of `draft`, for a shop in `zone` (the draft's own time zone comes first).
    #[must_use]
    pub fn new(draft: &'r Rules, zone: ShopZone) -> Self {
        Self {
            draft,
            needs: draft.needs(),
            cards: draft.stamp_cards().next().is_some(),
            zone: draft.time_zone().unwrap_or(zone),
            currency: draft.currency(),
            people: HashMap::new(),
            tally: Tally::default(),
        }
    }

    /// The next thing that happened. Hand them in in the order of time.
    pub fn feed(&mut self, past: &Past) {
        match past {
            Past::Sale(sale) => self.sale(sale),
            Past::Birthday(member, day) => self.people.entry(*member).or_default().facts.birthday = Some(*day),
            Past::Moved(moved) => {
                let person = self.people.entry(moved.member).or_default();
                person.facts.balance += moved.points;
                if moved.earned && self.needs.year {
                    person.standing.gain(self.draft, moved.at, moved.points, 0);
                }
            }
        }
    }

    fn sale(&mut self, sale: &PastSale) {
        let local = self.zone.local(sale.occurred_at);
        let Some(member) = sale.member else {
            self.tally.walk_in(sale.occurred_at);
            return;
        };
        let person = self.people.entry(member).or_default();
        person.come_to(self.draft, self.needs, self.zone, sale.occurred_at);
        let facts = SaleFacts {
            now: sale.recorded_at,
            tax_minor: sale.tax_minor,
            tip_minor: sale.tip_minor,
            ..SaleFacts::new(
                Money::new(sale.total_minor, self.currency),
                &sale.items,
                sale.occurred_at,
                local,
            )
        };
        let decided = self.draft.outcome(&facts, &person.facts);
        let (credited, points) = given(sale, &decided);
        let (then, now) = (sale.kept(sale.points), sale.kept(points));
        person.buys(self.draft, self.needs, sale, credited, now);
        person.then += then;
        person.now += now;
        if self.cards && credited && decided.move_ != Move::Skip && !sale.whole_back() {
            self.tally.stamps(self.draft.stamps(&sale.items));
        }
        self.tally
            .sale(sale.occurred_at, local.date(), (sale.move_, then), (decided.move_, now));
    }

    /// Takes in what a test of the same draft made of the past of other members: who is fed to one must not be fed to
    /// the other. What comes of them together is what one test would have made of all.
    pub fn join(&mut self, other: Self) {
        self.people.extend(other.people);
        self.tally.join(other.tally);
    }

    /// How many sales were fed.
    #[must_use]
    pub fn sales(&self) -> i64 {
        self.tally.sales()
    }

    /// The comparison, so far. `in_force` are the rules whose rewards tell what points cost then, `stamps_then` are the
    /// stamps that were given, card by card, less what was taken back.
    #[must_use]
    pub fn report(&self, in_force: &Rules, stamps_then: &[CardStamps]) -> Report {
        let changes = self.people.iter().map(|(member, person)| Change {
            member: *member,
            then: person.then,
            now: person.now,
        });
        self.tally.report(changes, (in_force, stamps_then), self.draft)
    }
}

/// Whether the draft credits the sale, and with how many points before refunds.
fn given(sale: &PastSale, decided: &Outcome) -> (bool, Points) {
    match (decided.move_, sale.move_) {
        (Move::Hold, Move::Hold) => (sale.credited, if sale.credited { sale.points } else { 0 }),
        _ => (true, decided.points),
    }
}

impl Person {
    /// Time passes until the next sale.
    fn come_to(&mut self, rules: &Rules, needs: Needs, zone: ShopZone, at: UtcMs) {
        if let Some(window_ms) = needs.sales_window_ms {
            self.facts.recent_sales.retain(|t| t.0 > at.0 - window_ms);
        }
        if needs.year {
            self.standing.tell(rules, zone, at, &mut self.facts);
        }
    }

    /// What a sale leaves behind for the next one.
    fn buys(&mut self, rules: &Rules, needs: Needs, sale: &PastSale, credited: bool, points: Points) {
        if sale.taken_back {
            return;
        }
        if needs.sales_window_ms.is_some() {
            self.facts.recent_sales.push(sale.occurred_at);
        }
        if credited {
            self.facts.balance += points;
            self.facts.visits += 1;
            if needs.year {
                let spent_minor = sale.total_minor - sale.refunded_minor;
                self.standing.gain(rules, sale.occurred_at, points, spent_minor);
            }
        }
    }
}

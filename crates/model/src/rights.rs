//! Earning, redeeming, returning and acquiring at any number of tills, with answers that are lost, and the variant that
//! was rejected: a relay which takes rights back because time has passed.
//!
//! A till's log reaches the relay in one piece (a page that is cut is one that was shorter). The relay takes it by the
//! place in the till's log, and the till takes the relay's grants by its cursor, so a repeated message is a message of
//! nothing. Losing a request is the same as not sending it.

use stateright::{Model, Property};

use crate::{Bounds, Op};

/// A till.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Till {
    /// What it may spend.
    pub rights: u8,
    /// All it did, in order.
    pub log: Vec<Op>,
    /// How many of them it knows the relay to have.
    pub acknowledged: u8,
    /// How many of the relay's operations it has applied.
    pub cursor: u8,
}

/// An operation of the relay's: so many points to (or, in the rejected variant, from) a till.
pub type Grant = (u8, i8);

/// The relay and its tills.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State<const TILLS: usize> {
    /// The tills.
    pub tills: [Till; TILLS],
    /// What the relay holds itself.
    pub pool: i8,
    /// What each till holds, as far as the relay knows.
    pub held: [i8; TILLS],
    /// How many operations of each till it has.
    pub taken: [u8; TILLS],
    /// Its own operations.
    pub grants: Vec<Grant>,
    /// Points earned, points redeemed, moves made.
    pub count: (u8, u8, u8),
    /// Of which tills it took the rights back by time alone.
    pub reclaimed: [bool; TILLS],
}

/// One thing that happens. `answered` is whether the answer comes through; the relay has done its part either way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the words say it: which till, how many points")]
pub enum Move {
    Earn { till: u8 },
    Redeem { till: u8, points: u8 },
    Return { till: u8 },
    Sync { till: u8, answered: bool },
    Acquire { till: u8, answered: bool },
    ReclaimByTime { till: u8 },
}

/// The protocol within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Rights<const TILLS: usize> {
    /// How much may happen.
    pub bounds: Bounds,
    /// The rejected variant.
    pub reclaims_by_time: bool,
}

impl<const TILLS: usize> State<TILLS> {
    fn start() -> Self {
        Self {
            tills: std::array::from_fn(|_| Till::default()),
            pool: 0,
            held: [0; TILLS],
            taken: [0; TILLS],
            grants: Vec::new(),
            count: (0, 0, 0),
            reclaimed: [false; TILLS],
        }
    }

    /// The relay takes what it does not have yet of a till's log.
    fn take(&mut self, till: usize) {
        let log = &self.tills[till].log;
        for op in &log[usize::from(self.taken[till])..] {
            match *op {
                Op::Earn(n) => self.held[till] += small(n),
                Op::Spend(n) => self.held[till] -= small(n),
                Op::Return(n) => {
                    self.held[till] -= small(n);
                    self.pool += small(n);
                }
            }
        }
        self.taken[till] = length(log);
    }

    /// The answer comes through: the till applies what it has not yet of the relay's log.
    fn answer(&mut self, till: usize) {
        let at = &mut self.tills[till];
        let news = &self.grants[usize::from(at.cursor)..];
        let mine = news.iter().filter(|(to, _)| usize::from(*to) == till);
        let sum: i8 = mine.map(|(_, n)| n).sum();
        // A till whose rights were taken back by time may have spent them: what is left is what it sees.
        at.rights = at.rights.saturating_add_signed(sum);
        (at.acknowledged, at.cursor) = (length(&at.log), length(&self.grants));
    }

    fn earned_and_redeemed_at_relay(&self) -> i8 {
        let known = self
            .tills
            .iter()
            .zip(self.taken)
            .flat_map(|(till, taken)| &till.log[..usize::from(taken)]);
        known
            .map(|op| match *op {
                Op::Earn(n) => small(n),
                Op::Spend(n) => -small(n),
                Op::Return(_) => 0,
            })
            .sum()
    }

    fn caught_up(&self, till: usize) -> bool {
        let at = &self.tills[till];
        self.taken[till] == length(&at.log) && at.cursor == length(&self.grants)
    }
}

impl<const TILLS: usize> Model for Rights<TILLS> {
    type State = State<TILLS>;
    type Action = Move;

    fn init_states(&self) -> Vec<State<TILLS>> {
        vec![State::start()]
    }

    fn actions(&self, s: &State<TILLS>, moves: &mut Vec<Move>) {
        let (earned, redeemed, moved) = s.count;
        for (at, till) in (0..).zip(&s.tills) {
            let i = usize::from(at);
            if earned < self.bounds.earn_max {
                moves.push(Move::Earn { till: at });
            }
            for points in 1..=2 {
                if till.rights >= points && redeemed + points <= self.bounds.spend_max {
                    moves.push(Move::Redeem { till: at, points });
                }
            }
            if till.rights > 0 && moved < self.bounds.moves_max {
                moves.push(Move::Return { till: at });
            }
            let quiet = s.caught_up(i) && till.acknowledged == length(&till.log);
            for answered in [false, true] {
                if !quiet {
                    moves.push(Move::Sync { till: at, answered });
                }
                if moved < self.bounds.moves_max {
                    moves.push(Move::Acquire { till: at, answered });
                }
            }
            if self.reclaims_by_time && !s.reclaimed[i] && s.held[i] > 0 {
                moves.push(Move::ReclaimByTime { till: at });
            }
        }
    }

    fn next_state(&self, before: &State<TILLS>, action: Move) -> Option<State<TILLS>> {
        let mut s = before.clone();
        match action {
            Move::Earn { till } => {
                let at = &mut s.tills[usize::from(till)];
                at.rights += 1;
                at.log.push(Op::Earn(1));
                s.count.0 += 1;
            }
            Move::Redeem { till, points } => {
                let at = &mut s.tills[usize::from(till)];
                at.rights -= points;
                at.log.push(Op::Spend(points));
                s.count.1 += points;
            }
            Move::Return { till } => {
                let at = &mut s.tills[usize::from(till)];
                at.log.push(Op::Return(at.rights));
                at.rights = 0;
                s.count.2 += 1;
            }
            Move::Sync { till, answered } => {
                s.take(usize::from(till));
                if answered {
                    s.answer(usize::from(till));
                }
            }
            // What the till did comes before what it asks for.
            Move::Acquire { till, answered } => {
                s.take(usize::from(till));
                if s.pool <= 0 {
                    return None;
                }
                s.held[usize::from(till)] += s.pool;
                s.grants.push((till, s.pool));
                (s.pool, s.count.2) = (0, s.count.2 + 1);
                if answered {
                    s.answer(usize::from(till));
                }
            }
            Move::ReclaimByTime { till } => {
                let i = usize::from(till);
                s.grants.push((till, -s.held[i]));
                s.pool += s.held[i];
                (s.held[i], s.reclaimed[i]) = (0, true);
            }
        }
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no more is redeemed than was earned", |_, s: &State<TILLS>| {
                s.count.1 <= s.count.0
            }),
            Property::always("nobody holds less than nothing", |_, s: &State<TILLS>| {
                s.reclaimed.contains(&true) || (s.pool >= 0 && s.held.iter().all(|held| *held >= 0))
            }),
            Property::always(
                "what is held is what was earned and not redeemed",
                |_, s: &State<TILLS>| s.pool + s.held.iter().sum::<i8>() == s.earned_and_redeemed_at_relay(),
            ),
            Property::always(
                "a till that caught up holds what the relay says",
                |_, s: &State<TILLS>| {
                    let same = |i: usize| i16::from(s.tills[i].rights) == i16::from(s.held[i]);
                    s.reclaimed.contains(&true) || (0..TILLS).all(|i| !s.caught_up(i) || same(i))
                },
            ),
            // A model in which nothing moves would hold too.
            Property::sometimes(
                "points earned at one till are redeemed at another",
                |_, s: &State<TILLS>| {
                    let earned_here = |till: &Till| till.log.iter().any(|op| matches!(op, Op::Earn(_)));
                    let redeemed_here = |till: &Till| till.log.iter().any(|op| matches!(op, Op::Spend(_)));
                    s.tills.iter().any(|till| redeemed_here(till) && !earned_here(till))
                },
            ),
        ]
    }
}

fn small(n: u8) -> i8 {
    i8::try_from(n).unwrap_or(i8::MAX)
}

fn length<T>(all: &[T]) -> u8 {
    u8::try_from(all.len()).unwrap_or(u8::MAX)
}

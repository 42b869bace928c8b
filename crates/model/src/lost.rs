//! Declaring a till lost: what it held at its last sync waits in suspense. If its disk comes back its log is replayed
//! against suspense and the rest is free again; otherwise the owner may release suspense, and what still turns up after
//! that is charged to suspense and then to the shop's loss.
//!
//! One till is declared lost, once. It does not know, and goes on earning and redeeming.

use stateright::{Model, Property};

use crate::{Bounds, Op};

/// What became of a till.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Whereabouts {
    /// It takes part.
    #[default]
    Here,
    /// It was declared lost, and may still be at work.
    Lost,
    /// Its disk came back, and its log was replayed.
    CameBack,
}

/// A till.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Till {
    /// What it may spend.
    pub rights: u8,
    /// All it did, in order.
    pub log: Vec<Op>,
    /// How many of the relay's grants it has applied.
    pub cursor: u8,
    /// As the relay knows.
    pub whereabouts: Whereabouts,
}

/// The relay and its tills.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct State<const TILLS: usize> {
    /// The tills.
    pub tills: [Till; TILLS],
    /// What the relay holds itself.
    pub pool: i8,
    /// What each till holds, as far as the relay knows.
    pub held: [i8; TILLS],
    /// What waits of each till.
    pub suspense: [i8; TILLS],
    /// How many operations of each till it has.
    pub taken: [u8; TILLS],
    /// Its grants: to whom, how many.
    pub grants: Vec<(u8, u8)>,
    /// Points earned, points redeemed, moves made.
    pub count: (u8, u8, u8),
    /// What the owner released in all.
    pub released: i8,
    /// What was charged to the shop.
    pub loss: i8,
}

/// One thing that happens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(
    missing_docs,
    reason = "the words say it: which till, whether the answer came through"
)]
pub enum Move {
    Earn { till: u8 },
    Redeem { till: u8 },
    Return { till: u8 },
    Sync { till: u8, answered: bool },
    Acquire { till: u8, answered: bool },
    DeclareLost { till: u8 },
    ComesBack { till: u8 },
    Release { till: u8 },
}

/// The protocol within bounds.
#[derive(Clone, Copy, Debug)]
pub struct Lost<const TILLS: usize> {
    /// How much may happen.
    pub bounds: Bounds,
    /// Whether the owner may release suspense.
    pub releases: bool,
}

impl<const TILLS: usize> State<TILLS> {
    fn start() -> Self {
        Self {
            tills: std::array::from_fn(|_| Till::default()),
            pool: 0,
            held: [0; TILLS],
            suspense: [0; TILLS],
            taken: [0; TILLS],
            grants: Vec::new(),
            count: (0, 0, 0),
            released: 0,
            loss: 0,
        }
    }

    fn take(&mut self, i: usize) {
        let Till { log, whereabouts, .. } = &self.tills[i];
        for op in &log[usize::from(self.taken[i])..] {
            match (*op, whereabouts) {
                (Op::Earn(n), Whereabouts::Here) => self.held[i] += small(n),
                (Op::Spend(n), Whereabouts::Here) => self.held[i] -= small(n),
                (Op::Return(n), Whereabouts::Here) => {
                    self.held[i] -= small(n);
                    self.pool += small(n);
                }
                (Op::Earn(n), _) => self.suspense[i] += small(n),
                (Op::Spend(n), _) => {
                    let taken = self.suspense[i].min(small(n));
                    self.suspense[i] -= taken;
                    self.loss += small(n) - taken;
                }
                // What it held is in suspense already, and goes free from there.
                (Op::Return(_), _) => {}
            }
        }
        self.taken[i] = length(log);
    }

    fn answer(&mut self, i: usize) {
        let at = &mut self.tills[i];
        let news = &self.grants[usize::from(at.cursor)..];
        at.rights += news
            .iter()
            .filter(|(to, _)| usize::from(*to) == i)
            .map(|(_, n)| n)
            .sum::<u8>();
        at.cursor = length(&self.grants);
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
}

impl<const TILLS: usize> Model for Lost<TILLS> {
    type State = State<TILLS>;
    type Action = Move;

    fn init_states(&self) -> Vec<State<TILLS>> {
        vec![State::start()]
    }

    fn actions(&self, s: &State<TILLS>, moves: &mut Vec<Move>) {
        let (earned, redeemed, moved) = s.count;
        let any_lost = s.tills.iter().any(|till| till.whereabouts != Whereabouts::Here);
        for (at, till) in (0..).zip(&s.tills) {
            let i = usize::from(at);
            if till.whereabouts != Whereabouts::CameBack {
                if earned < self.bounds.earn_max {
                    moves.push(Move::Earn { till: at });
                }
                if till.rights > 0 && redeemed < self.bounds.spend_max {
                    moves.push(Move::Redeem { till: at });
                }
            }
            match till.whereabouts {
                Whereabouts::Here => {
                    if till.rights > 0 && moved < self.bounds.moves_max {
                        moves.push(Move::Return { till: at });
                    }
                    for answered in [false, true] {
                        moves.push(Move::Sync { till: at, answered });
                        if moved < self.bounds.moves_max {
                            moves.push(Move::Acquire { till: at, answered });
                        }
                    }
                    if s.held[i] > 0 && !any_lost {
                        moves.push(Move::DeclareLost { till: at });
                    }
                }
                Whereabouts::Lost => {
                    moves.push(Move::ComesBack { till: at });
                    if self.releases && s.suspense[i] > 0 {
                        moves.push(Move::Release { till: at });
                    }
                }
                Whereabouts::CameBack => {}
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
            Move::Redeem { till } => {
                let at = &mut s.tills[usize::from(till)];
                at.rights -= 1;
                at.log.push(Op::Spend(1));
                s.count.1 += 1;
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
            Move::Acquire { till, answered } => {
                let i = usize::from(till);
                s.take(i);
                let granted = u8::try_from(s.pool).ok().filter(|granted| *granted > 0)?;
                s.held[i] += s.pool;
                s.grants.push((till, granted));
                (s.pool, s.count.2) = (0, s.count.2 + 1);
                if answered {
                    s.answer(i);
                }
            }
            Move::DeclareLost { till } => {
                let i = usize::from(till);
                s.tills[i].whereabouts = Whereabouts::Lost;
                (s.suspense[i], s.held[i]) = (s.held[i], 0);
            }
            Move::ComesBack { till } => {
                let i = usize::from(till);
                s.take(i);
                s.pool += s.suspense[i];
                s.suspense[i] = 0;
                let at = &mut s.tills[i];
                (at.rights, at.cursor) = (0, length(&s.grants));
                at.whereabouts = Whereabouts::CameBack;
            }
            Move::Release { till } => {
                let i = usize::from(till);
                s.released += s.suspense[i];
                s.pool += s.suspense[i];
                s.suspense[i] = 0;
            }
        }
        Some(s)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "no more is redeemed than was earned and released",
                |_, s: &State<TILLS>| i16::from(s.count.1) <= i16::from(s.count.0) + i16::from(s.released),
            ),
            Property::always("no account of the relay is below nothing", |_, s: &State<TILLS>| {
                s.pool >= 0 && s.held.iter().chain(&s.suspense).all(|points| *points >= 0)
            }),
            Property::always("every point is somewhere", |_, s: &State<TILLS>| {
                let there: i8 = s.pool + s.held.iter().sum::<i8>() + s.suspense.iter().sum::<i8>();
                there == s.earned_and_redeemed_at_relay() + s.loss
            }),
            Property::always(
                "the shop loses no more than its owner released",
                |_, s: &State<TILLS>| s.loss <= s.released,
            ),
            Property::sometimes(
                "a lost till's log comes back with something in it",
                |_, s: &State<TILLS>| {
                    let came_back = |till: &Till| till.whereabouts == Whereabouts::CameBack && !till.log.is_empty();
                    s.tills.iter().any(came_back)
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

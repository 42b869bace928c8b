//! What happens in a run, made of its seed before it begins: which till does what, and what goes wrong with whom. A step
//! says nothing of the state that it will meet, so that a run from which steps were taken still makes sense.

use std::fmt;

use crate::dice::Dice;
use crate::disk::Fault;

/// More operations than a run ever has waiting.
const WHOLE_PAGE: u64 = 1_000;

/// How large a run is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Steps.
    pub ops: usize,
    /// Whether older copies of the relay's database come back too.
    pub relay_restores: bool,
}

/// What a step does. Members, sales and lines are picked from those that are there, by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    Enrol {
        phone: u8,
    },
    Credit {
        sale: u8,
        phone: Option<u8>,
        dollars: u16,
    },
    Redeem {
        member: u8,
        dear: bool,
    },
    UseCard {
        member: u8,
    },
    /// The same as to redeem; what is not here is asked for first.
    RedeemAnywhere {
        member: u8,
        dear: bool,
    },
    /// The till gives a member's points back to the relay, or all that it holds, as it does when it is closed.
    GiveBack {
        member: u8,
    },
    CloseDown,
    Reverse {
        line: u8,
    },
    Adjust {
        member: u8,
        points: i16,
    },
    Edit {
        member: u8,
        consent: bool,
    },
    Refund {
        sale: u8,
        refund: u8,
        whole: bool,
    },
    Decide {
        held: u8,
        approve: bool,
    },
    Merge {
        one: u8,
        other: u8,
    },
    Unmerge {
        member: u8,
    },
    Erase {
        member: u8,
    },
    Publish {
        rules: u8,
    },
    /// What was acknowledged before is asked again.
    Again {
        which: u8,
    },
    Sync,
    /// Somebody closes the till and opens it again.
    Reopen,
    /// The power fails at the till, or at the relay.
    CrashTill,
    CrashRelay,
    /// A copy of the till's file is put aside; later it comes back in the file's place.
    BackUpTill,
    RestoreTill,
    BackUpRelay,
    RestoreRelay,
    /// The owner says at this till that another is lost, that its disk is back, or that its suspense is free.
    Lose {
        other: u8,
    },
    Find,
    Release,
    /// The till reaches nobody from now on; or everybody again.
    CutOff,
    Connect,
    /// All clocks go on; the till's jumps to so far from the others.
    Pass {
        s: u32,
    },
    Skew {
        min: i16,
    },
}

/// Whose disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    Till,
    Relay,
}

/// A step.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Its number, which stays when others are taken away.
    pub n: usize,
    /// At which till.
    pub till: usize,
    /// What is done.
    pub what: What,
    /// What goes wrong with a disk while it is done.
    pub fault: Option<(Whose, Fault)>,
    /// Of a hundred requests, how many something happens to.
    pub rough: u64,
    /// What is rolled in it.
    pub salt: u64,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was made of.
    pub seed: u64,
    /// How many tills.
    pub tills: usize,
    /// How many operations a page between till and relay has at the most.
    pub page: usize,
    /// In order.
    pub steps: Vec<Step>,
}

/// What kind of run it is: not everything goes wrong in each, so that each goes far.
struct Kind {
    rough: u64,
    faults: u64,
    crashes: u64,
    cuts: u64,
    clocks: u64,
    restores_till: bool,
    restores_relay: bool,
    loses: bool,
    sync_in: u64,
    phones: u64,
    sales: u64,
}

impl Kind {
    fn roll(dice: &mut Dice, size: Size) -> Self {
        let some = |dice: &mut Dice, most: u64| if dice.chance(1, 3) { 0 } else { dice.below(most) + 1 };
        Self {
            rough: some(dice, 40),
            faults: some(dice, 4),
            crashes: some(dice, 2),
            cuts: some(dice, 4),
            clocks: some(dice, 3),
            restores_till: dice.chance(1, 4),
            restores_relay: dice.chance(1, 4) && size.relay_restores,
            loses: dice.chance(1, 4),
            sync_in: 3 + dice.below(8),
            phones: 2 + dice.below(6),
            sales: 20 + dice.below(200),
        }
    }
}

fn byte(n: u64) -> u8 {
    u8::try_from(n & 0xff).unwrap_or(0)
}

impl Plan {
    /// The run of a seed.
    #[must_use]
    pub fn of(seed: u64, size: Size) -> Self {
        let mut dice = Dice::of(seed, 0x5eed);
        let tills = 2 + usize::try_from(dice.below(5)).unwrap_or(0);
        let kind = Kind::roll(&mut dice, size);
        let steps = (0..size.ops).map(|n| {
            let mut dice = Dice::of(seed, n as u64 + 1);
            let till = usize::try_from(dice.below(tills as u64)).unwrap_or(0);
            let what = what(&mut dice, &kind);
            Step {
                n,
                till,
                what,
                fault: fault(&mut dice, &kind),
                rough: kind.rough,
                salt: dice.roll(),
            }
        });
        let mut pages = Dice::of(seed, 0x9a9e);
        let page = if pages.chance(1, 3) {
            1 + pages.below(12)
        } else {
            WHOLE_PAGE
        };
        Self {
            seed,
            tills,
            page: usize::try_from(page).unwrap_or(1),
            steps: steps.collect(),
        }
    }
}

fn what(dice: &mut Dice, kind: &Kind) -> What {
    if dice.chance(1, kind.sync_in) {
        return What::Sync;
    }
    if dice.chance(kind.crashes, 100) {
        return if dice.chance(1, 3) {
            What::CrashRelay
        } else {
            What::CrashTill
        };
    }
    if dice.chance(kind.cuts, 60) {
        return if dice.chance(1, 2) { What::CutOff } else { What::Connect };
    }
    if dice.chance(kind.clocks, 60) {
        return clock(dice);
    }
    if kind.restores_till && dice.chance(1, 60) {
        return if dice.chance(2, 3) {
            What::BackUpTill
        } else {
            What::RestoreTill
        };
    }
    if kind.restores_relay && dice.chance(1, 60) {
        return if dice.chance(2, 3) {
            What::BackUpRelay
        } else {
            What::RestoreRelay
        };
    }
    if kind.loses && dice.chance(1, 60) {
        return match dice.below(4) {
            0 | 1 => What::Lose {
                other: byte(dice.roll()),
            },
            2 => What::Find,
            _ => What::Release,
        };
    }
    work(dice, kind)
}

fn clock(dice: &mut Dice) -> What {
    match dice.below(4) {
        0 => What::Skew {
            min: i16::try_from(dice.below(4000)).unwrap_or(0) - 2000,
        },
        1 => What::Skew { min: 0 },
        2 => What::Pass { s: 86_400 },
        _ => What::Pass {
            s: u32::try_from(dice.below(7_200)).unwrap_or(0),
        },
    }
}

fn work(dice: &mut Dice, kind: &Kind) -> What {
    let member = byte(dice.roll());
    let phone = byte(dice.below(kind.phones));
    let sale = byte(dice.below(kind.sales));
    match dice.below(100) {
        0..6 => What::Enrol { phone },
        6..40 => What::Credit {
            sale,
            phone: (!dice.chance(1, 10)).then_some(phone),
            dollars: *dice.pick(&[1, 15, 40, 120, 120, 600]),
        },
        40..52 => What::Redeem {
            member,
            dear: dice.chance(1, 4),
        },
        52..61 => What::RedeemAnywhere {
            member,
            dear: dice.chance(1, 4),
        },
        61 => What::CloseDown,
        62 => What::UseCard { member },
        63..65 => What::GiveBack { member },
        65..73 => What::Reverse {
            line: byte(dice.roll()),
        },
        73..77 => What::Adjust {
            member,
            points: *dice.pick(&[150, 40, -40, -150]),
        },
        77..80 => What::Edit {
            member,
            consent: dice.chance(1, 2),
        },
        80..86 => What::Refund {
            sale,
            refund: byte(dice.below(30)),
            whole: dice.chance(1, 2),
        },
        86..90 => What::Decide {
            held: byte(dice.roll()),
            approve: dice.chance(2, 3),
        },
        90..92 => What::Merge {
            one: member,
            other: byte(dice.roll()),
        },
        92 => What::Unmerge { member },
        93 => {
            if dice.chance(1, 4) {
                What::Erase { member }
            } else {
                What::Publish {
                    rules: byte(dice.below(3)),
                }
            }
        }
        94..98 => What::Again {
            which: byte(dice.roll()),
        },
        _ => What::Reopen,
    }
}

fn fault(dice: &mut Dice, kind: &Kind) -> Option<(Whose, Fault)> {
    if !dice.chance(kind.faults, 100) {
        return None;
    }
    let whose = if dice.chance(1, 3) { Whose::Relay } else { Whose::Till };
    let n = u32::try_from(dice.below(24)).unwrap_or(0);
    let fault = match dice.below(6) {
        0 => Fault::Full(n),
        1 => Fault::SyncFails(n / 8),
        _ => Fault::Crash(n),
    };
    Some((whose, fault))
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:04} till {} {:?}", self.n, self.till + 1, self.what)?;
        match self.fault {
            Some((whose, fault)) => write!(f, " [{whose:?}'s disk: {fault:?}]"),
            None => Ok(()),
        }
    }
}

//! A shop of several tills and its relay, simulated: the real stores on disks in memory, the real relay without a
//! socket, the real syncing over a network that loses, repeats, delays and cuts. Time, chance, network and disks are
//! handed in, so a seed always gives the same run; a run that fails is made short.
//!
//! Here is no rule of the programme and none of the protocol: what must hold is checked from outside (`eye`, `ending`).
//! `docs/simulation.md` says what is simulated and what was found.

mod dice;
mod disk;
mod ending;
mod eye;
mod job;
mod machine;
mod net;
mod plan;
mod relay_host;
mod rights;
mod shrink;
mod template;
mod till;
mod trace;
mod world;

pub use plan::{Plan, Size};
pub use shrink::shrink;
pub use world::{Outcome, run};

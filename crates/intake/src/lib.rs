//! Sales coming in over HTTP: a small server on the till's own machine, in front of its store.
//!
//! Here: listening, limits on size, time and number, who may send (by signature), and the answers. Not here: what a
//! message says and whether its signature fits (`pos`), what a sale is worth (`loyalty`), keeping it (`ledger`), where
//! secrets are kept. Nothing is logged: neither bodies nor phone numbers leave the store by this way.
//!
//! Calls of the store block and wait for the disk, so they run beside the threads that talk to the network; those that
//! wait at the same time share one commit. An answer of 200 means that it is on the disk.

mod answer;
mod arrival;
mod body;
mod book;
mod config;
mod decode;
mod gifts;
mod kept;
mod receipt;
mod routes;
mod server;

pub use arrival::{Arrival, Outcome};
pub use body::BODY_MAX;
pub use config::{Config, Hooks, Keys, OwnSecret, PORT, Square};
pub use kept::{KEPT_AS, Kept, OVERLAP_MS, read_secrets};
pub use server::{Handle, Heard, Intake, Signals, StartError};

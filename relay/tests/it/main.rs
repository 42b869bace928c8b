//! The relay's tests: real processes, real HTTP, and the same tests on SQLite and on a PostgreSQL that they start.

mod acquiring;
mod clicking;
mod counting;
mod cutting;
mod describing;
mod forgetting;
mod harness;
mod joining;
mod linking;
mod losing;
mod operating;
mod pairing;
mod postgres;
mod refusing;
mod settling;
mod surviving;
mod syncing;
mod till;

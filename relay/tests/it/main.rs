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
mod mail_hooks;
mod mail_jobs;
mod mail_sending;
mod mail_shop;
mod mail_sns;
mod mailing;
mod operating;
mod pairing;
mod postgres;
mod referring;
mod refusing;
mod settling;
mod smtp;
mod surviving;
mod syncing;
mod till;

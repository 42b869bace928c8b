//! Copies of the relay's database in a folder: taken while it works, sealed, read back before they count, and only as many
//! as are wanted. How they are sealed and which are kept is in the crate `backups`.
//!
//! SQLite is copied by `VACUUM INTO`, PostgreSQL by its own `pg_dump`; `run` makes and puts back one copy, `nightly` does
//! it by itself.

pub mod commands;
pub mod daily;
pub mod database;
pub mod nightly;
pub mod run;
pub mod told;

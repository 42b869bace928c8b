//! The store's tests, in one binary: each file is one question.

mod append_only;
mod backups;
mod birthdays;
mod cards;
mod child;
mod costs;
mod counter;
mod crashes;
mod disk;
mod facts;
mod find;
mod group;
mod migrating;
mod model;
mod opening;
mod past;
mod private;
mod programme;
mod referrals;
mod schema;
mod standing;
mod support;
mod tampering;
mod tills;
mod versions;

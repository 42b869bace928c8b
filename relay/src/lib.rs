//! The relay: many shops' logs in one database, and the HTTP service that lets each shop's tills be one.
//!
//! `store` speaks SQL and no HTTP, `api` speaks the tills' protocol, `web` is what their customers' browsers see, `mail` what they
//! get by mail, `documents` reads what owners keep elsewhere, `serve` is what every request goes through. What
//! an operation does is decided in `loyalty`; what till and relay say to each other is in `sync`.

pub mod api;
pub mod backup;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod documents;
pub mod mail;
pub mod names;
pub mod outside;
pub mod serve;
pub mod settings;
pub mod store;
pub mod token;
pub mod web;

//! The main job, done in the real window on a real file: each file is one part of a day.

mod day;
mod friends;
mod gates;
mod join;
mod keyboard;
mod mail;
mod offline;
mod owner;
mod people;
mod pictures;
mod relay;
mod rules;
mod sales_in;
mod scanner;
mod shop;
#[expect(dead_code, reason = "the relay's own tests do more with it")]
#[path = "../../../relay/tests/it/smtp.rs"]
mod smtp;
mod stamps;
mod start_up;
mod tills;
mod winback;

//! `regularsctl` as people and scripts run it: the real binary, its exit codes and its JSON. One binary of tests; each
//! file is one question.

mod cards;
mod counter;
mod demo;
mod export;
mod import;
mod killed;
mod lapsing;
mod members;
mod programme;
mod real_data;
mod safety;
mod serve;
mod shop;
mod support;
mod together;

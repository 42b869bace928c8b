//! The server over real HTTP, on a shop in a temporary folder. One binary of tests; each file is one question.

mod disk;
mod docs;
mod fuzz;
mod heard;
mod hooks;
mod http;
mod limits;
mod refunds;
mod sales;
mod signatures;
mod support;

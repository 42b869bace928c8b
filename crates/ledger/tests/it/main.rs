//! The store's tests, in one binary: each file is one question.

mod counter;
mod programme;
mod support;

//! The imports, whole: in a real store on a real disk.

mod run;
mod support;
mod turns;
mod watched;

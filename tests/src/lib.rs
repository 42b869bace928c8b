//! What the whole-system tests share: a display, a driver, the app in it, and waiting for the thing.

pub mod browser;
pub mod desk;
pub mod phone;
pub mod programs;

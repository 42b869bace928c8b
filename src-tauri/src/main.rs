//! The desktop app's entry. Everything is in the library, so that it can be tested.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    regulars_app::run();
}

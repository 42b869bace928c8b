//! Generates what Tauri needs at compile time. Every command of ours is named here, so that none is open to a window
//! that was not granted it.

#[path = "src/commands/names.rs"]
mod names;

use tauri_build::{AppManifest, Attributes};

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/src/commands/names.rs");
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(names::ALL));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=tauri.conf.json, icons/ or src-tauri/capabilities/: {error:#}");
    }
}

//! Programs of the developers that no package system has: built once by cargo, into the repository's own target folder.

use crate::program::{cargo, finish};
use crate::repo;

/// tauri-driver 2: stands between the tests and the window's WebDriver.
pub fn install_tauri_driver() -> Result<String, String> {
    if cfg!(target_os = "macos") {
        return Ok("not for macOS, which has no driver for its web view; the window tests don't run here".into());
    }
    let name = if cfg!(windows) {
        "tauri-driver.exe"
    } else {
        "tauri-driver"
    };
    if repo::tools().join("bin").join(name).is_file() {
        return Ok("it is there".into());
    }
    println!("tauri-driver   building it");
    let mut install = cargo();
    install
        .args(["install", "tauri-driver", "--version", "^2", "--locked", "--root"])
        .arg(repo::tools());
    finish(&mut install)?;
    Ok("built".into())
}

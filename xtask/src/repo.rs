//! Where things are: the repository's root and the few places xtask writes to. No programs are started here.

use std::path::{Path, PathBuf};

/// The repository's root: the folder above xtask's own manifest.
pub fn root() -> PathBuf {
    // Asked of the environment first: the checkout may have been moved since xtask was compiled.
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|own| own.ends_with("xtask"))
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map(Path::to_path_buf).unwrap_or(own)
}

/// The folder of the windows' sources, with their package.json.
pub fn ui() -> PathBuf {
    root().join("ui")
}

/// Where cargo builds, unless CARGO_TARGET_DIR says otherwise.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The first executable of this name on the search path.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let file = if cfg!(windows) {
        format!("{name}.exe")
    } else {
        name.to_string()
    };
    std::env::split_paths(&path)
        .map(|dir| dir.join(&file))
        .find(|found| found.is_file())
}

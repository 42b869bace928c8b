//! The linker for the builds that xtask starts: mold where there is one and the C compiler takes it.
//!
//! One answer for every step of a run, because other flags mean building everything again. Where mold is missing
//! nothing is set, and rustc's own choice stands (lld, on x86-64 Linux).

use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What cargo reads the flags for this one target from; build scripts' and other targets' flags stay alone.
const VARIABLE: &str = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS";
const FLAGS: &str = "-Clink-arg=-fuse-ld=mold";

/// The environment variable to set for cargo, if any. Flags that the developer has set are left alone.
pub fn flags() -> Option<(&'static str, &'static str)> {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let found = *FOUND.get_or_init(|| {
        cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))
            && [VARIABLE, "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"]
                .iter()
                .all(|name| std::env::var_os(name).is_none())
            && links_with_mold("cc")
    });
    found.then_some((VARIABLE, FLAGS))
}

/// Asks the compiler to link nothing with mold and say who did it: older ones refuse the option.
fn links_with_mold(compiler: &str) -> bool {
    Command::new(compiler)
        .args([
            "-fuse-ld=mold",
            "-Wl,--version",
            "-x",
            "c",
            "/dev/null",
            "-o",
            "/dev/null",
        ])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|said| said.status.success() && String::from_utf8_lossy(&said.stdout).contains("mold"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_compiler_means_no_flags() {
        assert!(!links_with_mold("no-such-compiler"));
    }

    #[test]
    fn a_compiler_that_says_nothing_of_mold_means_no_flags() {
        assert!(!links_with_mold("true"));
    }
}

//! Packages of the system: installed with apt on Debian and its kin; named to the developer anywhere else.

use std::collections::BTreeSet;
use std::process::Command;

use super::Part;
use crate::program::{answer, finish, program};
use crate::repo::find_program;

/// What building the app and opening its window take.
const BUILDING: &[&str] = &[
    "build-essential",
    "libdbus-1-dev",         // the Secret Service, where secrets are kept
    "librsvg2-dev",          // icons
    "libwebkit2gtk-4.1-dev", // the window's page
    "libxdo-dev",            // keyboard menus
    "mold",                  // links faster
    "pkg-config",
];

/// What the tests take besides.
const TESTING: &[&str] = &[
    "at-spi2-core", // accessibility bus; without it WebKit waits for one
    "chromium",
    "chromium-driver",
    "dbus",              // a message bus of the tests' own
    "fonts-dejavu-core", // the same letters on every machine's pictures
    "fonts-liberation",
    "gnome-keyring", // a Secret Service of the tests' own
    "imagemagick",   // reads pictures of the window
    "iproute2",      // takes the network away
    "postgresql",    // the relay's tests start one of their own
    "webkit2gtk-driver",
    "xauth",
    "xvfb", // a display without a screen
];

/// Installs what is missing, or says what to install where it can't.
pub fn install(part: Part) -> Result<String, String> {
    if cfg!(target_os = "macos") {
        return Ok("macOS has them; Xcode's command line tools are needed (`xcode-select --install`)".into());
    }
    if cfg!(windows) {
        return Ok("needed: the Visual Studio build tools for C++, and WebView2 (part of Windows 11)".into());
    }
    let wanted = wanted(part);
    if find_program("dpkg-query").is_none() || find_program("apt-get").is_none() {
        return Ok(format!(
            "not a Debian: install your system's names for {}",
            wanted.join(" ")
        ));
    }
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(format!("all {} are there", wanted.len()));
    }
    let Some(mut apt) = apt_get() else {
        return Err(format!(
            "{} packages are missing and only root can install them. Run: apt-get install {}",
            missing.len(),
            missing.join(" ")
        ));
    };
    println!("packages       installing {}", missing.join(" "));
    // An old list of packages points at files that are gone; where it can't be renewed, the old one may still do.
    let renewed = finish(apt().arg("update"));
    finish(
        apt()
            .args(["install", "--yes", "--no-install-recommends"])
            .args(&missing),
    )
    .map_err(|failed| {
        let network = if renewed.is_err() {
            " The package list could not be renewed: is there a network?"
        } else {
            ""
        };
        format!("{failed}{network}")
    })?;
    Ok(format!("installed {}", missing.len()))
}

fn wanted(part: Part) -> Vec<&'static str> {
    let besides: &[&str] = if part == Part::Everything { TESTING } else { &[] };
    BUILDING.iter().chain(besides).copied().collect()
}

/// apt-get that asks nothing and waits for another that is at work; None without the right to install.
fn apt_get() -> Option<impl FnMut() -> Command> {
    let root = answer(program("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    (root || find_program("sudo").is_some()).then_some(move || {
        let mut command = program(if root { "env" } else { "sudo" });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]);
        command.args(["-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"]);
        command
    })
}

/// Those of `wanted` that are not installed.
fn missing(wanted: &[&'static str]) -> Result<Vec<&'static str>, String> {
    let mut query = program("dpkg-query");
    query
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\\n"])
        .args(wanted);
    // It fails when one of the packages is unknown, and still prints the others.
    let said = query
        .output()
        .map_err(|error| format!("dpkg-query can't be started: {error}."))?;
    Ok(not_installed(wanted, &String::from_utf8_lossy(&said.stdout)))
}

fn not_installed(wanted: &[&'static str], said: &str) -> Vec<&'static str> {
    let there: BTreeSet<&str> = said
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    wanted.iter().copied().filter(|name| !there.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_removed_and_half_installed_packages_are_missing() {
        let said = "mold installed\nxvfb config-files\nchromium half-installed\nxauth not-installed\n";
        let wanted = ["mold", "xvfb", "chromium", "xauth", "dbus"];
        assert_eq!(not_installed(&wanted, said), ["xvfb", "chromium", "xauth", "dbus"]);
    }

    #[test]
    fn tests_need_what_building_needs_and_nothing_is_listed_twice() {
        let all = wanted(Part::Everything);
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(wanted(Part::Building).iter().all(|name| all.contains(name)));
        assert!(!wanted(Part::Building).contains(&"chromium"));
    }
}

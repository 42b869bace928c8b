//! `cargo xtask setup`: installs what building and testing need, and is instant when all of it is there.
//!
//! Here: the order of the parts, and one printed line for each. How each is installed is in the modules below.

mod apt;
mod npm;

use std::time::Instant;

/// How much is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// To build and open the till.
    Building,
    /// To run every test as well.
    Everything,
}

/// Installs what is missing. Every part is tried, so that one run names all that is wrong.
pub fn run(part: Part) -> Result<(), String> {
    let mut failures = Vec::new();
    let mut step = |what: &str, why: &str, work: &dyn Fn() -> Result<String, String>| {
        let began = Instant::now();
        let done = work();
        let said = match &done {
            Ok(said) => said.as_str(),
            Err(_) => "FAILED",
        };
        println!("{what:<14} {why}: {said} ({:.2} s)", began.elapsed().as_secs_f64());
        failures.extend(done.err());
    };
    step("packages", "the system libraries that the window is made of", &|| {
        apt::install(part)
    });
    step("node", "builds the windows' pages", &npm::check_node);
    step("npm packages", "what the pages are made of", &npm::install);
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}

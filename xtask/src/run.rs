//! `cargo xtask run`: from a fresh checkout to an open till, with a shop in it and a relay beside it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::{build, demo_relay, program, repo, setup, take_option};

/// The shop that the pages make up in the browser; its staff are listed there.
const MADE_UP_SHOP: &str = "ui/src/shared/backend/fake/seed.ts";

/// Where the pages are served without a display, if it is free.
const USUAL_PORT: u16 = 4174;

/// `cargo xtask run [--data DIR]`.
pub fn run(args: &[String]) -> Result<(), String> {
    let mut args = args.to_vec();
    let data = take_option(&mut args, "--data")?;
    crate::none(&args)?;
    setup::run(setup::Part::Building)?;
    if !has_display() {
        return preview();
    }
    program::finish(program::npm().args(["run", "build"]))?;
    // Both at once: apart they would ask for other features of shared libraries, SQLite among them, and build it twice.
    program::finish(program::cargo().args(["build", "-p", "regulars", "-p", "regularsctl", "-p", "regulars-relay"]))?;
    let (data, _relay) = match data {
        // A folder that the developer named may hold a real shop, or none: then the first start asks for one.
        Some(dir) => (repo::root().join(dir), None),
        None => {
            let shop = demo_shop()?;
            let relay = demo_relay::start(&shop, &built("regulars-relay"), &built("regularsctl"));
            (shop, relay)
        }
    };
    program::finish(program::program(built("regulars")).arg("--data").arg(&data))
}

/// A program of the workspace, where cargo has put it.
fn built(name: &str) -> PathBuf {
    repo::target()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The demo shop, made when there is none, and a word on who works there.
///
/// Beside it lies a note while it is being made: a start that was broken off leaves the note, and the next one begins
/// again. Without a note nothing is ever deleted.
fn demo_shop() -> Result<PathBuf, String> {
    let beside = |name: &str| repo::target().join(name);
    let (shop, note, words) = (
        beside("demo-shop"),
        beside("demo-shop.unfinished"),
        beside("demo-shop.txt"),
    );
    clear_unfinished(&shop, &note)?;
    if shop.exists() {
        println!("demo shop      {}", shop.display());
        // What was said when it was made: names and PINs. A shop made by `demo-data` has said it there and then.
        print!("{}", std::fs::read_to_string(&words).unwrap_or_default());
        return Ok(shop);
    }
    println!("demo shop      made once, in {}", shop.display());
    let said = Arc::new(Mutex::new(String::new()));
    let hearing = Arc::clone(&said);
    write(&note, "")?;
    program::finish_watched(
        program::program(built("regularsctl"))
            .arg("--data")
            .arg(&shop)
            .args(build::DEMO),
        move |line| {
            if let Ok(mut said) = hearing.lock() {
                said.push_str(line);
                said.push('\n');
            }
        },
    )?;
    write(&words, &said.lock().map(|said| said.clone()).unwrap_or_default())?;
    std::fs::remove_file(&note).map_err(|error| format!("{} can't be removed: {error}.", note.display()))?;
    Ok(shop)
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{} can't be written: {error}.", file.display()))
}

fn clear_unfinished(shop: &Path, note: &Path) -> Result<(), String> {
    if note.exists() && shop.exists() {
        println!("demo shop      was not finished last time; it is made again");
        std::fs::remove_dir_all(shop).map_err(|error| format!("{} can't be removed: {error}.", shop.display()))?;
    }
    Ok(())
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Without a display: the till's pages on a shop made up in the browser, served to this machine alone.
fn preview() -> Result<(), String> {
    println!("There is no display here (DISPLAY and WAYLAND_DISPLAY are not set), so no window can open.");
    println!("The till's pages are built and served instead, on a made-up shop.");
    let port = free_port()?.to_string();
    // The page tests build for a port of their own, so that both can be at work at once.
    program::finish(program::npm().args(["run", "build:fake"]).env("PAGES_PORT", &port))?;
    println!("\nThe made-up shop forgets everything when its page is closed.");
    println!("    the till     http://127.0.0.1:{port}/");
    println!("    the owner    http://127.0.0.1:{port}/owner.html");
    for (name, role, pin) in staff_of(&std::fs::read_to_string(repo::root().join(MADE_UP_SHOP)).unwrap_or_default()) {
        println!("    PIN {pin:<8} {name}, {role}");
    }
    println!("Ctrl+C stops it. With a display (or `xvfb-run -a cargo xtask run`) the window opens.");
    let mut preview = program::npm();
    preview.args([
        "exec",
        "--",
        "vite",
        "preview",
        "--mode",
        "fake",
        "--host",
        "127.0.0.1",
        "--strictPort",
    ]);
    program::become_program(preview.args(["--port", &port]).env("PAGES_PORT", &port))
}

/// Name, role and PIN of everybody whom the made-up shop's source lists, one a line.
fn staff_of(source: &str) -> Vec<(&str, &str, &str)> {
    let people = source
        .lines()
        .filter_map(|line| Some((field(line, "name")?, field(line, "role")?, field(line, "pin")?)));
    people.collect()
}

/// `value` in `name: "value"`.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!("{name}: \""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// A port that nobody listens on at the moment: the usual one where it is free.
fn free_port() -> Result<u16, String> {
    TcpListener::bind(("127.0.0.1", USUAL_PORT))
        .or_else(|_| TcpListener::bind(("127.0.0.1", 0)))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("No free port was found on 127.0.0.1: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_deleted_only_when_its_making_was_broken_off() {
        let dir = std::env::temp_dir().join(format!("xtask-run-{}", std::process::id()));
        let (shop, note) = (dir.join("demo-shop"), dir.join("demo-shop.unfinished"));
        std::fs::create_dir_all(&shop).unwrap();
        clear_unfinished(&shop, &note).unwrap();
        assert!(shop.exists());
        std::fs::write(&note, "").unwrap();
        clear_unfinished(&shop, &note).unwrap();
        assert!(!shop.exists());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn a_port_in_use_is_not_offered() {
        // Another program that has it may let go of it at any moment: then there is nothing to see here.
        let Ok(_taken) = TcpListener::bind(("127.0.0.1", USUAL_PORT)) else {
            return;
        };
        assert!(![0, USUAL_PORT].contains(&free_port().unwrap()));
    }

    #[test]
    fn the_made_up_shop_has_an_owner_with_a_pin() {
        let source = std::fs::read_to_string(repo::root().join(MADE_UP_SHOP)).unwrap();
        assert!(
            staff_of(&source)
                .iter()
                .any(|(_, role, pin)| *role == "owner" && pin.len() >= 4),
            "{MADE_UP_SHOP}"
        );
        assert!(staff_of("type Staff = { name: string; role: Role; pin: string };").is_empty());
    }
}

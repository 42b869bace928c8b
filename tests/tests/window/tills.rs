//! One shop of several tills, from the real window and over a real relay: connected from the owner's window, the shop
//! goes up by itself, and a second till that was added there ends with the same state.

use serde_json::Value;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::{built, ctl};

use crate::shop::{OWNER, at_the_counter, demo};

/// How long something may take that comes by itself, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A relay with a shop that nobody has joined.
struct Relay {
    database: String,
    url: String,
    process: Child,
}

impl Relay {
    fn start(folder: &Path) -> (Self, String) {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let listen = free.local_addr().expect("it has an address").to_string();
        drop(free);
        let database = format!("sqlite:{}", folder.join("relay.db").display());
        let facts = [
            "--currency",
            "USD",
            "--region",
            "US",
            "--timezone",
            "America/Los_Angeles",
        ];
        let made = said(
            &database,
            &[&["shop", "create", "--name", "Demo", "--json"], &facts[..]].concat(),
        );
        let process = Command::new(built("regulars-relay"))
            .args(["--database", &database, "serve", "--listen", &listen])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the relay starts");
        let since = Instant::now();
        while TcpStream::connect(&listen).is_err() {
            assert!(since.elapsed() < PATIENCE, "the relay does not listen");
            std::thread::sleep(LOOK_EVERY);
        }
        let relay = Self {
            database,
            url: format!("http://{listen}"),
            process,
        };
        (relay, made["pairing_code"].as_str().expect("a code").to_owned())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It is gone already, or it goes now.
        let _ = self.process.kill();
        let _ = self.process.wait();
        assert!(self.database.starts_with("sqlite:"));
    }
}

fn said(database: &str, args: &[&str]) -> Value {
    let out = Command::new(built("regulars-relay"))
        .args(["--database", database])
        .args(args)
        .output()
        .expect("the relay's command runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

/// Opens the owner's window on its tills.
async fn to_the_tills(w: &Window) {
    w.press("staff-menu").await;
    w.press("owner-open").await;
    w.see("pin").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.other_window().await;
    w.size(1280, 800).await;
    w.see("nav-today").await;
    w.press("nav-tills").await;
}

/// Syncs the second till until it has as much as the first, and answers how long that took.
fn catches_up(first: &Path, second: &Path) -> Duration {
    let since = Instant::now();
    loop {
        let _ = ctl(second, &["sync", "--once"]);
        let hash = |dir: &Path| ctl(dir, &["state-hash"])["state_hash"].clone();
        if hash(first) == hash(second) {
            return since.elapsed();
        }
        assert!(since.elapsed() < PATIENCE, "the second till does not catch up");
        std::thread::sleep(LOOK_EVERY);
    }
}

#[tokio::test]
async fn connected_from_the_tills_page_a_second_till_has_the_same() {
    let desk = Desk::new();
    let dir = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (relay, code) = Relay::start(folder.path());
    let second: PathBuf = folder.path().join("second");

    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    to_the_tills(&w).await;
    w.fill("tills-address", &relay.url).await;
    w.fill("tills-code", &code).await;
    w.press("tills-connect").await;
    w.find("[data-testid=\"tills-relay\"][data-way=\"in_sync\"]").await;

    w.press("till-add").await;
    w.see("till-code").await;
    let code = w.text("till-code").await;
    w.picture("tills-code").await;
    let _ = ctl(&second, &["pair", &code, "--relay", &relay.url, "--till", "Terrace"]);
    catches_up(dir.path(), &second);

    w.other_window().await;
    w.find("[data-testid=\"relay\"][data-way=\"in_sync\"]").await;
    w.close().await;
}

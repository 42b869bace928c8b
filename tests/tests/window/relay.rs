//! A real relay for the windows' tests, and a second till that catches up with the first.

use serde_json::Value;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::programs::{built, ctl};

/// How long something may take that comes by itself, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A relay with a shop that nobody has joined.
pub struct Relay {
    database: String,
    /// The shop on it.
    shop: String,
    /// Its address.
    pub url: String,
    process: Child,
}

impl Relay {
    /// Starts it; answers the code for the shop's first till, too.
    pub fn start(folder: &Path) -> (Self, String) {
        Self::start_with(folder, &[])
    }

    /// The same with further settings.
    pub fn start_with(folder: &Path, more: &[&str]) -> (Self, String) {
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
            &[&["shop", "create", "--name", "Harbour Coffee", "--json"], &facts[..]].concat(),
        );
        let process = Command::new(built("regulars-relay"))
            .args(["--database", &database, "serve", "--listen", &listen])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the relay starts");
        let since = Instant::now();
        while TcpStream::connect(&listen).is_err() {
            assert!(since.elapsed() < PATIENCE, "the relay does not listen");
            std::thread::sleep(LOOK_EVERY);
        }
        let text = |name: &str| made[name].as_str().expect("a text").to_owned();
        let relay = Self {
            shop: text("shop_id"),
            database,
            url: format!("http://{listen}"),
            process,
        };
        (relay, text("pairing_code"))
    }

    /// A command of whoever runs the relay; `SHOP` stands for the shop.
    pub fn operator(&self, args: &[&str]) {
        let args = args.iter().map(|arg| if *arg == "SHOP" { &self.shop } else { *arg });
        let out = Command::new(built("regulars-relay"))
            .args(["--database", &self.database])
            .args(args)
            .output()
            .expect("the relay's command runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    /// A further code from whoever runs the relay.
    pub fn operators_code(&self) -> String {
        let made = said(&self.database, &["pair-code", &self.shop, "--json"]);
        made["pairing_code"].as_str().expect("a code").to_owned()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It is gone already, or it goes now.
        let _ = self.process.kill();
        let _ = self.process.wait();
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

/// Syncs the second till until it has as much as the first, and answers how long that took.
pub fn catches_up(first: &Path, second: &Path) -> Duration {
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

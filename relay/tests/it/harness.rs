//! Real relays: a place for their data, the process, its log, its commands.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::postgres;

/// Between two looks at something that nothing announces.
pub const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Longest wait for anything: nothing that works comes near it, on however slow a machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

const RELAY: &str = env!("CARGO_BIN_EXE_regulars-relay");

/// An empty database.
pub struct Place {
    /// Its address.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    /// A file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("relay.db").display());
        Self {
            url,
            _folder: Some(folder),
        }
    }

    /// One on the tests' PostgreSQL.
    pub fn postgres() -> Option<Self> {
        postgres::shared().map(Self::on)
    }

    /// One on this server.
    pub fn on(server: &postgres::Server) -> Self {
        Self {
            url: server.database(),
            _folder: None,
        }
    }

    /// Another place of the same kind, with nothing in it.
    pub fn another(&self) -> Self {
        if self.url.starts_with("sqlite:") {
            return Self::sqlite();
        }
        Self::on(postgres::shared().unwrap())
    }

    /// Another place with all that is in this one now, as a backup has it. Nobody may be using it.
    pub fn copy(&self) -> Self {
        if let Some(file) = self.url.strip_prefix("sqlite:") {
            let copy = Self::sqlite();
            std::fs::copy(file, copy.url.trim_start_matches("sqlite:")).unwrap();
            return copy;
        }
        let server = postgres::shared().unwrap();
        let (before, name) = self.url.rsplit_once('/').unwrap();
        let copy = format!("{name}_copy");
        server.query("postgres", &format!("CREATE DATABASE {copy} TEMPLATE {name}"));
        Self {
            url: format!("{before}/{copy}"),
            _folder: None,
        }
    }

    /// A command's answer in JSON.
    pub fn command(&self, args: &[&str]) -> Value {
        let said = self.run(args);
        serde_json::from_str(&said.unwrap()).unwrap()
    }

    /// What a command prints, or what it complains of.
    pub fn run(&self, args: &[&str]) -> Result<String, String> {
        let said = relay().args(["--database", &self.url]).args(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if said.status.success() {
            Ok(text(&said.stdout))
        } else {
            Err(text(&said.stderr))
        }
    }

    /// A new shop: its id and the first till's code.
    pub fn shop(&self) -> (String, String) {
        let create = [
            "shop",
            "create",
            "--name",
            "Corner",
            "--currency",
            "USD",
            "--region",
            "US",
        ];
        let shop = self.command(&[&create[..], &["--timezone", "America/Los_Angeles", "--json"]].concat());
        (text(&shop["shop_id"]), text(&shop["pairing_code"]))
    }

    /// A further till's code.
    pub fn code(&self, shop: &str) -> String {
        text(&self.command(&["pair-code", shop, "--json"])["pairing_code"])
    }

    /// A number that the database answers.
    pub fn number(&self, sql: &str) -> i64 {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let db = relay::store::Db::connect(&self.url, 1).await.unwrap();
            let row = db.first(sql, &[]).await.unwrap().unwrap();
            db.close().await;
            row.int(0).unwrap()
        })
    }

    /// Texts that the database answers, one a row.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let db = relay::store::Db::connect(&self.url, 1).await.unwrap();
            let rows = db.all(sql, &[]).await.unwrap();
            db.close().await;
            rows.iter().map(|row| row.text(0).unwrap()).collect()
        })
    }

    /// How many rows there are in all that a page writes.
    pub fn rows(&self) -> i64 {
        let tables = ["ops", "private", "claims", "members", "rights", "origins", "tills"];
        let counts: Vec<String> = tables
            .iter()
            .map(|table| format!("(SELECT count(*) FROM {table})"))
            .collect();
        self.number(&format!("SELECT {}", counts.join(" + ")))
    }

    /// Starts a relay.
    pub fn serve(&self) -> Relay {
        self.serve_with(&[])
    }

    /// Starts a relay with further settings.
    pub fn serve_with(&self, more: &[&str]) -> Relay {
        let mut command = relay();
        command.args([
            "--database",
            &self.url,
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-connections",
            "5",
        ]);
        // Out of the tests' way, but for those that say otherwise: a flag goes before the environment.
        for limit in ["CODE", "DEVICE", "ADDRESS"] {
            command.env(format!("REGULARS_RELAY_{limit}_RATE"), "1000000");
        }
        Relay::start(command.args(more))
    }
}

/// The relay, with nothing of this machine's settings.
pub fn relay() -> Command {
    // Every test starts a relay before it asks one. Refused where another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut command = Command::new(RELAY);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("REGULARS_")) {
        command.env_remove(name);
    }
    command
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// A running relay. It is killed when it goes out of scope.
pub struct Relay {
    child: Child,
    /// Its address.
    pub url: String,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Relay {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (errors, kept) = (BufReader::new(child.stderr.take().unwrap()), log.clone());
        let reader = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                if !line.starts_with('{') {
                    eprintln!("{line}");
                }
                let mut log = kept.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        assert!(!said.is_empty(), "the relay did not start; its log is above");
        let said: Value = serde_json::from_str(&said).unwrap();
        let url = format!("http://{}", text(&said["listening"]));
        Self {
            child,
            url,
            log,
            reader: Some(reader),
        }
    }

    /// All it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and whether it ended well. Its log is whole then.
    pub fn stop(mut self) -> (bool, String) {
        self.terminate();
        let ended = self.child.wait().unwrap();
        self.reader.take().map(JoinHandle::join).transpose().unwrap();
        (ended.success(), self.log())
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// What one of its counters stands at: the sum over all lines that begin so.
    pub fn counted(&self, name: &str) -> f64 {
        let text = reqwest::blocking::get(format!("{}/metrics", self.url))
            .unwrap()
            .text()
            .unwrap();
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the relay's log:\n{}", self.log());
        }
    }
}

/// Waits until something is so.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// `on_both! { a, b }`: each of these functions of a place is a test on SQLite and one on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite { $(#[test] fn $name() { super::$name(&$crate::harness::Place::sqlite()); })+ }
        mod postgres { $(#[test] fn $name() {
            if let Some(place) = $crate::harness::Place::postgres() { super::$name(&place); }
        })+ }
    };
}

//! A real relay and real tills: processes that talk over HTTP, and what a test asks of them.

use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::programs::{built, ctl, ctl_raw};

/// Between two looks at something that nothing announces.
pub const LOOK_EVERY: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(180);

/// A relay with one shop.
pub struct Relay {
    database: String,
    port: u16,
    process: Option<Child>,
    shop: String,
    first_code: Option<String>,
    folder: tempfile::TempDir,
}

impl Relay {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut relay = Self {
            database: format!("sqlite:{}", folder.path().join("relay.db").display()),
            port,
            process: None,
            shop: String::new(),
            first_code: None,
            folder,
        };
        let facts = [
            "--name",
            "Harbour Coffee",
            "--currency",
            "USD",
            "--region",
            "US",
            "--timezone",
            "America/Los_Angeles",
        ];
        let made = relay.command(&[&["shop", "create"], &facts[..], &["--json"]].concat());
        relay.shop = text(&made["shop_id"]);
        relay.first_code = Some(text(&made["pairing_code"]));
        relay.serve();
        relay
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn shop_id(&self) -> String {
        self.shop.clone()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A till that is not there yet.
    pub fn folder_of(&self, name: &str) -> Till {
        Till {
            dir: self.folder.path().join(name),
        }
    }

    /// A command of the relay's, and what it says in JSON.
    pub fn command(&self, args: &[&str]) -> Value {
        serde_json::from_slice(&self.run(args)).unwrap()
    }

    /// A command of the relay's that says something to people.
    pub fn operator(&self, args: &[&str]) {
        self.run(args);
    }

    /// A file beside its database.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn run(&self, args: &[&str]) -> Vec<u8> {
        let said = Command::new(built("regulars-relay"))
            .env("REGULARS_RELAY_KEY_FILE", self.folder.path().join("key"))
            .args(["--database", &self.database])
            .args(args)
            .output()
            .unwrap();
        assert!(
            said.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&said.stderr)
        );
        said.stdout
    }

    /// Starts it and waits until it listens.
    pub fn serve(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let process = Command::new(built("regulars-relay"))
            .args([
                "--database",
                &self.database,
                "serve",
                "--listen",
                &listen,
                "--public-url",
                &self.url(),
            ])
            .env("REGULARS_RELAY_KEY_FILE", self.folder.path().join("key"))
            .env("REGULARS_RELAY_DEVICE_RATE", "100000")
            .env("REGULARS_RELAY_ADDRESS_RATE", "100000")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let since = Instant::now();
        while std::net::TcpStream::connect(&listen).is_err() {
            assert!(since.elapsed() < PATIENCE, "the relay does not listen");
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Its database as it is now. Only while it does not run.
    pub fn backup(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        assert!(self.process.is_none());
        let file = self.database.trim_start_matches("sqlite:");
        let files = ["", "-wal", "-shm"].map(|tail| PathBuf::from(format!("{file}{tail}")));
        files.map(|path| (path.clone(), std::fs::read(path).ok())).into()
    }

    /// Puts a backup in place, tells it so, and serves again.
    pub fn restore(&mut self, backup: Vec<(PathBuf, Option<Vec<u8>>)>) {
        self.kill();
        for (path, content) in backup {
            match content {
                Some(content) => std::fs::write(path, content).unwrap(),
                None => drop(std::fs::remove_file(path)),
            }
        }
        self.run(&["restored"]);
        self.serve();
    }

    /// A code that was not used yet: the first till's, then further ones.
    pub fn take_code(&mut self) -> String {
        self.first_code
            .take()
            .unwrap_or_else(|| text(&self.command(&["pair-code", &self.shop, "--json"])["pairing_code"]))
    }

    /// A new till of the shop, with everything downloaded.
    pub fn till(&mut self, name: &str) -> Till {
        let till = self.folder_of(name);
        let (code, url) = (self.take_code(), self.url());
        till.ctl(&["pair", &code, "--relay", &url, "--till", name]);
        till.sync();
        till
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A till's folder.
pub struct Till {
    pub dir: PathBuf,
}

impl Till {
    /// A shop that has no relay yet.
    pub fn alone(dir: &Path) -> Self {
        let till = Self { dir: dir.to_owned() };
        till.ctl(&[
            "init",
            "--shop",
            "Harbour Coffee",
            "--currency",
            "USD",
            "--region",
            "US",
            "--timezone",
            "America/Los_Angeles",
        ]);
        till
    }

    pub fn ctl(&self, args: &[&str]) -> Value {
        ctl(&self.dir, args)
    }

    /// The code of what must be refused.
    pub fn refused(&self, args: &[&str]) -> String {
        let said = ctl_raw(&self.dir, args);
        assert!(!said.status.success(), "{args:?} was done");
        let said: Value = serde_json::from_slice(&said.stdout).unwrap();
        text(&said["error"]["code"])
    }

    pub fn sync(&self) -> Value {
        self.ctl(&["sync", "--once"])
    }

    /// Starts a sync that may be cut.
    pub fn begin_sync(&self) -> Child {
        self.begin(&["sync", "--once"])
    }

    /// Starts a command that nobody waits for.
    pub fn begin(&self, args: &[&str]) -> Child {
        Command::new(built("regularsctl"))
            .env("REGULARS_SECRETS", "file")
            .args(["--json", "--data"])
            .arg(&self.dir)
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    pub fn credit(&self, phone: &str, sale: &str, total: &str) -> Value {
        self.ctl(&[
            "credit",
            "--phone",
            phone,
            "--total",
            total,
            "--sale-id",
            sale,
            "--enrol",
        ])
    }

    pub fn member(&self, phone: &str) -> Value {
        self.ctl(&["member", "show", "--phone", phone])
    }

    pub fn balance(&self, phone: &str) -> i64 {
        self.member(phone)["balance"].as_i64().unwrap()
    }
}

/// Looks until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !so() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Everybody hears everything; then all are the same, and each file is what its log makes.
pub fn agree(tills: &[&Till]) {
    for _ in 0..2 {
        tills.iter().for_each(|till| drop(till.sync()));
    }
    let hashes: Vec<Value> = tills.iter().map(|till| till.ctl(&["state-hash"])).collect();
    assert!(hashes.windows(2).all(|two| two[0] == two[1]), "{hashes:?}");
    for till in tills {
        assert_eq!(till.ctl(&["ledger", "verify"])["ok"], true);
        assert_eq!(till.sync()["pending"], 0);
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
        .to_owned()
}

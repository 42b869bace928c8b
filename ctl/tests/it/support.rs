//! A shop in a temporary folder, and the binary run on it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A folder with a shop in it, or without.
pub struct Shop {
    folder: tempfile::TempDir,
}

/// What the binary said and how it ended.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON on standard output: exactly one line.
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

impl Shop {
    /// An empty folder.
    pub fn none() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A coffee shop in San Diego with the default rules.
    pub fn open() -> Self {
        let shop = Self::none();
        shop.ok(&SAN_DIEGO);
        shop
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file beside the shop's folder.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    /// A name beside the shop's folder.
    pub fn name(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_regularsctl"));
        // Nothing of the user's own is read or written.
        command
            .env("HOME", self.folder.path())
            .env_remove("XDG_DATA_HOME")
            .env("REGULARS_SECRETS", "file")
            .env("REGULARS_DATA", self.dir())
            .stdin(Stdio::null());
        command
    }

    /// Runs it for people.
    pub fn plain(&self, args: &[&str]) -> Answer {
        Answer::of(&self.command().args(args).output().unwrap())
    }

    /// Runs it for a program.
    pub fn run(&self, args: &[&str]) -> Answer {
        Answer::of(&self.command().args(args).arg("--json").output().unwrap())
    }

    /// Runs it, and it must be done.
    pub fn ok(&self, args: &[&str]) -> Value {
        let answer = self.run(args);
        assert_eq!(answer.code, 0, "{args:?}: {answer:?}");
        answer.json()
    }

    /// Runs it, and it must be refused with this code; answers the error.
    pub fn refused(&self, args: &[&str], exit: i32, code: &str) -> Value {
        let answer = self.run(args);
        assert_eq!(answer.code, exit, "{args:?}: {answer:?}");
        let error = answer.json()["error"].clone();
        assert_eq!(error["code"], code, "{args:?}: {answer:?}");
        assert!(error["message"].as_str().is_some_and(|m| !m.is_empty()), "{answer:?}");
        error
    }

    /// Starts it and does not wait.
    pub fn start(&self, args: &[&str]) -> Child {
        let mut command = self.command();
        command
            .args(args)
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The store, opened by this process.
    pub fn store(&self) -> ledger::Store {
        ledger::Store::open(&self.dir(), ledger::Options::default()).unwrap()
    }
}

/// Waits for a started run.
pub fn ended(child: Child) -> Answer {
    Answer::of(&child.wait_with_output().unwrap())
}

pub const SAN_DIEGO: [&str; 9] = [
    "init",
    "--shop",
    "Harbour Coffee",
    "--currency",
    "USD",
    "--region",
    "US",
    "--timezone",
    "America/Los_Angeles",
];

/// The real purchases, where this machine has them.
pub fn real_sales() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/cdnow_sample_sales.csv");
    if path.exists() {
        return Some(path);
    }
    println!("skipped: there is no {}", path.display());
    None
}

/// The names of an object's members, sorted.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

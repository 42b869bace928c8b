//! A till that stays open, in a process of its own: the tests' own program, started again as a till. It syncs and hears of
//! news as the app does, and redeems when it is told to.

use ledger::{Options, Store};
use link::{Client, Keeper, Redeems, Wake};
use loyalty::op::By;
use loyalty::{Code, MemberId};
use secrets::Secrets;
use std::io::{BufRead, BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

/// Names the till's folder to the process that is to be one.
const AS_TILL: &str = "REGULARS_TEST_TILL";
/// Before an answer: the test harness writes to the same place.
const SAYS: &str = "till: ";

/// The process, as the test sees it.
pub struct Alive {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Alive {
    /// Opens the till of a folder.
    pub fn open(dir: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "alive::this_process_is_a_till", "--nocapture"])
            .env(AS_TILL, dir)
            .env("REGULARS_SECRETS", "file")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            asks: child.stdin.take().unwrap(),
            says: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// Asks, and reads the answer.
    pub fn ask(&mut self, what: &str) -> String {
        writeln!(self.asks, "{what}").unwrap();
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.says.read_line(&mut line).unwrap() > 0, "the till ended");
            if let Some((_, said)) = line.split_once(SAYS) {
                return said.trim().to_owned();
            }
        }
    }

    /// Redeems 100 points; whether it could.
    pub fn redeems(&mut self, member: &str) -> bool {
        match self.ask(&format!("redeem {member}")).as_str() {
            "yes" => true,
            "no" => false,
            other => panic!("{other}"),
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        // As a power cut ends it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn this_process_is_a_till() {
    // In the tests' own run there is nothing to do: it is one only when it is started as one.
    let Some(dir) = std::env::var_os(AS_TILL).map(PathBuf::from) else {
        return;
    };
    let store = Arc::new(Store::open(&dir, Options::default()).unwrap());
    let keeper = Keeper::new();
    let bell = keeper.waker();
    let kept = Arc::clone(&store);
    let secrets = Secrets::open(link::SERVICE, &dir).unwrap();
    std::thread::spawn(move || {
        let open = |_| Ok(Arc::clone(&kept));
        link::keep(&keeper, &secrets, open, |_| ControlFlow::Continue(()));
    });
    let secrets = Secrets::open(link::SERVICE, &dir).unwrap();
    for line in std::io::stdin().lines().map_while(Result::ok) {
        let said = match line.split_once(' ') {
            Some(("redeem", member)) => redeem(&store, &secrets, member.parse().unwrap()),
            _ => "yes".to_owned(),
        };
        // What was done goes up, and a line that was cut is tried again.
        bell.send(Wake::Now).unwrap();
        println!("{SAYS}{said}");
    }
}

fn redeem(store: &Store, secrets: &Secrets, member: MemberId) -> String {
    let redeems = Redeems {
        op: store.new_op(),
        by: By::Job("test".into()),
        member,
        what: "Free coffee".into(),
        with: None,
        approver: None,
    };
    match link::redeem(store, &redeems, || Client::of_till(store, secrets)) {
        Ok(_) => "yes".into(),
        Err(ledger::Error::Refused(refusal)) if refusal.code == Code::NotEnoughPoints => "no".into(),
        Err(e) => e.to_string(),
    }
}

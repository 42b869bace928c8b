//! This binary started again as another process: what it does there, and how a test starts it.

use ledger::{Error, Redemption, StorageCode, Store};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{RULES, by, new_shop, open, sale};

const JOB: &str = "LEDGER_TEST_CHILD";

/// What a child is asked to do, as words: the job, the folder, and what else it needs.
pub fn command(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child::at_work", "--nocapture", "--test-threads=1"])
        .env(JOB, words.join("\n"))
        .stdout(Stdio::piped());
    command
}

/// The same in a view of the system of its own, where `prepare` (of the folder `$0`) was run before.
#[cfg(target_os = "linux")]
pub fn in_view(prepare: &str, place: &str, program: &Command) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["-m", "sh", "-c"])
        .arg(format!("{prepare} && exec \"$@\""))
        .arg(place)
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command
}

/// What the child prints with [`say`], line by line.
pub fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("> ").map(str::to_owned))
}

fn say(what: &str) {
    // One write, so that a line is there whole or not at all; at the line's start, whatever the test harness wrote.
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n> {what}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The child's side; in a run of all tests nobody asks for anything.
#[test]
fn at_work() {
    let Ok(job) = std::env::var(JOB) else { return };
    let words: Vec<&str> = job.split('\n').collect();
    let dir = Path::new(words[1]);
    match (words[0], &words[2..]) {
        ("credit", [tag, times]) => credit(&open(dir).unwrap(), tag, times.parse().unwrap()),
        ("credit_in_halves", [tag, times]) => {
            let (store, times) = (open(dir).unwrap(), times.parse::<usize>().unwrap());
            credit(&store, &format!("{tag}1"), times / 2);
            std::io::stdin().read_line(&mut String::new()).unwrap();
            credit(&store, &format!("{tag}2"), times / 2);
        }
        ("claim", [times]) => claim(dir, times.parse().unwrap()),
        ("open", []) => say(&open(dir).map_or_else(|e| e.to_string(), |_| "open".to_owned())),
        ("init", []) => init(dir),
        ("fill", []) => fill(dir),
        other => panic!("no such job: {other:?}"),
    }
}

/// Credits one member again and again, and says each sale's id once the call has returned.
fn credit(store: &Store, tag: &str, times: usize) {
    for n in 0..times {
        let id = format!("{tag}-{n}");
        store.credit(store.new_op(), by(), sale(store, &id, 1, "2")).unwrap();
        say(&id);
    }
    say("done");
}

/// Claims the first member's full cards again and again, and says how each try ended.
fn claim(dir: &Path, times: usize) {
    let store = open(dir).unwrap();
    let member = store
        .member(ledger::Key::Phone(&crate::support::phone(1)))
        .unwrap()
        .unwrap()
        .member_id;
    for _ in 0..times {
        match store.redeem(store.new_op(), by(), member, Redemption::Card { card: "Coffee".into() }) {
            Ok(_) => say("claimed"),
            Err(Error::Refused(refusal)) => say(refusal.code.as_str()),
            Err(other) => say(&other.to_string()),
        }
    }
}

fn init(dir: &Path) {
    match Store::init(dir, &new_shop(RULES, None), crate::support::by_hand().1) {
        Ok(_) => say("made"),
        Err(Error::Refused(refusal)) => say(refusal.code.as_str()),
        Err(other) => say(&other.to_string()),
    }
}

/// On a small disk: credits until it is full, then frees space and goes on.
fn fill(dir: &Path) {
    let store = Store::init(dir, &new_shop(RULES, None), crate::support::by_hand().1).unwrap();
    let ballast = dir.join("ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let (mut n, mut failures) = (0_usize, 0);
    while failures < 3 {
        assert!(n < 20_000, "a full disk takes every sale");
        let id = format!("f{n}");
        match store.credit(store.new_op(), by(), sale(&store, &id, 1, "2")) {
            Ok(_) => n += 1,
            Err(Error::Storage(e)) if e.code == StorageCode::DiskFull => failures += 1,
            Err(other) => panic!("not disk_full: {other:?}"),
        }
    }
    let found = store.verify().unwrap();
    assert!(found.ok && n > 10, "{n} sales, {found:?}");
    assert_eq!(
        crate::support::sale_ids(&store).len(),
        n,
        "nothing half-done, nothing lost"
    );
    std::fs::remove_file(ballast).unwrap();
    for more in 0..10 {
        store
            .credit(store.new_op(), by(), sale(&store, &format!("more{more}"), 1, "2"))
            .unwrap();
    }
    drop(store);
    let store = open(dir).unwrap();
    assert!(store.verify().unwrap().ok);
    assert_eq!(crate::support::sale_ids(&store).len(), n + 10);
    say("filled");
}

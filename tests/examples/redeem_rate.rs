//! How long a redemption takes at a till of several: offline, with the points here, with the points at the relay, and
//! with the points at another till that must give them back. Real processes, real HTTP on this machine.
//!
//! `cargo build --release -p regularsctl -p regulars-relay && cargo run --release -p system-tests --example redeem_rate`

use ledger::{NewMember, Options, Store};
use link::{Client, Keeper, Redeems, Wake};
use loyalty::op::By;
use loyalty::{MemberId, Phone, Role};
use secrets::Secrets;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Redemptions of each kind.
const EACH: usize = 200;
const PORT: u16 = 38_517;

fn built(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.ancestors().nth(2).map(|dir| dir.join(name)).unwrap_or_default()
}

fn said(command: &mut Command) -> serde_json::Value {
    let said = command.output().map(|said| said.stdout).unwrap_or_default();
    serde_json::from_slice(&said).unwrap_or_default()
}

struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A till that syncs, as the app does.
struct Till {
    store: Arc<Store>,
    secrets: Secrets,
    bell: std::sync::mpsc::Sender<Wake>,
}

impl Till {
    fn open(dir: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let store = Arc::new(Store::open(dir, Options::default())?);
        let keeper = Keeper::new();
        let (bell, kept, secrets) = (keeper.waker(), Arc::clone(&store), Secrets::open(link::SERVICE, dir)?);
        std::thread::spawn(move || {
            link::keep(
                &keeper,
                &secrets,
                |_| Ok(Arc::clone(&kept)),
                |_| ControlFlow::Continue(()),
            );
        });
        let secrets = Secrets::open(link::SERVICE, dir)?;
        Ok(Self { store, secrets, bell })
    }

    fn redeem(&self, member: MemberId) -> Result<Duration, Box<dyn std::error::Error>> {
        let redeems = Redeems {
            op: self.store.new_op(),
            by: By::Job("bench".into()),
            member,
            what: "Free coffee".into(),
            with: None,
            approver: None,
        };
        let began = Instant::now();
        link::redeem(&self.store, &redeems, || Client::of_till(&self.store, &self.secrets))?;
        Ok(began.elapsed())
    }

    /// New members with 100 points each, here.
    fn members(&self, from: u32) -> Result<Vec<MemberId>, Box<dyn std::error::Error>> {
        let actor = ledger::Actor {
            by: By::Job("bench".into()),
            role: Role::Owner,
        };
        let mut all = Vec::with_capacity(EACH);
        for n in 0..u32::try_from(EACH)? {
            let phone = Phone::parse(&format!("+1619{:07}", 5_550_000 + from + n), self.store.shop().region)?;
            let new = NewMember::with_phone(phone);
            let (member, _) = self.store.enrol(self.store.new_op(), actor.by.clone(), new)?;
            let op = self.store.new_op();
            self.store.adjust(op, actor.clone(), member, 100, "Bench".into())?;
            all.push(member);
        }
        Ok(all)
    }

    /// Everything is up and down.
    fn syncs(&self) -> Result<(), Box<dyn std::error::Error>> {
        let line = Client::of_till(&self.store, &self.secrets)?;
        link::round(&self.store, &line, &mut link::Report::default(), |_| {})?;
        Ok(())
    }
}

fn tell(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let at = |part: usize| took[(took.len() - 1) * part / 100];
    println!(
        "{what:<44} p50 {:>9.2?}  p99 {:>9.2?}  of {}",
        at(50),
        at(99),
        took.len()
    );
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let database = format!("sqlite:{}", folder.path().join("relay.db").display());
    let relay = || {
        let mut command = Command::new(built("regulars-relay"));
        command.args(["--database", &database]);
        command
    };
    let facts = [
        "--name",
        "Bench",
        "--currency",
        "USD",
        "--region",
        "US",
        "--timezone",
        "America/Los_Angeles",
    ];
    let shop = said(relay().args(["shop", "create", "--json"]).args(facts));
    let (listen, url) = (format!("127.0.0.1:{PORT}"), format!("http://127.0.0.1:{PORT}"));
    let mut serves = relay();
    serves.args(["serve", "--listen", &listen, "--public-url", &url]);
    for limit in ["DEVICE", "ADDRESS"] {
        serves.env(format!("REGULARS_RELAY_{limit}_RATE"), "1000000");
    }
    let serving = Ends(serves.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    while std::net::TcpStream::connect(&listen).is_err() {
        std::thread::yield_now();
    }
    let shop_id = shop["shop_id"].as_str().unwrap_or_default().to_owned();
    let second = said(relay().args(["pair-code", &shop_id, "--json"]));
    let mut tills = Vec::new();
    for (name, code) in [("1", &shop["pairing_code"]), ("2", &second["pairing_code"])] {
        let dir = folder.path().join(name);
        std::fs::create_dir_all(&dir)?;
        let secrets = Secrets::open(link::SERVICE, &dir)?;
        link::pair(&dir, &secrets, code.as_str().unwrap_or_default(), &url, name)?;
        link::sync(&dir, &secrets, |_| {})?;
        tills.push(Till::open(&dir)?);
    }
    let (a, b) = (&tills[0], &tills[1]);
    let here = a.members(0)?;
    a.syncs()?;
    tell(
        "online, the points are here",
        here.iter().map(|m| a.redeem(*m)).collect::<Result<_, _>>()?,
    );
    let pooled = a.members(1_000)?;
    a.store.write(|tx| tx.return_some(EACH))?;
    a.syncs()?;
    b.syncs()?;
    tell(
        "online, the relay has them",
        pooled.iter().map(|m| b.redeem(*m)).collect::<Result<_, _>>()?,
    );
    let theirs = a.members(2_000)?;
    a.syncs()?;
    b.syncs()?;
    tell(
        "online, another till gives them back",
        theirs.iter().map(|m| b.redeem(*m)).collect::<Result<_, _>>()?,
    );
    let alone = a.members(3_000)?;
    a.syncs()?;
    drop(serving);
    tell(
        "offline, the points are here",
        alone.iter().map(|m| a.redeem(*m)).collect::<Result<_, _>>()?,
    );
    for till in &tills {
        let _ = till.bell.send(Wake::Stop);
    }
    Ok(())
}

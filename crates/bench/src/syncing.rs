//! Syncing through a real relay: a long log goes up, and a new till downloads it. Beside it the same rows inserted raw,
//! as many a transaction as a page has.

use ledger::Store;
use link::{Client, Keeper, LinkError, Report, Round, Told, Wake, Wire, keep, round};
use reqwest::blocking::Client as Http;
use secrets::Secrets;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::Result;
use crate::credit::MEMBERS;
use crate::figures::Figure;
use crate::raw::Raw;
use crate::shop::{self, by};

/// Sales of one transaction, as a page has operations.
const PAGE: usize = 1000;

/// Measures `operations` up and down.
pub fn measure(dir: &Path, operations: usize) -> Result<Vec<Figure>> {
    std::fs::create_dir_all(dir)?;
    let relay = Relay::start(dir)?;
    let first = dir.join("first");
    record(&first, operations)?;
    let secrets = Secrets::open_file(link::SERVICE, &first)?;
    link::pair(&first, &secrets, &relay.code()?, &relay.url, "Till 1")?;
    let up = sync(&first, &relay)?;
    let second = dir.join("second");
    std::fs::create_dir_all(&second)?;
    let secrets = Secrets::open_file(link::SERVICE, &second)?;
    link::pair(&second, &secrets, &relay.code()?, &relay.url, "Till 2")?;
    let down = sync(&second, &relay)?;
    for till in [&first, &second] {
        println!("{}", Store::open(till, ledger::Options::default())?.state_hash()?);
    }
    let live = news(&first, &second)?;
    let mut bare = Raw::new(&dir.join("bare.db"), MEMBERS, &[])?;
    let mut took = Duration::ZERO;
    for _ in 0..operations.div_ceil(PAGE) {
        took += bare.credit(PAGE)?;
    }
    let rate = |name: &str, took: Duration| Figure::rate(name, vec![operations as f64 / took.as_secs_f64()]);
    let raw = rate("raw: rows inserted, 1,000 a transaction", took);
    let mib = |name: &str, kib: u64| Figure {
        unit: "MiB".into(),
        ..Figure::rate(name, vec![kib as f64 / 1024.0])
    };
    let bytes = |name: &str, bytes: u64| Figure {
        unit: "B".into(),
        ..Figure::rate(name, vec![bytes as f64 / operations as f64])
    };
    Ok(vec![
        Figure::time(
            "sync: a credit at one till until it is at another, connected live",
            &mut [live],
        ),
        rate(&format!("sync: {operations} operations go up"), up.took).against(&raw),
        rate(
            &format!("sync: a new till downloads {operations} operations"),
            down.took,
        )
        .against(&raw),
        raw,
        bytes("sync: bytes up an operation", up.sent),
        bytes("sync: bytes down an operation", down.received),
        mib("sync: most memory of the till, going up", up.peak_kib),
        mib("sync: most memory of the till, downloading", down.peak_kib),
        mib(
            "sync: most memory of the relay",
            peak_kib(&relay.process.id().to_string())?,
        ),
    ])
}

/// A shop with so many sales of its members.
fn record(dir: &Path, operations: usize) -> Result {
    let store = shop::make(dir)?;
    let mut left = operations;
    let mut n = 0;
    while left > 0 {
        let many = left.min(PAGE);
        let sales: Vec<_> = (n..n + many)
            .map(|n| shop::sale(&store, format!("s{n}"), n % MEMBERS))
            .collect();
        store.write(move |tx| {
            for sale in &sales {
                tx.credit(tx.new_op(), &by(), sale)?;
            }
            Ok(())
        })?;
        (left, n) = (left - many, n + many);
    }
    Ok(())
}

/// What a sync took.
struct Synced {
    took: Duration,
    sent: u64,
    received: u64,
    peak_kib: u64,
}

fn sync(dir: &Path, relay: &Relay) -> Result<Synced> {
    // From here on the kernel counts the peak anew.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let store = Store::open(dir, ledger::Options::default())?;
    let secrets = Secrets::open_file(link::SERVICE, dir)?;
    let credential = secrets.get(link::CREDENTIAL)?.map(String::from_utf8).transpose()?;
    let (sent, received) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let wire = Counted {
        http: Http::builder().timeout(Duration::from_secs(60)).build()?,
        url: relay.url.clone(),
        sent: sent.clone(),
        received: received.clone(),
    };
    let client = Client::over(Box::new(wire), credential);
    let began = Instant::now();
    match round(&store, &client, &mut Report::default(), |_| {})? {
        Round::Done => {}
        Round::Reopen => return Err("the till goes on under a new origin".into()),
    }
    Ok(Synced {
        took: began.elapsed(),
        sent: sent.load(Ordering::Relaxed),
        received: received.load(Ordering::Relaxed),
        peak_kib: peak_kib("self")?,
    })
}

/// How often news is sent: enough for a p99.
const NEWS: usize = 200 + WARM_UP;
/// Before the streams are open, tills ask now and then.
const WARM_UP: usize = 5;

/// Two tills that keep syncing: from the call of a credit at the first until it is in the second's file.
fn news(first: &Path, second: &Path) -> Result<Vec<Duration>> {
    let open = |dir: &Path| Ok::<_, ledger::Error>(Arc::new(Store::open(dir, ledger::Options::default())?));
    let (a, b) = (open(first)?, open(second)?);
    let (ours, theirs) = (Keeper::new(), Keeper::new());
    let (stop_ours, stop_theirs) = (ours.waker(), theirs.waker());
    let (tell, told) = channel();
    let secrets = (
        Secrets::open_file(link::SERVICE, first)?,
        Secrets::open_file(link::SERVICE, second)?,
    );
    std::thread::scope(|scope| -> Result<Vec<Duration>> {
        let (mine, other) = (Arc::clone(&a), Arc::clone(&b));
        scope.spawn(move || {
            keep(
                &ours,
                &secrets.0,
                |_| Ok(Arc::clone(&mine)),
                |_| ControlFlow::Continue(()),
            )
        });
        scope.spawn(move || {
            keep(
                &theirs,
                &secrets.1,
                |_| Ok(Arc::clone(&other)),
                |heard| {
                    if matches!(heard, Told::Synced(report) if report.pulled > 0) {
                        // Nobody waits any more at the end.
                        let _ = tell.send(Instant::now());
                    }
                    ControlFlow::Continue(())
                },
            );
        });
        let mut all = Vec::new();
        let heard = (0..NEWS).try_for_each(|n| -> Result {
            let sale = shop::sale(&a, format!("live{n}"), n % MEMBERS);
            let began = Instant::now();
            a.credit(a.new_op(), by(), sale)?;
            stop_ours.send(Wake::News)?;
            let at = told.recv_timeout(Duration::from_secs(60))?;
            if n >= WARM_UP {
                all.push(at - began);
            }
            Ok(())
        });
        stop_ours.send(Wake::Stop)?;
        stop_theirs.send(Wake::Stop)?;
        heard.map(|()| all)
    })
}

/// Most memory that a process ever had.
pub fn peak_kib(process: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next());
    Ok(kib.ok_or("the kernel does not say")?.parse()?)
}

/// HTTP whose bodies are counted.
struct Counted {
    http: Http,
    url: String,
    sent: Arc<AtomicU64>,
    received: Arc<AtomicU64>,
}

impl Wire for Counted {
    fn post(&self, path: &str, credential: Option<&str>, body: Vec<u8>) -> link::Result<(u16, Vec<u8>)> {
        let offline = |e: reqwest::Error| LinkError::Offline(e.to_string());
        self.sent.fetch_add(body.len() as u64, Ordering::Relaxed);
        let request = self.http.post(format!("{}{path}", self.url)).body(body);
        let answer = request
            .header("content-type", "application/json")
            .bearer_auth(credential.unwrap_or_default())
            .send()
            .map_err(offline)?;
        let status = answer.status().as_u16();
        let body = answer.bytes().map_err(offline)?;
        self.received.fetch_add(body.len() as u64, Ordering::Relaxed);
        Ok((status, body.to_vec()))
    }
}

/// A relay with one shop, on a SQLite file.
struct Relay {
    program: PathBuf,
    database: String,
    shop: String,
    url: String,
    process: Child,
}

impl Relay {
    fn start(dir: &Path) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("regulars-relay");
        if !program.exists() {
            return Err(format!("{} is not there: cargo xtask bench builds it", program.display()).into());
        }
        let database = format!("sqlite:{}", dir.join("relay.db").display());
        let facts = [
            "--currency",
            "USD",
            "--region",
            "US",
            "--timezone",
            "America/Los_Angeles",
        ];
        let create = [&["shop", "create", "--name", "Bench", "--json"], &facts[..]].concat();
        let made = said(&program, &database, &create)?;
        let mut process = Command::new(&program)
            .args(["--database", &database, "serve", "--listen", "127.0.0.1:0"])
            .args(["--address-rate", "100000000", "--device-rate", "100000000"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let out = process.stdout.take().ok_or("the relay's output is a pipe")?;
        BufReader::new(out).read_line(&mut line)?;
        let listening: serde_json::Value = serde_json::from_str(&line)?;
        Ok(Self {
            program,
            database,
            shop: made["shop_id"].as_str().unwrap_or_default().to_owned(),
            url: format!("http://{}", listening["listening"].as_str().unwrap_or_default()),
            process,
        })
    }

    fn code(&self) -> Result<String> {
        let made = said(&self.program, &self.database, &["pair-code", &self.shop, "--json"])?;
        Ok(made["pairing_code"].as_str().unwrap_or_default().to_owned())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It is gone already, or it goes now.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(program: &Path, database: &str, args: &[&str]) -> Result<serde_json::Value> {
    let out = Command::new(program)
        .args(["--database", database])
        .args(args)
        .output()?;
    if !out.status.success() {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&out.stdout)?)
}

//! `serve`: who may listen where, its secrets, and ten thousand sales while it is killed again and again.

#[expect(dead_code, reason = "the server's own tests ask more of it")]
#[path = "../../../crates/intake/tests/it/http.rs"]
mod http;

use loyalty::UtcMs;
use pos::signature::standard::{self, Secret};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Child;
use std::sync::{Condvar, Mutex};

use crate::support::Shop;
use http::{Client, Reply};

/// A server that runs, and what it said first.
struct Serving {
    child: Child,
    says: BufReader<std::process::ChildStdout>,
    addr: SocketAddr,
    secret: Option<String>,
}

fn serve(shop: &Shop, more: &[&str]) -> Serving {
    let args = [&["serve", "--listen", "127.0.0.1:0"], more].concat();
    let mut child = shop.start(&args);
    let mut says = BufReader::new(child.stdout.take().unwrap());
    let said = next_line(&mut says);
    Serving {
        child,
        says,
        addr: said["listening"].as_str().unwrap().parse().unwrap(),
        secret: said["secret"].as_str().map(str::to_owned),
    }
}

fn next_line(says: &mut impl BufRead) -> Value {
    let mut line = String::new();
    says.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
}

impl Serving {
    /// Ends it as a person or the system would; answers how it ended.
    fn stop(mut self) -> Option<i32> {
        let ended = std::process::Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(ended.unwrap().success());
        self.child.wait().unwrap().code()
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn now() -> UtcMs {
    use ledger::Clock;
    ledger::SystemClock.now()
}

fn send(client: &mut Client, secret: &Secret, path: &str, body: &Value) -> std::io::Result<Reply> {
    let body = body.to_string().into_bytes();
    let signed = standard::sign(std::slice::from_ref(secret), "msg", now(), &body);
    let headers = [
        ("content-type", "application/json"),
        (standard::ID_HEADER, signed.id.as_str()),
        (standard::TIMESTAMP_HEADER, &signed.timestamp),
        (standard::SIGNATURE_HEADER, &signed.signature),
    ];
    client.send("POST", path, &headers, &body)
}

fn sale(number: usize) -> Value {
    json!({
        "sale_id": format!("S-{number}"), "phone": phone(number % MEMBERS), "total": total(number), "occurred_at": "2026-11-20T10:00:00",
    })
}

fn phone(member: usize) -> String {
    format!("+1619555{member:04}")
}

fn total(number: usize) -> String {
    format!("{}.{:02}", number * 7 % 60, number % 100)
}

#[test]
fn a_secret_is_made_once_and_changed_with_an_overlap() {
    let shop = Shop::open();
    let status = |serving: &Serving, secret: &str, number| {
        let secret = Secret::read(secret).unwrap();
        let mut client = Client::connect(serving.addr).unwrap();
        send(&mut client, &secret, "/pos/sale", &sale(number)).unwrap().status
    };
    let serving = serve(&shop, &[]);
    let first = serving.secret.clone().unwrap();
    assert_eq!(status(&serving, &first, 1), 200);
    assert_eq!(serving.stop(), Some(0));
    let serving = serve(&shop, &[]);
    assert_eq!((serving.secret.as_deref(), status(&serving, &first, 2)), (None, 200));
    assert_eq!(serving.stop(), Some(0));
    let serving = serve(&shop, &["--new-secret"]);
    let second = serving.secret.clone().unwrap();
    assert_ne!(first, second);
    assert_eq!((status(&serving, &first, 3), status(&serving, &second, 4)), (200, 200));
    assert_eq!(serving.stop(), Some(0));
    // The file's secrets stand in for the kept ones.
    let (third, fourth) = (
        Secret::from_random([3; 32]).reveal(),
        Secret::from_random([4; 32]).reveal(),
    );
    let file = shop.file("secrets.txt", &format!("# newest first\n{third}\n{fourth}\n"));
    let serving = serve(&shop, &["--secret-file", &file, "--no-enrol"]);
    assert_eq!(serving.secret, None);
    assert_eq!(status(&serving, &second, 5), 401);
    assert_eq!((status(&serving, &third, 4), status(&serving, &fourth, 6)), (200, 422));
    assert_eq!(serving.stop(), Some(0));
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
}

#[test]
fn what_is_not_served() {
    let shop = Shop::open();
    let said = shop.refused(&["serve", "--listen", "0.0.0.0:0"], 2, "usage");
    assert!(said["message"].as_str().unwrap().contains("network"), "{said}");
    shop.refused(&["serve", "--listen", "shop"], 2, "usage");
    shop.refused(&["serve", "--secret-file", &shop.name("none.txt")], 2, "usage");
    let file = shop.file("secrets.txt", "\nwhsec_short\n");
    let said = shop.refused(&["serve", "--secret-file", &file], 2, "usage");
    assert!(said["message"].as_str().unwrap().contains("line 2"), "{said}");
    let hooks = shop.file("hooks.json", r#"{"sqare": {}}"#);
    shop.refused(&["serve", "--hooks", &hooks], 2, "usage");
    let serving = serve(&shop, &[]);
    shop.refused(&["serve", "--listen", &serving.addr.to_string()], 2, "usage");
    assert_eq!(serving.stop(), Some(0));
    Shop::none().refused(&["serve"], 3, "not_initialised");
}

const SALES: usize = 10_000;
const MEMBERS: usize = 97;
const SENDERS: usize = 24;
const KILLS: usize = 5;

/// Where the server is now; each restart is a new generation.
struct Where {
    now: Mutex<(usize, SocketAddr)>,
    changed: Condvar,
    /// How many were acknowledged, all senders together.
    taken: Mutex<usize>,
    more: Condvar,
}

impl Where {
    /// Waits for a server that is not the one of `generation`.
    fn after(&self, generation: usize) -> (usize, SocketAddr) {
        let now = self.now.lock().unwrap();
        *self.changed.wait_while(now, |now| now.0 == generation).unwrap()
    }

    fn moved(&self, addr: SocketAddr) {
        let mut now = self.now.lock().unwrap();
        *now = (now.0 + 1, addr);
        self.changed.notify_all();
    }

    fn took_one(&self) {
        *self.taken.lock().unwrap() += 1;
        self.more.notify_all();
    }

    fn wait_for(&self, count: usize) {
        let taken = self.taken.lock().unwrap();
        drop(self.more.wait_while(taken, |taken| *taken < count).unwrap());
    }
}

/// One till: sends its share in order, a third of it again at random, and anything unanswered until it is answered.
fn sender(place: &Where, secret: &Secret, number: usize) -> HashMap<usize, Value> {
    let mut random = ChaCha8Rng::seed_from_u64(number as u64);
    let mut told: HashMap<usize, Value> = HashMap::new();
    let (mut generation, mut addr) = place.after(0);
    let mut client = None;
    let mut sent = Vec::new();
    for own in (number..SALES).step_by(SENDERS) {
        sent.push(own);
        let mut queue = vec![own];
        if random.random_ratio(1, 3) {
            queue.push(sent[random.random_range(0..sent.len())]);
        }
        for one in queue {
            let reply = loop {
                let connected = client.take().map_or_else(|| Client::connect(addr), Ok);
                let tried = connected.and_then(|mut c| Ok((send(&mut c, secret, "/pos/sale", &sale(one))?, c)));
                match tried {
                    Ok((reply, open)) => {
                        client = Some(open);
                        break reply;
                    }
                    Err(_) => (generation, addr) = place.after(generation),
                }
            };
            assert_eq!(reply.status, 200, "{reply:?}");
            place.took_one();
            let mut answer = reply.json;
            answer.as_object_mut().unwrap().remove("duplicate");
            // Whatever is sent again is answered as the first time.
            assert_eq!(told.entry(one).or_insert_with(|| answer.clone()), &answer);
        }
    }
    told
}

#[test]
fn ten_thousand_sales_killed_in_between() {
    let shop = Shop::open();
    let rules = shop.file("rules.txt", "Earn 1 point per $1\n");
    shop.ok(&["rules", "publish", &rules]);
    let secret = Secret::from_random([7; 32]);
    let file = shop.file("secret.txt", &secret.reveal());
    let place = Where {
        now: Mutex::new((0, "127.0.0.1:1".parse().unwrap())),
        changed: Condvar::new(),
        taken: Mutex::new(0),
        more: Condvar::new(),
    };
    let told: HashMap<usize, Value> = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|n| {
                scope.spawn({
                    let (place, secret) = (&place, &secret);
                    move || sender(place, secret, n)
                })
            })
            .collect();
        let mut serving = serve(&shop, &["--secret-file", &file]);
        place.moved(serving.addr);
        for kill in 1..=KILLS {
            place.wait_for(SALES * kill / (KILLS + 1));
            serving.kill();
            serving = serve(&shop, &["--secret-file", &file]);
            place.moved(serving.addr);
        }
        let told = senders.into_iter().flat_map(|s| s.join().unwrap()).collect();
        assert_eq!(serving.stop(), Some(0));
        told
    });
    assert_eq!(told.len(), SALES);
    assert_eq!(shop.ok(&["ledger", "verify"])["ok"], true);
    adds_up(&shop, &told);
}

/// Every sale is there exactly once, as it was acknowledged, and the balances are a plain sum.
fn adds_up(shop: &Shop, told: &HashMap<usize, Value>) {
    let store = shop.store();
    let mut lines = BTreeMap::new();
    store
        .each_line(|line| {
            let twice = lines.insert(line.sale_id.clone().unwrap(), (line.entry.to_string(), line.points));
            assert_eq!(twice, None, "{line:?}");
            Ok(())
        })
        .unwrap();
    assert_eq!(lines.len(), SALES);
    let mut sums = vec![0; MEMBERS];
    for (number, answer) in told {
        let (entry, points) = &lines[&format!("S-{number}")];
        assert_eq!(
            (answer["entry_id"].as_str(), answer["points"].as_i64()),
            (Some(entry.as_str()), Some(*points))
        );
        assert_eq!(*points, i64::try_from(number * 7 % 60).unwrap());
        sums[number % MEMBERS] += points;
    }
    let mut members = 0;
    store
        .each_member(|member| {
            let phone = member.phone.unwrap();
            let index: usize = phone.e164()[8..].parse().unwrap();
            assert_eq!(
                (member.balance, member.visits),
                (sums[index], if index < SALES % MEMBERS { 104 } else { 103 })
            );
            members += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(members, MEMBERS);
}

#[test]
fn a_watched_folder_is_imported_without_a_window() {
    let shop = Shop::open();
    let inbox = shop.name("in");
    std::fs::create_dir(&inbox).unwrap();
    let mut serving = serve(&shop, &["--watch", &inbox]);
    let file = "sale_id,occurred_at,phone,total\nF-1,2026-11-20T09:00,6195550101,12.50\nF-2,someday,,1.00\n";
    // Written beside and moved in, as some tills do, and written in place, as others do.
    let beside = shop.file("beside.tmp", file);
    std::fs::rename(beside, format!("{inbox}/monday.csv")).unwrap();
    let said = next_line(&mut serving.says);
    assert_eq!(
        (&said["file"], &said["recorded"], &said["rejected_rows"]),
        (&json!("monday.csv"), &json!(1), &json!(1)),
        "{said}"
    );
    std::fs::write(format!("{inbox}/odd.csv"), "Kunde;Ort\nAna;Wien\n").unwrap();
    let said = next_line(&mut serving.says);
    assert_eq!(
        (&said["file"], &said["imported"]),
        (&json!("odd.csv"), &json!(false)),
        "{said}"
    );
    assert_eq!(serving.stop(), Some(0));
    for name in [
        "done/monday.csv",
        "done/monday.report.txt",
        "to-fix/monday.rejected.csv",
        "to-fix/odd.csv",
    ] {
        assert!(std::path::Path::new(&inbox).join(name).exists(), "{name}");
    }
    assert_eq!(shop.ok(&["stats"])["sales"], 1);
    shop.refused(
        &["serve", "--listen", "127.0.0.1:0", "--watch", &shop.name("nowhere")],
        2,
        "usage",
    );
}

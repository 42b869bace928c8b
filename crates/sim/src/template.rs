//! A shop of so many tills as it is before anything happens: made once in a process by the real programs, on real
//! files, and copied into memory for each run.

use loyalty::{Origin, ShopId};
use relay::store::{Db, codes, shops};
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use sync::PROTOCOL;
use sync::bytes::Fixed;
use sync::pairing::proof_digest;
use sync::wire::{Brings, PairAnswer, PairRequest, ShopFacts};
use uuid::Uuid;

use crate::dice::Dice;
use crate::disk::{Image, count_no_memory};
use crate::machine::{Machine, START_MS, hand_to_relay, runtime};
use crate::net;
use crate::relay_host::{self, RelayHost};
use crate::trace::Trace;

/// The rules of the shop.
pub const RULES: &str = "Earn 1 point per $1\nSkip sales under $2\nReward 100 points: Free coffee, costs $1.20\n\
    Reward 250 points: $5 off\nHold sales over $500\nBuy 3 \"Coffee\", get 1 free\n";

/// A shop's disks.
#[derive(Clone, Debug)]
pub struct Template {
    /// The relay's.
    pub relay: Image,
    /// Each till's.
    pub tills: Vec<Image>,
    /// What each till shows to the relay.
    pub credentials: Vec<String>,
    /// The relay's key of the shop.
    pub shop: ShopId,
}

/// The shop of so many tills.
///
/// # Panics
/// Where the real programs can't make one.
#[must_use]
pub fn of(tills: usize) -> Arc<Template> {
    count_no_memory();
    static MADE: Mutex<Option<HashMap<usize, Arc<Template>>>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.get_or_insert_default()
        .entry(tills)
        .or_insert_with(|| {
            Arc::new(make(tills).unwrap_or_else(|e| panic!("a shop of {tills} tills can't be made: {e}")))
        })
        .clone()
}

type Made<T> = Result<T, Box<dyn std::error::Error>>;

fn make(tills: usize) -> Made<Template> {
    let dir = scratch()?;
    let time = Arc::new(AtomicI64::new(START_MS - 3_600_000));
    hand_to_relay(&Machine::new(time.clone(), Dice::of(1, 0)));
    let relay_dir = dir.path().join("relay");
    std::fs::create_dir(&relay_dir)?;
    let path = relay_host::file(&relay_dir);
    let (db, routes) = relay_host::service(&path)?;
    let shop = runtime().block_on(new_shop(&db))?;
    let (mut images, mut credentials) = (Vec::new(), Vec::new());
    for n in 0..tills {
        let machine = Machine::new(time.clone(), Dice::of(1, n as u64 + 1));
        let till_dir = dir.path().join(format!("till-{n}"));
        std::fs::create_dir(&till_dir)?;
        let credential = runtime()
            .block_on(code(&db, shop, n))
            .map_err(Into::into)
            .and_then(|()| {
                let ask = |request: &PairRequest| -> Made<PairAnswer> {
                    let (status, body) = relay_host::ask(&routes, "/v1/pair", None, serde_json::to_vec(request)?)?;
                    if status != 200 {
                        return Err(String::from_utf8_lossy(&body).into());
                    }
                    Ok(serde_json::from_slice(&body)?)
                };
                pair(&till_dir, n, &machine, ask)
            })?;
        credentials.push(credential);
    }
    runtime().block_on(db.close());
    // All hear of all before anything begins.
    let relay = read(&relay_dir)?;
    let disk = crate::disk::Disk::mount(&relay_dir, &relay);
    let mut host = RelayHost::new(disk.clone());
    host.start()?;
    net::install(Some(net::Net::new(host, tills, usize::MAX, Trace::default())));
    for (n, credential) in credentials.iter().enumerate() {
        let till_dir = dir.path().join(format!("till-{n}"));
        let machine = Machine::new(time.clone(), Dice::of(2, n as u64));
        let store = ledger::Store::open(&till_dir, machine.options())?;
        let line = net::client(n, credential.clone());
        link::round(&store, &line, &mut link::Report::default(), |_| {})?;
        drop(store);
        images.push(read(&till_dir)?);
    }
    drop(net::install(None));
    let relay = disk.image();
    disk.leave();
    relay::clock::hand_in(None);
    Ok(Template {
        relay,
        tills: images,
        credentials,
        shop,
    })
}

/// A folder in memory where there is one.
pub fn scratch() -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    match memory.is_dir().then(|| tempfile::tempdir_in(memory)) {
        Some(Ok(dir)) => Ok(dir),
        _ => tempfile::tempdir(),
    }
}

fn read(dir: &Path) -> std::io::Result<Image> {
    let mut image = Image::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The index beside a log is made anew.
        if entry.file_type()?.is_file() && !name.ends_with("-shm") {
            image.insert(name, std::fs::read(entry.path())?);
        }
    }
    Ok(image)
}

fn facts() -> ShopFacts {
    ShopFacts {
        name: "Harbour Coffee".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
    }
}

async fn new_shop(db: &Db) -> Result<ShopId, String> {
    let text = |e: relay::store::DbError| e.to_string();
    let mut tx = db.begin().await.map_err(text)?;
    let shop = shops::create(&mut tx, &facts(), relay::clock::now())
        .await
        .map_err(text)?;
    tx.commit().await.map_err(text)?;
    Ok(shop)
}

/// A code whose proof is its number: what a real code stretches to takes long on purpose.
async fn code(db: &Db, shop: ShopId, n: usize) -> Result<(), String> {
    let text = |e: relay::store::DbError| e.to_string();
    let mut tx = db.begin().await.map_err(text)?;
    let digest = proof_digest(&proof(n));
    codes::add_pairing(&mut tx, shop, &digest, None, relay::clock::now())
        .await
        .map_err(text)?;
    tx.commit().await.map_err(text)
}

fn proof(n: usize) -> sync::bytes::Hash {
    Fixed([u8::try_from(n).unwrap_or(0) + 1; 32])
}

/// The first till brings the shop; the others join it.
fn pair(dir: &Path, n: usize, machine: &Arc<Machine>, ask: impl Fn(&PairRequest) -> Made<PairAnswer>) -> Made<String> {
    let name = format!("Till {}", n + 1);
    let mut request = PairRequest {
        protocol: PROTOCOL,
        proof: proof(n),
        attempt: Uuid::from_u128(n as u128 + 1),
        till_name: name.clone(),
        app_version: "1".into(),
        brings: None,
    };
    let facts = facts();
    let opened = if n == 0 {
        let new = ledger::NewShop {
            name: facts.name.clone(),
            currency: facts.currency.clone(),
            region: facts.region.clone(),
            timezone: facts.timezone.clone(),
            till_name: name.clone(),
            rules: RULES.into(),
            owner: None,
        };
        Some(ledger::Store::init(dir, &new, machine.options())?)
    } else {
        None
    };
    request.brings = opened.as_ref().map(|store| Brings {
        shop: store.shop().shop_id,
        origin: store.shop().till_id,
        facts: facts.clone(),
    });
    let answer = ask(&request)?;
    let with = ledger::PairedWith {
        url: "https://relay.example".into(),
        relay: Origin(answer.relay.0),
        incarnation: answer.incarnation,
        shop_seq: answer.shop_seq,
    };
    match opened {
        Some(store) => store.write(move |tx| tx.paired(&with))?,
        None => {
            let joins = ledger::Joins {
                shop_id: answer.shop,
                till_id: answer.till,
                till_name: name,
                name: facts.name,
                currency: facts.currency,
                region: facts.region,
                timezone: facts.timezone,
                opens_with: None,
                with: Some(with),
                pins: false,
            };
            drop(ledger::Store::join(dir, &joins, machine.options())?);
        }
    }
    Ok(answer.credential)
}

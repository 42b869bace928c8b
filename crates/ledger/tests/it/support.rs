//! A shop in a temporary folder with a clock that is handed in.

use ledger::{Actor, Clock, Error, NewShop, Options, Owner, StorageCode, Store, SystemIds};
use loyalty::op::By;
use loyalty::op::Kind;
use loyalty::{Code, Money, Phone, Role, Sale, UtcMs, Who};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// 2026-11-20 10:00 in San Diego.
pub const START_MS: i64 = 1_795_197_600_000;

pub struct HandClock(AtomicI64);

impl HandClock {
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

pub struct TestShop {
    pub dir: tempfile::TempDir,
    pub store: Store,
    pub clock: Arc<HandClock>,
}

pub const RULES: &str = "Earn 1 point per $1\nSkip sales under $2\nReward 100 points: Free coffee, costs $1.20\nReward 250 points: $5 off\n";

pub fn new_shop(rules: &str, owner: Option<Owner>) -> NewShop {
    NewShop {
        name: "Harbour Coffee".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
        till_name: "Till 1".into(),
        rules: rules.into(),
        owner,
    }
}

pub fn shop() -> TestShop {
    shop_with(RULES, None)
}

pub fn shop_with(rules: &str, owner: Option<Owner>) -> TestShop {
    let dir = scratch();
    let (clock, options) = by_hand();
    let store = Store::init(dir.path(), &new_shop(rules, owner), options).unwrap();
    TestShop { dir, store, clock }
}

pub fn by() -> By {
    By::Job("test".into())
}

pub fn phone(n: u32) -> Phone {
    Phone::parse(&format!("619555{n:04}"), "US".parse().unwrap()).unwrap()
}

pub fn sale(store: &Store, id: &str, n: u32, total: &str) -> Sale {
    Sale {
        source: loyalty::sale::SOURCE_POS.into(),
        sale_id: id.into(),
        who: Who::Phone(phone(n)),
        total: Money::parse(total, store.shop().currency).unwrap(),
        tax_minor: 0,
        tip_minor: 0,
        items: Vec::new(),
        occurred_at: store.now(),
    }
}

/// A folder in memory where there is one: syncing costs nothing there. Nothing that is tested here looks at the disk
/// itself; [`disk`](crate::disk) has one of its own.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    let made = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    made.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

/// Options with a clock that only tests move.
pub fn by_hand() -> (Arc<HandClock>, Options) {
    let clock = Arc::new(HandClock(AtomicI64::new(START_MS)));
    let options = Options {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
        ..Options::default()
    };
    (clock, options)
}

/// Opens the shop that is in `dir`.
pub fn open(dir: &Path) -> ledger::Result<Store> {
    Store::open(dir, by_hand().1)
}

/// Options that wait only a moment for another process.
pub fn impatient() -> Options {
    Options {
        busy: Duration::from_millis(50),
        ..by_hand().1
    }
}

/// Copies a shop that nobody has open.
pub fn copy_shop(from: &Path, to: &Path) {
    std::fs::copy(ledger::file(from), ledger::file(to)).unwrap();
}

pub fn manager() -> Actor {
    Actor {
        by: by(),
        role: Role::Manager,
    }
}

pub fn owner() -> Actor {
    Actor {
        by: by(),
        role: Role::Owner,
    }
}

/// The sale ids of all lines that earned, in the order they were written.
pub fn sale_ids(store: &Store) -> Vec<String> {
    let mut ids = Vec::new();
    store
        .each_line(|line| {
            ids.extend(line.sale_id.filter(|_| line.kind == Kind::Earn));
            Ok(())
        })
        .unwrap();
    ids
}

/// The code of what must be a refusal.
pub fn refused<T: std::fmt::Debug>(done: ledger::Result<T>) -> Code {
    match done {
        Err(Error::Refused(r)) => r.code,
        other => panic!("not a refusal: {other:?}"),
    }
}

/// The code of what must be a storage error.
pub fn storage<T>(done: ledger::Result<T>) -> StorageCode {
    match done {
        Err(Error::Storage(e)) => e.code,
        Err(other) => panic!("not a storage error: {other:?}"),
        Ok(_) => panic!("it was done"),
    }
}

/// Chance from a seed (SplitMix64), so that a failure can be seen again.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

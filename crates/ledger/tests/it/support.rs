//! A shop in a temporary folder with a clock that is handed in.

use ledger::{Clock, NewShop, Options, Owner, Store, SystemIds};
use loyalty::op::By;
use loyalty::{Money, Phone, Sale, UtcMs, Who};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

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
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandClock(AtomicI64::new(START_MS)));
    let options = Options {
        clock: clock.clone(),
        ids: Arc::new(SystemIds),
    };
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
        items: Vec::new(),
        occurred_at: store.now(),
    }
}

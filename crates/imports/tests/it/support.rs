//! A shop in a folder of its own, with a clock that only the test moves.

use imports::{Handled, Tally, Watched};
use ledger::{Clock, NewShop, Options, Store};
use loyalty::UtcMs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

pub struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::SeqCst))
    }
}

pub struct Shop {
    pub dir: tempfile::TempDir,
    pub store: Store,
    pub clock: Arc<HandClock>,
}

/// How long anybody waits for the file: on a busy machine chance may keep a writer out for long.
pub const PATIENCE: Duration = Duration::from_secs(120);

impl Shop {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // 2026-11-20 10:00 in San Diego.
        let clock = Arc::new(HandClock(AtomicI64::new(1_795_197_600_000)));
        let new = NewShop {
            name: "Harbour Coffee".into(),
            currency: "USD".into(),
            region: "US".into(),
            timezone: "America/Los_Angeles".into(),
            till_name: "Till 1".into(),
            rules: "Earn 1 point per $1\nReward 100 points: Free coffee\n".into(),
            owner: None,
        };
        let options = Options {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            busy: PATIENCE,
            ..Options::default()
        };
        let store = Store::init(&dir.path().join("shop"), &new, options).unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        Self { dir, store, clock }
    }

    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// The watched folder.
    pub fn inbox(&self) -> PathBuf {
        self.dir.path().join("in")
    }

    pub fn drop_in(&self, name: &str, text: &str) -> PathBuf {
        let path = self.inbox().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn watched(&self) -> Watched {
        Watched::new(&self.inbox(), "pos").unwrap()
    }

    pub fn sales(&self) -> u64 {
        self.store.stats().unwrap().sales.unsigned_abs()
    }
}

/// Looks once.
pub fn look(watched: &mut Watched, shop: &Shop) -> Option<Handled> {
    watched.next(&shop.store, &mut |_: &Tally| true).unwrap()
}

/// What a folder holds, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

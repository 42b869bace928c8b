//! The power fails at any moment, and the disk keeps of what was not synced whatever it likes: an acknowledged sale
//! survives. Catches `synchronous = NORMAL` and `OFF`, which a killed process does not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::vfs::{Disk, Image};
use crate::support::{Dice, by, open, sale, sale_ids, scratch, shop};

/// Enough for SQLite to copy the log back into the file (each thousand pages) and begin it anew.
const SALES: usize = 260;

#[test]
fn an_acknowledged_sale_survives_a_power_cut() {
    let shop = shop();
    drop(shop.store);
    let disk = Disk::watch(shop.dir.path());
    let store = open(shop.dir.path()).unwrap();
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let images: Arc<Mutex<Vec<(usize, Image)>>> = Arc::default();
    let mut dice = Dice(7);
    let (counted, kept) = (acknowledged.clone(), images.clone());
    disk.on_call(move |now| {
        if dice.below(150) == 0 {
            kept.lock().unwrap().push((counted.load(Ordering::SeqCst), now()));
        }
    });
    for n in 0..SALES {
        let member = u32::try_from(n % 7).unwrap();
        store
            .credit(store.new_op(), by(), sale(&store, &format!("p{n}"), member, "3"))
            .unwrap();
        acknowledged.store(n + 1, Ordering::SeqCst);
        if n % 20 == 0 {
            images.lock().unwrap().push((n + 1, disk.crashed()));
        }
    }
    let images = std::mem::take(&mut *images.lock().unwrap());
    assert!(images.len() > 25, "{} moments are too few", images.len());
    let mut dice = Dice(7);
    for (acknowledged, image) in images {
        // Nothing of what was not synced; any part of it.
        for keep in [0, dice.below(3) + 1] {
            let dir = scratch();
            image.write(dir.path(), || dice.below(4) < keep);
            let store = open(dir.path()).unwrap();
            let found = store.verify().unwrap();
            assert!(found.ok, "{found:?}");
            let there = sale_ids(&store).len();
            assert!(
                (acknowledged..=acknowledged + 1).contains(&there),
                "{acknowledged} sales were acknowledged, {there} are there"
            );
        }
    }
    disk.leave();
}

//! Relays that are killed, a PostgreSQL that is restarted, answers that are lost, pages that are repeated and reordered:
//! nothing is lost, nothing is done twice, and all tills see one order.

use loyalty::op::Body;
use loyalty::rules::Move;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Instant;
use sync::wire::{LiveEvent, SyncAnswer, SyncRequest};

use crate::cutting::Cutter;
use crate::harness::{Place, Relay, until};
use crate::postgres;
use crate::syncing::listen;
use crate::till::{No, Till};

/// How many sales each till records under load.
const SALES: usize = 120;

/// A small generator of its own for each till: a failing run is told by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Relays that may be killed and replaced while they are used, each behind a bad network.
struct Relays {
    running: Vec<RwLock<Relay>>,
    addresses: Vec<Arc<Mutex<String>>>,
    networks: Vec<Cutter>,
}

impl Relays {
    fn start(place: &Place, count: usize) -> Self {
        let running: Vec<Relay> = (0..count).map(|_| place.serve()).collect();
        let addresses: Vec<_> = running
            .iter()
            .map(|relay| Arc::new(Mutex::new(relay.url.clone())))
            .collect();
        let now = addresses.iter().cloned();
        let networks = now
            .map(|address| Cutter::before(move || address.lock().unwrap().clone()))
            .collect();
        Self {
            running: running.into_iter().map(RwLock::new).collect(),
            addresses,
            networks,
        }
    }

    /// To one of them, sometimes over its bad network.
    fn once(&self, dice: &mut Dice, till: &Till, request: &SyncRequest) -> Result<SyncAnswer, No> {
        let at = dice.roll(self.running.len());
        if dice.roll(3) == 0 {
            return till.send_to(&self.networks[at].url, request);
        }
        till.send(&self.running[at].read().unwrap(), request)
    }

    /// kill -9, and another in its place.
    fn kill(&self, at: usize, place: &Place) {
        let mut relay = self.running[at].write().unwrap();
        relay.kill();
        *relay = place.serve();
        self.addresses[at].lock().unwrap().clone_from(&relay.url);
    }
}

/// A till's day: it sells, sends to one relay or another, loses answers, and sends old pages again.
fn works(till: &mut Till, relays: &Relays, seed: u64, done: &AtomicUsize) {
    let mut dice = Dice(seed);
    let mut old: Vec<SyncRequest> = Vec::new();
    for n in 0..SALES {
        // Every other sale is one that all tills record.
        let name = if n % 2 == 0 {
            format!("shared-{n}")
        } else {
            format!("{}-{n}", till.origin)
        };
        till.sells(&name, None, 1, Move::Add);
        let request = till.request();
        match relays.once(&mut dice, till, &request) {
            // One answer in four is lost on its way.
            Ok(answer) if dice.roll(4) > 0 => drop(till.takes(answer).unwrap()),
            Ok(_) => {}
            Err(no) => away(&no),
        }
        old.push(request);
        if dice.roll(5) == 0 {
            let again = old[dice.roll(old.len())].clone();
            match relays.once(&mut dice, till, &again) {
                Ok(answer) => drop(till.takes(answer).unwrap()),
                // Its log has become longer since: said plainly, and harmless.
                Err(no) if no.code == "behind" => {}
                Err(no) => away(&no),
            }
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Not served just now is all that may happen.
fn away(no: &No) {
    assert!(no.status == 0 || no.status == 503, "{no:?}");
}

/// After all of it: every till has every operation once, in the same order, and every shared sale stands once.
fn agree(tills: &mut [Till], relay: &Relay) {
    for _ in 0..2 {
        tills.iter_mut().for_each(|till| till.syncs(relay).unwrap());
    }
    let mut all: Vec<BTreeMap<i64, _>> = Vec::new();
    for till in tills.iter() {
        assert_eq!(till.acked, i64::try_from(SALES).unwrap());
        assert!(till.got.windows(2).all(|pair| pair[0].0 < pair[1].0), "out of order");
        all.push(till.got.iter().map(|got| (got.0, got.1)).collect());
    }
    let settled = |till: &Till| {
        till.got
            .iter()
            .filter(|got| matches!(got.2, Body::Settled { .. }))
            .count()
    };
    let twice = SALES / 2 * (tills.len() - 1);
    let total = SALES * tills.len() + twice;
    for (till, seen) in tills.iter().zip(&all) {
        assert_eq!(settled(till), twice);
        assert_eq!(seen.len(), total - SALES);
        // Wherever two tills saw the same place, they saw the same operation there.
        for (seq, op) in &all[0] {
            assert!(seen.get(seq).is_none_or(|other| other == op), "two orders at {seq}");
        }
    }
    assert_eq!(tills[0].last.as_ref().unwrap().shop_seq, i64::try_from(total).unwrap());
}

/// Tills at work, and beside them whatever is done to their relays, until they are done.
fn under_load(place: &Place, relays: &Relays, trouble: impl Fn(&AtomicUsize) + Sync) {
    let (shop, code) = place.shop();
    let first = relays.running[0].read().unwrap();
    let mut tills = vec![Till::pair(&first, &code)];
    tills.extend((1..4).map(|_| Till::pair(&first, &place.code(&shop))));
    drop(first);
    let done = &AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = tills
            .iter_mut()
            .zip(1..)
            .map(|(till, seed)| scope.spawn(move || works(till, relays, seed, done)))
            .collect();
        trouble(done);
        for worker in workers {
            worker.join().unwrap();
        }
    });
    assert!(relays.networks.iter().all(|network| network.cuts() > 0));
    agree(&mut tills, &relays.running[0].read().unwrap());
}

/// kill -9 each time some more work is done, and another relay in its place.
fn killed(place: &Place, relays: &Relays, done: &AtomicUsize) {
    for round in 1..=4 {
        until("some work is done", || {
            done.load(Ordering::Relaxed) >= round * SALES / 2
        });
        relays.kill(round % relays.running.len(), place);
    }
}

#[test]
fn a_relay_on_sqlite_may_be_killed_at_any_time() {
    let place = Place::sqlite();
    let relays = Relays::start(&place, 1);
    under_load(&place, &relays, |done| killed(&place, &relays, done));
}

#[test]
fn relays_on_one_postgres_may_be_killed_at_any_time() {
    let Some(place) = Place::postgres() else { return };
    let relays = Relays::start(&place, 3);
    under_load(&place, &relays, |done| killed(&place, &relays, done));
}

#[test]
fn postgres_may_restart_under_load() {
    let Some(server) = postgres::start() else { return };
    let place = Place::on(&server);
    let relays = Relays::start(&place, 2);
    under_load(&place, &relays, |done| {
        for round in 1..=3 {
            until("some work is done", || {
                done.load(Ordering::Relaxed) >= round * SALES / 2
            });
            server.restart();
        }
    });
}

#[test]
fn news_travels_between_relays() {
    let Some(place) = Place::postgres() else { return };
    let (shop, code) = place.shop();
    let relays = [place.serve(), place.serve()];
    let mut one = Till::pair(&relays[0], &code);
    let two = Till::pair(&relays[1], &place.code(&shop));
    let mut heard = listen(&two, &relays[1]);
    one.sells("1", None, 1, Move::Add);
    let began = Instant::now();
    one.syncs(&relays[0]).unwrap();
    assert_eq!(heard.next(), Some(LiveEvent::Moved { shop_seq: 1 }));
    eprintln!("told after {:?}", began.elapsed());
}

#[test]
fn a_restored_relay_gets_back_what_tills_have() {
    let place = Place::sqlite();
    let file = place.url.trim_start_matches("sqlite:").to_owned();
    let (shop, code) = place.shop();
    let relay = place.serve();
    let mut tills = [Till::pair(&relay, &code), Till::pair(&relay, &place.code(&shop))];
    let works = |tills: &mut [Till], relay: &Relay, sale: &str| {
        for till in tills.iter_mut() {
            till.sells(sale, None, 1, Move::Add);
        }
        (0..2).for_each(|_| tills.iter_mut().for_each(|till| till.syncs(relay).unwrap()));
    };
    works(&mut tills, &relay, "before");
    assert!(relay.stop().0);
    let backup = std::fs::read(&file).unwrap();
    let relay = place.serve();
    works(&mut tills, &relay, "forgotten");
    assert!(relay.stop().0);
    std::fs::write(&file, backup).unwrap();
    place.run(&["restored"]).unwrap();
    let relay = place.serve();
    works(&mut tills, &relay, "after");
    let mut late = Till::pair(&relay, &place.code(&shop));
    late.syncs(&relay).unwrap();
    // Three sales at each of two tills, each settled once: as if nothing had been forgotten.
    assert_eq!((late.got.len(), late.relays_own().len()), (9, 3));
    for till in &tills {
        // What the relay had said before it forgot came back, too.
        assert_eq!((till.acked, till.relays_own().len()), (3, 3));
    }
}

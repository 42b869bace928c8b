//! Many visitors at once while relays are killed: whoever was sent on is in the database.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, RwLock};

use crate::harness::{LOOK_EVERY, PATIENCE, Place, Relay, until};
use crate::linking::{add, clicks, shop};
use crate::on_both;

on_both! { no_click_that_was_answered_is_lost }

const VISITORS: usize = 64;
const KILLS: usize = 5;
/// How many clicks are answered between two kills.
const BETWEEN: usize = 400;

/// A visitor's connection, kept open.
struct Visitor {
    stream: BufReader<TcpStream>,
}

impl Visitor {
    fn connect(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        Some(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Clicks on a page of `host`. None where the relay broke off.
    fn click(&mut self, host: &str) -> Option<u16> {
        let request = format!("GET /ref/solare HTTP/1.1\r\nhost: relay\r\nreferer: https://{host}/\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes()).ok()?;
        let (mut line, mut status) = (String::new(), None);
        loop {
            line.clear();
            if self.stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if status.is_none() {
                status = line.split(' ').nth(1)?.parse().ok();
            }
            if line == "\r\n" {
                return status;
            }
        }
    }
}

fn no_click_that_was_answered_is_lost(place: &Place) {
    let shop = shop(place);
    add(place, &shop, "solare", &[]).unwrap();
    let address = |relay: &Relay| relay.url.trim_start_matches("http://").to_owned();
    let mut relay = place.serve();
    let (at, done) = (RwLock::new(address(&relay)), AtomicBool::new(false));
    let (answered, count) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for who in 0..VISITORS {
            let (at, done, answered, count) = (&at, &done, &answered, &count);
            scope.spawn(move || {
                let mut clicked = 0;
                while !done.load(Ordering::Relaxed) {
                    let address = at.read().unwrap().clone();
                    let Some(mut visitor) = Visitor::connect(&address) else {
                        // Between two relays nobody listens.
                        std::thread::sleep(LOOK_EVERY);
                        continue;
                    };
                    while !done.load(Ordering::Relaxed) {
                        clicked += 1;
                        let host = format!("v{who}-{clicked}.example");
                        match visitor.click(&host) {
                            Some(302) => {
                                answered.lock().unwrap().insert(host);
                                count.fetch_add(1, Ordering::Relaxed);
                            }
                            Some(status) => panic!("a click was answered with {status}"),
                            None => break,
                        }
                    }
                }
            });
        }
        for round in 1..=KILLS {
            until("clicks are answered", || {
                count.load(Ordering::Relaxed) >= round * BETWEEN
            });
            relay.kill();
            relay = place.serve();
            *at.write().unwrap() = address(&relay);
        }
        until("clicks are answered again", || {
            count.load(Ordering::Relaxed) >= (KILLS + 1) * BETWEEN
        });
        done.store(true, Ordering::Relaxed);
    });
    let answered = answered.into_inner().unwrap();
    let kept: BTreeSet<String> = place.texts("SELECT referrer FROM clicks").into_iter().collect();
    let lost: Vec<&String> = answered.difference(&kept).collect();
    assert!(
        lost.is_empty(),
        "{} of {} are lost: {lost:?}",
        lost.len(),
        answered.len()
    );
    let counts = clicks(place, &shop, "solare");
    assert!(counts["clicks"].as_u64().unwrap() >= answered.len() as u64, "{counts}");
    assert_eq!(counts["unique"], 1, "all of them come from one address: {counts}");
    eprintln!("{} clicks answered, {} kept, {KILLS} kills", answered.len(), kept.len());
}

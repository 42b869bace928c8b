//! A bad network between tills and a relay: connections that break off after some bytes, in either direction.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

/// Where the bad network begins.
pub struct Cutter {
    /// In place of the relay's.
    pub url: String,
    over: Arc<AtomicBool>,
    cuts: Arc<AtomicU64>,
    accepting: Option<JoinHandle<()>>,
}

impl Cutter {
    /// Between a client and this relay, whose address may change with `now`.
    pub fn before(now: impl Fn() -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (over, cuts) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (ended, counted) = (over.clone(), cuts.clone());
        let accepting = std::thread::spawn(move || {
            for (client, nth) in listener.incoming().zip(0_u64..) {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                // Its relay may just have been killed.
                let address = now();
                let (Ok(client), Ok(relay)) = (client, TcpStream::connect(address.trim_start_matches("http://")))
                else {
                    continue;
                };
                // Anything from the middle of a request's head to after a whole answer.
                let budget = nth.wrapping_mul(7919) % 6000;
                pass(&client, &relay, budget, &counted);
                pass(&relay, &client, budget, &counted);
            }
        });
        Self {
            url,
            over,
            cuts,
            accepting: Some(accepting),
        }
    }

    /// How many connections it cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

/// Passes so many bytes on, then cuts both ways.
fn pass(from: &TcpStream, to: &TcpStream, mut budget: u64, cuts: &Arc<AtomicU64>) {
    let (mut from, mut to, cuts) = (from.try_clone().unwrap(), to.try_clone().unwrap(), cuts.clone());
    std::thread::spawn(move || {
        let mut some = [0; 512];
        while let Ok(read @ 1..) = from.read(&mut some) {
            let passed = read.min(usize::try_from(budget).unwrap());
            budget -= passed as u64;
            if to.write_all(&some[..passed]).is_err() {
                break;
            }
            if budget == 0 {
                cuts.fetch_add(1, Ordering::Relaxed);
                break;
            }
        }
        // Both may be closed by now.
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the accepting thread, if it still waits.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        let _ = self.accepting.take().map(JoinHandle::join);
    }
}

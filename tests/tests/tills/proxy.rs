//! A bad network: a way to the relay that can be cut and healed, with whatever is on it.

use std::io::copy;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The way.
pub struct Proxy {
    port: u16,
    way: Arc<Way>,
}

#[derive(Default)]
struct Way {
    is_cut: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A way to a port of this machine. Its threads end with the tests' process.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let way = Arc::new(Way::default());
        let ways = Arc::clone(&way);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // While it is cut whoever comes is sent away.
                if !ways.is_cut.load(Ordering::SeqCst) {
                    ways.carry(near, port);
                }
            }
        });
        Self { port: own, way }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Cuts it, also what is under way.
    pub fn cut(&self) {
        self.way.is_cut.store(true, Ordering::SeqCst);
        for stream in self.way.open.lock().unwrap().drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    pub fn heal(&self) {
        self.way.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Way {
    fn carry(&self, near: TcpStream, port: u16) {
        let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else {
            return;
        };
        let mut open = self.open.lock().unwrap();
        for (from, to) in [(&near, &far), (&far, &near)] {
            let (Ok(mut from), Ok(mut to), Ok(kept)) = (from.try_clone(), to.try_clone(), from.try_clone()) else {
                return;
            };
            open.push(kept);
            std::thread::spawn(move || {
                drop(copy(&mut from, &mut to));
                drop(to.shutdown(Shutdown::Both));
            });
        }
        // It may have been cut meanwhile.
        if self.is_cut.load(Ordering::SeqCst) {
            for stream in open.drain(..) {
                drop(stream.shutdown(Shutdown::Both));
            }
        }
    }
}

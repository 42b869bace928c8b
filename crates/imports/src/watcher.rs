//! A thread that looks into a watched folder now and then, for a program that runs on.

use ledger::Store;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::{ImportError, Result};
use crate::watched::{Handled, Watched};

/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What it says.
#[derive(Debug)]
pub enum Noticed {
    /// A file was dealt with.
    File(Box<Handled>),
    /// It could not look, read or write; it tries again.
    Trouble(ImportError),
    /// After trouble: it works again.
    Well,
}

/// The thread. Dropping it stops it: a file that is being brought in goes on the next time.
pub struct Watcher {
    stopping: Arc<AtomicBool>,
    wake: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts it; `say` hears on its thread what happens. The same trouble is said once.
    ///
    /// # Errors
    /// As [`Watched::new`]; `Read` where the folder is not there or the machine has no thread left.
    pub fn start(
        store: Arc<Store>,
        folder: &Path,
        source: &str,
        say: impl Fn(Noticed) + Send + 'static,
    ) -> Result<Self> {
        if !folder.is_dir() {
            return Err(ImportError::read(folder)(io::ErrorKind::NotFound.into()));
        }
        let watched = Watched::new(folder, source)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (wake, woken) = channel();
        let stop = Arc::clone(&stopping);
        let thread = std::thread::Builder::new()
            .name("watched-folder".into())
            .spawn(move || watch(watched, &store, &say, &stop, &woken))
            .map_err(ImportError::read(folder))?;
        Ok(Self {
            stopping,
            wake: Some(wake),
            thread: Some(thread),
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // One that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn watch(mut watched: Watched, store: &Store, say: &impl Fn(Noticed), stop: &AtomicBool, woken: &Receiver<()>) {
    let mut trouble = None;
    loop {
        match watched.next(store, &mut |_| !stop.load(Ordering::Relaxed)) {
            Ok(found) => {
                if trouble.take().is_some() {
                    say(Noticed::Well);
                }
                if let Some(handled) = found {
                    say(Noticed::File(Box::new(handled)));
                    if !stop.load(Ordering::Relaxed) {
                        continue;
                    }
                }
            }
            Err(e) => {
                let words = e.to_string();
                if trouble.replace(words.clone()).is_none_or(|before| before != words) {
                    say(Noticed::Trouble(e));
                }
            }
        }
        // Nobody sends anything; whoever stops it hangs up.
        if !matches!(woken.recv_timeout(LOOK_EVERY), Err(RecvTimeoutError::Timeout)) {
            return;
        }
    }
}

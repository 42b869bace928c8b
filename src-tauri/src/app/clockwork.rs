//! What falls due while nobody does anything: once a minute, also without a relay. A command never waits for it.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::{App, lock};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

/// The thread that looks; it ends with its sender.
#[derive(Default)]
pub struct Clockwork {
    running: Mutex<Option<Sender<()>>>,
}

impl App {
    /// Begins to look. Nothing happens the second time.
    pub fn begin_clockwork(self: &Arc<Self>) {
        let mut running = lock(&self.clockwork.running);
        if running.is_some() {
            return;
        }
        let (alive, over) = channel();
        let app = Arc::downgrade(self);
        let begun = std::thread::Builder::new().name("clockwork".into()).spawn(move || {
            while over.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) && tick(&app) {}
        });
        // Without a thread, what is due is done by the next sync, or by whoever touches it.
        if begun.is_ok() {
            *running = Some(alive);
        }
    }

    /// Ends it.
    pub fn end_clockwork(&self) {
        drop(lock(&self.clockwork.running).take());
    }

    /// Does what is due. What can't be written now is due a minute later, too.
    pub fn look_after(&self) -> bool {
        let done = self
            .store()
            .map(|store| store.look_after_referrals().unwrap_or_default());
        done.is_ok_and(|wrote| wrote > 0)
    }
}

/// One look; whether the app is still there.
fn tick(app: &Weak<App>) -> bool {
    let Some(app) = app.upgrade() else { return false };
    app.back_up_when_due();
    if app.look_after() {
        app.goes_up();
        app.tell_windows();
    }
    true
}

//! The line to the relay, beside the windows: it syncs while the app runs, and says how it stands. A command never
//! waits for it.
//!
//! Not here: how one syncs and how long one waits (`link`), what an owner does with the tills (`tills`).

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use ledger::Store;
use link::{Keeper, LinkError, Told, Wake, keep};
use loyalty::UtcMs;

use super::start::Opened;
use super::{App, lock};
use crate::views::{RelayState, RelayWay, small};

/// How long the app's end waits for a page that is under way. What is cut is asked again.
const END_WITHIN: Duration = Duration::from_secs(2);

/// What runs, and how the last try ended.
#[derive(Default)]
pub struct Line {
    running: Mutex<Option<Running>>,
    last: Mutex<Last>,
    tells: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
}

struct Running {
    bell: Sender<Wake>,
    /// Ends with the thread.
    over: Receiver<()>,
}

/// How the last try ended.
#[derive(Clone, PartialEq, Eq, Default)]
enum Last {
    #[default]
    None,
    Synced,
    Lost {
        code: &'static str,
        passes: bool,
    },
}

impl Line {
    /// Something was done here: it goes up at once.
    pub fn nudge(&self) {
        self.ring(Wake::News);
    }

    /// Tries now, also while the relay is away.
    pub fn hurry(&self) {
        self.ring(Wake::Now);
    }

    fn ring(&self, wake: Wake) {
        if let Some(running) = &*lock(&self.running) {
            // Where the thread has ended there is nothing to wake.
            let _ = running.bell.send(wake);
        }
    }

    fn ended(&self, last: Last, news: bool) {
        let before = std::mem::replace(&mut *lock(&self.last), last.clone());
        if news || before != last {
            let tells = lock(&self.tells).clone();
            if let Some(tell) = tells {
                tell();
            }
        }
    }
}

impl App {
    /// Begins to sync where the till has a relay. Nothing happens the second time.
    pub fn begin_line(self: &Arc<Self>) {
        let mut running = lock(&self.line.running);
        let paired = self.store().is_ok_and(|store| store.relay().is_ok_and(|r| r.is_some()));
        if running.is_some() || !paired {
            return;
        }
        let keeper = Keeper::new();
        let bell = keeper.waker();
        let (alive, over) = channel();
        let app = Arc::downgrade(self);
        let begun = std::thread::Builder::new().name("relay".into()).spawn(move || {
            run(&app, &keeper);
            drop(alive);
        });
        // Without a thread nothing syncs, and the status says that it has not begun.
        if begun.is_ok() {
            *running = Some(Running { bell, over });
        }
    }

    /// Ends it. What is under way is cut after a moment; the next start asks it again.
    pub fn end_line(&self) {
        let running = lock(&self.line.running).take();
        if let Some(Running { bell, over }) = running {
            let _ = bell.send(Wake::Stop);
            let _ = over.recv_timeout(END_WITHIN);
        }
        *lock(&self.line.last) = Last::None;
    }

    /// The line for somebody who waits; the secrets are looked for only now.
    pub(super) fn hurried(&self, store: &Store) -> link::Result<link::Client> {
        let secrets = self.vault.another().map_err(|_| LinkError::NotPaired)?;
        link::Client::of_till(store, &secrets)
    }

    /// Whether the file is behind what this till did, and so goes on under a new origin: it must be opened anew.
    pub(super) fn is_of_the_past(&self, store: &Store) -> bool {
        // Where secrets can't be read, the relay finds a restored file out.
        store.relay().is_ok_and(|relay| relay.is_some())
            && self
                .vault
                .another()
                .is_ok_and(|secrets| link::guard(store, &secrets).unwrap_or(false))
    }

    /// Notes in the keyring how far the log has come, once points were spent here.
    pub(super) fn keep_mark(&self, store: &Store) {
        if store.relay().is_ok_and(|relay| relay.is_some())
            && let Ok(secrets) = self.vault.another()
        {
            // What was spent is spent; without a keyring a restored file is found out by the relay alone.
            let _ = link::keep_mark(store, &secrets);
        }
    }

    /// The till is closed: it gives back what it holds, where the relay can be reached, so that a till that is off holds
    /// no points. Before [`App::end_line`].
    pub fn give_rights_back(&self) {
        let Ok(store) = self.store() else { return };
        if store.relay().is_ok_and(|relay| relay.is_some())
            && let Ok(line) = self.hurried(&store)
        {
            // What can't be told now is told at the next start.
            let _ = link::close(&store, &line);
            self.keep_mark(&store);
        }
    }

    /// Something came in by itself: it goes up at once.
    pub fn goes_up(&self) {
        self.line.nudge();
    }

    /// `tell` is called whenever another till's work arrived, or the line's state changed.
    pub fn when_relay_tells(&self, tell: impl Fn() + Send + Sync + 'static) {
        *lock(&self.line.tells) = Some(Arc::new(tell));
    }

    /// Something happened that the windows show and nobody asked for.
    pub(super) fn tell_windows(&self) {
        let tells = lock(&self.line.tells).clone();
        if let Some(tell) = tells {
            tell();
        }
    }

    /// How this till stands with its relay; none where it has none. What can't be read is said by the storage's state.
    pub(super) fn relay_state(&self, store: &Store) -> Option<RelayState> {
        let relay = store.relay().ok().flatten()?;
        let pending = store.own_seq().map_or(0, |seq| (seq - relay.accepted).max(0));
        let since = if pending > 0 {
            store.waiting_since(relay.accepted).ok().flatten()
        } else {
            None
        };
        let (way, code) = match lock(&self.line.last).clone() {
            Last::None => (RelayWay::Beginning, None),
            Last::Synced if pending > 0 => (RelayWay::Waiting, None),
            Last::Synced => (RelayWay::InSync, None),
            Last::Lost { code, passes: true } => (RelayWay::Offline, Some(code.to_owned())),
            Last::Lost { code, passes: false } => (RelayWay::Refused, Some(code.to_owned())),
        };
        let here = store.shop().till_id;
        let tills = store.tills().unwrap_or_default();
        let skew_ms = tills
            .iter()
            .find(|till| till.till == here)
            .map_or(0, |till| till.skew_ms);
        Some(RelayState {
            skew_s: small(skew_ms / 1000),
            way,
            pending: small(pending),
            waiting_since: since.map(UtcMs::rfc3339),
            seen_at: relay.synced_at.map(UtcMs::rfc3339),
            code,
        })
    }

    /// Opens the file anew, which goes on under a new origin: who still has the old one is told to try again.
    fn reopen(&self) -> Result<Arc<Store>, LinkError> {
        self.end_sales_in();
        let mut opened = lock(&self.opened);
        let Opened::Shop { folder, .. } = std::mem::take(&mut *opened) else {
            return Err(LinkError::NotPaired);
        };
        // Where it can't be opened, the windows ask again and say why.
        let store = Arc::new(Store::open(self.place.folder(), self.options.clone())?);
        *opened = Opened::Shop {
            folder,
            store: Arc::clone(&store),
        };
        drop(opened);
        self.begin_sales_in();
        Ok(store)
    }
}

/// The thread: it holds the app only while it asks for something, so that the app can end.
fn run(app: &Weak<App>, keeper: &Keeper) {
    let Some(secrets) = app.upgrade().map(|app| app.vault.another()) else {
        return;
    };
    let secrets = match secrets {
        Ok(secrets) => secrets,
        Err(_) => {
            tell(
                app,
                Last::Lost {
                    code: "secrets",
                    passes: false,
                },
                false,
            );
            return;
        }
    };
    let store = |anew: bool| {
        let app = app.upgrade().ok_or(LinkError::NotPaired)?;
        if anew {
            return app.reopen();
        }
        app.store().map_err(|_| LinkError::NotPaired)
    };
    keep(keeper, &secrets, store, |told| {
        match told {
            Told::Moving(_) => {}
            Told::Synced(report) => tell(app, Last::Synced, report.pushed + report.pulled > 0 || report.confirmed),
            Told::Lost(e) => tell(
                app,
                Last::Lost {
                    code: e.code(),
                    passes: e.passes(),
                },
                false,
            ),
        }
        if app.strong_count() > 0 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
}

fn tell(app: &Weak<App>, last: Last, news: bool) {
    if let Some(app) = app.upgrade() {
        app.line.ended(last, news);
    }
}

//! The app without its windows: what each command does, on the store and the session. Nothing here knows Tauri, so
//! all of it is tested without one.
//!
//! `start` opens the store, `desk` holds the session, `vault` the secret of the PINs; the rest is one file a topic.

mod age;
mod backups;
mod clockwork;
mod conflicts;
mod counter;
mod desk;
mod documents;
mod export;
mod files;
mod fresh;
mod join;
mod line;
mod mail;
mod outreach;
mod owner;
mod people;
mod referrals;
mod refunds;
mod review;
mod rights;
mod rules;
mod sales_in;
mod start;
mod status;
#[cfg(test)]
mod tests;
mod tills;
mod vault;
mod win_back;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ledger::{Options, Store};
use loyalty::{Code, Permission, Refusal};

use crate::place::Place;
use crate::views::{Failure, StorageProblem};
use desk::Desk;
pub use desk::Signed;
use start::Opened;
use vault::Vault;

/// What a command answers.
pub type Answer<T> = Result<T, Failure>;

/// How long the till stays open without input, where the shop says nothing else (setting `lock_after_s`).
const LOCK_AFTER_S: i64 = 300;

/// The app. Shared by all commands; each of its locks is held for a moment only, but that of the store's opening.
pub struct App {
    place: Place,
    options: Options,
    vault: Vault,
    opened: Mutex<Opened>,
    desk: Mutex<Desk>,
    /// The owner whose PIN opened the owner's window, while it is open; it locks as the till does.
    owner: Mutex<Desk>,
    /// What comes in by itself.
    coming: sales_in::Coming,
    /// The file on the import screen.
    files: files::Files,
    /// Stops the back-test that is under way.
    backtest: Mutex<Option<Arc<AtomicBool>>>,
    /// What runs between this till and its relay.
    line: line::Line,
    /// The backup that is under way.
    keeping: backups::Keeping,
    /// What looks after what falls due.
    clockwork: clockwork::Clockwork,
    /// Stops the export that is under way.
    export: Mutex<Option<Arc<AtomicBool>>>,
    /// What the machine said no to last, until a write succeeds again.
    trouble: Mutex<Option<StorageProblem>>,
}

impl App {
    /// The app on a data folder. Nothing is read or written yet.
    pub fn new(place: Place) -> Self {
        let vault = Vault::new(place.folder().to_owned(), false);
        Self::with(place, Options::default(), vault)
    }

    fn with(place: Place, options: Options, vault: Vault) -> Self {
        Self {
            place,
            options,
            vault,
            opened: Mutex::default(),
            desk: Mutex::default(),
            owner: Mutex::default(),
            coming: sales_in::Coming::default(),
            files: files::Files::default(),
            backtest: Mutex::default(),
            line: line::Line::default(),
            keeping: backups::Keeping::default(),
            clockwork: clockwork::Clockwork::default(),
            export: Mutex::default(),
            trouble: Mutex::default(),
        }
    }

    /// Lets go of the store and the folder: what is under way is finished, the log is folded into the file.
    pub fn shut_down(&self) {
        self.sign_out();
        self.end_clockwork();
        self.end_sales_in();
        self.end_files();
        self.give_rights_back();
        self.end_line();
        *lock(&self.opened) = Opened::default();
    }

    /// The store.
    ///
    /// # Errors
    /// `not_initialised` before there is a shop.
    fn store(&self) -> Answer<Arc<Store>> {
        match &*lock(&self.opened) {
            Opened::Shop { store, .. } => Ok(Arc::clone(store)),
            Opened::Nothing | Opened::Empty { .. } => Err(Refusal::from(Code::NotInitialised).into()),
        }
    }

    /// The store, and who acts on it.
    ///
    /// # Errors
    /// `locked` where nobody is signed in; `not_allowed` with the role that is needed.
    fn acting(&self, permission: Permission) -> Answer<(Arc<Store>, Signed)> {
        let store = self.store()?;
        let signed = lock(&self.desk).acts(self.options.clock.now(), lock_after_ms(&store))?;
        self.told(signed.actor().must(permission))?;
        Ok((store, signed))
    }

    /// The same for the owner's window. What it asks is no sign of life, because it also asks by itself: the window
    /// says when somebody is there.
    ///
    /// # Errors
    /// `locked` where no owner's PIN opened it, or nobody was there for a while.
    fn owning(&self) -> Answer<(Arc<Store>, Signed)> {
        lock(&self.owner).last().ok_or(Refusal::from(Code::Locked))?;
        let store = self.store()?;
        let now = self.options.clock.now();
        let owner = lock(&self.owner).who(now, lock_after_ms(&store)).cloned();
        Ok((store, owner.ok_or(Refusal::from(Code::Locked))?))
    }

    /// Hands an answer of the store on, keeping in mind what the machine said no to.
    fn told<T>(&self, result: ledger::Result<T>) -> Answer<T> {
        result.map_err(|error| {
            let failure = Failure::from(error);
            if let Failure::Storage { problem } = &failure {
                *lock(&self.trouble) = Some(problem.clone());
            }
            failure
        })
    }

    /// The same for a write: one that succeeds proves the disk sound again.
    fn written<T>(&self, result: ledger::Result<T>) -> Answer<T> {
        if result.is_ok() {
            *lock(&self.trouble) = None;
            self.line.nudge();
        }
        self.told(result)
    }
}

/// How long the shop's till stays open without input.
fn lock_after_ms(store: &Store) -> i64 {
    let set = store.setting("lock_after_s").ok().flatten();
    set.and_then(|s| s.parse().ok())
        .filter(|s| (10..=86_400).contains(s))
        .unwrap_or(LOCK_AFTER_S)
        * 1000
}

/// Locks, also after a panic elsewhere: what is behind these locks is whole at every moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads an id that a window sent.
fn id<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::of(Code::Missing, field, text))
}

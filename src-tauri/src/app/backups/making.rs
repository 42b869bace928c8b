//! Making one of the till's backups: copied while the till works, checked, sealed, put in its place, noted. Whatever goes
//! wrong is a note with a code, and the backups of before are there.

use std::path::PathBuf;
use std::sync::Arc;

use backups::{Keep, Made, Note, Progress, RANDOM_BYTES, Round, RoundError, ShelfCode, ShelfError};
use ledger::{Ids, StorageCode, Store};

use super::{Chosen, PASSPHRASE, SECRET};
use crate::app::{App, lock};

/// What a till's copy is.
const KIND: &str = "sqlite";

/// Why there is none: a closed code, and what was said.
struct Failed {
    code: &'static str,
    why: String,
}

impl From<RoundError> for Failed {
    fn from(error: RoundError) -> Self {
        let why = match &error {
            RoundError::Shelf(error) => error.detail.clone(),
            RoundError::Seal(error) => error.to_string(),
        };
        Self {
            code: error.code(),
            why,
        }
    }
}

impl From<ShelfError> for Failed {
    fn from(error: ShelfError) -> Self {
        RoundError::from(error).into()
    }
}

impl From<ledger::Error> for Failed {
    fn from(error: ledger::Error) -> Self {
        let code = match &error {
            ledger::Error::Storage(error) => match error.code {
                StorageCode::DiskFull => ShelfCode::Full.key(),
                StorageCode::ReadOnly => ShelfCode::NotAllowed.key(),
                StorageCode::Damaged => "damaged",
                _ => ShelfCode::Io.key(),
            },
            _ => ShelfCode::Io.key(),
        };
        Self {
            code,
            why: error.to_string(),
        }
    }
}

/// Says that none is under way any more, whatever happens.
struct Under<'a>(&'a App);

impl Drop for Under<'_> {
    fn drop(&mut self) {
        lock(&self.0.keeping.state).running = None;
    }
}

impl App {
    /// Begins one on a thread of its own where the day's is missing and the owner set up where it goes.
    pub(in crate::app) fn back_up_when_due(self: &Arc<Self>) {
        let Ok(store) = self.store() else { return };
        if !self.backup_is_due(&store) {
            return;
        }
        let app = Arc::clone(self);
        // Without a thread it is due a minute later, too.
        let _ = std::thread::Builder::new().name("backup".into()).spawn(move || {
            app.back_up(&store, false);
            app.tell_windows();
        });
    }

    /// Whether the day's backup is missing. A shop that is being downloaded has nothing yet that is not at the relay.
    pub(in crate::app) fn backup_is_due(&self, store: &Store) -> bool {
        let Ok(chosen) = Chosen::of(store) else { return false };
        let on = chosen.is_on() && !store.joining().unwrap_or(true);
        let now = store.now();
        let (tried, running) = {
            let state = lock(&self.keeping.state);
            (state.tried, state.running.is_some())
        };
        let last = self.backed_up_at();
        let (planned, _) = chosen.moments(store, now);
        on && !running && backups::is_due(planned.0, now.0, last.map(|at| at.0), tried.map(|at| at.0))
    }

    /// Makes one, and notes what became of it. Nothing happens where one is under way or there is no place for it.
    pub(in crate::app) fn back_up(&self, store: &Store, by_hand: bool) {
        let Ok(chosen) = Chosen::of(store) else { return };
        if !chosen.is_on() {
            return;
        }
        let progress = Progress::default();
        {
            let mut state = lock(&self.keeping.state);
            if state.running.is_some() {
                return;
            }
            state.running = Some(progress.clone());
            state.tried = Some(store.now());
        }
        let _under = Under(self);
        let made = self.make(store, &chosen, &progress);
        let mut note = Note {
            at: store.now().rfc3339(),
            made: made.is_ok(),
            place: chosen.shown(),
            by_hand,
            ..Note::default()
        };
        match made {
            Ok(made) => {
                note.file = made.file;
                note.bytes = made.bytes;
                if let Some(left) = made.left {
                    (note.code, note.why) = (left.code.key().to_owned(), left.detail);
                }
            }
            Err(failed) => (note.code, note.why) = (failed.code.to_owned(), failed.why),
        }
        // Where this fails, so does the note: the disk said that before.
        let _ = std::fs::create_dir_all(self.place.folder().join("backups"));
        self.notes().add(&note);
    }

    /// A secret of the backups', where there is one.
    fn backup_secret(&self, name: &str, missing: &'static str) -> Result<String, Failed> {
        let failed = |code| Failed {
            code,
            why: String::new(),
        };
        let kept = self.vault.kept(name).map_err(|_| failed("secrets"))?;
        kept.and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| failed(missing))
    }

    fn make(&self, store: &Store, chosen: &Chosen, progress: &Progress) -> Result<Made, Failed> {
        let passphrase = self.backup_secret(PASSPHRASE, "passphrase")?;
        let secret = match chosen.storage {
            Some(_) => self.backup_secret(SECRET, ShelfCode::WrongKey.key())?,
            None => String::new(),
        };
        let shelf = chosen.shelf(secret)?;
        // Before anything is copied: a disk that is not there is nothing to work for.
        shelf.list(&chosen.what)?;
        let work = self.fresh_work()?;
        let copy = work.join("copy.db");
        let made = store
            .backup(&copy, |percent| progress.between(0, 40, percent.into(), 100))
            .map_err(Failed::from)
            .and_then(|_| {
                let round = Round {
                    shelf: &shelf,
                    what: &chosen.what,
                    kind: KIND,
                    at: store.now().utc(),
                    passphrase: &passphrase,
                    random: random(&*self.options.ids),
                    keep: Keep::default(),
                    progress,
                };
                Ok(round.make(&copy, &work)?)
            });
        // What can't be cleared now is cleared before the next one.
        let _ = std::fs::remove_dir_all(&work);
        made
    }

    /// An empty folder that nobody else may look into, inside the shop's own. What a killed one left in it goes.
    fn fresh_work(&self) -> Result<PathBuf, Failed> {
        let work = self.place.folder().join("backups").join("making");
        let made = match std::fs::remove_dir_all(&work) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => std::fs::create_dir_all(&work),
        };
        made.map_err(|error| ShelfError::of_io(&error, &work))?;
        Ok(work)
    }
}

fn random(ids: &dyn Ids) -> [u8; RANDOM_BYTES] {
    let mut random = [0; RANDOM_BYTES];
    for piece in random.chunks_mut(16) {
        piece.copy_from_slice(&ids.random()[..piece.len()]);
    }
    random
}

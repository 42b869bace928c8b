//! The till's own backups: what the owner chose, what the settings show, and the words for what went wrong. Making one is
//! in `making`; how it is sealed, named and put in its place is in the crate `backups`.

mod making;
mod storage;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use backups::s3::{Account, Place};
use backups::{Folder, Note, Notes, Progress, S3, Shelf, ShelfError};
use chrono::{NaiveDate, NaiveTime};
use ledger::{StorageError, Store};
use loyalty::{Code, Refusal, UtcMs};
use serde::{Deserialize, Serialize};

use super::{Answer, App, lock};
use crate::views::{BackupCode, BackupRun, BackupStorage, BackupTrouble, Backups};

/// The setting that holds what the owner chose.
const SETTING: &str = "backups";
/// The name of the passphrase among the secrets.
const PASSPHRASE: &str = "backup-passphrase";
/// The name of the storage key's secret among them.
const SECRET: &str = "backup-storage-secret";
/// What a passphrase has at least, as the sealing wants it.
const PASSPHRASE_MIN: usize = 8;
/// When one is made where the owner says nothing else, by the shop's clock: after closing, with the lights still on.
const USUAL: &str = "21:00";
/// How many runs are shown.
const SHOWN: usize = 20;
/// Lies in the folder: it says how to restore, and that this is the disk and not the empty place it is mounted on.
const MARK: &str = "HOW-TO-RESTORE.txt";
const HOW_TO_RESTORE: &str = include_str!("how-to-restore.txt");

/// What the owner chose.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
struct Chosen {
    /// The first part of the backups' names: the shop, the till and a few letters, so that two tills may share a folder.
    what: String,
    /// The folder they go to; empty: none.
    folder: String,
    /// The storage they go to, where they go to no folder.
    storage: Option<Place>,
    /// When, `HH:MM` by the shop's clock.
    at: String,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            what: String::new(),
            folder: String::new(),
            storage: None,
            at: USUAL.to_owned(),
        }
    }
}

impl Chosen {
    fn of(store: &Store) -> ledger::Result<Self> {
        let text = store.setting(SETTING)?;
        Ok(text
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default())
    }

    fn keep(&self, store: &Store) -> ledger::Result<()> {
        let text = serde_json::to_string(self).map_err(|_| Refusal::of(Code::Missing, SETTING, ""))?;
        store.set_setting(SETTING, text)
    }

    /// Whether they go anywhere.
    fn is_on(&self) -> bool {
        !self.folder.is_empty() || self.storage.is_some()
    }

    /// Where they go, as people write it.
    fn shown(&self) -> String {
        match &self.storage {
            None => self.folder.clone(),
            Some(place) => format!("s3://{}/{}", place.bucket, place.folder()),
        }
    }

    /// Where they go, with the secret of the storage's key.
    fn shelf(&self, secret: String) -> Result<Shelf, ShelfError> {
        match &self.storage {
            None => Ok(Shelf::Folder(Folder {
                path: PathBuf::from(&self.folder),
                mark: Some(MARK),
            })),
            Some(place) => {
                let place = place.clone();
                Ok(Shelf::S3(Box::new(S3::new(Account { place, secret })?)))
            }
        }
    }

    /// The last moment at which one was to be made, and the next one.
    fn moments(&self, store: &Store, now: UtcMs) -> (UtcMs, UtcMs) {
        let zone = store.shop().zone;
        let today = zone.day(now);
        let at = clock_time(&self.at).unwrap_or_default();
        let on = |day: Option<NaiveDate>| zone.instant(day.unwrap_or(today).and_time(at));
        let moment = on(Some(today));
        if moment <= now {
            (moment, on(today.succ_opt()))
        } else {
            (on(today.pred_opt()), moment)
        }
    }
}

/// A time of day as `HH:MM`.
fn clock_time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

/// What is under way.
#[derive(Default)]
pub struct Keeping {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: Option<Progress>,
    tried: Option<UtcMs>,
}

impl App {
    fn notes(&self) -> Notes {
        Notes::at(&self.place.folder().join("backups").join("history.jsonl"))
    }

    /// What is set, how it went lately, and how far the one under way is.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn backups(&self) -> Answer<Backups> {
        let (store, _) = self.owning()?;
        self.backups_view(&store)
    }

    /// Sets where backups go and when they are made; an empty folder: there are none.
    ///
    /// # Errors
    /// `missing` (field `folder`) where there is no such folder, `bad_name` where it is the shop's own; `bad_time`
    /// (field `at`) for a time that is none; `locked`; the machine's, where it can't be written.
    pub fn backups_set(&self, folder: &str, at: &str) -> Answer<Backups> {
        let (store, _) = self.owning()?;
        let at = clock_time(at).ok_or_else(|| Refusal::of(Code::BadTime, "at", at))?;
        let mut chosen = Chosen {
            at: at.format("%H:%M").to_string(),
            ..self.told(Chosen::of(&store))?
        };
        folder.trim().clone_into(&mut chosen.folder);
        chosen.storage = None;
        if !chosen.folder.is_empty() {
            self.begin_folder(Path::new(&chosen.folder))?;
        }
        self.choose(&store, chosen)
    }

    /// Sets the S3-compatible storage that backups go to, and when they are made. None keeps the key's secret there is.
    ///
    /// # Errors
    /// `bad_name` with the field that can't be right; `missing` (field `secret`) where there is none for this key,
    /// (field `ca_file`) where there is no such file; `bad_time` (field `at`); `locked`; `secrets`; the machine's.
    pub fn backups_storage(&self, edit: &BackupStorage, secret: Option<&str>, at: &str) -> Answer<Backups> {
        let (store, _) = self.owning()?;
        let at = clock_time(at).ok_or_else(|| Refusal::of(Code::BadTime, "at", at))?;
        let place = storage::place_of(edit)?;
        let mut chosen = self.told(Chosen::of(&store))?;
        let same_key = |before: &Place| (&before.key_id, &before.endpoint) == (&place.key_id, &place.endpoint);
        match secret.map(str::trim).filter(|secret| !secret.is_empty()) {
            Some(secret) => self.vault.keep(SECRET, secret.as_bytes())?,
            // A secret goes nowhere but where it was meant for.
            None if chosen.storage.as_ref().is_some_and(same_key) => {}
            None => return Err(Refusal::of(Code::Missing, "secret", "").into()),
        }
        chosen.at = at.format("%H:%M").to_string();
        chosen.folder.clear();
        chosen.storage = Some(place);
        self.choose(&store, chosen)
    }

    fn choose(&self, store: &Store, mut chosen: Chosen) -> Answer<Backups> {
        if chosen.what.is_empty() {
            chosen.what = what_of(store.shop(), self.options.ids.random());
        }
        self.written(chosen.keep(store))?;
        lock(&self.keeping.state).tried = None;
        self.backups_view(store)
    }

    /// Sees that a folder can be used, and leaves in it how to restore.
    fn begin_folder(&self, folder: &Path) -> Answer<()> {
        let wrong = |code| Refusal::of(code, "folder", &folder.display().to_string());
        if !folder.is_absolute() || !folder.is_dir() {
            return Err(wrong(Code::Missing).into());
        }
        let of_io = |error: &std::io::Error| ledger::Error::from(StorageError::of_io(error, folder));
        let real = |path: &Path| path.canonicalize().map_err(|error| of_io(&error));
        let own = self.told(real(self.place.folder()))?;
        if self.told(real(folder))?.starts_with(own) {
            return Err(wrong(Code::BadName).into());
        }
        let mark = folder.join(MARK);
        if !mark.is_file() {
            // Not the shop's trouble: its own folder may be well.
            std::fs::write(&mark, HOW_TO_RESTORE).map_err(|error| of_io(&error))?;
        }
        Ok(())
    }

    /// Keeps the passphrase that backups are sealed with from now on. Those of before keep theirs.
    ///
    /// # Errors
    /// `missing` (field `passphrase`) where it is shorter than eight characters, (field `again`) where the two differ;
    /// `locked`; `secrets` where it can't be kept.
    pub fn backups_passphrase(&self, passphrase: &str, again: &str) -> Answer<Backups> {
        let (store, _) = self.owning()?;
        if passphrase.trim() != passphrase || passphrase.chars().count() < PASSPHRASE_MIN {
            return Err(Refusal::of(Code::Missing, "passphrase", "").into());
        }
        if passphrase != again {
            return Err(Refusal::of(Code::Missing, "again", "").into());
        }
        self.vault.keep(PASSPHRASE, passphrase.as_bytes())?;
        lock(&self.keeping.state).tried = None;
        self.backups_view(&store)
    }

    /// Makes one now, and answers when it is done or could not be. Nothing happens where one is under way.
    ///
    /// # Errors
    /// `locked`; the machine's. What keeps the backup from being made is in the answer's `trouble`.
    pub fn backups_run(&self) -> Answer<Backups> {
        let (store, _) = self.owning()?;
        self.back_up(&store, true);
        self.backups_view(&store)
    }

    /// When the last good one was made.
    pub(super) fn backed_up_at(&self) -> Option<UtcMs> {
        let newest = self.notes().newest(usize::MAX).into_iter().find(|note| note.made)?;
        millis(&newest.at)
    }

    fn backups_view(&self, store: &Store) -> Answer<Backups> {
        let chosen = self.told(Chosen::of(store))?;
        // A keyring that does not answer is said by the run that needs it.
        let passphrase = self.vault.kept(PASSPHRASE).map_or(true, |kept| kept.is_some());
        let runs: Vec<BackupRun> = self.notes().newest(SHOWN).into_iter().map(run_of).collect();
        let on = chosen.is_on();
        let running = lock(&self.keeping.state).running.clone();
        Ok(Backups {
            at: chosen.at.clone(),
            same_disk: !chosen.folder.is_empty() && same_disk(Path::new(&chosen.folder), self.place.folder()),
            next: (on && passphrase).then(|| chosen.moments(store, store.now()).1.rfc3339()),
            storage: chosen.storage.as_ref().map(storage::shown),
            folder: chosen.folder,
            passphrase,
            running: running.map(|progress| progress.percent().into()),
            last: self.backed_up_at().map(UtcMs::rfc3339),
            trouble: if on { trouble_of(passphrase, runs.first()) } else { None },
            runs,
        })
    }
}

/// What keeps backups from being made now, as far as the last try tells.
fn trouble_of(passphrase: bool, newest: Option<&BackupRun>) -> Option<BackupTrouble> {
    if !passphrase {
        return Some(BackupTrouble {
            code: BackupCode::Passphrase,
            place: String::new(),
            detail: String::new(),
        });
    }
    newest.filter(|run| !run.made).map(|run| BackupTrouble {
        code: run.code.unwrap_or(BackupCode::Io),
        place: run.place.clone(),
        detail: run.why.clone(),
    })
}

fn run_of(note: Note) -> BackupRun {
    BackupRun {
        at: note.at,
        made: note.made,
        by_hand: note.by_hand,
        file: note.file,
        place: note.place,
        kb: i32::try_from(note.bytes.div_ceil(1000)).unwrap_or(i32::MAX),
        code: if note.code.is_empty() {
            None
        } else {
            Some(code_of(&note.code))
        },
        why: note.why,
    }
}

/// The window's code for one of the crate's; what a later version wrote is the machine's.
fn code_of(key: &str) -> BackupCode {
    serde_json::from_value(serde_json::Value::from(key)).unwrap_or(BackupCode::Io)
}

fn millis(at: &str) -> Option<UtcMs> {
    let at = chrono::DateTime::parse_from_rfc3339(at).ok()?;
    Some(UtcMs(at.timestamp_millis()))
}

/// The first part of a till's backups' names: `harbour-coffee-till-1-3f9a2c`.
fn what_of(shop: &ledger::Shop, random: [u8; 16]) -> String {
    let plain = |text: &str| {
        let mut word = String::new();
        for c in text.chars().map(|c| c.to_ascii_lowercase()) {
            if c.is_ascii_alphanumeric() {
                word.push(c);
            } else if !word.is_empty() && !word.ends_with('-') {
                word.push('-');
            }
        }
        word.truncate(24);
        word.trim_end_matches('-').to_owned()
    };
    let [a, b, c, ..] = random;
    let words = [plain(&shop.name), plain(&shop.till_name)];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!(
        "{}-{a:02x}{b:02x}{c:02x}",
        if words.is_empty() {
            "till".to_owned()
        } else {
            words.join("-")
        }
    )
}

/// Whether two folders are on one disk, as far as the system says: what breaks the one breaks the other.
fn same_disk(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let disk = |path: &Path| path.metadata().ok().map(|file| file.dev());
        disk(one).is_some() && disk(one) == disk(other)
    }
    #[cfg(not(unix))]
    {
        one.components().next() == other.components().next()
    }
}

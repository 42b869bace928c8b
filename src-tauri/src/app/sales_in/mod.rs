//! Sales that come in by themselves: the webhook server and the watched folder, as the owner set them up, beside the
//! same store and writer as the windows.
//!
//! Here: what is set, starting and stopping, what the settings show. Not here: HTTP (`intake`), files (`imports`).
//! Whatever is wrong is a line in the settings and the status bar, never the end of the app.

mod door;
mod recent;
mod senders;

use std::sync::{Arc, Mutex};

use imports::Watcher;
use intake::{Handle, Kept, PORT};
use ledger::Store;
use loyalty::{Code, Refusal, UtcMs};
use serde::{Deserialize, Serialize};

use super::{Answer, App, lock};
use crate::views::{NewSecret, SalesIn, SalesInEdit, SalesInTrouble, SenderEdit, WatchedFolder};
pub use recent::Recent;

/// The setting that holds what the owner chose.
const SETTING: &str = "sales_in";

/// What the owner chose.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
struct Chosen {
    on: bool,
    port: u16,
    network: bool,
    enrol_unknown: bool,
    watch: Option<Watch>,
}

/// The folder to watch.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Watch {
    folder: String,
    source: String,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            on: false,
            port: PORT,
            network: false,
            enrol_unknown: true,
            watch: None,
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
}

/// What runs.
#[derive(Default)]
pub struct Coming {
    running: Mutex<Running>,
    /// The server's state for the status bar, which must not wait for a keyring.
    shown: Mutex<Shown>,
    /// What came lately.
    pub recent: Arc<Recent>,
}

#[derive(Default)]
struct Running {
    begun: bool,
    server: Option<Handle>,
    watcher: Option<(Watch, Watcher)>,
}

#[derive(Clone, Default)]
struct Shown {
    listening: Option<String>,
    trouble: Option<SalesInTrouble>,
}

impl App {
    /// Starts what the owner set up, once the shop is open. Nothing happens the second time.
    pub fn begin_sales_in(&self) {
        let mut running = lock(&self.coming.running);
        if running.begun {
            return;
        }
        if let Ok(store) = self.store() {
            running.begun = true;
            // What is wrong is shown; without its settings nothing was set up.
            let _ = self.apply(&mut running, &store);
        }
    }

    /// Stops all of it: what was accepted is finished.
    pub fn end_sales_in(&self) {
        let mut running = lock(&self.coming.running);
        *running = Running::default();
        *lock(&self.coming.shown) = Shown::default();
    }

    /// Why webhooks are not taken though they should be.
    pub fn sales_in_trouble(&self) -> Option<SalesInTrouble> {
        lock(&self.coming.shown).trouble.clone()
    }

    /// `tell` is called whenever something came in.
    pub fn when_sales_come_in(&self, tell: impl Fn() + Send + Sync + 'static) {
        self.coming.recent.tells(tell);
    }

    /// What the settings show.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn sales_in(&self) -> Answer<SalesIn> {
        let (store, _) = self.owning()?;
        let kept = self.kept().ok().flatten();
        self.view(&store, kept.as_ref())
    }

    /// Sets whether and where webhooks are taken.
    ///
    /// # Errors
    /// `missing` (field `port`) for a port that is none; `locked`; the machine's.
    pub fn sales_in_set(&self, edit: &SalesInEdit) -> Answer<SalesIn> {
        let (store, _) = self.owning()?;
        let port = u16::try_from(edit.port).ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| Refusal::of(Code::Missing, "port", &edit.port.to_string()))?;
        let chosen = Chosen {
            on: edit.on,
            port,
            network: edit.network,
            enrol_unknown: edit.enrol_unknown,
            ..self.told(Chosen::of(&store))?
        };
        self.change(&store, &chosen)
    }

    /// Makes the secret, or a new one: the one before works for a day more.
    ///
    /// # Errors
    /// `locked`; `secrets` where it can't be kept; the machine's.
    pub fn sales_in_secret(&self) -> Answer<NewSecret> {
        let (store, _) = self.owning()?;
        let secret = door::new_secret(&*self.options.ids);
        let kept = match self.kept()? {
            Some(before) => before.rotated(secret.clone(), store.now()),
            None => Kept::first(secret.clone()),
        };
        self.vault.keep(intake::KEPT_AS, kept.to_text().as_bytes())?;
        self.apply(&mut lock(&self.coming.running), &store)?;
        Ok(NewSecret {
            secret: secret.reveal(),
            sales_in: self.view(&store, Some(&kept))?,
        })
    }

    /// Sets up a sender, in place of what was there under its name.
    ///
    /// # Errors
    /// `missing` or `bad_name` with the field; `locked`; `secrets` where it can't be kept.
    pub fn sales_in_sender(&self, edit: &SenderEdit) -> Answer<SalesIn> {
        let (store, _) = self.owning()?;
        let mut hooks = self.hooks()?;
        senders::set(&mut hooks, edit)?;
        self.keep_hooks(&store, &hooks)
    }

    /// Forgets a sender: its page is gone at once.
    ///
    /// # Errors
    /// `locked`; `secrets` where it can't be kept.
    pub fn sales_in_forget(&self, name: &str) -> Answer<SalesIn> {
        let (store, _) = self.owning()?;
        let mut hooks = self.hooks()?;
        senders::forget(&mut hooks, name);
        self.keep_hooks(&store, &hooks)
    }

    /// Watches a folder, or, for an empty one, none.
    ///
    /// # Errors
    /// `missing` (field `folder`) where there is no such folder, `bad_sale_id` (field `source`); `locked`; the
    /// machine's.
    pub fn sales_in_watch(&self, folder: &str, source: &str) -> Answer<SalesIn> {
        let (store, _) = self.owning()?;
        let folder = folder.trim();
        let watch = if folder.is_empty() {
            None
        } else {
            if !std::path::Path::new(folder).is_absolute() || !std::path::Path::new(folder).is_dir() {
                return Err(Refusal::of(Code::Missing, "folder", folder).into());
            }
            loyalty::sale::check_sale_id(source).map_err(|r| Refusal {
                field: "source".to_owned(),
                ..r
            })?;
            Some(Watch {
                folder: folder.to_owned(),
                source: source.trim().to_owned(),
            })
        };
        let chosen = Chosen {
            watch,
            ..self.told(Chosen::of(&store))?
        };
        self.change(&store, &chosen)
    }

    fn change(&self, store: &Arc<Store>, chosen: &Chosen) -> Answer<SalesIn> {
        self.written(chosen.keep(store))?;
        self.apply(&mut lock(&self.coming.running), store)?;
        self.view(store, self.kept().ok().flatten().as_ref())
    }

    fn view(&self, store: &Arc<Store>, kept: Option<&Kept>) -> Answer<SalesIn> {
        let chosen = self.told(Chosen::of(store))?;
        let shown = lock(&self.coming.shown).clone();
        let (taken, refused, recent) = self.coming.recent.view();
        let older = kept.and_then(Kept::older_until).filter(|until| *until > store.now());
        Ok(SalesIn {
            on: chosen.on,
            port: chosen.port.into(),
            network: chosen.network,
            enrol_unknown: chosen.enrol_unknown,
            addresses: door::addresses(&chosen),
            listening: shown.listening,
            trouble: shown.trouble,
            secret: kept.is_some(),
            older_until: older.map(UtcMs::rfc3339),
            senders: senders::view(&self.hooks().unwrap_or_default()),
            watch: chosen.watch.map(|watch| WatchedFolder {
                folder: watch.folder,
                source: watch.source,
                trouble: self.coming.recent.folder_trouble(),
            }),
            taken,
            refused,
            recent,
        })
    }
}

//! The owner's window: who may open it, its lock, its start, the exports. Its figures come through `reports`, its rules and held
//! sales have their own files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loyalty::{Code, Permission, Refusal, Role, StaffId};

use super::desk::{Desk, Signed};
use super::{Answer, App, export, lock, lock_after_ms};
use crate::views::{Exported, LedgerFilter, OwnerContext};

impl App {
    /// Checks an owner's PIN and lets the owner's window in. It is the PIN of the owner who is signed in, or, where
    /// somebody else is, that of the shop's only owner; with several owners one of them signs in first, so that a
    /// wrong PIN is counted against nobody else.
    ///
    /// # Errors
    /// `wrong_pin` with the milliseconds to wait, `not_allowed`; `locked`; the machine's.
    pub fn open_owner(&self, pin: &str) -> Answer<()> {
        let (store, signed) = self.acting(Permission::Serve)?;
        let owners: Vec<StaffId> = self
            .told(store.staff())?
            .into_iter()
            .filter(|s| s.active && s.role == Role::Owner)
            .map(|s| s.staff_id)
            .collect();
        let whose = match owners.as_slice() {
            _ if signed.role == Role::Owner => signed.staff_id,
            [only] => *only,
            _ => return Err(Refusal::of(Code::NotAllowed, "role", Role::Owner.as_str()).into()),
        };
        let owner: Signed = self.check_pin(&store, whose, pin)?;
        lock(&self.owner).sign_in(owner, self.options.clock.now());
        Ok(())
    }

    /// Somebody is at the owner's window.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn touch_owner(&self) -> Answer<()> {
        let store = self.store()?;
        lock(&self.owner).acts(self.options.clock.now(), lock_after_ms(&store))?;
        Ok(())
    }

    /// Locks the owner's window. What was begun goes on; nothing else is answered until it is unlocked.
    pub fn lock_owner(&self) {
        lock(&self.owner).sign_out();
    }

    /// Unlocks the owner's window with the PIN of whoever opened it.
    ///
    /// # Errors
    /// `wrong_pin` with the milliseconds to wait; `not_allowed` where they are no owner any more; `locked` where nobody
    /// opened it; the machine's.
    pub fn unlock_owner(&self, pin: &str) -> Answer<()> {
        let store = self.store()?;
        let whose = lock(&self.owner).last().ok_or(Refusal::from(Code::Locked))?;
        let owner = self.check_pin(&store, whose, pin)?;
        if owner.role != Role::Owner {
            return Err(Refusal::of(Code::NotAllowed, "role", Role::Owner.as_str()).into());
        }
        let mut desk = lock(&self.owner);
        // It was closed, or opened by somebody else, while the PIN was looked at.
        if desk.last() != Some(whose) {
            return Err(Refusal::from(Code::Locked).into());
        }
        desk.sign_in(owner, self.options.clock.now());
        Ok(())
    }

    /// Whether the owner's window is answered now.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn owner_there(&self) -> Answer<()> {
        self.owning().map(|_| ())
    }

    /// The owner's window is gone; it takes a PIN to come back.
    pub fn owner_closed(&self) {
        *lock(&self.owner) = Desk::default();
        self.stop_backtest();
        self.stop_export();
    }

    /// What the owner's window starts with.
    ///
    /// # Errors
    /// `locked` where no owner's PIN opened it; the machine's.
    pub fn owner_context(&self) -> Answer<OwnerContext> {
        let (store, _) = self.owning()?;
        Ok(OwnerContext {
            shop: self.shop_view(&store)?,
            reports: self.place.reports_url(),
            rules_text: self.told(store.rules())?.text.clone(),
        })
    }

    /// Writes the ledger's lines as CSV into `folder`, or, where this user has none for documents, into `exports` in
    /// the data folder. None where it was stopped: then there is no file. Another one, and the window's closing, stop
    /// it.
    ///
    /// # Errors
    /// `bad_time` for a day that is none; `locked`; the machine's.
    pub fn export_ledger(&self, filter: &LedgerFilter, folder: Option<&Path>) -> Answer<Option<Exported>> {
        let (store, _) = self.owning()?;
        let own = self.place.folder().join("exports");
        let stop = self.next_export();
        let stopped = || stop.load(Ordering::Relaxed);
        self.told(export::ledger(&store, filter, folder.unwrap_or(&own), &stopped)?)
    }

    /// Writes a list that the owner's window put together, as CSV, where exports go; answers the path. None where it
    /// was stopped, as with the ledger.
    ///
    /// # Errors
    /// `bad_name` for a name that is not a short word; `locked`; the machine's.
    pub fn save_list(&self, name: &str, csv: &str, folder: Option<&Path>) -> Answer<Option<String>> {
        let (store, _) = self.owning()?;
        let own = self.place.folder().join("exports");
        let stop = self.next_export();
        let stopped = || stop.load(Ordering::Relaxed);
        self.told(export::list(&store, name, csv, folder.unwrap_or(&own), &stopped)?)
    }

    /// Stops the export that is under way, if one is.
    pub fn stop_export(&self) {
        if let Some(stop) = lock(&self.export).take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// The flag that stops a new export; the one before it is stopped.
    pub(super) fn next_export(&self) -> Arc<AtomicBool> {
        self.stop_export();
        let stop = Arc::new(AtomicBool::new(false));
        *lock(&self.export) = Some(Arc::clone(&stop));
        stop
    }
}

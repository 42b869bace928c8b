//! The owner's window: who may open it, its start, the export. Its figures come through `reports`, its rules and held
//! sales have their own files.

use std::path::Path;

use loyalty::{Code, Permission, Refusal, Role, StaffId};

use super::desk::Signed;
use super::{Answer, App, export, lock};
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
        *lock(&self.owner) = Some(owner);
        Ok(())
    }

    /// The owner's window is gone; it takes a PIN to come back.
    pub fn owner_closed(&self) {
        *lock(&self.owner) = None;
        self.stop_backtest();
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
    /// the data folder.
    ///
    /// # Errors
    /// `bad_time` for a day that is none; `locked`; the machine's.
    pub fn export_ledger(&self, filter: &LedgerFilter, folder: Option<&Path>) -> Answer<Exported> {
        let (store, _) = self.owning()?;
        let own = self.place.folder().join("exports");
        self.told(export::ledger(&store, filter, folder.unwrap_or(&own))?)
    }

    /// Writes a list that the owner's window put together, as CSV, where exports go; answers the path.
    ///
    /// # Errors
    /// `bad_name` for a name that is not a short word; `locked`; the machine's.
    pub fn save_list(&self, name: &str, csv: &str, folder: Option<&Path>) -> Answer<String> {
        let (store, _) = self.owning()?;
        let own = self.place.folder().join("exports");
        self.told(export::list(&store, name, csv, folder.unwrap_or(&own))?)
    }
}

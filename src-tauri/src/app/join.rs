//! Joining a shop that runs already, on a first start: the code's other end. The shop is downloaded by the line, which
//! goes on by itself after whatever cut it; until it is here nobody works at this till.
//!
//! Not here: how one pairs and syncs (`link`), adding a till from the other side (`tills`).

use std::sync::Arc;

use ledger::{Actor, StaffEdit, Store};
use loyalty::op::By;
use loyalty::{Code, Refusal, Role};

use super::desk::Signed;
use super::start::Opened;
use super::{Answer, App, id, lock};
use crate::views::{JoinShop, OwnerPin, Startup, small};

impl App {
    /// Makes this machine a till of a shop on a relay, and begins to download that.
    ///
    /// # Errors
    /// `already_initialised`; `bad_code`, `bad_address` and `bad_name`, each with its field; `offline`, what the relay
    /// refuses; the machine's.
    pub fn join_shop(self: &Arc<Self>, join: &JoinShop) -> Answer<Startup> {
        if self.open()? {
            return Err(Refusal::from(Code::AlreadyInitialised).into());
        }
        let name = loyalty::contact::name(&join.till_name).map_err(|r| Refusal {
            field: "till_name".to_owned(),
            ..r
        })?;
        let secrets = self.vault.another()?;
        self.linked(link::pair(
            self.place.folder(),
            &secrets,
            &join.code,
            &join.address,
            &name,
        ))?;
        let startup = self.startup();
        self.begin_line();
        Ok(startup)
    }

    /// Tries to reach the relay now.
    pub fn join_retry(&self) {
        self.line.hurry();
    }

    /// Gives up joining: the file, which holds nothing of this till's own, goes into `backups/`, and the first start is
    /// asked again.
    ///
    /// # Errors
    /// `already_initialised` where somebody works here by now; the machine's.
    pub fn join_leave(&self) -> Answer<Startup> {
        let store = self.store()?;
        let works = !self.told(store.joining())? && !self.told(store.needs_pin())?;
        if works || self.told(store.own_seq())? > 0 {
            return Err(Refusal::from(Code::AlreadyInitialised).into());
        }
        drop(store);
        self.end_sales_in();
        self.end_line();
        let mut opened = lock(&self.opened);
        if let Opened::Shop { folder, store } = std::mem::take(&mut *opened) {
            let now = store.now();
            drop(store);
            let aside = ledger::set_aside(self.place.folder(), now);
            // Where it could not be moved it is still the file to open.
            if aside.is_ok() {
                *opened = Opened::Empty { folder };
            }
            self.told(aside)?;
        }
        drop(opened);
        Ok(self.startup())
    }

    /// Sets the PIN of an owner of a shop whose PINs did not come along, because its code came from whoever runs the
    /// relay; signs them in. Whoever has such a code may do this, once.
    ///
    /// # Errors
    /// `locked` where nobody asked for it; `unknown_staff` for anybody but an owner, `bad_pin`; the machine's.
    pub fn owner_pin(&self, pin: &OwnerPin) -> Answer<Startup> {
        let store = self.store()?;
        if !self.told(store.needs_pin())? || self.told(store.joining())? {
            return Err(Refusal::from(Code::Locked).into());
        }
        let staff = id("staff_id", &pin.staff_id)?;
        let all = self.told(store.staff())?;
        let owner = all
            .iter()
            .find(|s| s.staff_id == staff && s.active && s.role == Role::Owner)
            .ok_or(Refusal::from(Code::UnknownStaff))?;
        let pepper = self.vault.first_pepper(&*self.options.ids)?;
        let hash = self.told(pepper.hash(&pin.pin, store.salt()));
        let edit = StaffEdit {
            staff_id: Some(staff),
            name: owner.name.clone(),
            role: Role::Owner,
            active: true,
            pin_hash: Some(hash.map_err(|f| f.in_field("pin"))?),
        };
        let op = id("op_id", &pin.op_id)?;
        let setup = Actor {
            by: By::Job("setup".to_owned()),
            role: Role::Owner,
        };
        self.written(store.write(move |tx| {
            tx.edit_staff(op, &setup, &edit)?;
            tx.pins_are_known()
        }))?;
        lock(&self.desk).sign_in(Signed::from(owner), self.options.clock.now());
        Ok(self.startup())
    }

    /// How far a till that joins has come; none where it is here.
    pub(super) fn joining(&self, store: &Store) -> Answer<Option<Startup>> {
        if !self.told(store.joining())? {
            return Ok(None);
        }
        let relay = self.told(store.relay())?.ok_or(Refusal::from(Code::NotInitialised))?;
        let state = self.relay_state(store).ok_or(Refusal::from(Code::NotInitialised))?;
        Ok(Some(Startup::Joining {
            shop_name: store.shop().name.clone(),
            address: relay.url,
            done: small(relay.cursor.min(relay.shop_seq)),
            of: small(relay.shop_seq),
            relay: state,
        }))
    }
}

//! Signing in and out, and the staff.

use ledger::{Actor, Staff, Store};
use loyalty::op::By;
use loyalty::{Code, Permission, Refusal, Role, UtcMs};

use super::desk::Signed;
use super::{Answer, App, id, lock, lock_after_ms};
use crate::views::{Session, StaffEdit, StaffTile};

impl App {
    /// Signs somebody in, in place of whoever was.
    ///
    /// # Errors
    /// `wrong_pin` with the milliseconds to wait, `unknown_staff`; the machine's.
    pub fn sign_in(&self, staff_id: &str, pin: &str) -> Answer<Session> {
        let signed = self.check_pin(&*self.store()?, id("staff_id", staff_id)?, pin)?;
        let session = Session::from(&signed);
        lock(&self.desk).sign_in(signed, self.options.clock.now());
        Ok(session)
    }

    /// Locks the till.
    pub fn sign_out(&self) {
        lock(&self.desk).sign_out();
    }

    /// Somebody is at the till.
    ///
    /// # Errors
    /// `locked`.
    pub fn touch(&self) -> Answer<()> {
        self.acting(Permission::Serve).map(|_| ())
    }

    /// Everybody who works or worked here.
    ///
    /// # Errors
    /// `not_allowed` below a manager; `locked`; the machine's.
    pub fn staff_list(&self) -> Answer<Vec<StaffTile>> {
        let (store, _) = self.acting(Permission::ChangeStaff)?;
        self.tiles(&store)
    }

    /// Adds somebody or changes them, and answers the list. A shop that has no staff yet (made without a window)
    /// takes its first owner from anybody, and signs them in.
    ///
    /// # Errors
    /// `not_allowed`, `bad_name`, `bad_pin`, `unknown_staff`, `last_owner`; `locked`; the machine's.
    pub fn staff_edit(&self, edit: &StaffEdit) -> Answer<Vec<StaffTile>> {
        let store = self.store()?;
        let first = self.told(store.staff())?.is_empty();
        if first && self.told(store.joining())? {
            return Err(Refusal::from(Code::Locked).into());
        }
        let role = Role::from(edit.role);
        let (actor, pepper) = if first {
            if role != Role::Owner || !edit.active {
                return Err(Refusal::of(Code::LastOwner, "role", role.as_str()).into());
            }
            let actor = Actor {
                by: By::Job("setup".to_owned()),
                role: Role::Owner,
            };
            (actor, self.vault.first_pepper(&*self.options.ids))
        } else {
            let (_, signed) = self.acting(Permission::ChangeStaff)?;
            (signed.actor(), self.vault.pepper())
        };
        let pin_hash = match &edit.pin {
            Some(pin) => Some(
                self.told(pepper?.hash(pin, store.salt()))
                    .map_err(|f| f.in_field("pin"))?,
            ),
            None => None,
        };
        let edit_op = id("op_id", &edit.op_id)?;
        let change = ledger::StaffEdit {
            staff_id: edit.staff_id.as_deref().map(|s| id("staff_id", s)).transpose()?,
            name: edit.name.clone(),
            role,
            active: edit.active,
            pin_hash,
        };
        self.written(store.write(move |tx| {
            tx.edit_staff(edit_op, &actor, &change)?;
            if first { tx.pins_are_known() } else { Ok(()) }
        }))?;
        if first {
            self.sign_owner_in()?;
        }
        self.refresh_sessions(&store)?;
        self.tiles(&store)
    }

    /// Everybody as tiles.
    pub(super) fn tiles(&self, store: &Store) -> Answer<Vec<StaffTile>> {
        let now = store.now();
        let staff = self.told(store.staff())?;
        Ok(staff.iter().map(|s| StaffTile::of(s, now)).collect())
    }

    /// Checks a PIN. Wrong ones are counted in the store, so that the wait survives a restart.
    pub(super) fn check_pin(&self, store: &Store, staff_id: loyalty::StaffId, pin: &str) -> Answer<Signed> {
        let pepper = self.vault.pepper()?;
        let role = self.told(store.sign_in(staff_id, pin, &pepper))?;
        let name = self.told(store.staff())?.into_iter().find(|s| s.staff_id == staff_id);
        Ok(Signed {
            staff_id,
            name: name.map(|s| s.name).unwrap_or_default(),
            role,
        })
    }

    /// Whoever is signed in has from now on the name and role that the store has, or none.
    fn refresh_sessions(&self, store: &Store) -> Answer<()> {
        let staff = self.told(store.staff())?;
        let find = |id| staff.iter().find(|s| s.staff_id == id && s.active).map(Signed::from);
        lock(&self.desk).refresh(find);
        lock(&self.owner).refresh(|id| find(id).filter(|o| o.role == Role::Owner));
        Ok(())
    }

    /// Who is signed in, for a screen; looking is no sign of life.
    pub(super) fn session(&self, store: &Store, now: UtcMs) -> Option<Session> {
        lock(&self.desk).who(now, lock_after_ms(store)).map(Session::from)
    }
}

impl From<&Staff> for Signed {
    fn from(staff: &Staff) -> Self {
        Self {
            staff_id: staff.staff_id,
            name: staff.name.clone(),
            role: staff.role,
        }
    }
}

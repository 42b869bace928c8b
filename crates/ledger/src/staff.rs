//! Staff: who works here, their PINs, and the wait after wrong ones.

use loyalty::op::{Body, Private};
use loyalty::{Code, Hlc, OpId, Permission, Refusal, Role, StaffId, UtcMs, contact};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::pin::{WAIT_MAX_S, wait_ms};
use crate::points::Actor;
use crate::shop::{set_setting, setting};
use crate::tx::{Tx, damaged};

/// The setting of a till that joined without the secret that the shop's PINs are mixed with: those that are chosen here
/// are kept here, as settings, and work here alone.
pub(crate) const OWN_PINS: &str = "own-pins";

/// The setting with somebody's PIN on such a till.
fn own_pin(staff: StaffId) -> String {
    format!("own-pin:{staff}")
}

/// Somebody who works in the shop.
#[derive(Clone, Debug, PartialEq)]
pub struct Staff {
    /// Who.
    pub staff_id: StaffId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// Until when they must wait after wrong PINs; the past where they need not.
    pub wait_until: UtcMs,
}

/// A change to the staff. `pin_hash` is made by [`crate::Pepper::hash`] outside the transaction: it takes a while.
#[derive(Clone, Debug)]
pub struct StaffEdit {
    /// Who; none adds somebody.
    pub staff_id: Option<StaffId>,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// A new PIN's hash; none keeps the PIN, and is refused for somebody new.
    pub pin_hash: Option<String>,
}

pub(crate) fn list(conn: &Connection) -> Result<Vec<Staff>> {
    let sql = "SELECT s.staff_id, s.name, s.role, s.active, coalesce(a.until_ms, 0) FROM staff s LEFT JOIN pin_attempts a USING (staff_id)
               ORDER BY s.active DESC, s.name, s.staff_id";
    let mut rows = conn.prepare_cached(sql)?;
    let staff = rows.query_map([], |r| {
        Ok((
            StaffId(r.get(0)?),
            r.get(1)?,
            r.get::<_, String>(2)?,
            r.get(3)?,
            UtcMs(r.get(4)?),
        ))
    })?;
    staff
        .map(|row| {
            let (staff_id, name, role, active, wait_until) = row?;
            let role = Role::read(&role).ok_or_else(|| damaged("a role that is none"))?;
            Ok(Staff {
                staff_id,
                name,
                role,
                active,
                wait_until,
            })
        })
        .collect()
}

impl Tx<'_> {
    /// Adds or changes somebody. Managers may change those below them, owners everybody; one active owner stays.
    ///
    /// # Errors
    /// `not_allowed`, `bad_name`, `bad_pin`, `unknown_staff`, `last_owner`; a storage error.
    pub fn edit_staff(&self, op: OpId, actor: &Actor, edit: &StaffEdit) -> Result<StaffId> {
        match self.earlier(op)? {
            Some((Body::StaffAdded { staff, .. } | Body::StaffChanged { staff, .. }, _)) => return Ok(staff),
            Some(_) => return Err(crate::tx::other_content()),
            None => {}
        }
        actor.must(Permission::ChangeStaff)?;
        let name = contact::name(&edit.name)?;
        let all = list(self.conn)?;
        let now = match edit.staff_id {
            None => None,
            Some(id) => Some(
                all.iter()
                    .find(|s| s.staff_id == id)
                    .ok_or_else(|| Refusal::from(Code::UnknownStaff))?,
            ),
        };
        let outranks = |role: Role| actor.role == Role::Owner || role < actor.role;
        if !outranks(edit.role) || !now.is_none_or(|s| outranks(s.role)) {
            return Err(Refusal::of(Code::NotAllowed, "role", Role::Owner.as_str()).into());
        }
        let alone = setting(self.conn, OWN_PINS)?.is_some();
        let private = Private {
            name: Some(name),
            // A PIN mixed with this till's own secret would shut its owner out everywhere else.
            pin_hash: edit.pin_hash.clone().filter(|_| now.is_none() || !alone),
            ..Private::default()
        };
        let Some(now) = now else {
            if edit.pin_hash.is_none() {
                return Err(Refusal::from(Code::BadPin).into());
            }
            let staff = StaffId(self.uuid());
            self.append(op, &actor.by, &Body::StaffAdded { staff, role: edit.role }, &private)?;
            self.keep_own_pin(alone, staff, edit)?;
            return Ok(staff);
        };
        let owners = all
            .iter()
            .filter(|s| s.active && s.role == Role::Owner && s.staff_id != now.staff_id)
            .count();
        if owners == 0 && now.role == Role::Owner && !(edit.active && edit.role == Role::Owner) {
            return Err(Refusal::from(Code::LastOwner).into());
        }
        let body = Body::StaffChanged {
            staff: now.staff_id,
            role: edit.role,
            active: edit.active,
            clock: Hlc::default(),
        };
        self.append(op, &actor.by, &body, &private)?;
        self.keep_own_pin(alone, now.staff_id, edit)?;
        Ok(now.staff_id)
    }

    /// On a till whose PINs are its own: the PIN that works here, whatever works elsewhere.
    fn keep_own_pin(&self, alone: bool, staff: StaffId, edit: &StaffEdit) -> Result<()> {
        match &edit.pin_hash {
            Some(hash) if alone => set_setting(self.conn, &own_pin(staff), hash),
            _ => Ok(()),
        }
    }

    /// Counts an attempt to sign in before its PIN is looked at, so that neither a crash nor two windows at once win
    /// a free try; answers the role and the PIN's hash.
    ///
    /// # Errors
    /// `unknown_staff`; `wrong_pin` with the milliseconds still to wait; a storage error.
    pub(crate) fn begin_sign_in(&self, staff: StaffId) -> Result<(Role, String)> {
        let sql = "SELECT role, pin_hash FROM staff WHERE staff_id = ?1 AND active = 1";
        let known = self
            .conn
            .prepare_cached(sql)?
            .query_row([staff.0], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))
            .optional()?;
        let (role, hash) = known.ok_or_else(|| Refusal::from(Code::UnknownStaff))?;
        let hash = setting(self.conn, &own_pin(staff))?.unwrap_or(hash);
        let role = Role::read(&role).ok_or_else(|| damaged("a role that is none"))?;
        let now = self.now().0;
        let sql = "SELECT failures, until_ms FROM pin_attempts WHERE staff_id = ?1";
        let (failures, until): (i64, i64) = self
            .conn
            .prepare_cached(sql)?
            .query_row([staff.0], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?
            .unwrap_or((0, 0));
        // A clock that was set back must not lock anybody out for longer than the longest wait.
        let left = (until - now).min(WAIT_MAX_S * 1000);
        if left > 0 {
            return Err(Refusal::from(Code::WrongPin).with(left).into());
        }
        let sql = "INSERT INTO pin_attempts (staff_id, failures, until_ms) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET failures = excluded.failures, until_ms = excluded.until_ms";
        self.conn
            .prepare_cached(sql)?
            .execute(params![staff.0, failures + 1, now + wait_ms(failures + 1)])?;
        Ok((role, hash))
    }

    /// The PIN was right: forget the wrong ones.
    pub(crate) fn end_sign_in(&self, staff: StaffId) -> Result<()> {
        self.conn
            .prepare_cached("DELETE FROM pin_attempts WHERE staff_id = ?1")?
            .execute([staff.0])?;
        Ok(())
    }

    /// How long somebody must wait now.
    pub(crate) fn pin_wait_ms(&self, staff: StaffId) -> Result<i64> {
        let sql = "SELECT until_ms FROM pin_attempts WHERE staff_id = ?1";
        let until: Option<i64> = self
            .conn
            .prepare_cached(sql)?
            .query_row([staff.0], |r| r.get(0))
            .optional()?;
        Ok(until.map_or(0, |u| (u - self.now().0).clamp(0, WAIT_MAX_S * 1000)))
    }
}

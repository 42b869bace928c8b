//! Who stands at the till: signed in, still there, or locked out after doing nothing for a while. The time is handed
//! in; what a role may do is in `loyalty`.

use ledger::Actor;
use loyalty::op::By;
use loyalty::{Code, Refusal, Role, StaffId, UtcMs};

/// Somebody signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Who.
    pub staff_id: StaffId,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Signed {
    /// On whose word operations are appended.
    pub fn by(&self) -> By {
        By::Staff(self.staff_id)
    }

    /// The same with the role, for what not everybody may do.
    pub fn actor(&self) -> Actor {
        Actor {
            by: self.by(),
            role: self.role,
        }
    }
}

/// A session: the till's, or that of the owner's window.
#[derive(Default)]
pub struct Desk {
    signed: Option<(Signed, UtcMs)>,
    last: Option<StaffId>,
}

impl Desk {
    /// Somebody signed in with the right PIN.
    pub fn sign_in(&mut self, signed: Signed, now: UtcMs) {
        self.last = Some(signed.staff_id);
        self.signed = Some((signed, now));
    }

    /// Locks.
    pub fn sign_out(&mut self) {
        self.signed = None;
    }

    /// Who was there last, also after the lock.
    pub fn last(&self) -> Option<StaffId> {
        self.last
    }

    /// Who is there, without counting this as a sign of life. After `lock_after_ms` without one: nobody, for good.
    pub fn who(&mut self, now: UtcMs, lock_after_ms: i64) -> Option<&Signed> {
        // A clock that was set back must not keep a till open, so the distance counts, not the order.
        if let Some((_, seen)) = &self.signed
            && now.0.abs_diff(seen.0) > lock_after_ms.unsigned_abs()
        {
            self.signed = None;
        }
        self.signed.as_ref().map(|(signed, _)| signed)
    }

    /// Who acts now; the wait for the lock starts again.
    ///
    /// # Errors
    /// `locked` where nobody is signed in (any more).
    pub fn acts(&mut self, now: UtcMs, lock_after_ms: i64) -> Result<Signed, Refusal> {
        let signed = self.who(now, lock_after_ms).cloned().ok_or(Code::Locked)?;
        self.signed = Some((signed.clone(), now));
        Ok(signed)
    }

    /// The staff changed: whoever is signed in has the name and role they have now, or is signed out.
    pub fn refresh(&mut self, find: impl FnOnce(StaffId) -> Option<Signed>) {
        if let Some((signed, seen)) = self.signed.take() {
            self.signed = find(signed.staff_id).map(|signed| (signed, seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: i64 = 1000;

    fn ana() -> Signed {
        Signed {
            staff_id: "01930000-0000-7000-8000-000000000001".parse().unwrap(),
            name: "Ana".to_owned(),
            role: Role::Cashier,
        }
    }

    #[test]
    fn locks_after_idling_and_not_before() {
        let mut desk = Desk::default();
        assert_eq!(desk.acts(UtcMs(0), LIMIT).unwrap_err().code, Code::Locked);
        desk.sign_in(ana(), UtcMs(0));
        assert!(desk.acts(UtcMs(1000), LIMIT).is_ok());
        assert!(desk.acts(UtcMs(2000), LIMIT).is_ok());
        assert!(desk.who(UtcMs(3000), LIMIT).is_some());
        // Looking is no sign of life.
        assert!(desk.who(UtcMs(3001), LIMIT).is_none());
        // And the lock does not open again by itself.
        assert!(desk.acts(UtcMs(2500), LIMIT).is_err());
        assert_eq!(desk.last(), Some(ana().staff_id));
    }

    #[test]
    fn a_clock_set_back_locks_too() {
        let mut desk = Desk::default();
        desk.sign_in(ana(), UtcMs(10_000));
        assert!(desk.acts(UtcMs(9_500), LIMIT).is_ok());
        assert!(desk.acts(UtcMs(0), LIMIT).is_err());
    }

    #[test]
    fn a_change_of_staff_reaches_the_session() {
        let mut desk = Desk::default();
        desk.sign_in(ana(), UtcMs(0));
        let role = Role::Manager;
        desk.refresh(|_| Some(Signed { role, ..ana() }));
        assert_eq!(desk.who(UtcMs(0), LIMIT).unwrap().role, Role::Manager);
        desk.refresh(|_| None);
        assert!(desk.who(UtcMs(0), LIMIT).is_none());
    }
}

//! Members and staff in the book: their fields by the last writer, consent, who shows as whom.

use std::collections::BTreeMap;

use super::{Book, Ctx};
use crate::Refusal;
use crate::hlc::Hlc;
use crate::ids::{MemberId, OpId, Origin, StaffId};
use crate::staff::Role;
use crate::time::UtcMs;

/// When and by which operation a field was last written.
pub(super) type Written = (Hlc, OpId);

#[derive(Clone, Debug)]
pub(super) struct Person {
    pub code: String,
    pub phone: Option<String>,
    pub name: String,
    pub email: String,
    pub birthday: String,
    pub enrolled_at: UtcMs,
    pub erased: bool,
    /// Whether they ever agreed to get mail.
    pub given: bool,
    /// Withdrawals: by which origin, and whether a giving overrules it.
    pub withdrawals: BTreeMap<OpId, (Origin, bool)>,
    /// Who they show as.
    pub into: Option<MemberId>,
    pub fields: BTreeMap<&'static str, Written>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Colleague {
    pub name: String,
    pub role: Option<Role>,
    pub pin_hash: String,
    pub active: bool,
    pub fields: BTreeMap<&'static str, Written>,
}

/// Writes a field, unless it was written later.
fn write<T>(
    fields: &mut BTreeMap<&'static str, Written>,
    name: &'static str,
    now: Written,
    to: &mut T,
    new: Option<T>,
) {
    let Some(new) = new else { return };
    if fields.get(name).is_none_or(|before| *before < now) {
        *to = new;
        fields.insert(name, now);
    }
}

impl Person {
    pub(super) fn change(&mut self, ctx: &Ctx<'_>, clock: Hlc) {
        if self.erased {
            return;
        }
        let (now, new) = ((clock, ctx.op), ctx.private);
        write(
            &mut self.fields,
            "phone",
            now,
            &mut self.phone,
            new.phone.clone().map(Some),
        );
        write(&mut self.fields, "name", now, &mut self.name, new.name.clone());
        write(&mut self.fields, "email", now, &mut self.email, new.email.clone());
        let birthday = new.birthday.clone();
        write(&mut self.fields, "birthday", now, &mut self.birthday, birthday);
    }

    pub(super) fn merge(&mut self, ctx: &Ctx<'_>, into: Option<MemberId>, clock: Hlc) {
        write(&mut self.fields, "merge", (clock, ctx.op), &mut self.into, Some(into));
    }

    pub(super) fn erase(&mut self) {
        self.erased = true;
        self.phone = None;
        self.name.clear();
        self.email.clear();
        self.birthday.clear();
        self.fields.retain(|name, _| *name == "merge");
    }

    pub(super) fn withdraw(&mut self, ctx: &Ctx<'_>) {
        self.withdrawals.insert(ctx.op, (ctx.origin, false));
    }

    pub(super) fn is_erased(&self) -> bool {
        self.erased
    }
}

impl Book {
    /// A giving overrules the withdrawals it names, also those of others on the same card.
    pub(super) fn give(&mut self, ctx: &Ctx<'_>, member: MemberId, covers: Option<&[OpId]>) -> Result<(), Refusal> {
        let person = self.known(member)?;
        person.given = true;
        let Some(covers) = covers else {
            for (origin, covered) in person.withdrawals.values_mut() {
                *covered |= *origin == ctx.origin;
            }
            return Ok(());
        };
        for op in covers {
            if let Some(theirs) = self
                .withdrawn_by
                .get(op)
                .and_then(|m| self.members.get_mut(m)?.withdrawals.get_mut(op))
            {
                theirs.1 = true;
            }
        }
        Ok(())
    }

    pub(super) fn withdraw(&mut self, ctx: &Ctx<'_>, member: MemberId) -> Result<(), Refusal> {
        self.known(member)?.withdraw(ctx);
        self.withdrawn_by.insert(ctx.op, member);
        Ok(())
    }

    pub(super) fn enrol(&mut self, ctx: &Ctx<'_>, member: MemberId, code: &str) {
        let person = Person {
            code: code.to_owned(),
            phone: ctx.private.phone.clone(),
            name: ctx.private.name.clone().unwrap_or_default(),
            email: ctx.private.email.clone().unwrap_or_default(),
            birthday: ctx.private.birthday.clone().unwrap_or_default(),
            enrolled_at: ctx.at,
            erased: false,
            given: false,
            withdrawals: BTreeMap::new(),
            into: None,
            fields: BTreeMap::new(),
        };
        self.members.insert(member, person);
        self.balances.entry(member).or_default();
    }

    pub(super) fn staff_is(&mut self, ctx: &Ctx<'_>, staff: StaffId, is: (Role, bool), clock: Hlc) {
        let colleague = self.staff.entry(staff).or_default();
        let (now, new) = ((clock, ctx.op), ctx.private);
        let mut so = (colleague.name.clone(), colleague.role, colleague.active);
        let name = new.name.clone().unwrap_or_else(|| so.0.clone());
        write(
            &mut colleague.fields,
            "staff",
            now,
            &mut so,
            Some((name, Some(is.0), is.1)),
        );
        (colleague.name, colleague.role, colleague.active) = so;
        write(
            &mut colleague.fields,
            "pin",
            now,
            &mut colleague.pin_hash,
            new.pin_hash.clone(),
        );
    }

    /// Who a member shows as: themselves, or the end of the chain. Each link leads to an older id, so there is an end.
    pub(super) fn card(&self, member: MemberId) -> MemberId {
        let mut at = member;
        while let Some(next) = self.members.get(&at).and_then(|p| p.into) {
            at = next;
        }
        at
    }
}

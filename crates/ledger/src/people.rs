//! What operations say of members and staff, as SQL: fields by the last writer, numbers that two have, consent, merges,
//! erasure. Enrolling and changing from this till's side is in `members` and `staff`.

use loyalty::op::{Operation, Private};
use loyalty::{Code, Hlc, MemberId, OpId, Refusal, Role, StaffId};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::derive;
use crate::error::Result;
use crate::tx::Tx;

/// For statements that must find exactly one member.
pub(crate) fn one(member: MemberId, changed: usize) -> Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Refusal::of(Code::UnknownMember, "member_id", &member.to_string()).into())
    }
}

/// Whether a field is to be written: nobody wrote it later. It is then written now.
fn is_last(tx: &Tx<'_>, subject: Uuid, field: &str, clock: Hlc, op: OpId) -> Result<bool> {
    let sql = "INSERT INTO fields (subject, field, clock, op_id) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET clock = excluded.clock, op_id = excluded.op_id
               WHERE (excluded.clock, excluded.op_id) > (clock, op_id)";
    Ok(tx
        .conn
        .prepare_cached(sql)?
        .execute(params![subject, field, clock.0, op.0])?
        == 1)
}

pub(crate) fn staff(
    tx: &Tx<'_>,
    op: &Operation,
    private: &Private,
    staff: StaffId,
    (role, active): (Role, bool),
    clock: Hlc,
) -> Result<()> {
    if is_last(tx, staff.0, "staff", clock, op.op_id)? {
        tx.conn
            .prepare_cached(
                "INSERT INTO staff (staff_id, name, role, pin_hash, active) VALUES (?1, coalesce(?2, ''), ?3, '', ?4)
                 ON CONFLICT DO UPDATE SET name = coalesce(?2, name), role = ?3, active = ?4",
            )?
            .execute(params![staff.0, private.name, role.as_str(), active])?;
    }
    if let Some(pin_hash) = &private.pin_hash
        && is_last(tx, staff.0, "pin", clock, op.op_id)?
    {
        tx.conn
            .prepare_cached("UPDATE staff SET pin_hash = ?2 WHERE staff_id = ?1")?
            .execute(params![staff.0, pin_hash])?;
    }
    Ok(())
}

pub(crate) fn enrol(tx: &Tx<'_>, op: &Operation, private: &Private, member: MemberId, code: &str) -> Result<()> {
    let code = if tx.is_own(op) {
        code.to_owned()
    } else {
        foreign_code(tx, member, code)?
    };
    tx.conn
        .prepare_cached(
            "INSERT INTO members (member_id, code, name, email, enrolled_at, birthday)
             VALUES (?1, ?2, coalesce(?3, ''), coalesce(?4, ''), ?5, coalesce(?6, ''))",
        )?
        .execute(params![
            member.0,
            code,
            private.name,
            private.email,
            op.at.0,
            private.birthday
        ])?;
    match &private.phone {
        Some(phone) => set_phone(tx, op, member, phone),
        None => Ok(()),
    }
}

/// Two tills drew the same code (once in a few hundred million): the older member keeps it, the other's no longer finds
/// them.
fn foreign_code(tx: &Tx<'_>, member: MemberId, code: &str) -> Result<String> {
    let sql = "SELECT member_id FROM members WHERE code = ?1";
    let other: Option<Uuid> = tx
        .conn
        .prepare_cached(sql)?
        .query_row([code], |r| r.get(0))
        .optional()?;
    let apart = |id: Uuid| format!("{code}~{}", id.simple());
    match other {
        None => Ok(code.to_owned()),
        Some(other) if other < member.0 => Ok(apart(member.0)),
        Some(other) => {
            tx.conn
                .prepare_cached("UPDATE members SET code = ?2 WHERE member_id = ?1")?
                .execute(params![other, apart(other)])?;
            Ok(code.to_owned())
        }
    }
}

pub(crate) fn change(tx: &Tx<'_>, op: &Operation, private: &Private, member: MemberId, clock: Hlc) -> Result<()> {
    let sql = "SELECT erased FROM members WHERE member_id = ?1";
    let erased: Option<bool> = tx
        .conn
        .prepare_cached(sql)?
        .query_row([member.0], |r| r.get(0))
        .optional()?;
    match erased {
        None => return one(member, 0),
        Some(true) => return Ok(()),
        Some(false) => {}
    }
    if let Some(phone) = &private.phone
        && is_last(tx, member.0, "phone", clock, op.op_id)?
    {
        set_phone(tx, op, member, phone)?;
    }
    for (field, value) in [
        ("name", &private.name),
        ("email", &private.email),
        ("birthday", &private.birthday),
    ] {
        if let Some(value) = value
            && is_last(tx, member.0, field, clock, op.op_id)?
        {
            let sql = format!("UPDATE members SET {field} = ?2 WHERE member_id = ?1");
            tx.conn.prepare_cached(&sql)?.execute(params![member.0, value])?;
        }
    }
    Ok(())
}

/// Gives a member a number. Where two have it, it finds the older; this till itself gives none that is taken, which the
/// table refuses.
fn set_phone(tx: &Tx<'_>, op: &Operation, member: MemberId, phone: &str) -> Result<()> {
    free_phone(tx, member)?;
    let sql = "SELECT member_id FROM members WHERE phone = ?1";
    let owner: Option<Uuid> = tx
        .conn
        .prepare_cached(sql)?
        .query_row([phone], |r| r.get(0))
        .optional()?;
    let found = tx.is_own(op) || owner.is_none_or(|owner| owner > member.0);
    if let Some(owner) = owner.filter(|_| found && !tx.is_own(op)) {
        tx.conn
            .prepare_cached("UPDATE members SET phone = NULL, phone_also = ?2 WHERE member_id = ?1")?
            .execute(params![owner, phone])?;
    }
    let sql = if found {
        "UPDATE members SET phone = ?2, phone_also = NULL WHERE member_id = ?1"
    } else {
        "UPDATE members SET phone = NULL, phone_also = ?2 WHERE member_id = ?1"
    };
    tx.conn.prepare_cached(sql)?.execute(params![member.0, phone])?;
    Ok(())
}

/// Takes a member's number away; the next older one who has it is found by it then.
fn free_phone(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let sql = "SELECT phone FROM members WHERE member_id = ?1";
    let phone: Option<String> = tx.conn.prepare_cached(sql)?.query_row([member.0], |r| r.get(0))?;
    tx.conn
        .prepare_cached("UPDATE members SET phone = NULL, phone_also = NULL WHERE member_id = ?1")?
        .execute([member.0])?;
    if let Some(phone) = phone {
        tx.conn
            .prepare_cached(
                "UPDATE members SET phone = ?1, phone_also = NULL
                 WHERE member_id = (SELECT min(member_id) FROM members WHERE phone_also = ?1)",
            )?
            .execute([phone])?;
    }
    Ok(())
}

pub(crate) fn given(tx: &Tx<'_>, op: &Operation, member: MemberId, covers: Option<&[OpId]>) -> Result<()> {
    let sql = "UPDATE members SET consent_given = 1 WHERE member_id = ?1";
    one(member, tx.conn.prepare_cached(sql)?.execute([member.0])?)?;
    match covers {
        None => {
            tx.conn
                .prepare_cached("UPDATE withdrawals SET covered = 1 WHERE member_id = ?1 AND origin = ?2")?
                .execute(params![member.0, op.origin.0])?;
        }
        Some(covers) => {
            let sql = "UPDATE withdrawals SET covered = 1 WHERE op_id = ?1 RETURNING member_id";
            let mut cover = tx.conn.prepare_cached(sql)?;
            for withdrawal in covers {
                // Another's, where they show on one card.
                if let Some(theirs) = cover.query_row([withdrawal.0], |r| r.get(0)).optional()? {
                    derive::consent(tx, MemberId(theirs))?;
                }
            }
        }
    }
    derive::consent(tx, member)
}

pub(crate) fn withdrawn(tx: &Tx<'_>, op: &Operation, member: MemberId) -> Result<()> {
    tx.conn
        .prepare_cached("INSERT INTO withdrawals (op_id, member_id, origin) VALUES (?1, ?2, ?3)")?
        .execute(params![op.op_id.0, member.0, op.origin.0])?;
    derive::consent(tx, member)
}

pub(crate) fn merge(tx: &Tx<'_>, op: &Operation, member: MemberId, into: Option<MemberId>, clock: Hlc) -> Result<()> {
    if is_last(tx, member.0, "merge", clock, op.op_id)? {
        tx.conn
            .prepare_cached(
                "INSERT INTO merges (member_id, into_id) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET into_id = excluded.into_id",
            )?
            .execute(params![member.0, into.map(|m| m.0)])?;
        derive::cards(tx, member)?;
    }
    Ok(())
}

pub(crate) fn erase(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    free_phone(tx, member)?;
    let sql = "UPDATE members SET name = '', email = '', birthday = '', erased = 1 WHERE member_id = ?1";
    one(member, tx.conn.prepare_cached(sql)?.execute([member.0])?)?;
    for sql in [
        "DELETE FROM fields WHERE subject = ?1 AND field <> 'merge'",
        "DELETE FROM private WHERE subject = ?1",
    ] {
        tx.conn.prepare_cached(sql)?.execute([member.0])?;
    }
    Ok(())
}

//! Members: enrolling, changing, and what is known of one.

use loyalty::op::{Body, By, Kind, Private};
use loyalty::{Birthday, Code, Hlc, MemberCode, MemberId, OpId, Phone, Points, Refusal, UtcMs, contact};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::error::Result;
use crate::tx::{Tx, other_content};

/// Somebody to enrol. Name and email may be empty.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Their number.
    pub phone: Phone,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Whether they agreed to get mail.
    pub email_consent: bool,
    /// Their birthday, where they told it.
    pub birthday: Option<Birthday>,
}

/// What is known of a member besides the number, as it shall be from now on.
#[derive(Clone, Debug, Default)]
pub struct MemberEdit {
    /// Their name; may be empty.
    pub name: String,
    /// Their email address; an empty one withdraws consent.
    pub email: String,
    /// Whether they agree to get mail.
    pub email_consent: bool,
    /// Their birthday; none where they told none, or don't want it known any more.
    pub birthday: Option<Birthday>,
}

impl NewMember {
    /// Somebody of whom only the number is known.
    #[must_use]
    pub fn with_phone(phone: Phone) -> Self {
        Self {
            phone,
            name: String::new(),
            email: String::new(),
            email_consent: false,
            birthday: None,
        }
    }
}

/// A member as the file knows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Their id.
    pub member_id: MemberId,
    /// Their code, nine characters.
    pub code: String,
    /// Their number.
    pub phone: Option<Phone>,
    /// Their name; may be empty.
    pub name: String,
    /// Their email address; may be empty.
    pub email: String,
    /// Whether they agreed to get mail.
    pub email_consent: bool,
    /// Their birthday, where they told it.
    pub birthday: Option<Birthday>,
    /// Since when.
    pub enrolled_at: UtcMs,
    /// Sales that were not taken back.
    pub visits: i64,
    /// The last of them.
    pub last_visit_at: Option<UtcMs>,
    /// Their points.
    pub balance: Points,
    /// Those of them that can be spent at this till.
    pub spendable: Points,
}

/// The columns [`read_member`] reads, in its order, from `members m`, with those who show as `m`: their visits and
/// points are the sum.
pub(crate) const MEMBER_COLUMNS: &str = "m.member_id, m.code, coalesce(m.phone, m.phone_also), m.name, m.email, m.email_consent, m.enrolled_at,
    m.visits + coalesce((SELECT sum(g.visits) FROM members g WHERE g.merged_into = m.member_id), 0),
    coalesce((SELECT max(g.last_visit_at) FROM members g WHERE g.merged_into = m.member_id AND g.last_visit_at > coalesce(m.last_visit_at, 0)),
        m.last_visit_at),
    coalesce((SELECT sum(r.points) FROM rights r WHERE r.member_id IN (
        SELECT m.member_id UNION ALL SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id)), 0),
    coalesce((SELECT sum(r.points) FROM rights r WHERE r.holder = (SELECT till_id FROM shop) AND r.member_id IN (
        SELECT m.member_id UNION ALL SELECT g.member_id FROM members g WHERE g.merged_into = m.member_id)), 0), m.birthday";

pub(crate) fn read_member(r: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        member_id: MemberId(r.get(0)?),
        code: r.get(1)?,
        phone: r.get::<_, Option<String>>(2)?.map(Phone::trusted),
        name: r.get(3)?,
        email: r.get(4)?,
        email_consent: r.get(5)?,
        enrolled_at: UtcMs(r.get(6)?),
        visits: r.get(7)?,
        last_visit_at: r.get::<_, Option<i64>>(8)?.map(UtcMs),
        balance: r.get(9)?,
        spendable: r.get(10)?,
        birthday: r.get::<_, String>(11)?.parse().ok(),
    })
}

/// What names exactly one member.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// Their id.
    Id(MemberId),
    /// Their number.
    Phone(&'a Phone),
    /// Their code.
    Code(&'a MemberCode),
}

pub(crate) fn find(conn: &Connection, key: Key<'_>) -> Result<Option<Member>> {
    // Who was merged into another is found as that one.
    let sql = |column: &str| {
        format!(
            "SELECT {MEMBER_COLUMNS} FROM members m
             WHERE m.member_id = (SELECT coalesce(k.merged_into, k.member_id) FROM members k WHERE k.{column} = ?1)"
        )
    };
    Ok(match key {
        Key::Id(id) => conn.prepare_cached(&sql("member_id"))?.query_row([id.0], read_member),
        Key::Phone(phone) => conn
            .prepare_cached(&sql("phone"))?
            .query_row([phone.e164()], read_member),
        Key::Code(code) => conn
            .prepare_cached(&sql("code"))?
            .query_row([code.as_str()], read_member),
    }
    .optional()?)
}

impl Tx<'_> {
    /// The member with this key.
    ///
    /// # Errors
    /// `unknown_member`, or a storage error.
    pub fn member(&self, key: Key<'_>) -> Result<Member> {
        let (field, value) = match key {
            Key::Id(id) => ("member_id", id.to_string()),
            Key::Phone(phone) => ("phone", phone.to_string()),
            Key::Code(code) => ("code", code.to_string()),
        };
        find(self.conn, key)?.ok_or_else(|| Refusal::of(Code::UnknownMember, field, &value).into())
    }

    /// Enrols somebody, or finds whoever has the number; then answers the member and whether they are new.
    ///
    /// # Errors
    /// `bad_name`, `bad_email`; a storage error.
    pub fn enrol(&self, op: OpId, by: &By, new: &NewMember) -> Result<(MemberId, bool)> {
        match self.earlier(op)? {
            Some((Body::MemberEnrolled { member, .. }, _)) => {
                let sql = "SELECT coalesce(phone, phone_also) FROM members WHERE member_id = ?1";
                let theirs: Option<String> = self.conn.prepare_cached(sql)?.query_row([member.0], |r| r.get(0))?;
                return if theirs.is_none_or(|p| p == new.phone.e164()) {
                    Ok((member, true))
                } else {
                    Err(other_content())
                };
            }
            Some(_) => return Err(other_content()),
            None => {}
        }
        let known = "SELECT coalesce(merged_into, member_id) FROM members WHERE phone = ?1";
        let known = self
            .conn
            .prepare_cached(known)?
            .query_row([new.phone.e164()], |r| r.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok((MemberId(id), false));
        }
        let some = |s: String| Some(s).filter(|s| !s.is_empty());
        let private = Private {
            phone: Some(new.phone.e164().to_owned()),
            name: some(contact::optional_name(&new.name)?),
            email: some(contact::optional_email(&new.email)?),
            birthday: new.birthday.map(|b| b.to_string()),
            pin_hash: None,
        };
        let (member, code) = (MemberId(self.uuid()), self.free_code()?);
        self.append(
            op,
            by,
            &Body::MemberEnrolled {
                member,
                code: code.as_str().to_owned(),
            },
            &private,
        )?;
        if new.email_consent && private.email.is_some() {
            self.append(
                self.new_op(),
                by,
                &Body::ConsentGiven { member, covers: None },
                &Private::default(),
            )?;
        }
        self.welcome(by, member)?;
        Ok((member, true))
    }

    /// The sign-up bonus, where the rules have one. Who is brought along by an import has not just joined.
    fn welcome(&self, by: &By, member: MemberId) -> Result<()> {
        let bonus = self.rules()?.rules.sign_up_bonus();
        if bonus > 0 && *by != By::Job("import".into()) {
            let reason = format!("{bonus} = sign-up bonus");
            self.move_points(self.new_op(), by, member, Kind::Bonus, bonus, &reason)?;
        }
        Ok(())
    }

    /// Changes name, email, consent and birthday to what is handed in; an empty email withdraws consent.
    ///
    /// # Errors
    /// `unknown_member`, `bad_name`, `bad_email`; a storage error.
    pub fn edit_member(&self, op: OpId, by: &By, id: MemberId, edit: &MemberEdit) -> Result<()> {
        match self.earlier(op)? {
            Some((
                Body::MemberChanged { member, .. }
                | Body::ConsentGiven { member, .. }
                | Body::ConsentWithdrawn { member },
                _,
            )) if self.is_same(member, id) => return Ok(()),
            Some(_) => return Err(other_content()),
            None => {}
        }
        let now = self.member(Key::Id(id))?;
        let id = now.member_id;
        let (name, email) = (
            contact::optional_name(&edit.name)?,
            contact::optional_email(&edit.email)?,
        );
        let consent = edit.email_consent && !email.is_empty();
        let written = |b: Option<Birthday>| b.map_or_else(String::new, |b| b.to_string());
        let changed = |new: String, old: &str| Some(new).filter(|n| n != old);
        let private = Private {
            name: changed(name, &now.name),
            email: changed(email, &now.email),
            birthday: changed(written(edit.birthday), &written(now.birthday)),
            ..Private::default()
        };
        let mut op = Some(op);
        let mut next_op = || op.take().unwrap_or_else(|| self.new_op());
        if !private.is_empty() {
            self.append(
                next_op(),
                by,
                &Body::MemberChanged {
                    member: id,
                    clock: Hlc::default(),
                },
                &private,
            )?;
        }
        if consent != now.email_consent {
            let body = if consent {
                Body::ConsentGiven {
                    member: id,
                    covers: None,
                }
            } else {
                Body::ConsentWithdrawn { member: id }
            };
            self.append(next_op(), by, &body, &Private::default())?;
        }
        Ok(())
    }

    /// A code nobody has here.
    fn free_code(&self) -> Result<MemberCode> {
        loop {
            let random = self.scope.ids.random();
            let code = MemberCode::from_random(u64::from_le_bytes([
                random[0], random[1], random[2], random[3], random[4], random[5], random[6], random[7],
            ]));
            let sql = "SELECT EXISTS (SELECT 1 FROM members WHERE code = ?1)";
            if !self
                .conn
                .prepare_cached(sql)?
                .query_row([code.as_str()], |r| r.get::<_, bool>(0))?
            {
                return Ok(code);
            }
        }
    }
}

/// Hands every member to `f`, oldest first.
pub(crate) fn each(conn: &Connection, mut f: impl FnMut(Member) -> Result<()>) -> Result<()> {
    let mut rows = conn.prepare_cached(&format!(
        "SELECT {MEMBER_COLUMNS} FROM members m WHERE m.merged_into IS NULL ORDER BY m.member"
    ))?;
    for member in rows.query_map([], read_member)? {
        f(member?)?;
    }
    Ok(())
}

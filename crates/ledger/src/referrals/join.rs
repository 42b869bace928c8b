//! "Who sent you?": finding whoever is meant, and writing it down with the enrolment, once and for new members only.

use loyalty::op::{Body, By, Private};
use loyalty::{Code, MemberCode, MemberId, OpId, Phone, Points, Refusal, contact};
use rusqlite::{Connection, OptionalExtension};

use crate::error::{Error, Result};
use crate::members::{self, Key, NewMember};
use crate::search;
use crate::shop::Shop;
use crate::store::Store;
use crate::tx::Tx;

/// Whoever sent somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A member.
    Member(MemberId),
    /// A link that is nobody's of the members: a vendor's or a campaign's.
    Link(String),
}

/// What became of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Who.
    pub member: MemberId,
    /// Whether they are new.
    pub created: bool,
    /// Whether it is written down who sent them.
    pub brought: bool,
    /// Why not, where somebody was named: `member_already` or `own_email`.
    pub why_not: Option<&'static str>,
    /// Points that they got for it at once.
    pub points: Points,
}

/// Whoever is meant by a code (typed, scanned, or a whole link), a phone number, or a name that one member alone has.
fn find(conn: &Connection, shop: &Shop, text: &str) -> Result<Sent> {
    let text = text.trim();
    // A scanned card may be a link: its last part is the code.
    let code = text.rsplit_once('/').map_or(text, |(_, last)| last);
    let code = code.split(['?', '#']).next().unwrap_or(code).trim();
    if let Some(member) = MemberCode::read(code)
        && let Some(found) = members::find(conn, Key::Code(&member))?
    {
        return Ok(Sent::Member(found.member_id));
    }
    if let Ok(phone) = Phone::parse(text, shop.region)
        && let Some(found) = members::find(conn, Key::Phone(&phone))?
    {
        return Ok(Sent::Member(found.member_id));
    }
    let link = code.to_lowercase();
    let sql = "SELECT 1 FROM links WHERE code = ?1 AND kind = 'vendor'
               UNION ALL SELECT 1 FROM referrals WHERE code = ?1 AND referrer IS NULL LIMIT 1";
    if conn
        .prepare_cached(sql)?
        .query_row([&link], |_| Ok(()))
        .optional()?
        .is_some()
    {
        return Ok(Sent::Link(link));
    }
    let called = search::search(conn, shop, text, 2)?.members;
    match called.as_slice() {
        [one] if !text.is_empty() => Ok(Sent::Member(one.member_id)),
        several => {
            let count = i64::try_from(several.len()).unwrap_or_default();
            Err(Refusal::of(Code::UnknownReferrer, "referred_by", text)
                .with(count)
                .into())
        }
    }
}

/// The same for somebody with this number.
fn find_for(conn: &Connection, shop: &Shop, text: &str, new: &Phone) -> Result<Sent> {
    let found = find(conn, shop, text);
    let is_own = Phone::parse(text.trim(), shop.region).is_ok_and(|phone| phone == *new);
    match found {
        Err(Error::Refused(no)) if no.code == Code::UnknownReferrer && is_own => {
            Err(Refusal::of(Code::SelfReferral, "referred_by", text).into())
        }
        found => found,
    }
}

impl Tx<'_> {
    /// Whoever is meant by what somebody said or scanned.
    ///
    /// # Errors
    /// `unknown_referrer`; a storage error.
    pub fn who_sent(&self, text: &str) -> Result<Sent> {
        find(self.conn, self.shop(), text)
    }

    /// The same for somebody who is about to be enrolled: their own number is nobody's yet, and is told kindly.
    ///
    /// # Errors
    /// `self_referral`; as [`Tx::who_sent`].
    pub fn who_sent_them(&self, text: &str, new: &Phone) -> Result<Sent> {
        find_for(self.conn, self.shop(), text, new)
    }

    /// Enrols somebody and writes down who sent them, in one. An existing member keeps whoever brought them.
    ///
    /// # Errors
    /// As [`Tx::enrol`].
    pub fn enrol_sent(&self, op: OpId, by: &By, new: &NewMember, sent: Option<&Sent>) -> Result<Enrolled> {
        let again = self.earlier(op)?.is_some();
        let (member, created) = self.enrol(op, by, new)?;
        let mut done = Enrolled {
            member,
            created,
            brought: false,
            why_not: None,
            points: 0,
        };
        let Some(sent) = sent else { return Ok(done) };
        if again {
            // The answer was lost: what was written down with it still is.
            done.brought = self.brought(member)?.is_some();
        } else if !created {
            done.why_not = Some("member_already");
        } else {
            done.why_not = self.own_email(new, sent)?;
        }
        if again || done.why_not.is_some() {
            return Ok(done);
        }
        let (code, referrer) = match sent {
            Sent::Member(id) => {
                let referrer = self.member(Key::Id(*id))?;
                (referrer.code.to_lowercase(), Some(referrer.member_id))
            }
            Sent::Link(code) => (code.clone(), None),
        };
        let body = Body::ReferralJoined {
            member,
            code,
            referrer,
            doubts: Vec::new(),
        };
        self.append(self.new_op(), by, &body, &Private::default())?;
        done.brought = true;
        done.points = self.referral_steps(member)?;
        Ok(done)
    }

    /// Whether the new member's mail goes to the one who is said to have sent them.
    fn own_email(&self, new: &NewMember, sent: &Sent) -> Result<Option<&'static str>> {
        let Sent::Member(id) = sent else { return Ok(None) };
        let (theirs, own) = (
            contact::mailbox(&self.member(Key::Id(*id))?.email),
            contact::mailbox(&new.email),
        );
        Ok((!own.is_empty() && own == theirs).then_some("own_email"))
    }
}

impl Store {
    /// See [`Tx::who_sent`].
    ///
    /// # Errors
    /// As there.
    pub fn who_sent(&self, text: &str) -> Result<Sent> {
        self.read(|c| find(c, &self.scope.shop, text))
    }

    /// See [`Tx::who_sent_them`].
    ///
    /// # Errors
    /// As there.
    pub fn who_sent_them(&self, text: &str, new: &Phone) -> Result<Sent> {
        self.read(|c| find_for(c, &self.scope.shop, text, new))
    }

    /// See [`Tx::enrol_sent`].
    ///
    /// # Errors
    /// As there.
    pub fn enrol_sent(&self, op: OpId, by: By, new: NewMember, sent: Option<Sent>) -> Result<Enrolled> {
        self.write(move |tx| tx.enrol_sent(op, &by, &new, sent.as_ref()))
    }
}

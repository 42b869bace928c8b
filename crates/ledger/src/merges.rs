//! Two members who are one person, by hand: merging, taking it back, and moving points to where they are spent.

use loyalty::op::{Body, By, Private};
use loyalty::{Code, EntryId, Hlc, MemberId, OpId, Permission, Points, Refusal};
use rusqlite::params;

use crate::derive::CARD;
use crate::error::Result;
use crate::members::Key;
use crate::points::Actor;
use crate::store::Store;
use crate::tx::{Tx, other_content};

impl Tx<'_> {
    /// Makes two members one: the older shows, with the points and visits of both. Answers who that is. Merging whom is
    /// merged already changes nothing.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `unknown_member`; a storage error.
    pub fn merge_members(&self, op: OpId, actor: &Actor, one: MemberId, other: MemberId) -> Result<MemberId> {
        actor.must(Permission::Adjust)?;
        match self.earlier(op)? {
            Some((Body::MemberMerged { into, .. }, _)) => return self.card(into),
            Some(_) => return Err(other_content()),
            None => {}
        }
        let (one, other) = (
            self.member(Key::Id(one))?.member_id,
            self.member(Key::Id(other))?.member_id,
        );
        let (from, into) = (one.max(other), one.min(other));
        if from != into {
            let body = Body::MemberMerged {
                from,
                into,
                clock: Hlc::default(),
            };
            self.append(op, &actor.by, &body, &Private::default())?;
            self.referral_steps(into)?;
        }
        Ok(into)
    }

    /// Lets a member who was merged into another stand alone again. What was spent meanwhile stays with whom it was
    /// spent by.
    ///
    /// # Errors
    /// `not_allowed` below a manager; `unknown_member` also where nobody was merged so; a storage error.
    pub fn unmerge_member(&self, op: OpId, actor: &Actor, member: MemberId) -> Result<()> {
        actor.must(Permission::Adjust)?;
        match self.earlier(op)? {
            Some((Body::MemberUnmerged { member: before, .. }, _)) if before == member => return Ok(()),
            Some(_) => return Err(other_content()),
            None => {}
        }
        let merged = "SELECT EXISTS (SELECT 1 FROM merges WHERE member_id = ?1 AND into_id IS NOT NULL)";
        if !self
            .conn
            .prepare_cached(merged)?
            .query_row([member.0], |r| r.get::<_, bool>(0))?
        {
            return Err(Refusal::of(Code::UnknownMember, "member_id", &member.to_string()).into());
        }
        let body = Body::MemberUnmerged {
            member,
            clock: Hlc::default(),
        };
        self.append(op, &actor.by, &body, &Private::default())?;
        Ok(())
    }

    /// Erases all personal data of a member and of whoever was merged into them; lines and points stay.
    ///
    /// # Errors
    /// `not_allowed` below a manager, `unknown_member`; a storage error.
    pub fn erase_member(&self, op: OpId, actor: &Actor, member: MemberId) -> Result<()> {
        actor.must(Permission::Adjust)?;
        match self.earlier(op)? {
            Some((Body::MemberErased { .. }, _)) => return Ok(()),
            Some(_) => return Err(other_content()),
            None => {}
        }
        let card = self.member(Key::Id(member))?.member_id;
        let mut rows = self.conn.prepare_cached(CARD)?;
        let all: Vec<MemberId> = rows
            .query_map([card.0], |r| Ok(MemberId(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut op = Some(op);
        for member in all {
            let op = op.take().unwrap_or_else(|| self.new_op());
            self.append(op, &actor.by, &Body::MemberErased { member }, &Private::default())?;
        }
        self.referral_steps(card)?;
        self.referral_steps_of_friends(card)?;
        Ok(())
    }

    /// Before `points` of `card` are taken: where the card's own right at this till does not reach, what those who were
    /// merged into it hold here moves to it, as an operation of its own, one conditional statement each.
    pub(crate) fn join_points(&self, by: &By, card: MemberId, points: Points) -> Result<()> {
        if points <= 0 {
            return Ok(());
        }
        let till = self.shop().till_id.0;
        let sql = "SELECT coalesce((SELECT points FROM rights WHERE member_id = ?1 AND holder = ?2), 0)";
        let mut missing = points
            - self
                .conn
                .prepare_cached(sql)?
                .query_row(params![card.0, till], |r| r.get::<_, Points>(0))?;
        if missing <= 0 {
            return Ok(());
        }
        let sql = "SELECT r.member_id, r.points FROM rights r JOIN members g USING (member_id)
                   WHERE g.merged_into = ?1 AND r.holder = ?2 AND r.points > 0 ORDER BY r.member_id";
        let mut rows = self.conn.prepare_cached(sql)?;
        let held: Vec<(MemberId, Points)> = rows
            .query_map(params![card.0, till], |r| Ok((MemberId(r.get(0)?), r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (from, there) in held {
            let points = there.min(missing);
            if points <= 0 {
                break;
            }
            missing -= points;
            let body = Body::PointsJoined {
                from,
                into: card,
                points,
                taken: EntryId(self.uuid()),
                given: EntryId(self.uuid()),
            };
            self.append(self.new_op(), by, &body, &Private::default())?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// The same for the stamps of a card.
    pub(crate) fn join_stamps(&self, by: &By, member: MemberId, card: &str, stamps: i64) -> Result<()> {
        let till = self.shop().till_id.0;
        let sql = "SELECT coalesce((SELECT stamps FROM stamps WHERE member_id = ?1 AND card = ?3 AND holder = ?2), 0)";
        let there: i64 = self
            .conn
            .prepare_cached(sql)?
            .query_row(params![member.0, till, card], |r| r.get(0))?;
        let mut missing = stamps - there;
        let sql = "SELECT r.member_id, r.stamps FROM stamps r JOIN members g USING (member_id)
                   WHERE g.merged_into = ?1 AND r.holder = ?2 AND r.card = ?3 AND r.stamps > 0 ORDER BY r.member_id";
        let mut rows = self.conn.prepare_cached(sql)?;
        let held: Vec<(MemberId, i64)> = rows
            .query_map(params![member.0, till, card], |r| Ok((MemberId(r.get(0)?), r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (from, there) in held {
            let stamps = there.min(missing);
            if stamps <= 0 {
                break;
            }
            missing -= stamps;
            let body = Body::StampsJoined {
                from,
                into: member,
                card: card.to_owned(),
                stamps,
            };
            self.append(self.new_op(), by, &body, &Private::default())?;
        }
        Ok(())
    }
}

impl Store {
    /// Who was merged into a member.
    ///
    /// # Errors
    /// A storage error.
    pub fn merged_into(&self, card: MemberId) -> Result<Vec<MemberId>> {
        self.read(|c| {
            let mut rows =
                c.prepare_cached("SELECT member_id FROM members WHERE merged_into = ?1 ORDER BY member_id")?;
            Ok(rows
                .query_map([card.0], |r| Ok(MemberId(r.get(0)?)))?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// See [`Tx::merge_members`].
    ///
    /// # Errors
    /// As there.
    pub fn merge_members(&self, op: OpId, actor: Actor, one: MemberId, other: MemberId) -> Result<MemberId> {
        self.write(move |tx| tx.merge_members(op, &actor, one, other))
    }

    /// See [`Tx::unmerge_member`].
    ///
    /// # Errors
    /// As there.
    pub fn unmerge_member(&self, op: OpId, actor: Actor, member: MemberId) -> Result<()> {
        self.write(move |tx| tx.unmerge_member(op, &actor, member))
    }

    /// See [`Tx::erase_member`].
    ///
    /// # Errors
    /// As there.
    pub fn erase_member(&self, op: OpId, actor: Actor, member: MemberId) -> Result<()> {
        self.write(move |tx| tx.erase_member(op, &actor, member))
    }
}

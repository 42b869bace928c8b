//! Looking after referrals that nobody touches: a hold that is over, a join on the web, a sale at a till that did not
//! know yet who had sent the member, a merge or a refund at another till.
//!
//! One till does it, so that the relay need not settle what each would do at the same second: the one that made what
//! there is to act on, or, where that is away for an hour, the first of those that are there. Where two do it all the
//! same, the relay lets the first stand.

use loyalty::{MemberId, Origin, UtcMs};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;

/// A till that was not seen for so long is away.
const AWAY_MS: i64 = 3_600_000;
/// At most so many members in one transaction, so that the counter never waits long.
const BATCH: usize = 50;

/// Members for whom something may be to do, and who made what there is to act on.
fn waiting(conn: &Connection, till: Origin, now: UtcMs) -> Result<Vec<(MemberId, Origin)>> {
    let sql = "
        -- A hold is over.
        SELECT r.friend, o.origin FROM referral_rewards r JOIN ops o USING (op_id)
        WHERE r.due_at <= ?2 AND r.points > 0 AND r.settled = 0
          AND NOT EXISTS (SELECT 1 FROM referral_grants g WHERE g.friend = r.friend AND g.side = r.side AND g.step = r.step AND g.round = r.round)
          AND EXISTS (SELECT 1 FROM reward_list q WHERE q.op_id = r.op_id AND q.state = 'pending')
        UNION
        -- What it was for is gone.
        SELECT q.friend, o.origin FROM referral_grants g
        JOIN reward_list q ON q.friend = g.friend AND q.side = g.side AND q.step = g.step AND q.round = g.round
        JOIN ledger l ON l.entry_id = g.entry_id JOIN ops o ON o.op_id = l.op_id
        WHERE q.gone AND q.state = 'granted' AND NOT EXISTS (SELECT 1 FROM ledger t WHERE t.reverses = g.entry_id)
        UNION
        -- Brought elsewhere, and nothing came of it yet.
        SELECT r.friend, o.origin FROM referrals r JOIN ops o USING (op_id)
        WHERE r.settled = 0 AND o.origin <> ?1 AND NOT EXISTS (SELECT 1 FROM referral_rewards w WHERE w.friend = r.friend)
        UNION
        -- Bought something, on whichever of their cards, that nothing came of yet: perhaps nobody knew of both then.
        SELECT b.friend, (SELECT p.origin FROM sales s JOIN ops p USING (op_id) WHERE s.op_id = b.sale) FROM (
            SELECT r.friend, (SELECT s.op_id FROM sales s WHERE s.reversed = 0 AND s.member_id IN (
                SELECT g.member_id FROM members g WHERE g.member_id = coalesce(f.merged_into, f.member_id)
                    OR g.merged_into = coalesce(f.merged_into, f.member_id)) ORDER BY s.occurred_at DESC LIMIT 1) AS sale
            FROM referrals r JOIN members f ON f.member_id = r.friend
            WHERE r.settled = 0
              AND NOT EXISTS (SELECT 1 FROM reward_list w WHERE w.friend = r.friend AND w.source IS NOT NULL AND NOT w.gone)) b
        WHERE b.sale IS NOT NULL";
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map(params![till.0, now.0], |r| Ok((MemberId(r.get(0)?), Origin(r.get(1)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The tills that are there, as far as this one knows, itself among them.
fn there(conn: &Connection, till: Origin, now: UtcMs) -> Result<Vec<Origin>> {
    let sql = "SELECT till_id FROM tills WHERE revoked = 0 AND seen_at > ?2 AND till_id <> ?1 AND till_id NOT IN (SELECT till FROM lost)";
    let mut rows = conn.prepare_cached(sql)?;
    let since = now.0.saturating_sub(AWAY_MS);
    let rows = rows.query_map(params![till.0, since], |r| Ok(Origin(r.get(0)?)))?;
    let mut all: Vec<Origin> = rows.collect::<rusqlite::Result<_>>()?;
    all.push(till);
    all.sort();
    Ok(all)
}

/// Those that are this till's to look after.
fn duties(conn: &Connection, till: Origin, now: UtcMs) -> Result<Vec<MemberId>> {
    let waiting = waiting(conn, till, now)?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let there = there(conn, till, now)?;
    let is_ours = |made: Origin| match there.contains(&made) {
        true => made == till,
        false => there.first() == Some(&till),
    };
    let mut ours: Vec<MemberId> = waiting
        .into_iter()
        .filter(|(_, made)| is_ours(*made))
        .map(|(m, _)| m)
        .collect();
    ours.sort();
    ours.dedup();
    Ok(ours)
}

impl Store {
    /// Does what is to be done about referrals and is this till's to do: grants what has waited long enough, takes back
    /// what was for something that is gone. Answers how many operations it wrote.
    ///
    /// # Errors
    /// A storage error; what was done before stays done.
    pub fn look_after_referrals(&self) -> Result<usize> {
        let (till, now) = (self.shop().till_id, self.now());
        let ours = self.read(|c| duties(c, till, now))?;
        let mut wrote = 0;
        for some in ours.chunks(BATCH) {
            let some = some.to_vec();
            wrote += self.write(move |tx| {
                let before = tx.last_seq()?;
                some.iter()
                    .try_for_each(|member| tx.referral_steps(*member).map(drop))?;
                Ok(usize::try_from(tx.last_seq()? - before).unwrap_or_default())
            })?;
        }
        Ok(wrote)
    }
}

impl Tx<'_> {
    /// Does what is to be done about all who were sent by a member.
    pub(crate) fn referral_steps_of_friends(&self, member: MemberId) -> Result<()> {
        let sql = "SELECT DISTINCT friend FROM reward_list WHERE member_id = ?1 AND gone AND state = 'granted'";
        let mut rows = self.conn.prepare_cached(sql)?;
        let friends: Vec<MemberId> = rows
            .query_map([member.0], |r| Ok(MemberId(r.get(0)?)))?
            .collect::<rusqlite::Result<_>>()?;
        friends
            .into_iter()
            .try_for_each(|friend| self.referral_steps(friend).map(drop))
    }

    fn last_seq(&self) -> Result<i64> {
        let sql = "SELECT seq FROM origins WHERE origin = ?1";
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row([self.shop().till_id.0], |r| r.get(0))?)
    }
}

//! What looks odd about a referral. Nothing here refuses anything: a reward with a doubt waits until somebody has looked
//! at it.

use loyalty::{MemberId, UtcMs};
use rusqlite::params;

use super::work::Brought;
use crate::derive::CARD;
use crate::error::Result;
use crate::tx::Tx;

/// So many friends through one code within a day are many.
const A_DAY_MAX: i64 = 5;
/// So many friends through one code who never bought are many, where they are most of them.
const NEVER_BOUGHT_MAX: i64 = 10;
/// So many purchases of a member's friends given back are many.
const GIVEN_BACK_MAX: i64 = 2;
/// Mailboxes that are made for one message: the best known.
const THROW_AWAY: [&str; 16] = [
    "10minutemail.com",
    "dispostable.com",
    "fakeinbox.com",
    "getnada.com",
    "guerrillamail.com",
    "mail-temp.com",
    "mailinator.com",
    "maildrop.cc",
    "mintemail.com",
    "moakt.com",
    "sharklasers.com",
    "temp-mail.org",
    "tempmail.com",
    "throwawaymail.com",
    "trashmail.com",
    "yopmail.com",
];

impl Tx<'_> {
    /// Why somebody should look at what a referral brings; nothing where it looks like any other.
    pub(super) fn doubts(&self, brought: &Brought) -> Result<Vec<String>> {
        let mut all = self.said_on_joining(brought)?;
        all.extend(self.many_a_day(brought)?);
        all.extend(self.never_bought(brought)?);
        all.extend(self.throw_away(brought)?);
        if let Some(referrer) = brought.referrer {
            all.extend(self.each_other(brought, referrer)?);
            all.extend(self.often_undone(referrer)?);
        }
        Ok(all)
    }

    fn said_on_joining(&self, brought: &Brought) -> Result<Vec<String>> {
        let sql = "SELECT doubts FROM referrals WHERE op_id = ?1";
        let text: String = self.conn.prepare_cached(sql)?.query_row([brought.op.0], |r| r.get(0))?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    fn many_a_day(&self, brought: &Brought) -> Result<Option<String>> {
        let sql = "SELECT count(*) FROM referrals WHERE code = ?1 AND settled = 0 AND at_ms BETWEEN ?2 AND ?3";
        let from = brought.at.0.saturating_sub(UtcMs::DAY_MS);
        let count: i64 = self
            .conn
            .prepare_cached(sql)?
            .query_row(params![brought.code, from, brought.at.0], |r| r.get(0))?;
        Ok((count > A_DAY_MAX).then(|| format!("{count} friends joined through this code within a day")))
    }

    fn never_bought(&self, brought: &Brought) -> Result<Option<String>> {
        let sql = "SELECT count(*), sum(m.visits = 0) FROM referrals r JOIN members m ON m.member_id = r.friend
                   WHERE r.code = ?1 AND r.settled = 0";
        let (all, never): (i64, Option<i64>) = self
            .conn
            .prepare_cached(sql)?
            .query_row([&brought.code], |r| Ok((r.get(0)?, r.get(1)?)))?;
        let never = never.unwrap_or_default();
        let odd = never >= NEVER_BOUGHT_MAX && never * 4 >= all * 3;
        Ok(odd.then(|| format!("{never} of {all} friends who joined through this code never bought")))
    }

    fn throw_away(&self, brought: &Brought) -> Result<Option<String>> {
        let sql = "SELECT email FROM members WHERE member_id = ?1";
        let email: String = self
            .conn
            .prepare_cached(sql)?
            .query_row([brought.card.0], |r| r.get(0))?;
        let host = email.rsplit_once('@').map(|(_, host)| host.to_lowercase());
        let known = host.is_some_and(|host| THROW_AWAY.contains(&host.as_str()));
        Ok(known.then(|| "the email address is one of those made to be thrown away".to_owned()))
    }

    /// Two members who are each other's friend: the same person may be behind both.
    fn each_other(&self, brought: &Brought, referrer: MemberId) -> Result<Option<String>> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM referrals r JOIN members x ON x.member_id = r.referrer
                 WHERE r.friend IN ({CARD}) AND coalesce(x.merged_into, x.member_id) = ?2)"
        );
        let loops: bool = self
            .conn
            .prepare_cached(&sql)?
            .query_row(params![referrer.0, brought.card.0], |r| r.get(0))?;
        Ok(loops.then(|| "they brought each other".to_owned()))
    }

    fn often_undone(&self, referrer: MemberId) -> Result<Option<String>> {
        let sql = format!(
            "SELECT count(DISTINCT q.source || ':' || q.sale_id) FROM reward_list q
             WHERE q.member_id IN ({CARD}) AND q.side = 'referrer' AND q.source IS NOT NULL AND q.state IN ('cancelled', 'reversed')"
        );
        let count: i64 = self.conn.prepare_cached(&sql)?.query_row([referrer.0], |r| r.get(0))?;
        Ok((count >= GIVEN_BACK_MAX).then(|| format!("{count} purchases of friends of this member were given back")))
    }
}

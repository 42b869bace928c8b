//! What is about to go out and what went, as an owner sees it; stopping it, and taking that back until its time is over.
//! A mail that a job is going to queue is there before it is queued: members who wait to be told of their points.

use ::mail::Kind;
use chrono_tz::Tz;
use loyalty::{MemberId, ShopId, UtcMs};
use sync::mail::{MailCount, MailEnds, MailJob, MailLine, MailRun, MailStuck};
use uuid::Uuid;

use super::documented::KIND;
use super::jobs::{self, Calendar, Job, TOLD_MS};
use super::queue::Said;
use super::stuck;
use crate::args;
use crate::store::db::{Db, DbError, Result, Row, Tx};

/// Lines of each sort that are listed; the counts are of all.
const LISTED: i64 = 200;
/// How long a mail whose time has come can be taken back after it was stopped.
const BACK_MS: i64 = 10 * 60_000;
/// A mail that waits for so long after its time is stuck.
const STUCK_MS: i64 = 10 * 60_000;
/// How far back endings are counted.
const COUNTED_MS: i64 = 30 * UtcMs::DAY_MS;

/// Whether a stopped mail can still be taken back, in SQL: `$2` is now less [`BACK_MS`], `$3` is now.
const CAN_GO_BACK: &str = "(due_at > $3 OR ended_at > $2)";
/// Whose points changed and were not told, in SQL, with `$2` for the moment since when. Those who are told get mail at
/// all only if they confirmed their address, which is looked at again when it is sent.
const TO_TELL: &str = "c.shop_id = $1 AND abs(c.at_ms) > $2
    AND EXISTS (SELECT 1 FROM mail_confirmed f WHERE f.shop_id = c.shop_id AND f.member_id = c.member_id)
    AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.shop_id = c.shop_id AND m.member_id = c.member_id
                    AND m.kind = 'reward_earned' AND m.created_at > $2)";

/// What became of a mail, in SQL: that it came back or was complained of after the server took it goes first.
const BECAME: &str = "CASE returned WHEN 'soft' THEN 'bounced_softly' WHEN 'bounced' THEN 'bounced'
                                    WHEN 'complained' THEN 'complained' ELSE state END";

/// The other shop that a mail is for, in SQL.
const PARTNER: &str =
    "(SELECT o.partner FROM outreach o WHERE o.shop_id = mails.shop_id AND o.outreach_id = mails.mail_id)";

/// The id of a mail that is not queued yet.
fn planned_id(kind: Kind, member: MemberId) -> String {
    format!("{}:{member}", kind.key())
}

/// A mail that was named.
enum Named {
    Queued(Uuid),
    Balance(MemberId),
}

fn named(id: &str) -> Option<Named> {
    match id.split_once(':') {
        None => id.parse().ok().map(Named::Queued),
        Some((kind, member)) if kind == Kind::Balance.key() => member.parse().ok().map(Named::Balance),
        Some(_) => None,
    }
}

fn line(row: &Row) -> Result<MailLine> {
    let said: Said = serde_json::from_str(&row.text(6)?).map_err(|error| DbError::Broken(error.to_string()))?;
    Ok(MailLine {
        id: row.id(0)?.to_string(),
        kind: row.text(1)?,
        member: row.opt_id(2)?.map(MemberId),
        state: row.text(3)?,
        at: UtcMs(row.int(4)?),
        why: row.opt_text(5)?,
        reward: said.reward.map(|(name, _)| name),
        partner: row.opt_text(7)?,
    })
}

/// When each job of a shop runs next.
///
/// # Errors
/// Where the database is away.
pub async fn all_jobs(db: &Db, shop: ShopId, now: UtcMs) -> Result<(Vec<MailJob>, Vec<MailRun>)> {
    let (set, runs) = jobs::list(db, shop, now).await?;
    let jobs = Job::ALL.iter().map(|job| {
        let set = set.iter().find(|one| one.job == job.key());
        MailJob {
            job: job.key().to_owned(),
            calendar: set.map(|one| one.calendar.clone()),
            next_at: set.and_then(|one| one.next_at),
        }
    });
    let runs = runs.into_iter().map(|run| MailRun {
        job: run.job,
        planned_at: run.planned_at,
        ran_at: run.ran_at,
        outcome: run.outcome,
        made: run.made,
    });
    Ok((jobs.collect(), runs.collect()))
}

/// When points are told next; none where they are not.
async fn next_balance(db: &Db, shop: ShopId, now: UtcMs) -> Result<Option<UtcMs>> {
    let sql = "SELECT c.calendar, s.timezone FROM mail_calendars c JOIN shops s ON s.shop_id = c.shop_id
               WHERE c.shop_id = $1 AND c.job = $2";
    let Some(row) = db.first(sql, args![&shop.0, Job::Balance.key()]).await? else {
        return Ok(None);
    };
    let both = row
        .text(0)?
        .parse::<Calendar>()
        .ok()
        .zip(row.text(1)?.parse::<Tz>().ok());
    Ok(both.and_then(|(calendar, zone)| calendar.next(zone, now)))
}

/// What is about to go out, the next first, and how many there are of each kind.
///
/// # Errors
/// Where the database is away.
pub async fn waiting(db: &Db, shop: ShopId, now: UtcMs) -> Result<(Vec<MailLine>, Vec<MailCount>)> {
    let (back, now_ms) = (now.0 - BACK_MS, now.0);
    let sql = format!(
        "SELECT mail_id, {KIND}, member_id, CASE WHEN state = 'cancelled' THEN 'stopped' ELSE state END, due_at, why, said, {PARTNER}
         FROM mails WHERE shop_id = $1 AND (state IN ('queued', 'sending')
             OR (state = 'cancelled' AND why = 'stopped' AND {CAN_GO_BACK})) ORDER BY due_at, mail_id LIMIT $4"
    );
    let rows = db.all(&sql, args![&shop.0, back, now_ms, LISTED]).await?;
    let mut lines = rows.iter().map(line).collect::<Result<Vec<_>>>()?;
    let sql = format!(
        "SELECT {KIND}, CAST(sum(CASE WHEN state = 'cancelled' THEN 0 ELSE 1 END) AS BIGINT),
                CAST(sum(CASE WHEN state = 'cancelled' THEN 1 ELSE 0 END) AS BIGINT)
         FROM mails WHERE shop_id = $1 AND (state IN ('queued', 'sending')
             OR (state = 'cancelled' AND why = 'stopped' AND {CAN_GO_BACK})) GROUP BY 1 ORDER BY 1"
    );
    let rows = db.all(&sql, args![&shop.0, back, now_ms]).await?;
    let count = |row: &Row| {
        Ok(MailCount {
            kind: row.text(0)?,
            waiting: row.int(1)?,
            stopped: row.int(2)?,
        })
    };
    let mut kinds = rows.iter().map(count).collect::<Result<Vec<_>>>()?;
    if let Some(next) = next_balance(db, shop, now).await? {
        planned(db, shop, next, &mut lines, &mut kinds).await?;
    }
    Ok((lines, kinds))
}

/// Adds who is told of their points at `next`.
async fn planned(
    db: &Db,
    shop: ShopId,
    next: UtcMs,
    lines: &mut Vec<MailLine>,
    kinds: &mut Vec<MailCount>,
) -> Result<()> {
    let since = next.0 - TOLD_MS;
    let sql = format!(
        "SELECT c.member_id, c.at_ms FROM mail_changed c WHERE {TO_TELL} ORDER BY abs(c.at_ms) DESC, c.member_id LIMIT $3"
    );
    for row in db.all(&sql, args![&shop.0, since, LISTED]).await? {
        let member = MemberId(row.id(0)?);
        let stopped = row.int(1)? < 0;
        lines.push(MailLine {
            id: planned_id(Kind::Balance, member),
            kind: Kind::Balance.key().to_owned(),
            member: Some(member),
            state: if stopped { "stopped" } else { "planned" }.to_owned(),
            at: next,
            why: None,
            reward: None,
            partner: None,
        });
    }
    lines.sort_by_key(|line| line.at);
    let sql = format!(
        "SELECT CAST(coalesce(sum(CASE WHEN c.at_ms > 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
                CAST(coalesce(sum(CASE WHEN c.at_ms < 0 THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM mail_changed c WHERE {TO_TELL}"
    );
    let Some(row) = db.first(&sql, args![&shop.0, since]).await? else {
        return Ok(());
    };
    let (to_go, stopped) = (row.int(0)?, row.int(1)?);
    match kinds.iter_mut().find(|one| one.kind == Kind::Balance.key()) {
        Some(one) => {
            one.waiting += to_go;
            one.stopped += stopped;
        }
        None if to_go + stopped > 0 => kinds.push(MailCount {
            kind: Kind::Balance.key().to_owned(),
            waiting: to_go,
            stopped,
        }),
        None => {}
    }
    Ok(())
}

/// What ended, the newest first; and how it ended, of the last thirty days.
///
/// # Errors
/// Where the database is away.
pub async fn gone(db: &Db, shop: ShopId, now: UtcMs) -> Result<(Vec<MailLine>, Vec<MailEnds>)> {
    let sql = format!(
        "SELECT mail_id, {KIND}, member_id, {BECAME}, coalesce(ended_at, due_at), why, said, {PARTNER} FROM mails
         WHERE shop_id = $1 AND (state IN ('sent', 'failed', 'unknown') OR (state = 'cancelled'
             AND NOT (why = 'stopped' AND {CAN_GO_BACK}))) ORDER BY mail_id DESC LIMIT $4"
    );
    let rows = db.all(&sql, args![&shop.0, now.0 - BACK_MS, now.0, LISTED]).await?;
    let mut lines = rows.iter().map(line).collect::<Result<Vec<_>>>()?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    // Ids begin with the time at which a mail was queued, so this reads no more than it counts.
    let first = u128::try_from(now.0 - COUNTED_MS).unwrap_or(0) << 80;
    let sql = format!(
        "SELECT {BECAME}, count(*) FROM mails WHERE shop_id = $1 AND mail_id >= $2
         AND state IN ('sent', 'failed', 'unknown', 'cancelled') GROUP BY 1 ORDER BY 1"
    );
    let rows = db.all(&sql, args![&shop.0, &Uuid::from_u128(first)]).await?;
    let ends = rows.iter().map(|row| {
        Ok(MailEnds {
            state: row.text(0)?,
            mails: row.int(1)?,
        })
    });
    Ok((lines, ends.collect::<Result<_>>()?))
}

/// What keeps a shop's mail from going out.
///
/// # Errors
/// Where the database is away.
pub async fn stuck(db: &Db, shop: ShopId, now: UtcMs) -> Result<MailStuck> {
    let (mails, since) = stuck::waiting(db, Some(shop), UtcMs(now.0 - STUCK_MS)).await?;
    let sql = "SELECT problem, problem_at FROM mail_shops WHERE shop_id = $1";
    let row = db.first(sql, args![&shop.0]).await?;
    let (problem, problem_at) = match &row {
        Some(row) => (row.opt_text(0)?, row.opt_int(1)?.map(UtcMs)),
        None => (None, None),
    };
    Ok(MailStuck {
        mails,
        since,
        problem,
        problem_at,
    })
}

/// Stops these, and all of a kind that wait. Answers how many.
///
/// # Errors
/// Where the database is away.
pub async fn stop(db: &Db, shop: ShopId, mails: &[String], kind: Option<Kind>, now: UtcMs) -> Result<u64> {
    let mut tx = db.begin().await?;
    let mut stopped = 0;
    let sql = "UPDATE mails SET state = 'cancelled', why = 'stopped', ended_at = $2
               WHERE shop_id = $1 AND state = 'queued'";
    let changed = "UPDATE mail_changed SET at_ms = -at_ms WHERE shop_id = $1 AND at_ms > 0";
    for id in mails.iter().filter_map(|id| named(id)) {
        stopped += match id {
            Named::Queued(id) => {
                let one = format!("{sql} AND mail_id = $3");
                tx.run(&one, args![&shop.0, now.0, &id]).await?
            }
            Named::Balance(member) => one_changed(&mut tx, changed, shop, member).await?,
        };
    }
    if let Some(kind) = kind {
        let all = format!("{sql} AND {KIND} = $3");
        stopped += tx.run(&all, args![&shop.0, now.0, kind.key()]).await?;
        if kind == Kind::Balance {
            stopped += tx.run(changed, args![&shop.0]).await?;
        }
    }
    tx.commit().await?;
    Ok(stopped)
}

/// Takes back that these, and all of a kind, were stopped. Answers how many go out now.
///
/// # Errors
/// Where the database is away.
pub async fn undo(db: &Db, shop: ShopId, mails: &[String], kind: Option<Kind>, now: UtcMs) -> Result<u64> {
    let mut tx = db.begin().await?;
    let mut back = 0;
    let sql = format!(
        "UPDATE mails SET state = 'queued', why = NULL, ended_at = NULL, lease_until = 0
         WHERE shop_id = $1 AND state = 'cancelled' AND why = 'stopped' AND {CAN_GO_BACK}"
    );
    let changed = "UPDATE mail_changed SET at_ms = -at_ms WHERE shop_id = $1 AND at_ms < 0";
    for id in mails.iter().filter_map(|id| named(id)) {
        back += match id {
            Named::Queued(id) => {
                let one = format!("{sql} AND mail_id = $4");
                tx.run(&one, args![&shop.0, now.0 - BACK_MS, now.0, &id]).await?
            }
            Named::Balance(member) => one_changed(&mut tx, changed, shop, member).await?,
        };
    }
    if let Some(kind) = kind {
        let all = format!("{sql} AND {KIND} = $4");
        back += tx.run(&all, args![&shop.0, now.0 - BACK_MS, now.0, kind.key()]).await?;
        if kind == Kind::Balance {
            back += tx.run(changed, args![&shop.0]).await?;
        }
    }
    tx.commit().await?;
    Ok(back)
}

async fn one_changed(tx: &mut Tx, sql: &str, shop: ShopId, member: MemberId) -> Result<u64> {
    let one = format!("{sql} AND member_id = $2");
    tx.run(&one, args![&shop.0, &member.0]).await
}

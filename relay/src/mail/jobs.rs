//! What is written by the calendar: each shop's jobs, at moments by its own clock, each moment once whichever relay is
//! first. What a job queues is queued in the transaction that notes that it ran: either both happened or neither.

use chrono::DateTime;
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use loyalty::{MemberId, ShopId, UtcMs};
use serde::Serialize;
use std::collections::BTreeMap;
use std::str::FromStr;
use uuid::Uuid;

use super::narrative::asked;
use super::seal::Key;
use super::{balances, lapsing, summary, visits};
use crate::args;
use crate::store::db::{Db, DbError, Result, Tx};
use crate::store::shops;

/// An hour.
const HOUR_MS: i64 = 60 * 60_000;
/// How long ago points may have changed to be told of.
pub const TOLD_MS: i64 = 36 * HOUR_MS;

/// A job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Tells members whose points changed how many they have.
    Balance,
    /// Looks at members who stay away.
    Lapsing,
    /// Writes to the owner about the last month.
    Summary,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Balance, Self::Lapsing, Self::Summary];

    /// As it is stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Lapsing => "lapsing",
            Self::Summary => "summary",
        }
    }

    /// The one that is stored so.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.key() == key)
    }

    /// When it runs where nobody said otherwise; none: not at all.
    #[must_use]
    pub fn usual(self) -> Option<&'static str> {
        match self {
            Self::Balance => None,
            Self::Lapsing => Some("0 9 * * MON"),
            Self::Summary => Some("0 9 * * MON#1"),
        }
    }

    /// A moment that was missed by more than this is skipped; by less, it is done late. A night's mail is none the next
    /// day; a weekly look is good until the middle of the week, and a month for two weeks.
    fn late_ms(self) -> i64 {
        match self {
            Self::Balance => 3 * HOUR_MS,
            Self::Lapsing => 3 * UtcMs::DAY_MS,
            Self::Summary => 14 * UtcMs::DAY_MS,
        }
    }
}

/// The moments of a job: `0 19 * * *`, `0 9 * * MON`, `0 9 * * MON#1`.
#[derive(Clone, Debug)]
pub struct Calendar(Cron);

impl FromStr for Calendar {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Not more often than minutes: seconds are refused.
        let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
        let read = parser.parse(text.trim());
        read.map(Self).map_err(|error| {
            format!(
                "{text:?} is no calendar ({error}). Write one like \"0 19 * * *\": every day at seven in the evening."
            )
        })
    }
}

impl Calendar {
    fn at(zone: Tz, at: UtcMs) -> DateTime<Tz> {
        at.utc().with_timezone(&zone)
    }

    /// Its last moment up to `now`, by the clock of `zone`.
    #[must_use]
    pub fn last(&self, zone: Tz, now: UtcMs) -> Option<UtcMs> {
        let found = self.0.find_previous_occurrence(&Self::at(zone, now), true).ok()?;
        Some(UtcMs(found.timestamp_millis()))
    }

    /// Its first moment after `now`.
    #[must_use]
    pub fn next(&self, zone: Tz, now: UtcMs) -> Option<UtcMs> {
        let found = self.0.find_next_occurrence(&Self::at(zone, now), false).ok()?;
        Some(UtcMs(found.timestamp_millis()))
    }
}

/// Sets a job's calendar from `now` on, or with none ends it.
///
/// # Errors
/// Where the database is away.
pub async fn set(db: &Db, shop: ShopId, job: Job, calendar: Option<&str>, now: UtcMs) -> Result<()> {
    if job.usual().is_some() {
        let sql = "INSERT INTO job_calendars (shop_id, job, calendar, since) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (shop_id, job) DO UPDATE SET calendar = excluded.calendar, since = excluded.since";
        return db.run(sql, args![&shop.0, job.key(), calendar, now.0]).await.map(drop);
    }
    let Some(calendar) = calendar else {
        let sql = "DELETE FROM mail_calendars WHERE shop_id = $1 AND job = $2";
        return db.run(sql, args![&shop.0, job.key()]).await.map(drop);
    };
    let sql = "INSERT INTO mail_calendars (shop_id, job, calendar, since) VALUES ($1, $2, $3, $4)
               ON CONFLICT (shop_id, job) DO UPDATE SET calendar = excluded.calendar, since = excluded.since";
    db.run(sql, args![&shop.0, job.key(), calendar, now.0]).await.map(drop)
}

/// When a job of a shop runs.
struct Plan {
    shop: ShopId,
    job: Job,
    calendar: String,
    since: i64,
    zone: Tz,
}

impl Plan {
    fn read(&self) -> Result<Calendar> {
        self.calendar
            .parse()
            .map_err(|_| DbError::Broken("a calendar can't be read".into()))
    }
}

/// When the jobs of one shop, or of all that send mail, run: as was set, else as is usual.
async fn plans(db: &Db, shop: Option<ShopId>) -> Result<Vec<Plan>> {
    let mut set: BTreeMap<(Uuid, String), (Option<String>, i64)> = BTreeMap::new();
    let sql = "SELECT shop_id, job, calendar, since FROM mail_calendars
               UNION ALL SELECT shop_id, job, calendar, since FROM job_calendars";
    for row in db.all(sql, &[]).await? {
        set.insert((row.id(0)?, row.text(1)?), (row.opt_text(2)?, row.int(3)?));
    }
    let sql = "SELECT m.shop_id, m.since, s.timezone, m.paused FROM mail_shops m
               JOIN shops s ON s.shop_id = m.shop_id AND s.status = 'active'";
    let mut all = Vec::new();
    for row in db.all(sql, &[]).await? {
        let id = ShopId(row.id(0)?);
        // Of one shop they are shown also while its mail is paused.
        let wanted = shop.map_or(row.int(3)? == 0, |shop| shop == id);
        if !wanted {
            continue;
        }
        let broken = |_| DbError::Broken("a time zone can't be read".into());
        let zone: Tz = row.text(2)?.parse().map_err(broken)?;
        for job in Job::ALL {
            let usual = || (job.usual().map(str::to_owned), row.int(1).unwrap_or(i64::MAX));
            let (calendar, since) = set.remove(&(id.0, job.key().to_owned())).unwrap_or_else(usual);
            if let Some(calendar) = calendar {
                all.push(Plan {
                    shop: id,
                    job,
                    calendar,
                    since,
                    zone,
                });
            }
        }
    }
    Ok(all)
}

/// Notes whose points changed. Who is not to be told this time (their moment is below zero) stays so.
///
/// # Errors
/// Where the database is away.
pub async fn changed(tx: &mut Tx, shop: ShopId, member: MemberId, now: UtcMs) -> Result<()> {
    let sql = "INSERT INTO mail_changed (shop_id, member_id, at_ms) VALUES ($1, $2, $3)
               ON CONFLICT (shop_id, member_id) DO UPDATE SET at_ms = CASE WHEN mail_changed.at_ms < 0 THEN -excluded.at_ms ELSE excluded.at_ms END";
    tx.run(sql, args![&shop.0, &member.0, now.0]).await.map(drop)
}

/// Runs what is due at `now`, of all shops, with the relay's key where it has one. Answers how many jobs ran.
///
/// # Errors
/// Where the database is away.
pub async fn round(db: &Db, key: Option<&Key>, now: UtcMs) -> Result<usize> {
    let mut ran = 0;
    for plan in plans(db, None).await? {
        let planned = plan.read()?.last(plan.zone, now).filter(|at| at.0 > plan.since);
        let Some(planned) = planned else { continue };
        let known = "SELECT 1 FROM mail_runs WHERE shop_id = $1 AND job = $2 AND planned_at = $3";
        let (shop, job) = (plan.shop, plan.job);
        if db.first(known, args![&shop.0, job.key(), planned.0]).await?.is_none() {
            ran += usize::from(run(db, key, shop, job, planned, now).await?);
        }
    }
    Ok(ran)
}

/// Runs a job for one of its moments, unless that was done; by hand, that is the very moment. Answers whether it was not.
///
/// # Errors
/// Where the database is away.
pub async fn run(db: &Db, key: Option<&Key>, shop: ShopId, job: Job, planned: UtcMs, now: UtcMs) -> Result<bool> {
    let late = now.0 - planned.0 > job.late_ms();
    let mut month = None;
    match job {
        // What it does is done once by itself, in several transactions; the run is noted when all of it is done.
        Job::Lapsing if !late => {
            lapsing::sweep(db, shop, now).await?;
            visits::catch_up(db, shop).await?;
        }
        // Page by page: the shop's tills wait for none of it for long.
        Job::Balance if !late => balances::queue(db, shop, planned, now).await?,
        // A model is asked before the shop is locked.
        Job::Summary if !late => {
            // By one relay of several; by hand it is this one's to do.
            if planned != now && !asked::claim(db, shop, planned, now).await? {
                return Ok(false);
            }
            month = summary::prepare(db, key, shop, now).await?;
        }
        _ => {}
    }
    let mut tx = db.begin().await?;
    if shops::lock(&mut tx, shop).await?.is_none() {
        return Ok(false);
    }
    let outcome = if late { "skipped" } else { "done" };
    let sql = "INSERT INTO mail_runs (shop_id, job, planned_at, ran_at, outcome, made) VALUES ($1, $2, $3, $4, $5, 0)
               ON CONFLICT DO NOTHING";
    let first = tx
        .run(sql, args![&shop.0, job.key(), planned.0, now.0, outcome])
        .await?
        == 1;
    if first && !late {
        let made = match (job, month) {
            (Job::Balance, _) => balances::made(&mut tx, shop, planned).await?,
            (Job::Lapsing, _) => lapsing::done_since(&mut tx, shop, planned).await?,
            (Job::Summary, Some((said, _))) => summary::add(&mut tx, shop, said, planned == now, now).await?,
            (Job::Summary, None) => 0,
        };
        let sql = "UPDATE mail_runs SET made = $4 WHERE shop_id = $1 AND job = $2 AND planned_at = $3";
        tx.run(sql, args![&shop.0, job.key(), planned.0, made]).await?;
    }
    tx.commit().await?;
    Ok(first)
}

/// A job as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Which.
    pub job: String,
    /// Its calendar.
    pub calendar: String,
    /// When it runs next.
    pub next_at: Option<UtcMs>,
    /// Whether that is when it runs where nobody said otherwise.
    pub usual: bool,
}

/// A run as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Ran {
    /// Which job's.
    pub job: String,
    /// For which moment.
    pub planned_at: UtcMs,
    /// When.
    pub ran_at: UtcMs,
    /// `done`, or `skipped` because it was too late.
    pub outcome: String,
    /// Mails that it queued.
    pub made: i64,
}

/// A shop's jobs, and their last twenty runs.
///
/// # Errors
/// Where the database is away.
pub async fn list(db: &Db, shop: ShopId, now: UtcMs) -> Result<(Vec<Shown>, Vec<Ran>)> {
    let mut jobs = Vec::new();
    for plan in plans(db, Some(shop)).await? {
        let next_at = plan.read()?.next(plan.zone, now);
        let usual = plan.job.usual() == Some(plan.calendar.as_str());
        jobs.push(Shown {
            job: plan.job.key().to_owned(),
            next_at,
            calendar: plan.calendar,
            usual,
        });
    }
    let sql = "SELECT job, planned_at, ran_at, outcome, made FROM mail_runs WHERE shop_id = $1
               ORDER BY planned_at DESC LIMIT 20";
    let rows = db.all(sql, args![&shop.0]).await?;
    let runs = rows.iter().map(|row| {
        Ok(Ran {
            job: row.text(0)?,
            planned_at: UtcMs(row.int(1)?),
            ran_at: UtcMs(row.int(2)?),
            outcome: row.text(3)?,
            made: row.int(4)?,
        })
    });
    Ok((jobs, runs.collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(calendar: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let (calendar, zone): (Calendar, Tz) = (calendar.parse().unwrap(), zone.parse().unwrap());
        let mut at = UtcMs(DateTime::parse_from_rfc3339(from).unwrap().timestamp_millis());
        let mut all = Vec::new();
        for _ in 0..count {
            at = calendar.next(zone, at).unwrap();
            assert_eq!(
                calendar.last(zone, at),
                Some(at),
                "what comes next is the last one then"
            );
            all.push(at.utc().format("%m-%dT%H:%MZ").to_string());
        }
        all
    }

    #[test]
    fn evenings_are_the_shops_own_also_when_clocks_change() {
        let evening = "0 19 * * *";
        assert_eq!(
            moments(evening, "America/Los_Angeles", "2026-10-31T00:00:00Z", 3),
            ["10-31T02:00Z", "11-01T02:00Z", "11-02T03:00Z"]
        );
        assert_eq!(
            moments(evening, "Europe/Berlin", "2026-03-27T20:00:00Z", 2),
            ["03-28T18:00Z", "03-29T17:00Z"]
        );
        assert_eq!(
            moments(evening, "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
            ["10-03T08:30Z", "10-04T08:00Z"]
        );
    }

    #[test]
    fn an_hour_that_comes_twice_or_not_at_all_is_one_moment() {
        // Berlin, 25 October 2026: 02:30 comes twice. 29 March: it does not come.
        let twice = moments("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
        assert_eq!(twice, ["10-25T00:30Z", "10-26T01:30Z"]);
        let left_out = moments("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2);
        assert_eq!(left_out.len(), 2);
        assert!(left_out[0].starts_with("03-29T01:"), "{left_out:?}");
        assert_eq!(left_out[1], "03-30T00:30Z");
    }

    #[test]
    fn weeks_and_first_mondays() {
        assert_eq!(
            moments("0 9 * * MON", "UTC", "2026-11-01T00:00:00Z", 2),
            ["11-02T09:00Z", "11-09T09:00Z"]
        );
        assert_eq!(
            moments("0 9 * * MON#1", "UTC", "2026-11-03T00:00:00Z", 2),
            ["12-07T09:00Z", "01-04T09:00Z"]
        );
        for wrong in ["", "0 19 * *", "* * * * * *", "61 * * * *", "every day"] {
            assert!(wrong.parse::<Calendar>().is_err(), "{wrong:?}");
        }
    }
}

//! The mails of all shops and their states. Queued once for an event, claimed by one worker at a time, marked before the
//! server is given the message: what a worker that died left marked is never sent again.

use ::mail::Kind;
use loyalty::{MemberId, ShopId, UtcMs};
use uuid::Uuid;

use super::documented::{KIND, stored};
use super::hours;
pub use super::said::Said;
use crate::store::bulk;
use crate::store::db::{Arg, Db, DbError, Result, Row, Tx};
use crate::{args, clock};

/// How long a claimed mail is its worker's. Whoever takes longer finds that it is not any more, before the server has it.
const CLAIM_MS: i64 = 15_000;
/// How long a worker keeps what it claimed while it is at work on the first of it: longer than a line may take to open.
const HOLD_MS: i64 = 30_000;
/// How long a server may take over a message before its worker is given up for dead.
const SENDING_MS: i64 = 5 * 60_000;
/// Seven days.
const WEEK_MS: i64 = 7 * UtcMs::DAY_MS;
/// Longest that a mail is tried.
pub(super) const TRIED_MS: i64 = 3 * UtcMs::DAY_MS;
/// After the first failed attempt, the second, and so on.
pub(super) const PAUSES_MIN: [i64; 6] = [1, 5, 15, 60, 180, 360];

/// A mail that is wanted.
#[derive(Clone, Debug)]
pub struct New {
    /// What caused it.
    pub event: String,
    /// Whom it goes to: a member's id, or a word of ours.
    pub recipient: String,
    /// Which.
    pub kind: Kind,
    /// The member; none for the owner's.
    pub member: Option<MemberId>,
    /// What it speaks of.
    pub said: Said,
    /// Not before.
    pub due: UtcMs,
}

impl New {
    /// To a member, because of something.
    #[must_use]
    pub fn to(member: MemberId, kind: Kind, event: String, due: UtcMs) -> Self {
        Self {
            event,
            recipient: member.to_string(),
            kind,
            member: Some(member),
            said: Said::default(),
            due,
        }
    }
}

/// Columns of a mail that is queued.
const INTO: &str =
    "INSERT INTO mails (shop_id, mail_id, event, recipient, kind, member_id, said, state, due_at, attempts,
                                       lease_until, created_at)";

fn row<'a>(shop: &'a ShopId, id: &'a Uuid, said: &'a str, new: &'a New, now: UtcMs) -> [Arg<'a>; 12] {
    [
        (&shop.0).into(),
        id.into(),
        (&new.event).into(),
        (&new.recipient).into(),
        stored(new.kind).key().into(),
        new.member.as_ref().map(|member| &member.0).into(),
        said.into(),
        "queued".into(),
        new.due.0.into(),
        0.into(),
        0.into(),
        now.0.into(),
    ]
}

fn broken(error: impl ToString) -> DbError {
    DbError::Broken(error.to_string())
}

/// Queues a mail in the transaction that causes it, unless it was queued before. Answers whether it was not.
///
/// # Errors
/// Where the database is away.
pub async fn add(tx: &mut Tx, shop: ShopId, new: &New, now: UtcMs) -> Result<bool> {
    add_as(tx, shop, clock::uuid(now), new, now).await
}

/// The same under an id that is known.
///
/// # Errors
/// Where the database is away.
pub async fn add_as(tx: &mut Tx, shop: ShopId, id: Uuid, new: &New, now: UtcMs) -> Result<bool> {
    let said = serde_json::to_string(&new.said).map_err(broken)?;
    let places = "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let sql = format!("{INTO} VALUES {places} ON CONFLICT DO NOTHING");
    let done = tx.run(&sql, &row(&shop, &id, &said, new, now)).await?;
    Ok(done == 1)
}

/// Queues many, each under the same condition.
///
/// # Errors
/// Where the database is away.
pub async fn add_all(tx: &mut Tx, shop: ShopId, all: &[New], now: UtcMs) -> Result<()> {
    let mut rows = Vec::with_capacity(all.len());
    for new in all {
        rows.push((clock::uuid(now), serde_json::to_string(&new.said).map_err(broken)?, new));
    }
    let values = rows.iter().map(|(id, said, new)| row(&shop, id, said, new, now));
    bulk::insert(tx, INTO, values, "ON CONFLICT DO NOTHING").await
}

/// A mail that a worker has.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Whose.
    pub shop: ShopId,
    /// Its id.
    pub id: Uuid,
    /// Which.
    pub kind: Kind,
    /// The member.
    pub member: Option<MemberId>,
    /// What it speaks of.
    pub said: Said,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued.
    pub created: UtcMs,
    lease: Uuid,
}

impl Claimed {
    fn of(row: &Row, lease: Uuid) -> Result<Self> {
        Ok(Self {
            shop: ShopId(row.id(0)?),
            id: row.id(1)?,
            kind: Kind::named(&row.text(2)?).ok_or_else(|| broken("a mail of no known kind"))?,
            member: row.opt_id(3)?.map(MemberId),
            said: serde_json::from_str(&row.text(4)?).map_err(broken)?,
            attempts: row.int(5)?,
            created: UtcMs(row.int(6)?),
            lease,
        })
    }
}

/// The shops whose mail is due, each with the moment since when its oldest waits.
///
/// # Errors
/// Where the database is away.
pub async fn due(db: &Db, now: UtcMs) -> Result<Vec<(ShopId, UtcMs)>> {
    // Mostly there is nothing to do: that is seen at once.
    let any = "SELECT 1 FROM mails WHERE state = 'queued' AND due_at <= $1 AND lease_until <= $1 LIMIT 1";
    if db.first(any, args![now.0]).await?.is_none() {
        return Ok(Vec::new());
    }
    let sql = "SELECT s.shop_id, (SELECT m.due_at FROM mails m WHERE m.shop_id = s.shop_id AND m.state = 'queued'
                   AND m.due_at <= $1 AND m.lease_until <= $1 ORDER BY m.due_at LIMIT 1)
               FROM mail_shops s JOIN shops x ON x.shop_id = s.shop_id AND x.status = 'active' WHERE s.paused = 0";
    let mut all = Vec::new();
    for row in db.all(sql, args![now.0]).await? {
        if let Some(since) = row.opt_int(1)? {
            all.push((ShopId(row.id(0)?), UtcMs(since)));
        }
    }
    Ok(all)
}

/// Mails that were claimed.
#[derive(Debug, Default)]
pub struct Batch {
    /// What there is to be sent.
    pub mails: Vec<Claimed>,
    /// How many more were put off to the next hour, as this one has no room for them.
    pub put_off: usize,
}

/// Claims up to `max` mails of a shop, those that have waited longest first, as far as it may send in this hour. No other
/// worker gets them before the claim runs out.
///
/// # Errors
/// Where the database is away.
pub async fn claim(db: &Db, shop: ShopId, max: i64, now: UtcMs) -> Result<Batch> {
    let mut tx = db.begin().await?;
    let skip = match tx {
        Tx::Sqlite(..) => "",
        Tx::Postgres(_) => " FOR UPDATE OF m SKIP LOCKED",
    };
    let due = "m.state = 'queued' AND m.due_at <= $1 AND m.lease_until <= $1";
    let some = format!(
        "SELECT m.shop_id, m.mail_id, {KIND}, m.member_id, m.said, m.attempts, m.created_at FROM mails m
         WHERE {due} AND m.shop_id = $2 ORDER BY m.due_at LIMIT $3{skip}"
    );
    let lease = clock::uuid(now);
    let rows = tx.all(&some, args![now.0, &shop.0, max]).await?;
    let mut claimed = rows
        .iter()
        .map(|row| Claimed::of(row, lease))
        .collect::<Result<Vec<_>>>()?;
    let free = hours::take(&mut tx, shop, i64::try_from(claimed.len()).unwrap_or(0), now).await?;
    let over = claimed.split_off(usize::try_from(free).unwrap_or(0).min(claimed.len()));
    let ids = |mails: &[Claimed]| mails.iter().map(|mail| mail.id).collect::<Vec<_>>();
    let until = now.0 + CLAIM_MS;
    bulk::run(
        &mut tx,
        "UPDATE mails SET lease_until = $2, lease = $3 WHERE shop_id = $1 AND mail_id IN",
        args![&shop.0, until, &lease],
        &ids(&claimed),
    )
    .await?;
    // What this hour has no room for waits for the next; so do not keep the others from being looked at.
    let next = hours::next(now);
    bulk::run(
        &mut tx,
        "UPDATE mails SET due_at = $2, why = 'rate' WHERE shop_id = $1 AND mail_id IN",
        args![&shop.0, next],
        &ids(&over),
    )
    .await?;
    tx.commit().await?;
    Ok(Batch {
        mails: claimed,
        put_off: over.len(),
    })
}

/// A worker is at work on the first of these mails: all of them stay its own for a while. Answers whether any still was.
///
/// # Errors
/// Where the database is away.
pub async fn hold(db: &Db, mails: &[Claimed], now: UtcMs) -> Result<bool> {
    let Some(first) = mails.first() else {
        return Ok(false);
    };
    // By their ids: nothing finds mails by their lease but a look at all that wait.
    let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
    let sql = "UPDATE mails SET lease_until = $3 WHERE shop_id = $1 AND lease = $2 AND state = 'queued'
               AND lease_until > 0 AND mail_id IN";
    let mut tx = db.begin().await?;
    let held = bulk::run(&mut tx, sql, args![&first.shop.0, &first.lease, now.0 + HOLD_MS], &ids).await?;
    tx.commit().await?;
    Ok(held > 0)
}

/// Whether a mail may go to the server now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It may, and it is marked.
    Go,
    /// Somebody else has it by now, or it was stopped.
    Gone,
    /// The member has got enough of the kind this week.
    Enough,
}

/// Marks a mail as given to the server, to this address. From here on it is never sent again, whatever happens. Notes in
/// the same transaction that the one before it was sent: one wait for the disk is enough for both.
///
/// # Errors
/// Where the database is away.
pub async fn mark(
    db: &Db,
    mail: &Claimed,
    sent: Option<&Claimed>,
    address: &[u8; 32],
    per_week: i64,
    now: UtcMs,
) -> Result<Leave> {
    let mut tx = db.begin().await?;
    if let Some(sent) = sent {
        tx.run(END, &end_args(sent, &End::Sent, now.0)).await?;
    }
    let leave = mark_within(&mut tx, mail, address, per_week, now).await?;
    tx.commit().await?;
    Ok(leave)
}

async fn mark_within(tx: &mut Tx, mail: &Claimed, address: &[u8; 32], per_week: i64, now: UtcMs) -> Result<Leave> {
    if mail.kind.is_marketing() {
        let Some(member) = mail.member else {
            return Ok(Leave::Gone);
        };
        // One after the other: two to the same person at once would both find room.
        let sql = format!(
            "SELECT 1 FROM members WHERE shop_id = $1 AND member_id = $2{}",
            tx.for_update()
        );
        tx.first(&sql, args![&mail.shop.0, &member.0]).await?;
        if marketing_to(tx, mail.shop, member, now).await? >= per_week {
            return Ok(Leave::Enough);
        }
    }
    let done = tx
        .run(
            "UPDATE mails SET state = 'sending', lease_until = $5, address = $4, ended_at = $6, attempts = attempts + 1
             WHERE shop_id = $1 AND mail_id = $2 AND state = 'queued' AND lease = $3",
            args![&mail.shop.0, &mail.id, &mail.lease, address, now.0 + SENDING_MS, now.0],
        )
        .await?;
    Ok(if done == 1 { Leave::Go } else { Leave::Gone })
}

/// Mails of the shop's own idea to a member in the last seven days.
///
/// # Errors
/// Where the database is away.
pub async fn marketing_to(tx: &mut Tx, shop: ShopId, member: MemberId, now: UtcMs) -> Result<i64> {
    let marketing: Vec<String> = Kind::ALL
        .into_iter()
        .filter(|kind| kind.is_marketing())
        .map(|kind| format!("'{}'", kind.key()))
        .collect();
    let sql = format!(
        "SELECT count(*) FROM mails WHERE shop_id = $1 AND member_id = $2 AND ended_at > $3
         AND state IN ('sending', 'sent', 'unknown') AND kind IN ({})",
        marketing.join(", ")
    );
    let row = tx.first(&sql, args![&shop.0, &member.0, now.0 - WEEK_MS]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// How a mail ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server took it.
    Sent,
    /// The server refused it for good.
    Failed(String),
    /// It is not true any more, or must not be sent.
    Cancelled(&'static str),
    /// The line broke after the server had it, or part of it.
    Unknown,
}

impl End {
    fn state(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
            Self::Unknown => "unknown",
        }
    }
}

const END: &str = "UPDATE mails SET state = $4, why = $5, ended_at = $6, lease_until = 0
                   WHERE shop_id = $1 AND mail_id = $2 AND lease = $3 AND state IN ('queued', 'sending')";

fn end_args<'a>(mail: &'a Claimed, end: &'a End, now: i64) -> [Arg<'a>; 6] {
    let why = match end {
        End::Failed(why) => Some(why.as_str()),
        End::Cancelled(why) => Some(*why),
        End::Sent | End::Unknown => None,
    };
    [
        (&mail.shop.0).into(),
        (&mail.id).into(),
        (&mail.lease).into(),
        end.state().into(),
        why.into(),
        now.into(),
    ]
}

/// Notes how a mail ended.
///
/// # Errors
/// Where the database is away.
pub async fn end(db: &Db, mail: &Claimed, end: &End, now: UtcMs) -> Result<()> {
    db.run(END, &end_args(mail, end, now.0)).await.map(drop)
}

/// Puts a mail off: to a moment that is known, which is no failure.
///
/// # Errors
/// Where the database is away.
pub async fn defer(db: &Db, mail: &Claimed, due: UtcMs, why: &str) -> Result<()> {
    let sql = "UPDATE mails SET state = 'queued', due_at = $4, why = $5, lease_until = 0, ended_at = NULL
               WHERE shop_id = $1 AND mail_id = $2 AND lease = $3 AND state IN ('queued', 'sending')";
    db.run(sql, args![&mail.shop.0, &mail.id, &mail.lease, due.0, why])
        .await
        .map(drop)
}

/// Puts a mail off that the server did not take now: a little longer each time. After three days it has failed.
///
/// # Errors
/// Where the database is away.
pub async fn retry(db: &Db, mail: &Claimed, why: &str, now: UtcMs) -> Result<()> {
    if now.0 - mail.created.0 > TRIED_MS {
        return end(db, mail, &End::Failed(why.to_owned()), now).await;
    }
    let at = usize::try_from(mail.attempts).unwrap_or(0).min(PAUSES_MIN.len() - 1);
    let sql = "UPDATE mails SET attempts = $4 WHERE shop_id = $1 AND mail_id = $2 AND lease = $3";
    db.run(sql, args![&mail.shop.0, &mail.id, &mail.lease, mail.attempts + 1])
        .await?;
    defer(db, mail, UtcMs(now.0 + PAUSES_MIN[at] * 60_000), why).await
}

/// Whoever died while a server had their message: nobody knows whether it arrived. Answers how many.
///
/// # Errors
/// Where the database is away.
pub async fn give_up_lost(db: &Db, now: UtcMs) -> Result<u64> {
    let sql = "UPDATE mails SET state = 'unknown', why = 'died' WHERE state = 'sending' AND lease_until <= $1";
    db.run(sql, args![now.0]).await
}

/// Stops a mail that has not gone, or all of a shop's. Answers how many.
///
/// # Errors
/// Where the database is away.
pub async fn stop(db: &Db, shop: ShopId, mail: Option<Uuid>, now: UtcMs) -> Result<u64> {
    let sql = "UPDATE mails SET state = 'cancelled', why = 'stopped', ended_at = $3
               WHERE shop_id = $1 AND state = 'queued' AND ($4 = 0 OR mail_id = $2)";
    let id = mail.unwrap_or_default();
    db.run(sql, args![&shop.0, &id, now.0, i64::from(mail.is_some())]).await
}

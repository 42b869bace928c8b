//! Reading what the log says of referrals, page by page. The tables are `referrals`'.

use loyalty::{MemberId, ShopId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::db::{Db, DbError, Result, Row};
use crate::args;

/// Where in the log a page begins: after this operation, and the nth event of it.
pub type Place = (i64, i64);

/// Something that happened to a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    /// When, UTC milliseconds: by the clock of the till that wrote it.
    pub at: i64,
    /// `joined`, `qualified`, `refused` (a limit of the rules), `allowed`, `rejected`, `granted`, `cancelled`, `reversed`, or
    /// `withdrawn` (another till was first).
    pub kind: String,
    /// Who came.
    pub friend_id: Uuid,
    /// The code they came through; for `joined`.
    pub code: Option<String>,
    /// The member whose code that is; none for a vendor's.
    pub referrer_id: Option<Uuid>,
    /// Which reward it is about.
    pub reward_id: Option<Uuid>,
    /// Whose reward.
    pub member_id: Option<Uuid>,
    /// How many points.
    pub points: Option<i64>,
    /// What looked odd.
    pub doubts: Vec<String>,
    #[serde(skip)]
    pub(crate) place: Place,
}

/// A shop's events after a place, in the order of its log.
///
/// # Errors
/// Where the database is away.
pub async fn events(db: &Db, shop: ShopId, (seq, nth): Place, limit: i64) -> Result<Vec<Event>> {
    let sql = "SELECT shop_seq, nth, at_ms, kind, friend_id, code, referrer_id, reward_id, member_id, points, doubts FROM referral_events
               WHERE shop_id = $1 AND (shop_seq > $2 OR (shop_seq = $2 AND nth > $3)) ORDER BY shop_seq, nth LIMIT $4";
    let rows = db.all(sql, args![&shop.0, seq, nth, limit]).await?;
    let events = rows.iter().map(|row| {
        Ok(Event {
            place: (row.int(0)?, row.int(1)?),
            at: row.int(2)?,
            kind: row.text(3)?,
            friend_id: row.id(4)?,
            code: row.opt_text(5)?,
            referrer_id: row.opt_id(6)?,
            reward_id: row.opt_id(7)?,
            member_id: row.opt_id(8)?,
            points: row.opt_int(9)?,
            doubts: doubts(row, 10)?,
        })
    });
    events.collect()
}

fn doubts(row: &Row, column: usize) -> Result<Vec<String>> {
    match row.opt_text(column)? {
        Some(text) => serde_json::from_str(&text).map_err(|error| DbError::Broken(error.to_string())),
        None => Ok(Vec::new()),
    }
}

/// Who came through whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attribution {
    /// Who came.
    pub member_id: Uuid,
    /// The code they came through.
    pub code: String,
    /// The member whose code it is; none for a vendor's.
    pub referrer_id: Option<Uuid>,
    /// When, UTC milliseconds.
    pub joined_at: i64,
    /// Why it does not count, as far as the relay knows: `erased`, or `self` where the two turned out to be one.
    pub why_not: Option<String>,
    /// What looked odd.
    pub doubts: Vec<String>,
    #[serde(skip)]
    pub(crate) place: Place,
}

/// A shop's members who were brought by somebody, after a place.
///
/// # Errors
/// Where the database is away.
pub async fn attributions(db: &Db, shop: ShopId, (seq, _): Place, limit: i64) -> Result<Vec<Attribution>> {
    let sql = "SELECT e.shop_seq, e.friend_id, e.code, e.referrer_id, e.at_ms, e.doubts,
                      CASE WHEN f.erased = 1 THEN 'erased'
                           WHEN coalesce(f.merged_into, f.member_id) = coalesce(x.merged_into, x.member_id) THEN 'self' END
               FROM referral_events e LEFT JOIN members f ON f.shop_id = e.shop_id AND f.member_id = e.friend_id
               LEFT JOIN members x ON x.shop_id = e.shop_id AND x.member_id = e.referrer_id
               WHERE e.shop_id = $1 AND e.shop_seq > $2 AND e.kind = 'joined' AND e.settled = 0 ORDER BY e.shop_seq LIMIT $3";
    let rows = db.all(sql, args![&shop.0, seq, limit]).await?;
    let all = rows.iter().map(|row| {
        Ok(Attribution {
            place: (row.int(0)?, 0),
            member_id: row.id(1)?,
            code: row.text(2)?,
            referrer_id: row.opt_id(3)?,
            joined_at: row.int(4)?,
            doubts: doubts(row, 5)?,
            why_not: row.opt_text(6)?,
        })
    });
    all.collect()
}

/// A reward.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reward {
    /// Its id.
    pub reward_id: Uuid,
    /// Who came.
    pub friend_id: Uuid,
    /// Whose reward it is: `friend`, `referrer` or `above` (who had sent the referrer).
    pub side: String,
    /// What for: `joins` or `buys`; `buys-2` for the second rule about it.
    #[serde(rename = "for")]
    pub step: String,
    /// Who gets it.
    pub member_id: Uuid,
    /// How many points; 0 where a limit of the rules was reached.
    pub points: i64,
    /// `pending`, `review`, `rejected`, `refused`, `granted`, `cancelled` or `reversed`.
    pub state: String,
    /// When it qualified, UTC milliseconds.
    pub qualified_at: i64,
    /// When its hold is over.
    pub due_at: i64,
    /// When it was granted.
    pub granted_at: Option<i64>,
    /// When it was taken back.
    pub reversed_at: Option<i64>,
    /// What looked odd.
    pub doubts: Vec<String>,
    #[serde(skip)]
    pub(crate) place: Place,
}

/// A reward with what has come of it.
const REWARD: &str = "SELECT r.shop_seq, r.reward_id, r.friend_id, r.side, r.step, r.member_id, r.points, r.qualified_at, r.due_at,
            r.granted_at, r.undone_at, r.doubts,
            CASE WHEN r.points = 0 THEN 'refused'
                 WHEN r.entry_id IS NOT NULL AND r.undone_at IS NULL THEN 'granted'
                 WHEN r.entry_id IS NOT NULL THEN 'reversed'
                 WHEN r.allowed = 0 THEN 'rejected'
                 WHEN f.erased = 1 OR m.erased = 1 OR b.gone = 1 OR r.total_minor - b.back_minor < r.least_minor THEN 'cancelled'
                 WHEN r.doubts <> '[]' AND r.allowed IS NULL THEN 'review'
                 ELSE 'pending' END AS state
     FROM referral_rewards r LEFT JOIN members f ON f.shop_id = r.shop_id AND f.member_id = r.friend_id
     LEFT JOIN members m ON m.shop_id = r.shop_id AND m.member_id = r.member_id
     LEFT JOIN referral_refunds b ON b.shop_id = r.shop_id AND b.source = r.source AND b.sale_id = r.sale_id
     WHERE r.shop_id = $1 AND r.settled = 0";

/// A shop's rewards after a place; of one state alone where that is said.
///
/// # Errors
/// Where the database is away.
pub async fn rewards(db: &Db, shop: ShopId, (seq, _): Place, state: Option<&str>, limit: i64) -> Result<Vec<Reward>> {
    let sql = format!(
        "SELECT * FROM ({REWARD} AND r.shop_seq > $2) AS rewards WHERE state = $3 OR $4 = 1 ORDER BY shop_seq LIMIT $5"
    );
    let (any, state) = (i64::from(state.is_none()), state.unwrap_or_default());
    let rows = db.all(&sql, args![&shop.0, seq, state, any, limit]).await?;
    rows.iter().map(reward).collect()
}

/// What a member got through referrals, and what waits for them.
///
/// # Errors
/// Where the database is away.
pub async fn points_of(db: &Db, shop: ShopId, member: MemberId) -> Result<(i64, i64)> {
    let sql = format!(
        "SELECT state, CAST(sum(points) AS BIGINT) FROM ({REWARD} AND r.member_id = $2 AND r.side <> 'friend') AS rewards GROUP BY state"
    );
    let (mut granted, mut waiting) = (0, 0);
    for row in db.all(&sql, args![&shop.0, &member.0]).await? {
        match row.text(0)?.as_str() {
            "granted" => granted += row.int(1)?,
            "pending" | "review" => waiting += row.int(1)?,
            _ => {}
        }
    }
    Ok((granted, waiting))
}

fn reward(row: &Row) -> Result<Reward> {
    Ok(Reward {
        place: (row.int(0)?, 0),
        reward_id: row.id(1)?,
        friend_id: row.id(2)?,
        side: row.text(3)?,
        step: row.text(4)?,
        member_id: row.id(5)?,
        points: row.int(6)?,
        qualified_at: row.int(7)?,
        due_at: row.int(8)?,
        granted_at: row.opt_int(9)?,
        reversed_at: row.opt_int(10)?,
        doubts: doubts(row, 11)?,
        state: row.text(12)?,
    })
}

/// A click. Who it was nobody can tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct Click {
    /// Its id.
    pub click_id: Uuid,
    /// When, UTC milliseconds.
    pub at: i64,
    /// The link's code; empty for one that nobody has.
    pub code: String,
    /// What it was done with, such as `phone`.
    pub device: String,
    /// The host of the page that held the link; empty where nobody told.
    pub referrer: String,
    /// The visitor's country; empty where nobody told.
    pub country: String,
    /// Whether it was a person, as far as programs say so.
    pub person: bool,
    #[serde(skip)]
    pub(crate) day: i64,
}

/// A shop's clicks after (day, id) and before an id, in the order in which they were written.
///
/// # Errors
/// Where the database is away.
pub async fn clicks(db: &Db, shop: ShopId, (day, id): (i64, Uuid), before: Uuid, limit: i64) -> Result<Vec<Click>> {
    let sql = "SELECT day, click_id, at_ms, code, device, referrer, country, counted FROM clicks
               WHERE shop_id = $1 AND (day > $2 OR (day = $2 AND click_id > $3)) AND click_id < $4 ORDER BY day, click_id LIMIT $5";
    let rows = db.all(sql, args![&shop.0, day, &id, &before, limit]).await?;
    let clicks = rows.iter().map(|row| {
        Ok(Click {
            day: row.int(0)?,
            click_id: row.id(1)?,
            at: row.int(2)?,
            code: row.text(3)?,
            device: row.text(4)?,
            referrer: row.text(5)?,
            country: row.text(6)?,
            person: row.int(7)? != 0,
        })
    });
    clicks.collect()
}

/// A code, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Code {
    /// Such as `solare`.
    pub code: String,
    /// `vendor` (also a campaign's) or `member`.
    pub kind: String,
    /// Whose, for a member's.
    pub member_id: Option<Uuid>,
    /// A word for the shop's own statistics; may be empty.
    pub campaign: String,
    /// Where it leads; none: to the shop's page.
    pub landing: Option<String>,
    /// Since when, UTC milliseconds.
    pub created_at: i64,
    /// Clicks by people.
    pub clicks: i64,
    /// The same, when one's clicks with less than an hour between them are one.
    pub unique: i64,
    /// Clicks by programs.
    pub bots: i64,
    /// New members whom it brought.
    pub joined: i64,
}

/// A shop's codes after one, by the alphabet; of one kind alone where that is said; with what came of each.
///
/// # Errors
/// Where the database is away.
pub async fn codes(db: &Db, shop: ShopId, after: &str, kind: Option<&str>, limit: i64) -> Result<Vec<Code>> {
    let sql = "SELECT code, kind, member_id, campaign, landing, created_at,
                      (SELECT count(*) FROM referrals r WHERE r.shop_id = c.shop_id AND r.code = c.code)
               FROM referral_codes c WHERE shop_id = $1 AND code > $2 AND (kind = $3 OR $4 = 1) ORDER BY code LIMIT $5";
    let (any, kind) = (i64::from(kind.is_none()), kind.unwrap_or_default());
    let rows = db.all(sql, args![&shop.0, after, kind, any, limit]).await?;
    let mut codes: Vec<Code> = rows.iter().map(code).collect::<Result<_>>()?;
    let (Some(first), Some(last)) = (codes.first(), codes.last()) else {
        return Ok(codes);
    };
    let counts = super::clicks::between(db, shop, &first.code, &last.code).await?;
    for (name, counts) in counts {
        if let Ok(at) = codes.binary_search_by(|code| code.code.cmp(&name)) {
            (codes[at].clicks, codes[at].unique, codes[at].bots) = (counts.clicks, counts.unique, counts.bots);
        }
    }
    Ok(codes)
}

/// One of them.
///
/// # Errors
/// Where the database is away.
pub async fn code_named(db: &Db, shop: ShopId, name: &str) -> Result<Option<Code>> {
    let sql = "SELECT code, kind, member_id, campaign, landing, created_at,
                      (SELECT count(*) FROM referrals r WHERE r.shop_id = c.shop_id AND r.code = c.code)
               FROM referral_codes c WHERE shop_id = $1 AND code = $2";
    let Some(row) = db.first(sql, args![&shop.0, name]).await? else {
        return Ok(None);
    };
    let mut found = code(&row)?;
    for (_, counts) in super::clicks::between(db, shop, name, name).await? {
        (found.clicks, found.unique, found.bots) = (counts.clicks, counts.unique, counts.bots);
    }
    Ok(Some(found))
}

fn code(row: &Row) -> Result<Code> {
    Ok(Code {
        code: row.text(0)?,
        kind: row.text(1)?,
        member_id: row.opt_id(2)?,
        campaign: row.text(3)?,
        landing: row.opt_text(4)?,
        created_at: row.int(5)?,
        clicks: 0,
        unique: 0,
        bots: 0,
        joined: row.int(6)?,
    })
}

//! What the log says of referrals, as tables for programs that ask: events, who came through whom, rewards. They are
//! made from the log and brought up to date when somebody asks, so that nothing waits for them where nobody does. What
//! counts is decided at the tills; reading the tables is `referred`'s.

use loyalty::op::{Body, SaleKey};
use loyalty::referral::{Qualified, Reviewed, RewardKey, Rewarded};
use loyalty::settle::Claim;
use loyalty::{OpId, ShopId};
use uuid::Uuid;

use super::db::{Db, DbError, Result, Tx};
use super::known;
use crate::args;

/// Operations in one transaction: others who ask wait for no longer.
const PAGE: i64 = 100;

/// As the index has it: all that says anything of referrals.
const OPS: &str = "SELECT shop_seq, op_id, at_ms, body FROM ops WHERE shop_id = $1 AND shop_seq > $2 AND shop_seq <= $3
     AND substr(body, 1, 17) IN ('{\"body\":\"referral', '{\"body\":\"settled\"', '{\"body\":\"entry_re', '{\"body\":\"sale_ref')
     ORDER BY shop_seq LIMIT $4";

/// Brings a shop's tables up to date with its log. Several may do it at once: each page is taken once.
///
/// # Errors
/// Where the database is away.
pub async fn catch_up(db: &Db, shop: ShopId) -> Result<()> {
    let behind = "SELECT 1 FROM webs w JOIN shops s ON s.shop_id = w.shop_id WHERE w.shop_id = $1 AND w.referrals_to < s.shop_seq";
    while db.first(behind, args![&shop.0]).await?.is_some() {
        let mut tx = db.begin().await?;
        take_page(&mut tx, shop).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn take_page(tx: &mut Tx, shop: ShopId) -> Result<()> {
    let sql = format!("SELECT referrals_to FROM webs WHERE shop_id = $1 {}", tx.for_update());
    let missing = || DbError::Broken("the shop has no web side".into());
    let from = tx.first(&sql, args![&shop.0]).await?.ok_or_else(missing)?.int(0)?;
    let sql = "SELECT shop_seq FROM shops WHERE shop_id = $1";
    let to = tx.first(sql, args![&shop.0]).await?.ok_or_else(missing)?.int(0)?;
    let rows = tx.all(OPS, args![&shop.0, from, to, PAGE]).await?;
    let full = i64::try_from(rows.len()).is_ok_and(|n| n >= PAGE);
    let mut end = to;
    for row in &rows {
        let said = Said {
            shop,
            seq: row.int(0)?,
            op: OpId(row.id(1)?),
            at: row.int(2)?,
        };
        if full {
            end = said.seq;
        }
        // A kind of a newer relay's is nothing that this one could tell of.
        if let Ok(body) = serde_json::from_str(&row.text(3)?) {
            said.take(tx, &body).await?;
        }
    }
    let sql = "UPDATE webs SET referrals_to = $2 WHERE shop_id = $1";
    tx.run(sql, args![&shop.0, end]).await.map(drop)
}

/// An operation's place.
struct Said {
    shop: ShopId,
    seq: i64,
    op: OpId,
    at: i64,
}

/// What an event is about.
struct About<'a> {
    nth: i64,
    friend: Uuid,
    code: Option<&'a str>,
    referrer: Option<Uuid>,
    reward: Option<Uuid>,
    member: Option<Uuid>,
    points: Option<i64>,
    doubts: Option<&'a str>,
}

impl About<'_> {
    fn reward(reward: Uuid, friend: Uuid, member: Uuid, points: i64) -> Self {
        Self {
            nth: 0,
            friend,
            code: None,
            referrer: None,
            reward: Some(reward),
            member: Some(member),
            points: Some(points),
            doubts: None,
        }
    }
}

/// A reward that something happened to: its id, the friend, whose, points.
type Touched = (Uuid, Uuid, Uuid, i64);

impl Said {
    async fn take(&self, tx: &mut Tx, body: &Body) -> Result<()> {
        match body {
            Body::ReferralJoined {
                member,
                code,
                referrer,
                doubts,
            } => {
                let doubts = json(doubts)?;
                let about = About {
                    nth: 0,
                    friend: member.0,
                    code: Some(code),
                    referrer: referrer.map(|r| r.0),
                    reward: None,
                    member: None,
                    points: None,
                    doubts: Some(&doubts),
                };
                self.event(tx, "joined", about).await
            }
            Body::ReferralQualified(q) => self.qualified(tx, q).await,
            Body::ReferralRewarded(r) => self.rewarded(tx, r).await,
            Body::ReferralReviewed(r) => self.reviewed(tx, r).await,
            Body::Settled { second, .. } => self.settled(tx, *second).await,
            Body::EntryReversed { reverses, sale, .. } => {
                let sql = "UPDATE referral_rewards SET undone_at = $3 WHERE shop_id = $1 AND entry_id = $2 AND undone_at IS NULL
                           RETURNING reward_id, friend_id, member_id, points";
                let undone = touched(tx, sql, args![&self.shop.0, &reverses.0, self.at]).await?;
                self.about_rewards(tx, "reversed", &undone).await?;
                match sale {
                    Some(sale) => self.given_back(tx, sale, 0, true).await,
                    None => Ok(()),
                }
            }
            Body::SaleRefunded {
                source,
                sale_id,
                amount_minor,
                whole,
                ..
            } => {
                let sale = SaleKey {
                    source: source.clone(),
                    sale_id: sale_id.clone(),
                };
                self.given_back(tx, &sale, *amount_minor, *whole).await
            }
            _ => Ok(()),
        }
    }

    async fn qualified(&self, tx: &mut Tx, q: &Qualified) -> Result<()> {
        let (source, sale_id) = q.sale.as_ref().map(|k| (k.source.as_str(), k.sale_id.as_str())).unzip();
        let total = match &q.sale {
            Some(sale) => self.total(tx, sale).await?,
            None => None,
        };
        let doubts = json(&q.doubts)?;
        let RewardKey {
            friend,
            side,
            step,
            round,
        } = &q.key;
        let sql = "INSERT INTO referral_rewards (shop_id, reward_id, shop_seq, friend_id, side, step, round, member_id, points, due_at,
                       source, sale_id, total_minor, least_minor, doubts, allowed_clock, qualified_at, settled)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, 0)";
        let row = args![
            &self.shop.0,
            &self.op.0,
            self.seq,
            &friend.0,
            side.as_str(),
            step,
            *round,
            &q.member.0,
            q.points,
            q.due_at.0,
            source,
            sale_id,
            total,
            q.least_minor,
            &doubts,
            self.at
        ];
        tx.run(sql, row).await?;
        let kind = if q.points == 0 { "refused" } else { "qualified" };
        let about = About {
            doubts: Some(&doubts),
            ..About::reward(self.op.0, friend.0, q.member.0, q.points)
        };
        self.event(tx, kind, about).await
    }

    async fn rewarded(&self, tx: &mut Tx, r: &Rewarded) -> Result<()> {
        let RewardKey {
            friend,
            side,
            step,
            round,
        } = &r.key;
        // Of two tills that granted it the relay lets the first stand, which is this one, where it has no line yet.
        let sql = "UPDATE referral_rewards SET entry_id = $6, granted_at = $7
                   WHERE shop_id = $1 AND friend_id = $2 AND side = $3 AND step = $4 AND round = $5 AND entry_id IS NULL
                     AND reward_id = (SELECT reward_id FROM referral_rewards WHERE shop_id = $1 AND friend_id = $2 AND side = $3
                         AND step = $4 AND round = $5 AND settled = 0 ORDER BY shop_seq LIMIT 1)
                   RETURNING reward_id, friend_id, member_id, points";
        let row = args![
            &self.shop.0,
            &friend.0,
            side.as_str(),
            step,
            *round,
            &r.entry.0,
            self.at
        ];
        let granted = touched(tx, sql, row).await?;
        self.about_rewards(tx, "granted", &granted).await
    }

    async fn reviewed(&self, tx: &mut Tx, r: &Reviewed) -> Result<()> {
        let sql = "UPDATE referral_rewards SET allowed = $3, allowed_clock = $4
                   WHERE shop_id = $1 AND reward_id = $2 AND allowed_clock <= $4 RETURNING reward_id, friend_id, member_id, points";
        let row = args![&self.shop.0, &r.reward.0, i64::from(r.allowed), r.clock.0];
        let decided = touched(tx, sql, row).await?;
        self.about_rewards(tx, if r.allowed { "allowed" } else { "rejected" }, &decided)
            .await
    }

    /// Another till was first: the second does not stand, and what it gave back did not go.
    async fn settled(&self, tx: &mut Tx, second: OpId) -> Result<()> {
        let sql = "UPDATE referral_events SET settled = 1 WHERE shop_id = $1 AND op_id = $2 AND kind IN ('joined', 'qualified', 'refused')
                   RETURNING friend_id";
        if let Some(row) = tx.first(sql, args![&self.shop.0, &second.0]).await? {
            let friend = row.id(0)?;
            let sql = "UPDATE referral_rewards SET settled = 1 WHERE shop_id = $1 AND reward_id = $2
                       RETURNING reward_id, friend_id, member_id, points";
            let gone = touched(tx, sql, args![&self.shop.0, &second.0]).await?;
            if gone.is_empty() {
                let about = About {
                    reward: None,
                    member: None,
                    points: None,
                    ..About::reward(second.0, friend, friend, 0)
                };
                return self.event(tx, "withdrawn", about).await;
            }
            return self.about_rewards(tx, "withdrawn", &gone).await;
        }
        let sql = "SELECT body FROM ops WHERE shop_id = $1 AND op_id = $2";
        let row = tx.first(sql, args![&self.shop.0, &second.0]).await?;
        let body = row
            .and_then(|row| row.text(0).ok())
            .and_then(|text| serde_json::from_str(&text).ok());
        if let Some(Body::SaleRefunded {
            source,
            sale_id,
            amount_minor,
            ..
        }) = body
        {
            let sql = "UPDATE referral_refunds SET back_minor = back_minor - $4 WHERE shop_id = $1 AND source = $2 AND sale_id = $3";
            tx.run(sql, args![&self.shop.0, &source, &sale_id, amount_minor])
                .await?;
        }
        Ok(())
    }

    /// What a sale was, by the operation that recorded it first.
    async fn total(&self, tx: &mut Tx, sale: &SaleKey) -> Result<Option<i64>> {
        let what = known::stored(&Claim::Sale((sale.source.clone(), sale.sale_id.clone())));
        let sql = "SELECT o.body FROM claims c JOIN ops o ON o.shop_id = c.shop_id AND o.op_id = c.op_id WHERE c.shop_id = $1 AND c.what = $2";
        let row = tx.first(sql, args![&self.shop.0, &what]).await?;
        let body = row
            .and_then(|row| row.text(0).ok())
            .and_then(|text| serde_json::from_str(&text).ok());
        Ok(match body {
            Some(Body::SaleRecorded { total_minor, .. }) => Some(total_minor),
            _ => None,
        })
    }

    /// Money of a sale was given back: what waits for it may have gone. What is granted a till takes back, with a line.
    async fn given_back(&self, tx: &mut Tx, sale: &SaleKey, back_minor: i64, whole: bool) -> Result<()> {
        let before = waiting(tx, self.shop, sale).await?;
        let sql = "INSERT INTO referral_refunds (shop_id, source, sale_id, back_minor, gone) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (shop_id, source, sale_id) DO UPDATE SET back_minor = referral_refunds.back_minor + excluded.back_minor,
                       gone = CASE WHEN excluded.gone = 1 THEN 1 ELSE referral_refunds.gone END";
        let row = args![&self.shop.0, &sale.source, &sale.sale_id, back_minor, i64::from(whole)];
        tx.run(sql, row).await?;
        let after = waiting(tx, self.shop, sale).await?;
        let gone: Vec<Touched> = before.into_iter().filter(|reward| !after.contains(reward)).collect();
        self.about_rewards(tx, "cancelled", &gone).await
    }

    async fn about_rewards(&self, tx: &mut Tx, kind: &str, rewards: &[Touched]) -> Result<()> {
        let sql = "SELECT count(*) FROM referral_events WHERE shop_id = $1 AND shop_seq = $2";
        for (reward, friend, member, points) in rewards {
            let before = tx.first(sql, args![&self.shop.0, self.seq]).await?;
            let nth = before.map_or(Ok(0), |row| row.int(0))?;
            let about = About {
                nth,
                ..About::reward(*reward, *friend, *member, *points)
            };
            self.event(tx, kind, about).await?;
        }
        Ok(())
    }

    async fn event(&self, tx: &mut Tx, kind: &str, about: About<'_>) -> Result<()> {
        let sql = "INSERT INTO referral_events (shop_id, shop_seq, nth, op_id, at_ms, kind, friend_id, code, referrer_id, reward_id,
                       member_id, points, doubts, settled)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)";
        let row = args![
            &self.shop.0,
            self.seq,
            about.nth,
            &self.op.0,
            self.at,
            kind,
            &about.friend,
            about.code,
            about.referrer.as_ref(),
            about.reward.as_ref(),
            about.member.as_ref(),
            about.points,
            about.doubts
        ];
        tx.run(sql, row).await.map(drop)
    }
}

/// Rewards for a sale that have no line yet, and enough of the sale is left.
async fn waiting(tx: &mut Tx, shop: ShopId, sale: &SaleKey) -> Result<Vec<Touched>> {
    let sql = "SELECT r.reward_id, r.friend_id, r.member_id, r.points FROM referral_rewards r
               LEFT JOIN referral_refunds b ON b.shop_id = r.shop_id AND b.source = r.source AND b.sale_id = r.sale_id
               WHERE r.shop_id = $1 AND r.source = $2 AND r.sale_id = $3 AND r.entry_id IS NULL AND r.settled = 0 AND r.points > 0
                 AND coalesce(b.gone, 0) = 0 AND coalesce(r.total_minor - b.back_minor, r.least_minor) >= r.least_minor
               ORDER BY r.shop_seq";
    touched(tx, sql, args![&shop.0, &sale.source, &sale.sale_id]).await
}

async fn touched(tx: &mut Tx, sql: &str, args: &[super::db::Arg<'_>]) -> Result<Vec<Touched>> {
    let rows = tx.all(sql, args).await?;
    rows.iter()
        .map(|row| Ok((row.id(0)?, row.id(1)?, row.id(2)?, row.int(3)?)))
        .collect()
}

fn json(doubts: &[String]) -> Result<String> {
    serde_json::to_string(doubts).map_err(|error| DbError::Broken(error.to_string()))
}

//! Who was here when, and what was chosen and done about members who stay away: read off the log in shop order, as far as
//! it has come, when somebody asks. Who lapses is decided in `loyalty::lapsing`, what is done about it in `lapsing`.

use loyalty::lapsing::{Act, Choice, Usual, Word};
use loyalty::op::Body;
use loyalty::rules::Move;
use loyalty::{MemberId, OpId, ShopId, UtcMs};
use uuid::Uuid;

use crate::args;
use crate::store::db::{Db, DbError, Result, Row, Tx};

/// Operations that are read in one transaction.
const PAGE: i64 = 2_000;

/// The bodies that say something here.
const READ: [&str; 8] = [
    "sale_recorded",
    "sale_decided",
    "sale_refunded",
    "entry_reversed",
    "settled",
    "lapsing_chosen",
    "lapsing_set",
    "lapsing_acted",
];

/// Reads on to the end of a shop's log, a page to a transaction.
///
/// # Errors
/// Where the database is away.
pub async fn catch_up(db: &Db, shop: ShopId) -> Result<()> {
    loop {
        let mut tx = db.begin().await?;
        let more = page(&mut tx, shop).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// The same to the end in one transaction, for what was appended since [`catch_up`].
///
/// # Errors
/// Where the database is away.
pub async fn catch_up_within(tx: &mut Tx, shop: ShopId) -> Result<()> {
    while page(tx, shop).await? {}
    Ok(())
}

/// Reads a page. Answers whether there may be more.
async fn page(tx: &mut Tx, shop: ShopId) -> Result<bool> {
    let sql =
        "INSERT INTO visit_reads (shop_id, read_to, bonus, usual_clock) VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING";
    tx.run(sql, args![&shop.0]).await?;
    // One after the other: two that read the same page would both move on.
    let sql = format!("SELECT read_to FROM visit_reads WHERE shop_id = $1{}", tx.for_update());
    let Some(row) = tx.first(&sql, args![&shop.0]).await? else {
        return Ok(false);
    };
    let from = row.int(0)?;
    let sql = "SELECT shop_seq, op_id, at_ms, body FROM ops WHERE shop_id = $1 AND shop_seq > $2
               ORDER BY shop_seq LIMIT $3";
    let rows = tx.all(sql, args![&shop.0, from, PAGE]).await?;
    let Some(last) = rows.last() else {
        return Ok(false);
    };
    let to = last.int(0)?;
    for row in &rows {
        let text = row.text(3)?;
        let kind = text
            .strip_prefix("{\"body\":\"")
            .and_then(|rest| rest.split('"').next());
        if !kind.is_some_and(|kind| READ.contains(&kind)) {
            continue;
        }
        let body: Body = serde_json::from_str(&text).map_err(|error| DbError::Broken(error.to_string()))?;
        take(tx, shop, OpId(row.id(1)?), UtcMs(row.int(2)?), body).await?;
    }
    let sql = "UPDATE visit_reads SET read_to = $2 WHERE shop_id = $1";
    tx.run(sql, args![&shop.0, to]).await?;
    Ok(i64::try_from(rows.len()).unwrap_or(0) == PAGE)
}

async fn take(tx: &mut Tx, shop: ShopId, op: OpId, at: UtcMs, body: Body) -> Result<()> {
    match body {
        Body::SaleRecorded {
            source,
            sale_id,
            member: Some(member),
            entry,
            occurred_at,
            move_,
            ..
        } => {
            let state = match (entry, move_) {
                (Some(_), _) => "here",
                (None, Move::Hold) => "held",
                (None, _) => return Ok(()),
            };
            let sql = "INSERT INTO visits (shop_id, source, sale_id, member_id, at_ms, state)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
            let row = args![&shop.0, &source, &sale_id, &member.0, occurred_at.0, state];
            tx.run(sql, row).await.map(drop)
        }
        Body::SaleDecided {
            source, sale_id, entry, ..
        } => {
            let state = if entry.is_some() { "here" } else { "gone" };
            becomes(tx, shop, (&source, &sale_id), "held", state).await
        }
        Body::SaleRefunded {
            source,
            sale_id,
            whole: true,
            ..
        } => becomes(tx, shop, (&source, &sale_id), "here", "gone").await,
        Body::EntryReversed { sale: Some(sale), .. } => {
            becomes(tx, shop, (&sale.source, &sale.sale_id), "here", "gone").await
        }
        Body::LapsingChosen(chosen) => {
            let sql = "INSERT INTO lapsing_chosen (shop_id, member_id, clock, op_id, at_ms, choice)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (shop_id, member_id) DO UPDATE SET
                           clock = excluded.clock, op_id = excluded.op_id, at_ms = excluded.at_ms, choice = excluded.choice
                       WHERE excluded.clock > lapsing_chosen.clock
                          OR (excluded.clock = lapsing_chosen.clock AND excluded.op_id > lapsing_chosen.op_id)";
            let choice = chosen.choice.map(Choice::as_str);
            let row = args![&shop.0, &chosen.member.0, chosen.clock.0, &op.0, at.0, choice];
            tx.run(sql, row).await.map(drop)
        }
        Body::LapsingSet { usual, clock } => {
            let sql =
                "UPDATE visit_reads SET usual = $2, bonus = $3, usual_clock = $4, usual_op = $5 WHERE shop_id = $1
                       AND (usual_op IS NULL OR usual_clock < $4 OR (usual_clock = $4 AND usual_op < $5))";
            let row = args![&shop.0, usual.choice.as_str(), usual.bonus, clock.0, &op.0];
            tx.run(sql, row).await.map(drop)
        }
        Body::LapsingActed(acted) => {
            let sql = "INSERT INTO lapsing_acts (shop_id, member_id, since, nth, op_id, at_ms, bonus, chosen)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
            let bonus = acted.bonus.map_or(0, |bonus| bonus.points);
            let chosen = acted.chosen.map(|op| op.0);
            let row = args![
                &shop.0,
                &acted.member.0,
                acted.since.0,
                acted.nth,
                &op.0,
                at.0,
                bonus,
                chosen.as_ref()
            ];
            tx.run(sql, row).await.map(drop)
        }
        _ => Ok(()),
    }
}

async fn becomes(tx: &mut Tx, shop: ShopId, (source, sale): (&str, &str), from: &str, to: &str) -> Result<()> {
    let sql = "UPDATE visits SET state = $5 WHERE shop_id = $1 AND source = $2 AND sale_id = $3 AND state = $4";
    tx.run(sql, args![&shop.0, source, sale, from, to]).await.map(drop)
}

/// What is done where nothing was chosen.
///
/// # Errors
/// Where the database is away.
pub async fn usual(tx: &mut Tx, shop: ShopId) -> Result<Usual> {
    let sql = "SELECT usual, bonus FROM visit_reads WHERE shop_id = $1";
    let Some(row) = tx.first(sql, args![&shop.0]).await? else {
        return Ok(Usual::default());
    };
    Ok(Usual {
        choice: row.opt_text(0)?.as_deref().and_then(Choice::read).unwrap_or_default(),
        bonus: row.int(1)?,
    })
}

/// What is known of a card: how often they were here, when last, what was done and what was said last.
#[derive(Debug, Default)]
pub struct Known {
    /// Visits that count.
    pub visits: i64,
    /// The last of them.
    pub last: Option<UtcMs>,
    /// All that was done.
    pub acts: Vec<Act>,
    /// The owner's last word.
    pub word: Option<Word>,
}

/// What is known of everybody who shows on a card.
///
/// # Errors
/// Where the database is away.
pub async fn of(tx: &mut Tx, shop: ShopId, card: &[MemberId]) -> Result<Known> {
    let mut known = Known::default();
    let mut word: Option<((i64, Uuid), Word)> = None;
    for member in card {
        let sql = "SELECT count(*), max(at_ms) FROM visits WHERE shop_id = $1 AND member_id = $2 AND state = 'here'";
        if let Some(row) = tx.first(sql, args![&shop.0, &member.0]).await? {
            known.visits += row.int(0)?;
            known.last = known.last.max(row.opt_int(1)?.map(UtcMs));
        }
        let sql = "SELECT at_ms, bonus, chosen FROM lapsing_acts WHERE shop_id = $1 AND member_id = $2";
        for row in tx.all(sql, args![&shop.0, &member.0]).await? {
            known.acts.push(Act {
                at: UtcMs(row.int(0)?),
                bonus: row.int(1)? > 0,
                chosen: row.opt_id(2)?.map(OpId),
            });
        }
        let sql = "SELECT clock, op_id, at_ms, choice FROM lapsing_chosen WHERE shop_id = $1 AND member_id = $2";
        if let Some(row) = tx.first(sql, args![&shop.0, &member.0]).await? {
            let said = said(&row)?;
            word = word.filter(|(before, _)| *before > said.0).or(Some(said));
        }
    }
    known.word = word.map(|(_, word)| word);
    Ok(known)
}

fn said(row: &Row) -> Result<((i64, Uuid), Word)> {
    let word = Word {
        op: OpId(row.id(1)?),
        at: UtcMs(row.int(2)?),
        choice: row.opt_text(3)?.as_deref().and_then(Choice::read),
    };
    Ok(((row.int(0)?, word.op.0), word))
}

/// Members whose last visit under their own id was no later than `upto`, by id, from after one of them on: who, how often
/// they were here, and whether others show on the same card.
///
/// # Errors
/// Where the database is away.
pub async fn quiet_since(
    db: &Db,
    shop: ShopId,
    upto: UtcMs,
    after: MemberId,
    max: i64,
) -> Result<Vec<(MemberId, i64, bool)>> {
    let sql = "SELECT v.member_id, count(*), CAST(CASE WHEN EXISTS (
                   SELECT 1 FROM members m WHERE m.shop_id = $1 AND (m.merged_into = v.member_id
                       OR (m.member_id = v.member_id AND m.merged_into IS NOT NULL))) THEN 1 ELSE 0 END AS BIGINT)
               FROM visits v WHERE v.shop_id = $1 AND v.state = 'here' AND v.member_id > $2
               GROUP BY v.member_id HAVING max(v.at_ms) <= $3 ORDER BY v.member_id LIMIT $4";
    let rows = db.all(sql, args![&shop.0, &after.0, upto.0, max]).await?;
    rows.iter()
        .map(|row| Ok((MemberId(row.id(0)?), row.int(1)?, row.int(2)? != 0)))
        .collect()
}

/// The visits of a card between two moments, the first one first.
///
/// # Errors
/// Where the database is away.
pub async fn between(tx: &mut Tx, shop: ShopId, card: &[MemberId], from: UtcMs, to: UtcMs) -> Result<Vec<UtcMs>> {
    let mut all = Vec::new();
    for member in card {
        let sql = "SELECT at_ms FROM visits WHERE shop_id = $1 AND member_id = $2 AND state = 'here'
                   AND at_ms >= $3 AND at_ms < $4";
        for row in tx.all(sql, args![&shop.0, &member.0, from.0, to.0]).await? {
            all.push(UtcMs(row.int(0)?));
        }
    }
    all.sort();
    Ok(all)
}

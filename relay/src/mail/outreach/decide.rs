//! Yes and no to mails that wait, and taking either back. What is approved is queued in the transaction of the yes.

use ::mail::Kind;
use loyalty::{ShopId, UtcMs};
use uuid::Uuid;

use super::{Outreach, get};
use crate::args;
use crate::mail::queue::{self, New, Said};
use crate::store::db::{Db, Result, Tx};

/// How long a no can be taken back.
const BACK_MS: i64 = 10 * 60_000;

/// Why a decision was not taken. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Not {
    /// One of them does not wait any more, or is not to be taken back any more.
    Gone,
    /// One of them is not as it was seen.
    Changed,
    /// Another mail to the same shop waits.
    Waits,
}

/// Says yes or no to one that waits, to all of a task, or with none to all that wait, whatever they say. Answers how many
/// were decided.
///
/// # Errors
/// Where the database is away.
pub async fn decide(db: &Db, shop: ShopId, of: Option<Uuid>, approve: bool, by: &str, now: UtcMs) -> Result<usize> {
    let mut tx = db.begin().await?;
    let sql = "SELECT outreach_id FROM outreach WHERE shop_id = $1 AND state = 'drafted'
               AND ($2 = 0 OR outreach_id = $3 OR task_id = $3) ORDER BY outreach_id";
    let rows = tx
        .all(sql, args![&shop.0, i64::from(of.is_some()), &of.unwrap_or_default()])
        .await?;
    let mut decided = 0;
    for row in rows {
        let Some(one) = get(&mut tx, shop, row.id(0)?).await? else {
            continue;
        };
        // Whoever was first has decided.
        decided += usize::from(say(&mut tx, shop, &one, approve, (by, now), now).await?);
    }
    tx.commit().await?;
    Ok(decided)
}

/// Says yes or no to mails as they were seen: to all of them, or to none. What is approved goes out from `due` on.
///
/// # Errors
/// Where the database is away.
pub async fn decide_seen(
    db: &Db,
    shop: ShopId,
    seen: &[(Uuid, String)],
    approve: bool,
    by: (&str, UtcMs),
    due: UtcMs,
) -> Result<std::result::Result<(), Not>> {
    let mut tx = db.begin().await?;
    let mut in_order = seen.to_vec();
    // Two who decide about the same ones meet at the first, and not crosswise.
    in_order.sort_unstable();
    in_order.dedup();
    for (id, seen) in &in_order {
        let Some(one) = get(&mut tx, shop, *id).await?.filter(|one| one.state == "drafted") else {
            return Ok(Err(Not::Gone));
        };
        if approve && one.seen() != *seen {
            return Ok(Err(Not::Changed));
        }
        if !say(&mut tx, shop, &one, approve, by, due).await? {
            return Ok(Err(Not::Changed));
        }
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Says it to one, if it still waits and says what it did when it was read.
async fn say(
    tx: &mut Tx,
    shop: ShopId,
    one: &Outreach,
    approve: bool,
    (by, now): (&str, UtcMs),
    due: UtcMs,
) -> Result<bool> {
    let sql = "UPDATE outreach SET state = $3, decided_by = $4, decided_at = $5
               WHERE shop_id = $1 AND outreach_id = $2 AND state = 'drafted' AND subject = $6 AND text = $7 AND html = $8";
    let id = one.outreach_id;
    let state = if approve { "approved" } else { "rejected" };
    let row = args![&shop.0, &id, state, by, now.0, &one.subject, &one.text, &one.html];
    if tx.run(sql, row).await? != 1 {
        return Ok(false);
    }
    if approve {
        let new = New {
            event: format!("outreach:{id}"),
            recipient: "partner".to_owned(),
            kind: Kind::PartnerOutreach,
            member: None,
            said: Said::default(),
            due,
        };
        queue::add_as(tx, shop, id, &new, now).await?;
    }
    Ok(true)
}

/// Makes mails wait for a yes again: all of these, or none. A yes can be taken back until the server is given the mail, a
/// no for ten minutes.
///
/// # Errors
/// Where the database is away.
pub async fn undo(db: &Db, shop: ShopId, mails: &[Uuid], now: UtcMs) -> Result<std::result::Result<(), Not>> {
    let mut tx = db.begin().await?;
    let mut in_order = mails.to_vec();
    in_order.sort_unstable();
    in_order.dedup();
    for id in &in_order {
        let Some(one) = get(&mut tx, shop, *id).await? else {
            return Ok(Err(Not::Gone));
        };
        let other = "SELECT 1 FROM outreach WHERE shop_id = $1 AND code = $2 AND state = 'drafted'";
        if tx.first(other, args![&shop.0, &one.code]).await?.is_some() {
            return Ok(Err(Not::Waits));
        }
        // A worker that has claimed it finds it gone before the server is given anything.
        let sql = "DELETE FROM mails WHERE shop_id = $1 AND mail_id = $2 AND kind = $3
                   AND (state = 'queued' OR (state = 'cancelled' AND why = 'stopped'))";
        let unsent = tx.run(sql, args![&shop.0, id, Kind::PartnerOutreach.key()]).await?;
        let sql = "UPDATE outreach SET state = 'drafted', decided_by = NULL, decided_at = NULL
                   WHERE shop_id = $1 AND outreach_id = $2
                   AND ((state = 'approved' AND $3 = 1) OR (state = 'rejected' AND decided_at > $4))";
        let row = args![&shop.0, id, i64::from(unsent == 1), now.0 - BACK_MS];
        if tx.run(sql, row).await? != 1 {
            return Ok(Err(Not::Gone));
        }
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether [`undo`] would do it.
#[must_use]
pub fn can_go_back(one: &Outreach, now: UtcMs) -> bool {
    match one.state.as_str() {
        "approved" => match one.mail.as_deref() {
            Some("queued") => true,
            Some("cancelled") => one.why.as_deref() == Some("stopped"),
            _ => false,
        },
        "rejected" => one.decided_at.is_some_and(|at| at.0 > now.0 - BACK_MS),
        _ => false,
    }
}

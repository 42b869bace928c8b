//! From which addresses members joined and looked today, as hashes under the day's key; and what looks odd about
//! somebody who joins from one of them. Nothing here refuses anything: a doubt lets the reward wait for a look.

use loyalty::{MemberId, ShopId, UtcMs};

use super::db::{Result, Tx};
use crate::args;

/// So many joins through one code from one address in a day are odd.
const JOINS_MAX: i64 = 3;

/// Who somebody is today: the address, and the address with the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The address.
    pub address: [u8; 16],
    /// With the browser, as the clicks of the day know them.
    pub visitor: [u8; 16],
}

fn day(now: UtcMs) -> i64 {
    now.0.div_euclid(UtcMs::DAY_MS)
}

/// Notes that a member joined through a code, or (with none) only looked. What was noted on other days goes.
///
/// # Errors
/// Where the database is away.
pub async fn note(tx: &mut Tx, shop: ShopId, member: MemberId, code: &str, seen: &Seen, now: UtcMs) -> Result<()> {
    let today = day(now);
    let sql = "DELETE FROM member_places WHERE shop_id = $1 AND day < $2";
    tx.run(sql, args![&shop.0, today]).await?;
    let sql =
        "INSERT INTO member_places (shop_id, day, address, member_id, code, visitor) VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT DO NOTHING";
    let row = args![&shop.0, today, &seen.address, &member.0, code, &seen.visitor];
    tx.run(sql, row).await.map(drop)
}

/// What looks odd about somebody who joins through a code; `referrer` is whoever shows for whose code it is.
///
/// # Errors
/// Where the database is away.
pub async fn doubts(
    tx: &mut Tx,
    shop: ShopId,
    code: &str,
    referrer: &[MemberId],
    seen: &Seen,
    now: UtcMs,
) -> Result<Vec<String>> {
    let sql = "SELECT member_id, code, visitor FROM member_places WHERE shop_id = $1 AND day = $2 AND address = $3";
    let rows = tx.all(sql, args![&shop.0, day(now), &seen.address]).await?;
    let (mut same_address, mut same_browser, mut joins) = (false, false, 0);
    for row in &rows {
        let (member, through) = (MemberId(row.id(0)?), row.text(1)?);
        same_address |= referrer.contains(&member);
        same_browser |= !through.is_empty() && row.array::<16>(2)? == seen.visitor;
        joins += i64::from(through == code);
    }
    let mut doubts = Vec::new();
    if same_address {
        doubts.push("they joined from the same address as whoever sent them, on one day".to_owned());
    }
    if same_browser {
        doubts.push("somebody else joined with the same browser on the same day".to_owned());
    }
    if joins >= JOINS_MAX {
        let all = joins + 1;
        doubts.push(format!(
            "{all} friends joined through this code from one address on one day"
        ));
    }
    Ok(doubts)
}

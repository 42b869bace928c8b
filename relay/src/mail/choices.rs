//! Which mails somebody wants of those that they may get: what they switched off, on the page that a mail's link leads to.
//! A mail is not sent where anybody on the card, or whoever has the address, does not want its kind.

use ::mail::Kind;
use loyalty::{MemberId, ShopId, UtcMs};
use std::collections::BTreeSet;

use crate::args;
use crate::store::db::{Db, Result, Tx};

/// The mails that a member can choose from.
pub const MEMBERS: [Kind; 4] = [Kind::RewardEarned, Kind::Balance, Kind::WeMissYou, Kind::ReferralJoined];

/// What somebody who is no member can choose from.
pub const OTHERS: [Kind; 1] = [Kind::PartnerOutreach];

/// Whose word it is: the members' on one card, and that of whoever has the address.
#[derive(Clone, Copy, Debug)]
pub struct Who<'a> {
    /// The card; empty for somebody who is no member.
    pub card: &'a [MemberId],
    /// The address, as it is kept, where one is known.
    pub address: Option<&'a [u8; 32]>,
}

impl Who<'_> {
    fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let card = self.card.iter().map(|member| &member.0.as_bytes()[..]);
        card.chain(self.address.map(|address| &address[..]))
    }
}

/// The kinds that they don't want.
///
/// # Errors
/// Where the database is away.
pub async fn off(tx: &mut Tx, shop: ShopId, who: Who<'_>) -> Result<BTreeSet<Kind>> {
    let mut off = BTreeSet::new();
    for key in who.keys() {
        let sql = "SELECT kind FROM mail_unwanted WHERE shop_id = $1 AND who = $2";
        for row in tx.all(sql, args![&shop.0, key]).await? {
            off.extend(Kind::named(&row.text(0)?));
        }
    }
    Ok(off)
}

/// Sets which of `all` they want. A member's word is kept with the member, so that it holds for their next address, too.
///
/// # Errors
/// Where the database is away.
pub async fn set(tx: &mut Tx, shop: ShopId, who: Who<'_>, all: &[Kind], wanted: &[Kind], now: UtcMs) -> Result<()> {
    for kind in all {
        for key in who.keys() {
            let sql = "DELETE FROM mail_unwanted WHERE shop_id = $1 AND who = $2 AND kind = $3";
            tx.run(sql, args![&shop.0, key, kind.key()]).await?;
        }
        if wanted.contains(kind) {
            continue;
        }
        if let Some(key) = who.keys().next() {
            let sql =
                "INSERT INTO mail_unwanted (shop_id, who, kind, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
            tx.run(sql, args![&shop.0, key, kind.key(), now.0]).await?;
        }
    }
    Ok(())
}

/// How many don't want each kind.
///
/// # Errors
/// Where the database is away.
pub async fn counts(db: &Db, shop: ShopId) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT kind, count(*) FROM mail_unwanted WHERE shop_id = $1 GROUP BY kind ORDER BY kind";
    let rows = db.all(sql, args![&shop.0]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

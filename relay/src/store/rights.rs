//! Who may spend whose points, as a page of operations changes it: added up while the page is walked, written at once.
//! Lost tills have suspense in place of rights; see `loyalty::state::loss`.

use loyalty::{MemberId, Origin, Points, ShopId};
use std::collections::{BTreeMap, BTreeSet};

use super::bulk;
use super::db::{Arg, DbError, Result, Tx};
use crate::args;

/// What of a lost till's suspense belongs to the balance, in both databases' words.
const SHOWN: &str = "CASE WHEN net >= 0 THEN net WHEN -net <= released THEN 0 ELSE net + released END";

/// What changes.
#[derive(Debug, Default)]
pub struct Rights {
    changes: BTreeMap<(MemberId, Origin), Points>,
    /// What the relay grants now of what it holds: whose, how many.
    pub granted: Vec<(MemberId, Points)>,
    /// Tills that are lost now.
    pub lost: Vec<Origin>,
    /// Suspense that is the relay's now: whose, of which till, how much.
    pub released: Vec<(MemberId, Origin, Points)>,
    /// Holders whose rights are another's now.
    pub renewed: Vec<(Origin, Origin)>,
}

impl Rights {
    /// A holder has so many more, or fewer.
    pub fn add(&mut self, member: MemberId, holder: Origin, points: Points) {
        let sum = self.changes.entry((member, holder)).or_default();
        *sum = sum.saturating_add(points);
    }

    /// Writes it. The order within a page does not matter: all of it adds up.
    ///
    /// # Errors
    /// Where the database is away.
    pub async fn write(&self, tx: &mut Tx, shop: ShopId) -> Result<()> {
        let lost = lost(tx, shop).await?;
        let changes = self.changes.iter().filter(|(_, points)| **points != 0);
        let (suspended, held): (Vec<_>, Vec<_>) = changes.partition(|((_, holder), _)| lost.contains(holder));
        let rows = held.into_iter().map(|((member, holder), points)| -> [Arg<'_>; 4] {
            [
                (&shop.0).into(),
                (&member.0).into(),
                (&holder.0).into(),
                (*points).into(),
            ]
        });
        let into = "INSERT INTO rights (shop_id, member_id, holder, points)";
        let then = "ON CONFLICT (shop_id, member_id, holder) DO UPDATE SET points = rights.points + excluded.points";
        bulk::insert(tx, into, rows, then).await?;
        for (member, points) in &self.granted {
            take_granted(tx, shop, *member, *points).await?;
        }
        for till in self.lost.iter().filter(|till| !lost.contains(till)) {
            lose(tx, shop, *till).await?;
        }
        let suspended = suspended.into_iter().map(|((m, till), points)| (m, till, *points, 0));
        let released = self
            .released
            .iter()
            .map(|(m, till, points)| (m, till, -points, *points));
        let mut touched = BTreeSet::new();
        // One statement must not meet a row twice.
        let mut sums: BTreeMap<(&MemberId, &Origin), (Points, Points)> = BTreeMap::new();
        for (member, till, net, released) in suspended.chain(released) {
            let sum = sums.entry((member, till)).or_default();
            *sum = (sum.0 + net, sum.1 + released);
            touched.insert(*till);
        }
        let rows = sums.iter().map(|((member, till), (net, released))| -> [Arg<'_>; 5] {
            [
                (&shop.0).into(),
                (&member.0).into(),
                (&till.0).into(),
                (*net).into(),
                (*released).into(),
            ]
        });
        let into = "INSERT INTO suspense (shop_id, member_id, till, net, released)";
        let then = "ON CONFLICT (shop_id, member_id, till)
                    DO UPDATE SET net = suspense.net + excluded.net, released = suspense.released + excluded.released";
        bulk::insert(tx, into, rows, then).await?;
        for till in touched {
            show(tx, shop, till).await?;
        }
        for (was, now) in &self.renewed {
            if !lost.contains(was) && !self.lost.contains(was) {
                move_all(tx, shop, *was, *now).await?;
            }
        }
        Ok(())
    }
}

/// The shop's lost tills.
///
/// # Errors
/// Where the database is away.
pub async fn lost(tx: &mut Tx, shop: ShopId) -> Result<BTreeSet<Origin>> {
    let rows = tx
        .all("SELECT till FROM lost WHERE shop_id = $1", args![&shop.0])
        .await?;
    rows.iter().map(|row| row.id(0).map(Origin)).collect()
}

/// What is granted must be there, in one statement.
async fn take_granted(tx: &mut Tx, shop: ShopId, member: MemberId, points: Points) -> Result<()> {
    let sql = "UPDATE rights SET points = points - $4
               WHERE shop_id = $1 AND member_id = $2 AND holder = $3 AND points >= $4";
    let taken = tx.run(sql, args![&shop.0, &member.0, &Origin::RELAY.0, points]).await?;
    if taken == 1 {
        Ok(())
    } else {
        Err(DbError::Broken("more would be granted than is held".into()))
    }
}

/// From now on what a till holds is in suspense.
async fn lose(tx: &mut Tx, shop: ShopId, till: Origin) -> Result<()> {
    let both = args![&shop.0, &till.0];
    tx.run(
        "INSERT INTO lost (shop_id, till) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        both,
    )
    .await?;
    tx.run(
        "INSERT INTO suspense (shop_id, member_id, till, net, released)
         SELECT shop_id, member_id, holder, points, 0 FROM rights WHERE shop_id = $1 AND holder = $2
         ON CONFLICT DO NOTHING",
        both,
    )
    .await
    .map(drop)
}

/// What of a lost till's suspense belongs to balances stands among the rights.
async fn show(tx: &mut Tx, shop: ShopId, till: Origin) -> Result<()> {
    let sql = format!(
        "INSERT INTO rights (shop_id, member_id, holder, points)
         SELECT shop_id, member_id, till, {SHOWN} FROM suspense WHERE shop_id = $1 AND till = $2
         ON CONFLICT (shop_id, member_id, holder) DO UPDATE SET points = excluded.points"
    );
    tx.run(&sql, args![&shop.0, &till.0]).await.map(drop)
}

/// All rights of one holder become another's, in one statement each way; what it owed the relay gets back.
async fn move_all(tx: &mut Tx, shop: ShopId, was: Origin, now: Origin) -> Result<()> {
    tx.run(
        "INSERT INTO rights (shop_id, member_id, holder, points)
         SELECT shop_id, member_id, CASE WHEN points < 0 THEN $4 ELSE $3 END, points
         FROM rights WHERE shop_id = $1 AND holder = $2
         ON CONFLICT (shop_id, member_id, holder) DO UPDATE SET points = rights.points + excluded.points",
        args![&shop.0, &was.0, &now.0, &Origin::RELAY.0],
    )
    .await?;
    tx.run(
        "DELETE FROM rights WHERE shop_id = $1 AND holder = $2",
        args![&shop.0, &was.0],
    )
    .await
    .map(drop)
}

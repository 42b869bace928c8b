//! What follows from several operations at once, worked out anew from all of them, so that the order in which they came
//! does not matter: which sale of a number stands and what became of it, visits, who shows as whom, consent.

use loyalty::op::{Body, Twice};
use loyalty::{EntryId, MemberId, OpId, UtcMs};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use crate::error::Result;
use crate::tx::Tx;

/// In SQL: the ids of everybody who shows on the same card as the member ?1.
pub(crate) const CARD: &str = "SELECT g.member_id FROM members g, (SELECT coalesce(merged_into, member_id) AS card FROM members WHERE member_id = ?1) c
    WHERE g.member_id = c.card OR g.merged_into = c.card";

/// A sale's row, as far as it does not follow from others.
struct Recorded {
    op: Uuid,
    member: Option<MemberId>,
    entry: Option<EntryId>,
    total_minor: i64,
    held: bool,
    settled: bool,
}

/// One visit more, at `at`: the sale that it comes from is new.
pub(crate) fn visit(tx: &Tx<'_>, member: MemberId, at: UtcMs) -> Result<()> {
    let sql = "UPDATE members SET visits = visits + 1, last_visit_at = max(coalesce(last_visit_at, ?2), ?2) WHERE member_id = ?1";
    crate::people::one(member, tx.conn.prepare_cached(sql)?.execute(params![member.0, at.0])?)
}

/// A member's visits, counted.
fn visits(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let sql = "UPDATE members SET (visits, last_visit_at) = (
                   SELECT count(*), max(s.occurred_at) FROM sales s WHERE s.member_id = ?1 AND s.reversed = 0 AND s.entry_id IS NOT NULL)
               WHERE member_id = ?1";
    crate::people::one(member, tx.conn.prepare_cached(sql)?.execute([member.0])?)
}

/// What has become of the sales of one number. The oldest that is not settled stands: it has the decision that is not
/// settled (the oldest, while there are two) and all refunds that are not.
pub(crate) fn sales_of(tx: &Tx<'_>, source: &str, sale_id: &str) -> Result<()> {
    let recorded = recorded(tx, source, sale_id)?;
    let standing = recorded.iter().find(|s| !s.settled).map(|s| s.op);
    let sql =
        "SELECT entry_id FROM decisions WHERE source = ?1 AND sale_id = ?2 AND settled = 0 ORDER BY op_id LIMIT 1";
    let decided: Option<Option<Uuid>> = tx
        .conn
        .prepare_cached(sql)?
        .query_row([source, sale_id], |r| r.get(0))
        .optional()?;
    let sql = "SELECT coalesce(sum(amount_minor), 0), coalesce(max(whole), 0), count(*) FROM refunds
               WHERE source = ?1 AND sale_id = ?2 AND settled = 0";
    let (given_back, whole, refunds): (i64, bool, i64) = tx
        .conn
        .prepare_cached(sql)?
        .query_row([source, sale_id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    // The standing one last: two rows must never stand, nor have one line.
    let (first, last): (Vec<_>, Vec<_>) = recorded.iter().partition(|s| Some(s.op) != standing);
    for sale in first.into_iter().chain(last) {
        let stands = Some(sale.op) == standing;
        let decision = decided.filter(|_| stands && sale.held);
        let entry = decision.unwrap_or(sale.entry.map(|e| e.0));
        let nothing_left = stands && refunds > 0 && (whole || given_back >= sale.total_minor);
        tx.conn
            .prepare_cached(
                "UPDATE sales SET standing = ?4, entry_id = ?5, refunded_minor = ?6, decision = ?7,
                        reversed = ?8 OR EXISTS (SELECT 1 FROM taken_back t WHERE t.entry_id = ?5)
                 WHERE source = ?1 AND sale_id = ?2 AND op_id = ?3",
            )?
            .execute(params![
                source,
                sale_id,
                sale.op,
                stands,
                entry,
                if stands { given_back } else { 0 },
                decision.map(|entry| if entry.is_some() { "approved" } else { "rejected" }),
                sale.settled || nothing_left
            ])?;
    }
    let mut members: Vec<MemberId> = recorded.iter().filter_map(|s| s.member).collect();
    members.sort();
    members.dedup();
    members.into_iter().try_for_each(|member| visits(tx, member))
}

fn recorded(tx: &Tx<'_>, source: &str, sale_id: &str) -> Result<Vec<Recorded>> {
    let sql = "SELECT op_id, member_id, own_entry_id, total_minor, move = 'hold', settled FROM sales
               WHERE source = ?1 AND sale_id = ?2 ORDER BY op_id";
    let mut rows = tx.conn.prepare_cached(sql)?;
    let rows = rows.query_map([source, sale_id], |r| {
        Ok(Recorded {
            op: r.get(0)?,
            member: r.get::<_, Option<_>>(1)?.map(MemberId),
            entry: r.get::<_, Option<_>>(2)?.map(EntryId),
            total_minor: r.get(3)?,
            held: r.get(4)?,
            settled: r.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The relay took an operation back: what it did beside its line no longer counts.
pub(crate) fn settle(tx: &Tx<'_>, what: Twice, second: OpId) -> Result<()> {
    let table = match what {
        Twice::Sale => "sales",
        Twice::Decision => "decisions",
        Twice::Refund => "refunds",
        Twice::Referral | Twice::Qualified => return crate::referrals::rows::settle(tx, second),
        Twice::Reversal => {
            if let Some((Body::EntryReversed { sale: Some(sale), .. }, _)) = tx.earlier(second)? {
                sales_of(tx, &sale.source, &sale.sale_id)?;
            }
            return Ok(());
        }
        // Its line is taken back; whatever else it did is an effect of its own.
        Twice::Birthday | Twice::Rewarded => return Ok(()),
    };
    let sql = format!("UPDATE {table} SET settled = 1 WHERE op_id = ?1 RETURNING source, sale_id");
    let key: Option<(String, String)> = tx
        .conn
        .prepare_cached(&sql)?
        .query_row([second.0], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    key.map_or(Ok(()), |(source, sale_id)| sales_of(tx, &source, &sale_id))
}

/// Who `member` and whoever was merged into them show as, after the last word about `member`.
pub(crate) fn cards(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let sql = "WITH RECURSIVE below (id) AS (SELECT ?1 UNION SELECT m.member_id FROM merges m JOIN below b ON m.into_id = b.id)
               SELECT id FROM below";
    let mut rows = tx.conn.prepare_cached(sql)?;
    let below: Vec<Uuid> = rows
        .query_map([member.0], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let before = tx.card(member)?;
    // Each link leads to an older id, so there is an end.
    let sql = "WITH RECURSIVE up (id, n) AS (
                   SELECT ?1, 0 UNION ALL SELECT m.into_id, up.n + 1 FROM up JOIN merges m ON m.member_id = up.id AND m.into_id IS NOT NULL)
               SELECT id FROM up ORDER BY n DESC LIMIT 1";
    let top: Uuid = tx.conn.prepare_cached(sql)?.query_row([member.0], |r| r.get(0))?;
    for id in &below {
        tx.conn
            .prepare_cached("UPDATE members SET merged_into = nullif(?2, ?1) WHERE member_id = ?1")?
            .execute(params![id, top])?;
    }
    for id in below.into_iter().chain([before.0, top]) {
        consent(tx, MemberId(id))?;
    }
    Ok(())
}

/// Mail goes to whoever agreed and has not withdrawn since; for a card of several, nobody of them may have.
pub(crate) fn consent(tx: &Tx<'_>, member: MemberId) -> Result<()> {
    let sql = "UPDATE members AS m SET email_consent =
            EXISTS (SELECT 1 FROM members g WHERE (g.member_id = m.member_id OR g.merged_into = m.member_id) AND g.consent_given = 1)
            AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.covered = 0 AND w.member_id IN (
                SELECT g.member_id FROM members g WHERE g.member_id = m.member_id OR g.merged_into = m.member_id))
        WHERE m.member_id IN (SELECT ?1 UNION SELECT merged_into FROM members WHERE member_id = ?1)";
    tx.conn.prepare_cached(sql)?.execute([member.0])?;
    Ok(())
}

//! What was so when a sale or refund was recorded, for whoever must hear the first answer again. Not here: finding
//! that it was recorded before (`sales`, `refunds`).

use loyalty::Points;
use rusqlite::OptionalExtension;

use crate::error::Result;
use crate::tx::Tx;

/// The points of a member's lines up to and with an operation.
const UP_TO: &str = "SELECT coalesce(sum(l.points), 0) FROM ledger l JOIN ops o USING (op_id) WHERE l.member_id IN (SELECT g.member_id FROM members g JOIN members k ON k.member_id = s.member_id WHERE g.member_id = coalesce(k.merged_into, k.member_id) OR g.merged_into = coalesce(k.merged_into, k.member_id)) AND o.op <= t.op";
/// The same, and what came back with a refund that left nothing of the sale: its rewards and bonuses, taken back right
/// after it.
const RESTORED: &str = "SELECT coalesce(sum(l.points), 0) FROM ledger l JOIN ops o USING (op_id) JOIN ledger d ON d.entry_id = l.reverses
    WHERE l.member_id = s.member_id AND o.op > t.op AND d.kind IN ('redeem', 'bonus') AND d.source = s.source AND d.sale_id = s.sale_id
      AND s.refunded_minor = s.total_minor
      AND NOT EXISTS (SELECT 1 FROM refunds n JOIN ops p USING (op_id) WHERE n.source = s.source AND n.sale_id = s.sale_id AND p.op > t.op)";

impl Tx<'_> {
    /// The member's points right after a sale was recorded; 0 for a walk-in, and where there is no such sale.
    ///
    /// # Errors
    /// A storage error.
    pub fn balance_after_sale(&self, source: &str, sale_id: &str) -> Result<Points> {
        let sql = format!(
            "SELECT ({UP_TO}) FROM sales s JOIN ops t USING (op_id) WHERE s.source = ?1 AND s.sale_id = ?2 AND s.standing = 1"
        );
        self.one_number(&sql, source, sale_id).map(Option::unwrap_or_default)
    }

    /// The member's points right after a refund was recorded; 0 for a walk-in, and where there is no such refund.
    ///
    /// # Errors
    /// A storage error.
    pub fn balance_after_refund(&self, source: &str, refund_id: &str) -> Result<Points> {
        let sql = format!(
            "SELECT ({UP_TO}) + ({RESTORED}) FROM refunds r JOIN sales s ON s.source = r.source AND s.sale_id = r.sale_id AND s.standing = 1 JOIN ops t ON t.op_id = r.op_id
             WHERE r.source = ?1 AND r.refund_id = ?2 ORDER BY r.settled LIMIT 1"
        );
        self.one_number(&sql, source, refund_id).map(Option::unwrap_or_default)
    }

    /// What was given back of a sale so far, in minor units; none where there is no such sale.
    ///
    /// # Errors
    /// A storage error.
    pub fn given_back(&self, source: &str, sale_id: &str) -> Result<Option<i64>> {
        let sql = "SELECT refunded_minor FROM sales WHERE source = ?1 AND sale_id = ?2 AND standing = 1";
        self.one_number(sql, source, sale_id)
    }

    fn one_number(&self, sql: &str, source: &str, id: &str) -> Result<Option<i64>> {
        let mut found = self.conn.prepare_cached(sql)?;
        Ok(found.query_row([source, id], |r| r.get(0)).optional()?)
    }
}

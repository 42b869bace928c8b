//! Members who came back after a mail about staying away, and what they spent then. How many they are in all is in
//! `lapsing`; what counts as won back in `loyalty::lapsing`.

use loyalty::lapsing::BACK_MS;
use loyalty::{MemberId, Points, UtcMs};
use rusqlite::params;

use crate::error::Result;
use crate::store::Store;

/// Somebody who came back within thirty days of a mail, once for each time they stayed away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBack {
    /// Who, as they show.
    pub member: MemberId,
    /// The code on their card.
    pub code: String,
    /// Their name; may be empty.
    pub name: String,
    /// The last digits of their phone; may be empty.
    pub last4: String,
    /// The last mail before they came.
    pub mailed_at: UtcMs,
    /// Mails of that lapse.
    pub mails: i64,
    /// Points that came with them.
    pub bonus: Points,
    /// The first visit after it.
    pub at: UtcMs,
    /// What they spent within thirty days of the mail, in minor units, less what was given back.
    pub spent_minor: i64,
}

/// As `win_backs` in `lapsing` counts them. An act belongs to the first visit after it.
const BACK: &str = "WITH acts AS (
        SELECT a.at_ms, a.bonus, coalesce(m.merged_into, m.member_id) AS card FROM lapsing_acts a JOIN members m USING (member_id)),
    visits AS (
        SELECT coalesce(g.merged_into, g.member_id) AS card, s.occurred_at AS at_ms, max(s.total_minor - s.refunded_minor, 0) AS minor
        FROM sales s JOIN members g USING (member_id)
        WHERE s.reversed = 0 AND s.entry_id IS NOT NULL AND coalesce(g.merged_into, g.member_id) IN (SELECT card FROM acts)),
    back AS (
        SELECT a.card, max(a.at_ms) AS mailed, count(*) AS mails, sum(a.bonus) AS bonus,
               (SELECT min(v.at_ms) FROM visits v WHERE v.card = a.card AND v.at_ms > a.at_ms) AS visit
        FROM acts a GROUP BY a.card, visit)
    SELECT b.card, m.code, m.name, coalesce(substr(coalesce(m.phone, m.phone_also), -4), ''), b.mailed, b.mails, b.bonus, b.visit,
           (SELECT sum(v.minor) FROM visits v WHERE v.card = b.card AND v.at_ms BETWEEN b.visit AND b.mailed + ?1)
    FROM back b JOIN members m ON m.member_id = b.card
    WHERE b.visit IS NOT NULL AND b.visit - b.mailed <= ?1 ORDER BY b.visit DESC, b.card";

impl Store {
    /// Who came back within thirty days of a mail, the latest first. As many as `win_backs` of [`Store::win_back`].
    ///
    /// # Errors
    /// A storage error.
    pub fn came_back(&self) -> Result<Vec<CameBack>> {
        self.read(|c| {
            let mut rows = c.prepare_cached(BACK)?;
            let rows = rows.query_map(params![BACK_MS], |r| {
                Ok(CameBack {
                    member: MemberId(r.get(0)?),
                    code: r.get(1)?,
                    name: r.get(2)?,
                    last4: r.get(3)?,
                    mailed_at: UtcMs(r.get(4)?),
                    mails: r.get(5)?,
                    bonus: r.get(6)?,
                    at: UtcMs(r.get(7)?),
                    spent_minor: r.get(8)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

//! The programme in a few figures.

use loyalty::Points;
use rusqlite::Connection;
use serde::Serialize;

use crate::error::Result;

/// `points_issued - points_redeemed - points_expired = points_outstanding`, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Members.
    pub members: i64,
    /// Recorded sales, also those skipped, of walk-ins, or taken back.
    pub sales: i64,
    /// Points given: earned, brought along and adjusted, less what was taken back of them.
    pub points_issued: Points,
    /// Points spent on rewards, less those given back.
    pub points_redeemed: Points,
    /// Points that ran out of time.
    pub points_expired: Points,
    /// What the shop owes: the sum of all rights.
    pub points_outstanding: Points,
}

pub(crate) fn stats(conn: &Connection) -> Result<Stats> {
    let sql =
        "SELECT members, sales, points_issued, points_redeemed, points_expired, points_outstanding FROM report_totals";
    let read = |r: &rusqlite::Row<'_>| {
        Ok(Stats {
            members: r.get(0)?,
            sales: r.get(1)?,
            points_issued: r.get(2)?,
            points_redeemed: r.get(3)?,
            points_expired: r.get(4)?,
            points_outstanding: r.get(5)?,
        })
    };
    Ok(conn.query_row(sql, [], read)?)
}

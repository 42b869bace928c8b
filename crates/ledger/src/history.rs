//! The shop's past in the order of time, streamed from the file a day at a time.
//!
//! Not here: what the past means for a draft (`loyalty::backtest`), and asking that (`past`).

use loyalty::backtest::{Moved, Past, PastSale};
use loyalty::op::CardStamps;
use loyalty::rules::{Move, Needs};
use loyalty::{MemberId, UtcMs};
use rusqlite::{Connection, Row};
use std::ops::ControlFlow;

use crate::birthdays;
use crate::error::Result;
use crate::store::Store;
use crate::tx::damaged;

/// How far a walk through the past is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Sales read.
    pub done: i64,
    /// Sales there are.
    pub of: i64,
}

/// One thing that happened, as it was read off the file.
pub(crate) struct Told<'r> {
    /// A sale in it has no items yet.
    pub past: Past,
    /// The sale's items as the file has them; empty where it has none, or they aren't wanted.
    pub items: &'r str,
}

impl Told<'_> {
    /// Whose it is; none for a walk-in.
    pub fn member(&self) -> Option<MemberId> {
        match &self.past {
            Past::Sale(sale) => sale.member,
            Past::Moved(moved) => Some(moved.member),
            Past::Birthday(member, _) => Some(*member),
        }
    }

    /// What happened, read to the end. Reading items costs about as much as all the rest, so it is left to whoever
    /// has the time.
    ///
    /// # Errors
    /// Damaged items.
    pub fn read(mut self) -> Result<Past> {
        if let Past::Sale(sale) = &mut self.past
            && !self.items.is_empty()
        {
            sale.items = serde_json::from_str(self.items).map_err(|e| damaged(&e.to_string()))?;
        }
        Ok(self.past)
    }
}

impl From<Past> for Told<'_> {
    fn from(past: Past) -> Self {
        Self { past, items: "" }
    }
}

/// Where something stands in the past: when, and as which operation of the log.
type Place = (UtcMs, i64);

/// Redemptions, adjustments and the like, oldest first: what moved points without a sale.
fn moved(conn: &Connection) -> Result<Vec<(Place, Moved)>> {
    let sql = "SELECT l.at_ms, o.op, l.member_id, l.points, coalesce(t.kind, l.kind) = 'bonus'
               FROM ledger l JOIN ops o USING (op_id) LEFT JOIN ledger t ON t.entry_id = l.reverses
               WHERE l.kind NOT IN ('earn', 'refund') AND coalesce(t.kind, '') <> 'earn' ORDER BY l.at_ms, o.op";
    let mut rows = conn.prepare_cached(sql)?;
    let found = rows.query_map([], |r| {
        let at = UtcMs(r.get(0)?);
        let moved = Moved {
            at,
            member: MemberId(r.get(2)?),
            points: r.get(3)?,
            earned: r.get(4)?,
        };
        Ok(((at, r.get(1)?), moved))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// The sales of one day, in the order of time. Held sales bear the points they were credited with.
const SALES_OF_DAY: &str = "SELECT s.occurred_at, o.op, o.at_ms, s.member_id, s.total_minor, s.refunded_minor, s.reversed, s.items, s.move,
       s.entry_id IS NOT NULL,
       CASE WHEN s.move = 'hold' THEN coalesce((SELECT l.points FROM ledger l WHERE l.entry_id = s.entry_id), 0) ELSE s.points END,
       s.tax_minor, s.tip_minor
    FROM sales s JOIN ops o USING (op_id) WHERE s.day = ?1 AND s.settled = 0 ORDER BY s.occurred_at, o.op";

/// The stamps that sales gave, card by card, less what was taken back: those that are left, and those that were used.
pub(crate) fn stamps_given(conn: &Connection) -> Result<Vec<CardStamps>> {
    let sql = "SELECT card, sum(stamps) FROM (
                   SELECT card, stamps FROM stamps
                   UNION ALL
                   SELECT json_extract(o.body, '$.card'), json_extract(o.body, '$.stamps')
                   FROM ledger l JOIN ops o USING (op_id)
                   WHERE l.kind = 'redeem' AND l.points = 0 AND NOT EXISTS (SELECT 1 FROM taken_back r WHERE r.entry_id = l.entry_id))
               GROUP BY card HAVING sum(stamps) <> 0";
    let mut rows = conn.prepare_cached(sql)?;
    let found = rows.query_map([], |r| {
        Ok(CardStamps {
            card: r.get(0)?,
            count: r.get(1)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn read_move(text: &str) -> Result<Move> {
    match text {
        "skip" => Ok(Move::Skip),
        "add" => Ok(Move::Add),
        "add_reward" => Ok(Move::AddReward),
        "hold" => Ok(Move::Hold),
        other => Err(damaged(&format!("a sale has the move {other:?}")).into()),
    }
}

fn read_sale<'r>(r: &'r Row<'_>, with_items: bool) -> Result<(Place, Told<'r>)> {
    let items = match r.get_ref(7)?.as_str() {
        Ok(json) if with_items && json != "[]" => json,
        _ => "",
    };
    let at = UtcMs(r.get(0)?);
    let sale = PastSale {
        occurred_at: at,
        recorded_at: UtcMs(r.get(2)?),
        member: r.get::<_, Option<_>>(3)?.map(MemberId),
        total_minor: r.get(4)?,
        tax_minor: r.get(11)?,
        tip_minor: r.get(12)?,
        refunded_minor: r.get(5)?,
        taken_back: r.get(6)?,
        items: Vec::new(),
        move_: read_move(r.get_ref(8)?.as_str().unwrap_or_default())?,
        credited: r.get(9)?,
        points: r.get(10)?,
    };
    let past = Past::Sale(sale);
    Ok(((at, r.get(1)?), Told { past, items }))
}

/// Hands the past to `f`, oldest first, until it says to stop.
pub(crate) fn walk(
    conn: &Connection,
    needs: Needs,
    mut f: impl FnMut(Told<'_>, Progress) -> ControlFlow<()>,
) -> Result<ControlFlow<()>> {
    let of = conn.query_row("SELECT count(*) FROM sales WHERE settled = 0", [], |r| r.get(0))?;
    let mut progress = Progress { done: 0, of };
    if needs.birthday {
        for (member, day) in birthdays::all(conn)? {
            if f(Past::Birthday(member, day).into(), progress).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    let mut moved = moved(conn)?.into_iter().peekable();
    let days: Vec<String> = conn
        .prepare("SELECT DISTINCT day FROM sales ORDER BY day")?
        .query_map([], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut sales = conn.prepare_cached(SALES_OF_DAY)?;
    for day in days {
        let mut rows = sales.query([day])?;
        while let Some(row) = rows.next()? {
            let (place, sale) = read_sale(row, needs.items)?;
            while let Some((_, earlier)) = moved.next_if(|(p, _)| *p < place) {
                if f(Past::Moved(earlier).into(), progress).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            progress.done += 1;
            if f(sale, progress).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    // What moved after the last sale can change no sale; it is told all the same.
    for (_, later) in moved {
        if f(Past::Moved(later).into(), progress).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

impl Store {
    /// Hands the shop's past to `f` in the order of time, all of one moment, until `f` says to stop. Items are read
    /// only where they are wanted.
    ///
    /// # Errors
    /// A storage error.
    pub fn history(&self, with_items: bool, mut f: impl FnMut(Past, Progress) -> ControlFlow<()>) -> Result<()> {
        let needs = Needs {
            items: with_items,
            ..Needs::default()
        };
        let mut broken = Ok(());
        let read = |told: Told<'_>, progress| match told.read() {
            Ok(past) => f(past, progress),
            Err(e) => {
                broken = Err(e);
                ControlFlow::Break(())
            }
        };
        self.read(|c| walk(c, needs, read).map(|_| ()))?;
        broken
    }
}

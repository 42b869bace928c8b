//! What the owner's window asks of a large shop: the members who spent most, beside the same summed from every sale.

use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::figures::Figure;
use crate::shop::{self, Dice};
use crate::{Result, Size};

/// Sales of each member, on average.
const SALES: usize = 20;
/// One page of the list, as the window asks for it (ui/src/owner/queries/members.ts).
const PAGE: &str = "SELECT * FROM report_members WHERE member IN (
    SELECT member FROM report_members ORDER BY spent_minor DESC, member DESC LIMIT 50
) ORDER BY spent_minor DESC, member DESC";
/// The same page where nothing is kept: what each member's sales come to is summed at each look.
const SUMMED: &str = "SELECT m.member, (SELECT sum(s.total_minor - s.refunded_minor) FROM sales s
    WHERE s.member_id = m.member_id AND s.reversed = 0) AS spent
FROM members m ORDER BY spent DESC, member DESC LIMIT 50";

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    drop(shop::make(dir)?);
    let members = size.members / 10;
    eprintln!("making a shop of {members} members and {} sales", members * SALES);
    shop::fill(dir, members)?;
    sales(dir, members)?;
    // As the owner's window opens it.
    let conn = Connection::open_with_flags(ledger::file(dir), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let took = |sql: &str| -> Result<Duration> {
        let start = Instant::now();
        let rows = conn.prepare(sql)?.query_map([], |_| Ok(()))?.count();
        std::hint::black_box(rows);
        Ok(start.elapsed())
    };
    let (mut kept, mut summed) = (Vec::new(), Vec::new());
    for round in 0..=size.rounds {
        let (a, b) = (took(PAGE)?, took(SUMMED)?);
        if round > 0 {
            kept.push(vec![a]);
            summed.push(vec![b]);
        }
    }
    let summed = Figure::time("raw: members by what they spent, every sale summed", &mut summed);
    let kept = Figure::time("reports: members by what they spent", &mut kept).against(&summed);
    Ok(vec![kept, summed])
}

/// Puts sales into the file, past the log.
fn sales(dir: &Path, members: usize) -> Result {
    let conn = Connection::open(ledger::file(dir))?;
    conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN")?;
    {
        let mut insert = conn.prepare(
            "INSERT INTO sales (source, sale_id, op_id, member_id, total_minor, items, occurred_at, day, move, points)
             VALUES ('pos', ?1, ?2, ?3, ?4, '[]', ?5, '2026-11-20', 'add', 12)",
        )?;
        let mut dice = Dice(3);
        for n in 0..members * SALES {
            let mut op = [9_u8; 16];
            op[..8].copy_from_slice(&n.to_be_bytes());
            let (member, total) = (
                shop::member_id(dice.below(members)),
                i64::try_from(200 + dice.below(2_800))?,
            );
            let at = 1_700_000_000_000_i64 + i64::try_from(n)? * 1_000;
            insert.execute(params![format!("S-{n}"), op, member, total, at])?;
        }
    }
    conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

//! A shop's log: the ends of its chains, appended rows, and pages read from it. What operations mean is not here.

use loyalty::{OpId, Origin, ShopId, UtcMs};
use sync::bytes::Fixed;
use sync::limits::{PAGE_BYTES, PAGE_OPS_MAX};
use sync::page::{Checked, Head};
use sync::wire::{OriginHead, ShopOp, WireOp, WirePrivate};

use super::bulk;
use super::db::{Arg, Db, Result, Row, Tx};
use crate::args;

/// How far a page looks: a till's own operations are passed over, and may be many.
const LOOK: i64 = 20_000;

/// Makes an origin known, before its first operation. One that is known stays as it is.
///
/// # Errors
/// Where the database is away.
pub async fn new_origin(tx: &mut Tx, shop: ShopId, origin: Origin) -> Result<()> {
    tx.run(
        "INSERT INTO origins (shop_id, origin, seq, head) VALUES ($1, $2, 0, $3) ON CONFLICT DO NOTHING",
        args![&shop.0, &origin.0, &[0_u8; 32]],
    )
    .await
    .map(drop)
}

/// The end of an origin's chain.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Its last operation.
    pub head: Head,
    /// Whether its till went on under another.
    pub closed: bool,
}

const END: &str = "SELECT seq, head, closed_at FROM origins WHERE shop_id = $1 AND origin = $2";

fn end(row: Option<Row>) -> Result<Option<End>> {
    let Some(row) = row else { return Ok(None) };
    let head = (row.int(0)?, row.array(1)?);
    let closed = row.opt_int(2)?.is_some();
    Ok(Some(End { head, closed }))
}

/// The end of an origin's chain; none where it is not known.
///
/// # Errors
/// Where the database is away.
pub async fn end_of(db: &Db, shop: ShopId, origin: Origin) -> Result<Option<End>> {
    end(db.first(END, args![&shop.0, &origin.0]).await?)
}

/// The same within a transaction.
///
/// # Errors
/// Where the database is away.
pub async fn end_within(tx: &mut Tx, shop: ShopId, origin: Origin) -> Result<Option<End>> {
    end(tx.first(END, args![&shop.0, &origin.0]).await?)
}

/// Whether a relay wrote this chain, of whatever incarnation.
///
/// # Errors
/// Where the database is away.
pub async fn is_of_relay(tx: &mut Tx, shop: ShopId, origin: Origin) -> Result<bool> {
    let sql = "SELECT 1 FROM ops WHERE shop_id = $1 AND origin = $2
               AND (by_whom = 'job:relay' OR substr(by_whom, 1, 13) = 'job:document ') LIMIT 1";
    Ok(tx.first(sql, args![&shop.0, &origin.0]).await?.is_some())
}

/// The ends of all chains of a shop.
///
/// # Errors
/// Where the database is away.
pub async fn ends(tx: &mut Tx, shop: ShopId) -> Result<Vec<(Origin, Head)>> {
    let sql = "SELECT origin, seq, head FROM origins WHERE shop_id = $1";
    let rows = tx.all(sql, args![&shop.0]).await?;
    rows.iter()
        .map(|row| Ok((Origin(row.id(0)?), (row.int(1)?, row.array(2)?))))
        .collect()
}

/// Up to where each of a shop's chains goes.
///
/// # Errors
/// Where the database is away.
pub async fn heads(db: &Db, shop: ShopId) -> Result<Vec<OriginHead>> {
    let sql = "SELECT origin, seq FROM origins WHERE shop_id = $1";
    let rows = db.all(sql, args![&shop.0]).await?;
    let head = |row: &Row| {
        Ok(OriginHead {
            origin: Origin(row.id(0)?),
            seq: row.int(1)?,
        })
    };
    rows.iter().map(head).collect()
}

/// Moves the end of a chain on.
///
/// # Errors
/// Where the database is away.
pub async fn set_end(tx: &mut Tx, shop: ShopId, origin: Origin, head: &Head) -> Result<()> {
    let sql = "UPDATE origins SET seq = $3, head = $4 WHERE shop_id = $1 AND origin = $2";
    tx.run(sql, args![&shop.0, &origin.0, head.0, &head.1]).await.map(drop)
}

/// Closes a chain: its till goes on under another.
///
/// # Errors
/// Where the database is away.
pub async fn close(tx: &mut Tx, shop: ShopId, origin: Origin, now: UtcMs) -> Result<()> {
    let sql = "UPDATE origins SET closed_at = coalesce(closed_at, $3) WHERE shop_id = $1 AND origin = $2";
    tx.run(sql, args![&shop.0, &origin.0, now.0]).await.map(drop)
}

/// Writes operations, the first at `first_seq` in shop order.
///
/// # Errors
/// Where the database is away, or refuses: an id was used before.
pub async fn write(tx: &mut Tx, shop: ShopId, first_seq: i64, ops: &[Checked]) -> Result<()> {
    let by: Vec<String> = ops.iter().map(|c| c.op.by.to_string()).collect();
    let rows = ops
        .iter()
        .zip(&by)
        .zip(first_seq..)
        .map(|((Checked { op, kept, .. }, by), shop_seq)| {
            let private = kept.as_ref().map_or(0, |(_, data)| data.len());
            let bytes = i64::try_from(400 + op.body_json.len() + private).unwrap_or(i64::MAX);
            let row: [Arg<'_>; 12] = [
                (&shop.0).into(),
                shop_seq.into(),
                (&op.op_id.0).into(),
                (&op.origin.0).into(),
                op.origin_seq.into(),
                op.at.0.into(),
                by.into(),
                (&op.body_json).into(),
                op.private_digest.as_ref().into(),
                (&op.prev).into(),
                (&op.hash).into(),
                bytes.into(),
            ];
            row
        });
    let into = "INSERT INTO ops (shop_id, shop_seq, op_id, origin, origin_seq, at_ms, by_whom, body, digest, prev, hash, bytes)";
    bulk::insert(tx, into, rows, "").await
}

/// Operations of a shop in its order.
#[derive(Debug)]
pub struct Page {
    /// Them.
    pub ops: Vec<ShopOp>,
    /// How far was looked.
    pub cursor: i64,
}

/// Operations after `after` up to `upto`, but for one origin's own; as many as fit a page.
///
/// # Errors
/// Where the database is away.
pub async fn read(db: &Db, shop: ShopId, without: Origin, after: i64, upto: i64, max: Option<u32>) -> Result<Page> {
    let max = max.map_or(PAGE_OPS_MAX, |max| {
        usize::try_from(max).unwrap_or(PAGE_OPS_MAX).clamp(1, PAGE_OPS_MAX)
    });
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let looked = after.saturating_add(LOOK).min(upto);
    if looked <= after {
        return Ok(Page {
            ops: Vec::new(),
            cursor: after,
        });
    }
    let page_bytes = i64::try_from(PAGE_BYTES).unwrap_or(i64::MAX);
    let rows = db
        .all(
            "SELECT o.shop_seq, o.op_id, o.origin, o.origin_seq, o.at_ms, o.by_whom, o.body, o.digest, o.prev, o.hash,
                    p.salt, p.data, o.upto
             FROM (SELECT *, CAST(sum(bytes) OVER (ORDER BY shop_seq) AS BIGINT) AS upto
                   FROM ops WHERE shop_id = $1 AND shop_seq > $2 AND shop_seq <= $3 AND origin <> $4
                   ORDER BY shop_seq LIMIT $5) o
             LEFT JOIN private p ON p.shop_id = $1 AND p.op_id = o.op_id
             WHERE o.upto - o.bytes < $6 ORDER BY o.shop_seq",
            args![&shop.0, after, looked, &without.0, max, page_bytes],
        )
        .await?;
    let ops: Vec<ShopOp> = rows.iter().map(shop_op).collect::<Result<_>>()?;
    // Where the page ended before all that was looked at, what comes next is after its last. What operations weigh is
    // what they weighed when they came: erased data is still counted.
    let full = i64::try_from(ops.len()).unwrap_or(i64::MAX) >= max
        || rows.last().map(|row| row.int(12)).transpose()? >= Some(page_bytes);
    let cursor = match ops.last() {
        Some(last) if full => last.shop_seq,
        _ => looked,
    };
    Ok(Page { ops, cursor })
}

fn shop_op(row: &Row) -> Result<ShopOp> {
    let private = match (row.opt_bytes(10)?, row.opt_text(11)?) {
        (Some(_), Some(data)) => Some(WirePrivate {
            salt: Fixed(row.array(10)?),
            data,
        }),
        _ => None,
    };
    let digest = row
        .opt_bytes(7)?
        .is_some()
        .then(|| row.array(7).map(Fixed))
        .transpose()?;
    Ok(ShopOp {
        shop_seq: row.int(0)?,
        op: WireOp {
            op_id: OpId(row.id(1)?),
            origin: Origin(row.id(2)?),
            origin_seq: row.int(3)?,
            at: UtcMs(row.int(4)?),
            by: row.text(5)?,
            body: row.text(6)?,
            digest,
            private,
            prev: Fixed(row.array(8)?),
            hash: Fixed(row.array(9)?),
        },
    })
}

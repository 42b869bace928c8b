//! A till's file made anew: for one whose log and the relay's go apart, because the file was put back from a copy and then
//! worked on. The old file is kept in `backups/`; the new one downloads the shop, and then takes over what only the old one
//! has of this till's own: under its new origin, of which it then goes on under another.
//!
//! Not here: telling the relay of the new origin, and downloading (`link`).

use loyalty::op::{Body, Private};
use loyalty::{OpId, Origin, chain};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::backup::{dated, put_aside, rename};
use crate::connect;
use crate::error::{Error, Result, StorageCode, StorageError};
use crate::init::Joins;
use crate::relay::{JOINING, PINS_ANEW, PairedWith, RENEWS, RENEWS_OVER, Renews};
use crate::shop::{set_setting, setting};
use crate::store::{Options, Store};
use crate::take::Foreign;
use crate::tx::{Tx, damaged, read_body};
use crate::verify::read_op;

/// In an old file: the origin under which the new one goes on.
const SUCCESSOR: &str = "successor";
/// In a new file: the old one's name in `backups/`, until what only that has was taken over.
const TAKES_OVER: &str = "takes-over";
/// In a new file: under which origin that is, once the shop is downloaded.
const TAKES_OVER_AS: &str = "takes-over-as";
/// In a new file: what was taken over.
const TAKEN_OVER: &str = "taken-over";

/// What a new file took over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// Operations that only the old file had, and are here now.
    pub kept: usize,
    /// Those that are only in the old file still: the points that they spent are not there any more.
    pub left: usize,
}

/// Makes the file in `dir` anew, which `old` is until then: nobody else may have it open. Answers where the old one is.
///
/// # Errors
/// A storage error. The old file is still in its place then.
pub fn make_anew(dir: &Path, old: Store, with: PairedWith, options: Options) -> Result<PathBuf> {
    let (now, till_id) = (old.now(), old.successor()?);
    let shop = old.shop().clone();
    let joins = Joins {
        shop_id: shop.shop_id,
        till_id,
        till_name: shop.till_name.clone(),
        name: shop.name.clone(),
        currency: shop.currency.letters().to_owned(),
        region: shop.region.letters().to_owned(),
        timezone: shop.zone.name().to_owned(),
        opens_with: None,
        with: Some(with),
        pins: !old.needs_pin()?,
    };
    let settings = old.read(settings)?;
    drop(old);
    let aside = dated(dir, "replaced", now);
    let name = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let room = dir.join("anew");
    // Left by a try that was cut off.
    drop(std::fs::remove_dir_all(&room));
    let new = Store::join(&room, &joins, options)?;
    new.write(move |tx| {
        for (name, value) in &settings {
            set_setting(tx.conn, name, value)?;
        }
        set_setting(tx.conn, TAKES_OVER, &name)
    })?;
    drop(new);
    let part = connect::file(&room);
    let conn = connect::writer(&part, connect::BUSY)?;
    let _: String = conn.pragma_update_and_check(None, "journal_mode", "delete", |r| r.get(0))?;
    conn.close().map_err(|(_, e)| Error::from(e))?;
    let file = connect::file(dir);
    let kept = put_aside(dir, &file, now)?;
    rename(&part, &file)?;
    let io = |e: std::io::Error| Error::from(StorageError::of_io(&e, &room));
    std::fs::remove_dir_all(&room).map_err(io)?;
    Ok(kept)
}

/// This machine's settings, but for those that say how far the file is.
fn settings(conn: &Connection) -> Result<Vec<(String, String)>> {
    let mut rows = conn.prepare("SELECT name, value FROM settings")?;
    let rows = rows.query_map([], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?;
    let all: Vec<(String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let own = [
        JOINING,
        PINS_ANEW,
        RENEWS,
        RENEWS_OVER,
        SUCCESSOR,
        TAKES_OVER,
        TAKES_OVER_AS,
        TAKEN_OVER,
    ];
    Ok(all
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .collect())
}

impl Store {
    /// The origin under which a new file goes on from this one: the same each time it is asked.
    ///
    /// # Errors
    /// A storage error.
    pub fn successor(&self) -> Result<Origin> {
        self.write(|tx| {
            if let Some(before) = setting(tx.conn, SUCCESSOR)?.and_then(|text| text.parse().ok()) {
                return Ok(before);
            }
            let new = Origin(tx.uuid());
            set_setting(tx.conn, SUCCESSOR, &new.to_string())?;
            Ok(new)
        })
    }

    /// Whether a new file goes on from this one, as far as the relay may know.
    ///
    /// # Errors
    /// A storage error.
    pub fn has_successor(&self) -> Result<bool> {
        Ok(self.read(|c| setting(c, SUCCESSOR))?.is_some())
    }

    /// What this file took over from the one before it, if any.
    ///
    /// # Errors
    /// A storage error.
    pub fn taken_over(&self) -> Result<Option<TakenOver>> {
        let kept = self.read(|c| setting(c, TAKEN_OVER))?;
        Ok(kept.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// Whether what only the old file has is to be taken over now: once the shop is downloaded. The file goes on under
    /// another new origin then, and must be opened anew: what was done is never refused, and so is not its own.
    ///
    /// # Errors
    /// A storage error.
    pub fn begin_take_over(&self) -> Result<bool> {
        if self.joining()? || self.read(|c| setting(c, TAKES_OVER))?.is_none() {
            return Ok(false);
        }
        let was = self.shop().till_id;
        self.write(move |tx| {
            set_setting(tx.conn, TAKES_OVER_AS, &was.to_string())?;
            tx.begin_renewal(Renews::Told).map(drop)
        })?;
        Ok(true)
    }

    /// Takes over what only the old file has, where that was begun. Before the relay hears of the last renewal.
    ///
    /// # Errors
    /// A storage error. Nothing was taken over then.
    pub fn take_over(&self) -> Result<()> {
        let begun = self.read(|c| Ok((setting(c, TAKES_OVER)?, setting(c, TAKES_OVER_AS)?)))?;
        let (Some(name), Some(under)) = begun else {
            return Ok(());
        };
        let Ok(under) = under.parse::<Origin>() else {
            return Err(damaged("nobody knows under which number to take over").into());
        };
        let old = connect::backups(self.dir()).join(name);
        self.write(move |tx| {
            // Whoever deleted it had no use for what it had.
            let done = if old.exists() {
                take_over(tx, &connect::reader(&old, connect::BUSY)?, under)?
            } else {
                TakenOver::default()
            };
            let json = serde_json::to_string(&done).unwrap_or_default();
            set_setting(tx.conn, TAKEN_OVER, &json)?;
            tx.forget_setting(TAKES_OVER_AS)?;
            tx.forget_setting(TAKES_OVER)
        })
    }
}

fn take_over(tx: &Tx<'_>, old: &Connection, under: Origin) -> Result<TakenOver> {
    let ours = predecessors(tx, old, under)?;
    let mut rows = old.prepare(
        "SELECT op_id, origin, origin_seq, at_ms, by, body, o.private, prev, hash, p.salt, p.data
         FROM ops o LEFT JOIN private p USING (op_id) ORDER BY op",
    )?;
    let mut rows = rows.query([])?;
    let mut done = TakenOver::default();
    while let Some(row) = rows.next()? {
        let (mut op, kept) = read_op(row, tx.shop().shop_id)?;
        if !ours.contains(&op.origin) || is_here(tx, op.op_id)? {
            continue;
        }
        let body = read_body(&op.body_json)?;
        // What was given back there the relay never had: it is this till's still.
        if matches!(body, Body::RightsReturned { .. }) {
            continue;
        }
        let (seq, head) = tx.head(under)?;
        (op.origin, op.origin_seq, op.prev) = (under, seq + 1, head);
        op.hash = chain::hash(&op);
        let private = kept.as_ref().map_or_else(Private::default, |(_, json)| {
            serde_json::from_str(json).unwrap_or_default()
        });
        let again = Foreign {
            op,
            body,
            private,
            kept,
        };
        match tx.attempt(|| tx.take(std::slice::from_ref(&again))) {
            Ok(_) => done.kept += 1,
            Err(Error::Storage(e)) if e.code != StorageCode::Damaged => return Err(e.into()),
            // It spends what is not there, or is about what was left before it.
            Err(_) => done.left += 1,
        }
    }
    Ok(done)
}

/// The origins under which the old file wrote, and those that it went on from.
fn predecessors(tx: &Tx<'_>, old: &Connection, under: Origin) -> Result<BTreeSet<Origin>> {
    let mut ours = BTreeSet::from([under]);
    let till: uuid::Uuid = old.query_row("SELECT till_id FROM shop", [], |r| r.get(0))?;
    ours.insert(Origin(till));
    let left = setting(old, RENEWS)?.unwrap_or_default();
    ours.extend(left.split_whitespace().filter_map(|text| text.parse::<Origin>().ok()));
    let mut renewals = Vec::new();
    for conn in [tx.conn, old] {
        let mut rows = conn.prepare(r#"SELECT body FROM ops WHERE substr(body, 1, 22) = '{"body":"till_renewed"'"#)?;
        let rows = rows.query_map([], |r| r.get::<_, String>(0))?;
        for body in rows {
            if let Body::TillRenewed { was, now } = read_body(&body?)? {
                renewals.push((was, now));
            }
        }
    }
    loop {
        let more = renewals
            .iter()
            .filter(|(was, now)| ours.contains(now) && !ours.contains(was));
        let more: Vec<Origin> = more.map(|(was, _)| *was).collect();
        if more.is_empty() {
            return Ok(ours);
        }
        ours.extend(more);
    }
}

fn is_here(tx: &Tx<'_>, op: OpId) -> Result<bool> {
    Ok(tx
        .conn
        .prepare_cached("SELECT 1 FROM ops WHERE op_id = ?1")?
        .exists([op.0])?)
}

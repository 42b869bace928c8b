//! What this till knows of its relay: where it stands, the shop's other tills, and going on under a new origin. How it
//! is asked is not here.

use loyalty::{MemberId, Origin, Points, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::derive::CARD;
use crate::error::Result;
use crate::init::Joins;
use crate::shop::{set_setting, setting};
use crate::staff::OWN_PINS;
use crate::store::Store;
use crate::tx::Tx;

/// The setting that says from which origin this till goes on, until the relay knows.
pub(crate) const RENEWS: &str = "renews";
/// The setting that is there while it goes on from a copy that somebody put in its place: what the till went on as since
/// that copy was made is over.
pub(crate) const RENEWS_OVER: &str = "renews-over";
/// The setting that is there until a till that joined has downloaded its shop.
pub(crate) const JOINING: &str = "joining";
/// The setting that is there while an owner must choose a PIN anew: the secret of the shop's PINs did not come along.
pub(crate) const PINS_ANEW: &str = "pins-anew";

/// A relay this till belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Its address.
    pub url: String,
    /// The origin of its own operations.
    pub origin: Origin,
    /// Up to which of this till's operations it has them.
    pub accepted: i64,
    /// Up to which of the shop's operations this till has them.
    pub cursor: i64,
    /// The newest it has told of.
    pub shop_seq: i64,
    /// Of its database.
    pub incarnation: i64,
    /// When it last answered.
    pub synced_at: Option<UtcMs>,
}

/// What a till hears when it pairs.
#[derive(Clone, Debug)]
pub struct PairedWith {
    /// The relay's address.
    pub url: String,
    /// The origin of its own operations.
    pub relay: Origin,
    /// Of its database.
    pub incarnation: i64,
    /// The newest operation of the shop.
    pub shop_seq: i64,
}

/// What a till hears in the answer to a page.
#[derive(Clone, Debug)]
pub struct Synced {
    /// Up to which of this till's operations the relay has them.
    pub accepted: i64,
    /// Where to go on.
    pub cursor: i64,
    /// The newest operation of the shop.
    pub shop_seq: i64,
    /// Of the relay's database.
    pub incarnation: i64,
    /// The shop's tills.
    pub tills: Vec<TillInfo>,
}

/// A till of the shop, as the relay last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TillInfo {
    /// Its origin.
    pub till: Origin,
    /// What it is called.
    pub name: String,
    /// Its last request; none before the first.
    pub seen_at: Option<UtcMs>,
    /// The app's version there.
    pub app_version: String,
    /// Operations that waited there.
    pub pending: i64,
    /// Points it could spend.
    pub held_points: Points,
    /// Its clock was ahead of the relay's by so much.
    pub skew_ms: i64,
    /// Whether it was removed.
    pub revoked: bool,
}

pub(crate) fn relay(conn: &Connection) -> Result<Option<Relay>> {
    let sql = "SELECT url, origin, accepted, cursor, shop_seq, incarnation, synced_at FROM relay";
    let read = |r: &rusqlite::Row<'_>| {
        Ok(Relay {
            url: r.get(0)?,
            origin: Origin(r.get(1)?),
            accepted: r.get(2)?,
            cursor: r.get(3)?,
            shop_seq: r.get(4)?,
            incarnation: r.get(5)?,
            synced_at: r.get::<_, Option<_>>(6)?.map(UtcMs),
        })
    };
    Ok(conn.prepare_cached(sql)?.query_row([], read).optional()?)
}

/// Why a till goes on under a new origin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renews {
    /// Its file was put in place of the one that it had: an older copy, perhaps of before it went on the last time.
    Restored,
    /// The relay, or the owner, says so. Another copy of it may run.
    Told,
}

/// Gives the file's till a new origin, where it has a relay: its past must not come back and fork the old one.
pub(crate) fn begin_renewal(conn: &Connection, now: Origin, why: Renews) -> Result<()> {
    if relay(conn)?.is_none() {
        return Ok(());
    }
    if why == Renews::Restored {
        set_setting(conn, RENEWS_OVER, "1")?;
    }
    let was: Uuid = conn.query_row("SELECT till_id FROM shop", [], |r| r.get(0))?;
    let wrote: i64 = conn.query_row(
        "SELECT coalesce((SELECT seq FROM origins WHERE origin = ?1), 0)",
        [was],
        |r| r.get(0),
    )?;
    let waiting = setting(conn, RENEWS)?;
    // One that wrote nothing and that the relay has not heard of yet is passed over.
    match waiting {
        None => set_setting(conn, RENEWS, &was.to_string())?,
        Some(waiting) if wrote > 0 => set_setting(conn, RENEWS, &format!("{waiting} {was}"))?,
        Some(_) => {}
    }
    conn.execute("UPDATE shop SET till_id = ?1", [now.0])?;
    conn.execute(
        "INSERT INTO origins (origin, seq, head) VALUES (?1, 0, zeroblob(32))",
        [now.0],
    )?;
    conn.execute("UPDATE relay SET accepted = 0", [])?;
    Ok(())
}

fn paired(conn: &Connection, with: &PairedWith) -> Result<()> {
    conn.execute(
        "INSERT INTO relay (one, url, origin, incarnation, shop_seq) VALUES (1, ?1, ?2, ?3, ?4)",
        params![with.url, with.relay.0, with.incarnation, with.shop_seq],
    )?;
    Ok(())
}

/// What the file of a till that joins knows from its first moment on.
pub(crate) fn join(conn: &Connection, joins: &Joins) -> Result<()> {
    if let Some(with) = &joins.with {
        paired(conn, with)?;
        if joins.opens_with.is_none() {
            set_setting(conn, JOINING, "1")?;
        }
    }
    if joins.opens_with.is_none() && !joins.pins {
        set_setting(conn, PINS_ANEW, "1")?;
        set_setting(conn, OWN_PINS, "1")?;
    }
    Ok(())
}

impl Tx<'_> {
    /// This till belongs to a relay now.
    ///
    /// # Errors
    /// A storage error.
    pub fn paired(&self, with: &PairedWith) -> Result<()> {
        paired(self.conn, with)
    }

    /// This till's relay knows it again. Where both stood stays: what the relay forgot since, it is shown.
    ///
    /// # Errors
    /// A storage error.
    pub fn paired_again(&self, with: &PairedWith) -> Result<()> {
        self.conn.execute(
            "UPDATE relay SET url = ?1, origin = ?2",
            params![with.url, with.relay.0],
        )?;
        Ok(())
    }

    /// The secret that the shop's PINs are mixed with is not on this machine, where the file was restored: an owner
    /// chooses a PIN anew, which works here alone.
    ///
    /// # Errors
    /// A storage error.
    pub fn pins_are_lost(&self) -> Result<()> {
        self.set_setting(PINS_ANEW, "1")?;
        self.set_setting(OWN_PINS, "1")
    }

    /// An owner has a PIN that works here.
    ///
    /// # Errors
    /// A storage error.
    pub fn pins_are_known(&self) -> Result<()> {
        self.forget_setting(PINS_ANEW)
    }

    /// An answer was taken: where both stand now, and what there is to know of the other tills.
    ///
    /// # Errors
    /// A storage error.
    pub fn synced(&self, heard: &Synced) -> Result<()> {
        self.conn
            .prepare_cached(
                "UPDATE relay SET accepted = ?1, cursor = ?2, shop_seq = ?3, incarnation = ?4, synced_at = ?5",
            )?
            .execute(params![
                heard.accepted,
                heard.cursor,
                heard.shop_seq,
                heard.incarnation,
                self.now().0
            ])?;
        // A shop that its first till has not opened yet has nothing to work with.
        if heard.cursor >= heard.shop_seq && heard.shop_seq > 0 {
            self.forget_setting(JOINING)?;
        }
        self.conn.prepare_cached("DELETE FROM tills")?.execute([])?;
        let mut insert = self.conn.prepare_cached(
            "INSERT INTO tills (till_id, name, seen_at, app_version, pending, held_points, skew_ms, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for t in &heard.tills {
            insert.execute(params![
                t.till.0,
                t.name,
                t.seen_at.map(|at| at.0),
                t.app_version,
                t.pending,
                t.held_points,
                t.skew_ms,
                t.revoked
            ])?;
        }
        Ok(())
    }

    /// The relay has less than this till thought (it was restored): go on from there.
    ///
    /// # Errors
    /// A storage error.
    pub fn relay_stands_at(&self, accepted: i64, cursor: Option<i64>) -> Result<()> {
        self.conn
            .prepare_cached("UPDATE relay SET accepted = ?1, cursor = coalesce(?2, cursor)")?
            .execute(params![accepted, cursor])?;
        Ok(())
    }

    /// A restored relay has all that this till has: both go on under its incarnation.
    ///
    /// # Errors
    /// A storage error.
    pub fn is_known_to(&self, incarnation: i64) -> Result<()> {
        self.conn
            .prepare_cached("UPDATE relay SET incarnation = ?1")?
            .execute([incarnation])?;
        Ok(())
    }

    /// Goes on under a new origin, which is answered. The file must be opened anew after it.
    ///
    /// # Errors
    /// A storage error.
    pub fn begin_renewal(&self, why: Renews) -> Result<Origin> {
        let now = Origin(self.uuid());
        begin_renewal(self.conn, now, why)?;
        Ok(now)
    }

    /// The relay knows the oldest of [`Store::renewals`].
    ///
    /// # Errors
    /// A storage error.
    pub fn renewed(&self) -> Result<()> {
        let waiting = setting(self.conn, RENEWS)?.unwrap_or_default();
        match waiting.split_once(' ') {
            Some((_, later)) => set_setting(self.conn, RENEWS, later),
            None => {
                self.forget_setting(RENEWS_OVER)?;
                self.forget_setting(RENEWS)
            }
        }
    }
}

impl Store {
    /// Whether the file's till is still the one that it was opened as. After it went on under a new origin it takes
    /// nothing that was done under the old one: open it anew.
    ///
    /// # Errors
    /// A storage error.
    pub fn is_current(&self) -> Result<bool> {
        self.read(|c| {
            let till: Uuid = c.query_row("SELECT till_id FROM shop", [], |r| r.get(0))?;
            Ok(till == self.scope.shop.till_id.0)
        })
    }

    /// The relay this till belongs to, if any.
    ///
    /// # Errors
    /// A storage error.
    pub fn relay(&self) -> Result<Option<Relay>> {
        self.read(relay)
    }

    /// Whether this till has joined a shop that it has not downloaded yet: nobody can work at it.
    ///
    /// # Errors
    /// A storage error.
    pub fn joining(&self) -> Result<bool> {
        Ok(self.read(|c| setting(c, JOINING))?.is_some())
    }

    /// Whether nobody can sign in here until an owner chooses a PIN anew: the secret that the shop's PINs are mixed
    /// with did not come along.
    ///
    /// # Errors
    /// A storage error.
    pub fn needs_pin(&self) -> Result<bool> {
        Ok(self.read(|c| setting(c, PINS_ANEW))?.is_some())
    }

    /// The origin that this till goes on from, while the relay does not know.
    ///
    /// # Errors
    /// A storage error.
    pub fn renews(&self) -> Result<Option<Origin>> {
        Ok(self.renewals()?.first().map(|(was, _)| *was))
    }

    /// Whether this till goes on from a copy that was put in its place, while the relay does not know.
    ///
    /// # Errors
    /// A storage error.
    pub fn renews_over(&self) -> Result<bool> {
        Ok(self.read(|c| setting(c, RENEWS_OVER))?.is_some())
    }

    /// From which origin to which this till went on, oldest first, as far as the relay does not know.
    ///
    /// # Errors
    /// A storage error.
    pub fn renewals(&self) -> Result<Vec<(Origin, Origin)>> {
        self.read(|c| {
            let waiting = setting(c, RENEWS)?.unwrap_or_default();
            let now: Uuid = c.query_row("SELECT till_id FROM shop", [], |r| r.get(0))?;
            let left = waiting.split_whitespace().filter_map(|text| text.parse().ok());
            let all: Vec<Origin> = left.chain([Origin(now)]).collect();
            Ok(all.windows(2).map(|pair| (pair[0], pair[1])).collect())
        })
    }

    /// The shop's tills, as the relay last told, by name.
    ///
    /// # Errors
    /// A storage error.
    pub fn tills(&self) -> Result<Vec<TillInfo>> {
        self.read(|c| tills(c, &format!("SELECT {TILL} FROM tills t ORDER BY name, till_id"), []))
    }

    /// The tills that the owner gave up, as far as is known here.
    ///
    /// # Errors
    /// A storage error.
    pub fn lost_tills(&self) -> Result<Vec<Origin>> {
        self.read(|c| {
            let mut rows = c.prepare_cached("SELECT till FROM lost ORDER BY till")?;
            let rows = rows.query_map([], |r| Ok(Origin(r.get(0)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The shop's other tills that hold points of a member (or of whoever shows on the same card), those first that
    /// were not seen for longest.
    ///
    /// # Errors
    /// A storage error.
    pub fn tills_holding(&self, member: MemberId) -> Result<Vec<TillInfo>> {
        let sql = format!(
            "SELECT {TILL} FROM tills t WHERE revoked = 0 AND till_id <> (SELECT till_id FROM shop) AND EXISTS (
                 SELECT 1 FROM rights r WHERE r.holder = t.till_id AND r.points > 0 AND r.member_id IN ({CARD}))
             ORDER BY seen_at, till_id"
        );
        self.read(|c| tills(c, &sql, [member.0]))
    }
}

const TILL: &str = "t.till_id, t.name, t.seen_at, t.app_version, t.pending, t.held_points, t.skew_ms, t.revoked";

fn tills(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<TillInfo>> {
    let mut rows = conn.prepare_cached(sql)?;
    let rows = rows.query_map(params, |r| {
        Ok(TillInfo {
            till: Origin(r.get(0)?),
            name: r.get(1)?,
            seen_at: r.get::<_, Option<_>>(2)?.map(UtcMs),
            app_version: r.get(3)?,
            pending: r.get(4)?,
            held_points: r.get(5)?,
            skew_ms: r.get(6)?,
            revoked: r.get(7)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

//! What the relay tells of the shop's links: vendors' codes, clicks by day, and who did not count. No part of the log,
//! and of no use to the fold: it is only shown, and a vendor's code is known by it when somebody says it.

use loyalty::{Code, MemberId, Refusal, UtcMs};
use rusqlite::{Connection, params};

use crate::error::Result;
use crate::members::{Key, find};
use crate::relay;
use crate::store::Store;
use crate::tx::Tx;

/// A code's clicks on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkDay {
    /// The code.
    pub code: String,
    /// The day, on the shop's calendar.
    pub day: String,
    /// By people.
    pub clicks: i64,
    /// The same, repeats within an hour counted once.
    pub visitors: i64,
    /// By programs.
    pub bots: i64,
}

/// What the relay told.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The first day that it was asked for; none for all.
    pub since: Option<String>,
    /// The vendors' links: code, campaign, since when.
    pub vendors: Vec<(String, String, UtcMs)>,
    /// Each day since, anew.
    pub days: Vec<LinkDay>,
    /// Who did not count: code, why, how many.
    pub refused: Vec<(String, String, i64)>,
}

impl Store {
    /// A member's link for friends, where the shop has a relay.
    ///
    /// # Errors
    /// `unknown_member`; a storage error.
    pub fn friends_link(&self, member: MemberId) -> Result<Option<String>> {
        self.read(|c| friends_link(c, member))
    }

    /// From which day on clicks may not be known here: the day before the last one known, which may have been told
    /// before its end.
    ///
    /// # Errors
    /// A storage error.
    pub fn clicks_known_to(&self) -> Result<Option<String>> {
        self.read(|c| {
            Ok(c.prepare_cached("SELECT date(max(day), '-1 day') FROM link_days")?
                .query_row([], |r| r.get(0))?)
        })
    }
}

impl Tx<'_> {
    /// The same as [`Store::friends_link`].
    ///
    /// # Errors
    /// The same.
    pub fn friends_link(&self, member: MemberId) -> Result<Option<String>> {
        friends_link(self.conn, member)
    }

    /// Keeps what the relay told. Whether anything is other than it was.
    ///
    /// # Errors
    /// A storage error.
    pub fn keep_links(&self, links: &Links) -> Result<bool> {
        let mut changed = 0;
        let sql = "INSERT INTO links (code, kind, campaign, created_at) VALUES (?1, 'vendor', ?2, ?3)
                   ON CONFLICT DO UPDATE SET campaign = excluded.campaign WHERE campaign <> excluded.campaign";
        for (code, campaign, at) in &links.vendors {
            changed += self.conn.prepare_cached(sql)?.execute(params![code, campaign, at.0])?;
        }
        let sql = "INSERT INTO link_days (code, day, clicks, visitors, bots) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET clicks = excluded.clicks, visitors = excluded.visitors, bots = excluded.bots
                   WHERE (clicks, visitors, bots) <> (excluded.clicks, excluded.visitors, excluded.bots)";
        for d in &links.days {
            let row = params![d.code, d.day, d.clicks, d.visitors, d.bots];
            changed += self.conn.prepare_cached(sql)?.execute(row)?;
        }
        let sql = "INSERT INTO link_refusals (code, why, times) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET times = excluded.times WHERE times <> excluded.times";
        for (code, why, times) in &links.refused {
            changed += self.conn.prepare_cached(sql)?.execute(params![code, why, times])?;
        }
        Ok(changed > 0)
    }
}

fn friends_link(conn: &Connection, member: MemberId) -> Result<Option<String>> {
    let Some(relay) = relay::relay(conn)? else {
        return Ok(None);
    };
    let unknown = || Refusal::of(Code::UnknownMember, "member_id", &member.to_string());
    let code = find(conn, Key::Id(member))?.ok_or_else(unknown)?.code.to_lowercase();
    Ok(Some(format!("{}/ref/{code}", relay.url.trim_end_matches('/'))))
}

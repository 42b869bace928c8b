//! How it stands with a member's mail, as the relay told of their address: kept beside the log, asked for again when
//! something happened to it. What a yes or a no does is in `people`.

use loyalty::{MemberId, UtcMs};
use rusqlite::{OptionalExtension, params};

use crate::error::Result;
use crate::store::Store;
use crate::tx::Tx;

/// How long what may change without an operation of the log is believed.
const BELIEVED_MS: i64 = 60 * 60_000;

/// An address that the relay is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whose.
    pub member: MemberId,
    /// It.
    pub email: String,
}

/// What a relay told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    /// Whether the shop sends mail at all.
    pub sends: bool,
    /// Of these addresses, whether they were confirmed; none where it has another address of the member.
    pub confirmed: Vec<(Asked, Option<bool>)>,
}

impl Store {
    /// Addresses that the relay should be asked about, whoever was here last first; at most so many. None where it said
    /// that no mail is sent, and nothing is asked for as long as that is believed.
    ///
    /// # Errors
    /// A storage error.
    pub fn standings_to_ask(&self, max: usize) -> Result<Option<Vec<Asked>>> {
        let believed = self.now().0 - BELIEVED_MS;
        self.read(|c| {
            let sends: Option<(bool, i64)> = c
                .prepare_cached("SELECT sends, asked_at FROM mail_sends")?
                .query_row([], |r| Ok((r.get(0)?, r.get(1)?)))
                .optional()?;
            if matches!(sends, Some((false, at)) if at > believed) {
                return Ok(None);
            }
            let sql =
                "SELECT m.member_id, m.email FROM members m LEFT JOIN mail_standing s ON s.member_id = m.member_id
                       WHERE m.email_consent = 1 AND m.email <> '' AND m.erased = 0 AND m.merged_into IS NULL
                       AND (s.asked_at IS NULL OR s.asked_at = 0 OR (s.confirmed IS NOT 1 AND s.asked_at <= ?1))
                       ORDER BY m.last_visit_at DESC, m.member_id LIMIT ?2";
            let asked = |r: &rusqlite::Row<'_>| {
                Ok(Asked {
                    member: MemberId(r.get(0)?),
                    email: r.get(1)?,
                })
            };
            let max = i64::try_from(max).unwrap_or(i64::MAX);
            let rows = c
                .prepare_cached(sql)?
                .query_map(params![believed, max], asked)?
                .collect::<Result<Vec<_>, _>>()?;
            Ok(Some(rows))
        })
    }

    /// How it stands with a member's mail: `none`, `no`, `stopped`, `unconfirmed`, `confirmed` or `yes`, as the view
    /// `report_mail` says.
    ///
    /// # Errors
    /// A storage error.
    pub fn mail_standing(&self, member: MemberId) -> Result<String> {
        self.read(|c| {
            let sql = "SELECT standing FROM report_mail WHERE member_id = lower(hex(?1))";
            let said = c.prepare_cached(sql)?.query_row([member.0], |r| r.get(0)).optional()?;
            Ok(said.unwrap_or_else(|| "none".to_owned()))
        })
    }
}

impl Tx<'_> {
    /// Keeps what the relay told at `now`. An address that has changed since it was asked about is left out. Whether
    /// anything that is shown is other than it was.
    ///
    /// # Errors
    /// A storage error.
    pub fn keep_standings(&self, told: &Standings, now: UtcMs) -> Result<bool> {
        let before: Option<bool> = self
            .conn
            .prepare_cached("SELECT sends FROM mail_sends")?
            .query_row([], |r| r.get(0))
            .optional()?;
        let sql = "INSERT INTO mail_sends (one, sends, asked_at) VALUES (1, ?1, ?2)
                   ON CONFLICT DO UPDATE SET sends = excluded.sends, asked_at = excluded.asked_at";
        self.conn.prepare_cached(sql)?.execute(params![told.sends, now.0])?;
        let mut changed = before.unwrap_or(false) != told.sends;
        let is = "SELECT s.confirmed FROM mail_standing s WHERE s.member_id = ?1";
        let keep = "INSERT INTO mail_standing (member_id, confirmed, asked_at)
                    SELECT member_id, ?3, ?4 FROM members WHERE member_id = ?1 AND email = ?2 AND erased = 0
                    ON CONFLICT DO UPDATE SET confirmed = excluded.confirmed, asked_at = excluded.asked_at";
        for (asked, confirmed) in &told.confirmed {
            let was = self
                .conn
                .prepare_cached(is)?
                .query_row([asked.member.0], |r| r.get::<_, Option<bool>>(0))
                .optional()?;
            let row = params![asked.member.0, asked.email, confirmed, now.0];
            let kept = self.conn.prepare_cached(keep)?.execute(row)?;
            changed |= kept > 0 && was.flatten() != *confirmed;
        }
        Ok(changed)
    }
}

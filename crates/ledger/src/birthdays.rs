//! Birthday bonuses: granted with the first visit from the birthday on, once for each birthday.
//!
//! A visit is a sale that earns: a skipped one brings nothing, a held one when it is approved. The day is that of the
//! rules' clock, else the shop's. Old sales that come in late bring none. Not here: on which days a birthday falls
//! (`loyalty::birthday`); that it is granted once (a constraint).

use loyalty::op::{Body, By, Private, SaleKey};
use loyalty::rules::{Move, Rules};
use loyalty::{Birthday, EntryId, MemberId, Points, UtcMs};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::Result;
use crate::rulebook::Published;
use crate::shop::Shop;
use crate::tx::Tx;

/// A sale that comes in later than this is of the past: an old file must not bring the bonuses of old years.
const LATE_MS: i64 = 30 * UtcMs::DAY_MS;

/// A bonus that a visit brings.
pub(crate) struct Due {
    year: i32,
    pub points: Points,
}

impl Due {
    /// Said before it is granted.
    pub fn coming(&self) -> String {
        format!("{} more: birthday bonus", self.points)
    }
}

/// Whether a sale that is so decided is a visit that brings the bonus.
pub(crate) fn brings(move_: Move) -> bool {
    matches!(move_, Move::Add | Move::AddReward)
}

/// A member's birthday.
pub(crate) fn of(conn: &Connection, member: MemberId) -> Result<Option<Birthday>> {
    let sql = "SELECT birthday FROM members WHERE member_id = ?1";
    let written: Option<String> = conn
        .prepare_cached(sql)?
        .query_row([member.0], |r| r.get(0))
        .optional()?;
    Ok(written.and_then(|text| text.parse().ok()))
}

/// Every birthday that is known: month and day.
pub(crate) fn all(conn: &Connection) -> Result<Vec<(MemberId, (u32, u32))>> {
    let mut rows = conn.prepare("SELECT member_id, birthday FROM members WHERE birthday <> ''")?;
    let rows = rows.query_map([], |r| Ok((MemberId(r.get(0)?), r.get::<_, String>(1)?)))?;
    let found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    let read = |(member, text): (MemberId, String)| Some((member, text.parse::<Birthday>().ok()?.month_day()));
    Ok(found.into_iter().filter_map(read).collect())
}

/// The bonus that a visit `at` brings, recorded `now`.
pub(crate) fn due(
    conn: &Connection,
    rules: &Rules,
    shop: &Shop,
    member: MemberId,
    (at, now): (UtcMs, UtcMs),
) -> Result<Option<Due>> {
    let Some(bonus) = rules.birthday_bonus() else {
        return Ok(None);
    };
    let day = rules.time_zone().unwrap_or(shop.zone).day(at);
    let on = of(conn, member)?.and_then(|birthday| birthday.celebrated_within(bonus.days(), day));
    let Some(on) = on.filter(|_| now.0.saturating_sub(at.0) <= LATE_MS) else {
        return Ok(None);
    };
    let year = chrono::Datelike::year(&on);
    let sql = "SELECT EXISTS (SELECT 1 FROM birthdays WHERE member_id = ?1 AND year = ?2)";
    let before: bool = conn
        .prepare_cached(sql)?
        .query_row(params![member.0, year], |r| r.get(0))?;
    let points = bonus.points;
    Ok((!before).then_some(Due { year, points }))
}

impl Tx<'_> {
    /// Grants a bonus that is due, with the sale that brings it.
    pub(crate) fn grant_birthday(
        &self,
        by: &By,
        member: MemberId,
        due: &Due,
        sale: &SaleKey,
        rules: &Published,
    ) -> Result<()> {
        let body = Body::BirthdayGranted {
            entry: EntryId(self.uuid()),
            member,
            year: due.year,
            points: due.points,
            rules_version: rules.version,
            reasons: vec![format!("{} = birthday bonus {}", due.points, due.year)],
            sale: sale.clone(),
        };
        self.append(self.new_op(), by, &body, &Private::default())?;
        Ok(())
    }
}

//! What happened in a shop in a month, read off its log: totals alone. What they are shown as is in the crate `mail`.

use ::mail::month::{Figures, Month};
use chrono::{Datelike, NaiveDate, NaiveTime};
use loyalty::effect::{Effect, effects};
use loyalty::op::{Body, By, Kind, Operation};
use loyalty::rules::Rules;
use loyalty::time::ShopZone;
use loyalty::{Currency, EntryId, OpId, Origin, ShopId, UtcMs};
use std::collections::HashMap;

use super::{lapsing, people, visits};
use crate::args;
use crate::store::db::{Db, DbError, Result, Row};
use crate::store::shops::{self, Shop};

/// Operations that are read at once.
const PAGE: i64 = 2_000;

/// The months of a shop around a moment: where the one before last, the last and this one begin.
struct Months {
    before: UtcMs,
    last: UtcMs,
    this: UtcMs,
    year: i32,
    month: u32,
}

fn months(zone: ShopZone, now: UtcMs) -> Months {
    let this = zone.day(now).with_day(1).unwrap_or(NaiveDate::MIN);
    let back = |n: u32| this.checked_sub_months(chrono::Months::new(n)).unwrap_or(this);
    let begins = |day: NaiveDate| zone.instant(day.and_time(NaiveTime::MIN));
    let last = back(1);
    Months {
        before: begins(back(2)),
        last: begins(last),
        this: begins(this),
        year: last.year(),
        month: last.month(),
    }
}

/// The last whole month of a shop before `now`, and the one before it; none for a shop that is not there.
///
/// # Errors
/// Where the database is away.
pub async fn last_month(db: &Db, shop: ShopId, now: UtcMs) -> Result<Option<Month>> {
    let Some(known) = shops::get(db, shop).await? else {
        return Ok(None);
    };
    let (Ok(zone), Ok(currency)) = (
        known.facts.timezone.parse::<ShopZone>(),
        known.facts.currency.parse::<Currency>(),
    ) else {
        return Err(DbError::Broken("a shop's time zone or currency can't be read".into()));
    };
    let months = months(zone, now);
    visits::catch_up(db, shop).await?;
    let mut tx = db.begin().await?;
    let rules = people::rules(&mut tx, shop, &known.facts.currency).await?;
    drop(tx);
    let mut sums = Sums::new(&months, rules.map(|(_, rules)| rules));
    sums.read(db, &known).await?;
    let [mut before, mut last] = sums.figures;
    for (figures, from, to) in [
        (&mut before, months.before, months.last),
        (&mut last, months.last, months.this),
    ] {
        figures.visits = count(
            db,
            "visits WHERE state = 'here' AND shop_id = $1 AND at_ms",
            shop,
            from,
            to,
        )
        .await?;
        figures.referrals = count(db, "referrals WHERE shop_id = $1 AND joined_at", shop, from, to).await?;
        figures.win_backs = lapsing::win_backs(db, shop, from, to).await?;
    }
    Ok(Some(Month {
        year: months.year,
        month: months.month,
        currency: currency.letters().to_owned(),
        digits: currency.exponent(),
        country: known.facts.region.clone(),
        now: last,
        before,
    }))
}

async fn count(db: &Db, of: &str, shop: ShopId, from: UtcMs, to: UtcMs) -> Result<i64> {
    let column = of.rsplit(' ').next().unwrap_or_default();
    let sql = format!("SELECT count(*) FROM {of} >= $2 AND {column} < $3");
    let row = db.first(&sql, args![&shop.0, from.0, to.0]).await?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// The sums of two months, the earlier one first.
struct Sums {
    from: [UtcMs; 2],
    to: UtcMs,
    rules: Option<Rules>,
    figures: [Figures; 2],
    /// What each redemption that was read cost, so that taking it back takes that.
    cost_of: HashMap<EntryId, Option<i64>>,
}

impl Sums {
    fn new(months: &Months, rules: Option<Rules>) -> Self {
        // Where the rules state no cost, there is none; not zero.
        let states = rules.as_ref().is_some_and(|rules| {
            rules.rewards().iter().any(|reward| reward.cost.is_some())
                || rules.stamp_cards().any(|card| card.cost_minor.is_some())
        });
        let blank = Figures {
            cost_minor: states.then_some(0),
            ..Figures::default()
        };
        Self {
            from: [months.before, months.last],
            to: months.this,
            rules,
            figures: [blank; 2],
            cost_of: HashMap::new(),
        }
    }

    fn of(&mut self, at: UtcMs) -> Option<&mut Figures> {
        match at {
            at if at >= self.to || at < self.from[0] => None,
            at if at >= self.from[1] => Some(&mut self.figures[1]),
            _ => Some(&mut self.figures[0]),
        }
    }

    /// Reads all that was written since the first of the months began: what happened then was written then or later.
    async fn read(&mut self, db: &Db, shop: &Shop) -> Result<()> {
        let mut after = 0;
        loop {
            let sql = "SELECT shop_seq, op_id, origin, origin_seq, at_ms, body FROM ops
                       WHERE shop_id = $1 AND shop_seq > $2 AND at_ms >= $3 ORDER BY shop_seq LIMIT $4";
            let rows = db.all(sql, args![&shop.shop_id.0, after, self.from[0].0, PAGE]).await?;
            for row in &rows {
                self.take(&operation(row, shop.log_id)?)?;
            }
            match rows.last() {
                Some(last) if i64::try_from(rows.len()).unwrap_or(0) == PAGE => after = last.int(0)?,
                _ => return Ok(()),
            }
        }
    }

    fn take(&mut self, op: &Operation) -> Result<()> {
        let body: Body = serde_json::from_str(&op.body_json).map_err(|error| DbError::Broken(error.to_string()))?;
        if let (Body::MemberEnrolled { .. }, Some(figures)) = (&body, self.of(op.at)) {
            figures.joins += 1;
        }
        let (mut rewards, mut cost) = (0, None);
        match &body {
            Body::RewardRedeemed {
                entry, reward, lots, ..
            } => {
                rewards = 1;
                cost = self.rules.as_ref().and_then(|rules| {
                    let reward = rules.rewards().iter().find(|known| known.name == *reward)?;
                    Some(reward.cost?.minor.saturating_mul(*lots))
                });
                self.cost_of.insert(*entry, cost);
            }
            Body::StampsClaimed { entry, card, .. } => {
                rewards = 1;
                cost = self.rules.as_ref().and_then(|rules| {
                    let mut cards = rules.stamp_cards();
                    cards.find(|known| known.key() == *card)?.cost_minor
                });
                self.cost_of.insert(*entry, cost);
            }
            Body::EntryReversed { reverses, .. } => {
                if let Some(was) = self.cost_of.get(reverses) {
                    (rewards, cost) = (-1, was.map(|minor| -minor));
                }
            }
            _ => {}
        }
        if let Some(figures) = self.of(op.at) {
            figures.rewards_given += rewards;
            figures.cost_minor = figures.cost_minor.map(|sum| sum.saturating_add(cost.unwrap_or(0)));
        }
        let reversed = match &body {
            Body::EntryReversed { of, .. } => Some(*of),
            _ => None,
        };
        for effect in effects(op, &body) {
            let Effect::Entry(line) = effect else { continue };
            let Some(figures) = self.of(line.at) else { continue };
            // As in the owner's window: a line that takes back counts against what it takes back, on its own day.
            match reversed.unwrap_or(line.kind) {
                Kind::Redeem => figures.points_spent -= line.points,
                Kind::Expire => {}
                _ => figures.points_given += line.points,
            }
        }
        Ok(())
    }
}

/// An operation, as far as what it does depends on it.
fn operation(row: &Row, shop: ShopId) -> Result<Operation> {
    Ok(Operation {
        op_id: OpId(row.id(1)?),
        shop,
        origin: Origin(row.id(2)?),
        origin_seq: row.int(3)?,
        at: UtcMs(row.int(4)?),
        by: By::Job("log".into()),
        body_json: row.text(5)?,
        private_digest: None,
        prev: [0; 32],
        hash: [0; 32],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_the_shops_own_also_when_clocks_change() {
        let at = |text: &str| UtcMs(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis());
        let of = |zone: &str, now: &str| {
            let m = months(zone.parse().unwrap(), at(now));
            ([m.before, m.last, m.this].map(|at| at.rfc3339()), m.year, m.month)
        };
        let (begins, year, month) = of("America/Los_Angeles", "2026-12-07T17:00:00.000Z");
        assert_eq!((year, month), (2026, 11));
        assert_eq!(
            begins,
            [
                "2026-10-01T07:00:00.000Z",
                "2026-11-01T07:00:00.000Z",
                "2026-12-01T08:00:00.000Z"
            ]
        );
        // The first evening of a month in UTC is the last one of the month before in Los Angeles.
        assert_eq!(of("America/Los_Angeles", "2027-02-01T07:59:00.000Z").2, 12);
        assert_eq!(of("America/Los_Angeles", "2027-02-01T08:00:00.000Z").2, 1);
        assert_eq!(
            of("Europe/Berlin", "2026-04-06T07:00:00.000Z").0[2],
            "2026-03-31T22:00:00.000Z"
        );
        assert_eq!(
            of("Australia/Lord_Howe", "2026-11-02T00:00:00.000Z").0[1],
            "2026-09-30T13:30:00.000Z"
        );
    }
}

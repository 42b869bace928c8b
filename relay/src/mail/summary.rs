//! The owner's month by mail: what it says, made when the job runs, so that it is the same whenever it is sent.

use ::mail::month::{Month, name};
use ::mail::{Kind, Language, Name, Values};
use loyalty::{ShopId, UtcMs};
use serde::{Deserialize, Serialize};

use super::compose::Shared;
use super::figures;
use super::narrative::{self, Told};
use super::queue::{self, New, Said};
use super::seal::Key;
use crate::store::db::{Db, Result, Tx};

/// The month, as a queued mail carries it: totals and words, nothing of anybody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthSaid {
    /// The figures.
    pub month: Month,
    /// In words.
    pub story: String,
}

/// The last month of a shop, told.
///
/// # Errors
/// Where the database is away.
pub async fn prepare(db: &Db, key: Option<&Key>, shop: ShopId, now: UtcMs) -> Result<Option<(MonthSaid, Told)>> {
    let Some(shared) = Shared::load(db, shop, "").await? else {
        return Ok(None);
    };
    let Some(month) = figures::last_month(db, shop, now).await? else {
        return Ok(None);
    };
    let told = narrative::tell(db, key, shop, &month, shared.language(), now).await?;
    let said = MonthSaid {
        month,
        story: told.story.clone(),
    };
    Ok(Some((said, told)))
}

/// Queues the mail to the owner: once for a month, and once more each time it is asked for by hand. Answers how many.
///
/// # Errors
/// Where the database is away.
pub async fn add(tx: &mut Tx, shop: ShopId, said: MonthSaid, by_hand: bool, now: UtcMs) -> Result<i64> {
    let mut event = format!("summary:{}-{:02}", said.month.year, said.month.month);
    if by_hand {
        event = format!("{event}:{}", now.0);
    }
    let new = New {
        event,
        recipient: "owner".to_owned(),
        kind: Kind::MonthlySummary,
        member: None,
        said: Said {
            month: Some(Box::new(said)),
            ..Said::default()
        },
        due: now,
    };
    queue::add(tx, shop, &new, now).await.map(i64::from)
}

/// What the mail speaks of.
#[must_use]
pub fn values(shop: &str, said: &MonthSaid, language: Language) -> Values {
    let MonthSaid { month, story } = said;
    let of = match language {
        Language::En => "",
        Language::Es => "de ",
    };
    let written = month.written(language);
    let values = Values::new()
        .written(written)
        .text(Name::Shop, shop)
        .text(
            Name::Month,
            &format!("{} {of}{}", name(language, month.month), month.year),
        )
        .number(Name::Joins, month.now.joins)
        .number(Name::Visits, month.now.visits)
        .number(Name::PointsGiven, month.now.points_given)
        .number(Name::RewardsGiven, month.now.rewards_given)
        .number(Name::Referrals, month.now.referrals)
        .number(Name::WinBacks, month.now.win_backs)
        .text(Name::Story, story)
        .bars(month.bars(language));
    match month.now.cost_minor {
        Some(minor) => values.text(Name::Cost, &month.money(minor, written)),
        None => values,
    }
}

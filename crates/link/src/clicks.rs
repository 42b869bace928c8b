//! The clicks of the shop's links, as the relay counts them: for the owner's window, and so that a till knows a vendor's
//! code when somebody says it.

use ledger::{LinkDay, Links, Store};
use sync::links::{LinkAnswer, LinkRequest};
use sync::wire::{ClicksAnswer, ClicksRequest};

use crate::{Client, Result};

/// Asks the relay and keeps what it answers. Whether there was news.
///
/// # Errors
/// `Offline`, `Refused`; those of the file.
pub fn clicks(store: &Store, client: &Client) -> Result<bool> {
    let since = store.clicks_known_to()?;
    let answer: ClicksAnswer = client.post("/v1/clicks", &ClicksRequest { since: since.clone() })?;
    let days = answer.days.into_iter().map(|d| LinkDay {
        code: d.code,
        day: d.day,
        clicks: d.clicks,
        visitors: d.unique,
        bots: d.bots,
    });
    let links = Links {
        since,
        vendors: answer
            .links
            .into_iter()
            .map(|l| (l.code, l.campaign, l.created_at))
            .collect(),
        days: days.collect(),
        refused: answer.refused.into_iter().map(|r| (r.code, r.why, r.times)).collect(),
    };
    Ok(store.write(move |tx| tx.keep_links(&links))?)
}

/// Asks the relay for a new link of a vendor's or a campaign's; this till then knows it, too.
///
/// # Errors
/// As [`clicks`].
pub fn add_link(store: &Store, client: &Client, wanted: &LinkRequest) -> Result<LinkAnswer> {
    let answer: LinkAnswer = client.post("/v1/links", wanted)?;
    if answer.why.is_none() {
        clicks(store, client)?;
    }
    Ok(answer)
}

//! Whether members' addresses were confirmed: asked for after a sync, of those about which something happened.

use ledger::{Asked, Ids, Standings, Store, SystemIds};
use sync::bytes::Fixed;
use sync::standing::{STANDING_MAX, StandingAnswer, StandingAsked, StandingRequest, digest};

use crate::{Client, LinkError, Result};

/// Requests in one go: a shop of many members is asked about bit by bit, whoever was here last first.
const ROUNDS_MAX: usize = 10;

/// Asks the relay and keeps what it answers. Whether there was news. An older relay, which can't say, is as one that sends
/// no mail.
///
/// # Errors
/// `Offline`, `Refused`; those of the file.
pub fn standing(store: &Store, client: &Client) -> Result<bool> {
    let mut news = false;
    for _ in 0..ROUNDS_MAX {
        let Some(ask) = store.standings_to_ask(STANDING_MAX)? else {
            break;
        };
        if ask.is_empty() {
            break;
        }
        let (full, now) = (ask.len() == STANDING_MAX, store.now());
        let told = asks(client, ask)?;
        let again = full && told.sends;
        news |= store.write(move |tx| tx.keep_standings(&told, now))?;
        if !again {
            break;
        }
    }
    Ok(news)
}

fn asks(client: &Client, ask: Vec<Asked>) -> Result<Standings> {
    let salt = Fixed(SystemIds.random());
    let asked = ask.iter().map(|one| StandingAsked {
        member: one.member,
        address: digest(&salt, &one.email),
    });
    let request = StandingRequest {
        salt,
        ask: asked.collect(),
    };
    let answer: StandingAnswer = match client.post("/v1/standing", &request) {
        Err(LinkError::TooOld) => return Ok(Standings::default()),
        answer => answer?,
    };
    let known = |one: &Asked| answer.known.iter().find(|known| known.member == one.member);
    let confirmed = ask.into_iter().map(|one| {
        let told = known(&one).map(|known| known.confirmed);
        (one, told)
    });
    Ok(Standings {
        sends: answer.sends,
        confirmed: confirmed.collect(),
    })
}

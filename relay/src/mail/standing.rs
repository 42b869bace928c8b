//! Whether members' addresses are confirmed, for the tills: of the address that the till has, if the relay has the same.

use loyalty::ShopId;
use sync::standing::{StandingAnswer, StandingKnown, StandingRequest, digest};

use super::token::hidden;
use super::{consent, people, settings};
use crate::store::db::{Db, Result};

/// What is known.
///
/// # Errors
/// Where the database is away.
pub async fn known(db: &Db, shop: ShopId, request: &StandingRequest) -> Result<StandingAnswer> {
    let Some(settings) = settings::get(db, shop).await? else {
        return Ok(StandingAnswer::default());
    };
    let mut answer = StandingAnswer {
        sends: true,
        known: Vec::with_capacity(request.ask.len()),
    };
    for asked in &request.ask {
        // One by one: a long question does not keep others from writing.
        let mut tx = db.begin().await?;
        let person = people::person(&mut tx, shop, asked.member).await?;
        if person.erased || person.email.is_empty() || digest(&request.salt, &person.email) != asked.address {
            continue;
        }
        let address = hidden(&settings.link_key, &person.email);
        answer.known.push(StandingKnown {
            member: asked.member,
            confirmed: consent::is_confirmed(&mut tx, shop, &person.card, &address).await?,
        });
    }
    Ok(answer)
}

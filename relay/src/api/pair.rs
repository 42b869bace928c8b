//! `POST /v1/pair`: a till with a code becomes one of the shop's, and gets its credential.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use loyalty::{Origin, UtcMs};
use std::sync::Arc;
use sync::bytes::Blob;
use sync::pairing::proof_digest;
use sync::wire::{Brings, PairAnswer, PairRequest};
use sync::{Problem, ProblemCode};

use super::{Client, schema};
use crate::serve::answer::Refused;
use crate::serve::app::App;
use crate::serve::{body, logged};
use crate::store::db::Tx;
use crate::store::shops::Shop;
use crate::store::{codes, log, shops, tills};
use crate::token::Credential;
use crate::{clock, names};

/// A till joins a shop.
///
/// # Errors
/// `bad_code`, `wrong_shop`, `suspended`, `slow_down`, and those of every message.
#[utoipa::path(post, path = "/v1/pair", tag = "tills", request_body = schema::PairRequest, responses(
    (status = 200, body = schema::PairAnswer), (status = "default", body = schema::Problem)))]
pub async fn pair(State(app): State<Arc<App>>, client: Client, body: Body) -> Result<Json<PairAnswer>, Refused> {
    // Before anything is looked at: wrong codes and right ones count alike.
    app.limits.code(client.0)?;
    let request: PairRequest = body::message(body).await?;
    let name = names::checked(&request.till_name).ok_or_else(|| Refused::bad("till_name"))?;
    let now = clock::now();
    let mut tx = app.db.begin().await?;
    let device = clock::uuid(now);
    let opened = codes::use_pairing(&mut tx, &proof_digest(&request.proof), &request.attempt, &device, now).await?;
    let opened = opened.ok_or(ProblemCode::BadCode)?;
    let shop = shops::lock(&mut tx, opened.shop).await?.ok_or(ProblemCode::BadCode)?;
    if !shop.active {
        return Err(ProblemCode::Suspended.into());
    }
    let credential = Credential::new(shop.shop_id, opened.again.unwrap_or(device));
    let joined = match opened.again {
        Some(_) => again(&mut tx, &shop, &request, &credential).await?,
        None => join(&mut tx, shop, &request, &credential, &name, now).await?,
    };
    tx.commit().await?;
    logged::note_device(&joined.shop.shop_id, &joined.till);
    tracing::info!(
        again = opened.again.is_some(),
        brings = request.brings.is_some(),
        "paired"
    );
    Ok(Json(PairAnswer {
        shop: joined.shop.log_id,
        till: joined.till,
        relay: joined.shop.relay,
        credential: credential.text(),
        facts: joined.shop.facts,
        opens: joined.opens,
        shop_seq: joined.shop.shop_seq,
        incarnation: joined.shop.incarnation,
        sealed: opened.sealed.map(Blob),
    }))
}

struct Joined {
    shop: Shop,
    till: Origin,
    opens: bool,
}

/// The attempt that used the code asks again, because the answer was lost.
async fn again(tx: &mut Tx, shop: &Shop, request: &PairRequest, credential: &Credential) -> Result<Joined, Refused> {
    let till = tills::replace_credential(tx, credential)
        .await?
        .ok_or(ProblemCode::BadCode)?;
    let opens = request.brings.is_none() && shop.shop_seq == 0 && tills::only(tx, shop.shop_id).await?;
    Ok(Joined {
        shop: shop.clone(),
        till,
        opens,
    })
}

async fn join(
    tx: &mut Tx,
    mut shop: Shop,
    request: &PairRequest,
    credential: &Credential,
    name: &str,
    now: UtcMs,
) -> Result<Joined, Refused> {
    let till = match &request.brings {
        None => Origin(clock::uuid(now)),
        Some(brings) => {
            take_in(tx, &mut shop, brings).await?;
            brings.origin
        }
    };
    log::new_origin(tx, shop.shop_id, till).await?;
    tills::add(tx, credential, till, name, &request.app_version, now).await?;
    let opens = request.brings.is_none() && shop.shop_seq == 0 && tills::only(tx, shop.shop_id).await?;
    Ok(Joined { shop, till, opens })
}

/// A till brings a log: an empty shop takes it over, and a shop with this very log takes a till of it that it does not
/// know. A restored relay has forgotten the tills that paired after the backup; what they did it may have from others.
async fn take_in(tx: &mut Tx, shop: &mut Shop, brings: &Brings) -> Result<(), Refused> {
    let wrong = |detail: &str| Refused::from(Problem::new(ProblemCode::WrongShop, detail));
    tills::forget_unseen(tx, shop.shop_id, brings.origin).await?;
    if shop.shop_seq == 0 && !tills::any_seen(tx, shop.shop_id).await? {
        let facts = shops::facts(&brings.facts).map_err(|refusal| Refused::bad(&refusal.field))?;
        shops::take_over(tx, shop.shop_id, brings.shop, &facts).await?;
        (shop.log_id, shop.facts) = (brings.shop, facts);
    } else if shop.log_id != brings.shop {
        return Err(wrong("the shop has another log"));
    }
    let end = log::end_within(tx, shop.shop_id, brings.origin).await?;
    let begun = end.is_some_and(|end| end.head.0 > 0);
    let forgotten = shop.incarnation > 1 && !log::is_of_relay(tx, shop.shop_id, brings.origin).await?;
    let known = end.is_some_and(|end| end.closed) || begun && !forgotten;
    if known || brings.origin == shop.relay || tills::has_origin(tx, shop.shop_id, brings.origin).await? {
        return Err(wrong("the till is known there"));
    }
    Ok(())
}
